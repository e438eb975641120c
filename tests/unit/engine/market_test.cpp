#include "tests/unit/engine/market_town.hpp"

/// Auctions and order books in runs: who pays, who is paid, and how much capacity there is to sell. Every check is a
/// count of faults, and a fault planted between the lines of the step must be counted.
namespace swarm::engine {
namespace {

class EveryMechanism : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Market, EveryMechanism,
                         ::testing::Values("uniform", "pay-as-bid", "second-price", "vcg", "cda"), [](const auto& p) {
                           std::string name = p.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryMechanism, KeepsItsPromisesWithEveryKindOfBidder) {
  for (const char* bidder : {"truthful", "mark-up", "zi-constrained", "zip"}) {
    const std::string kind = bidder;
    const Findings f = findings(GetParam(), {"market.buyers=" + kind, "market.sellers=" + kind});
    EXPECT_EQ(f.all(), 0) << bidder << ": " << text(f);
    EXPECT_GT(f.sales, 100u) << bidder;
    if (GetParam() == "cda") {
      EXPECT_GT(f.waited, 0u) << bidder;
    }
  }
}

/// Where far more is bid for than can be served, what is spare is sold, but for what the collar keeps from moving at
/// first.
TEST_P(EveryMechanism, SellsWhatIsSpare) {
  const Findings f = findings(GetParam(), {"workload.load=4"});
  EXPECT_GT(f.busiest, 0.85);
  EXPECT_LE(f.busiest, 1.05);
}

/// With one round, so that every lot sold can be followed to the requests that use it up.
TEST_P(EveryMechanism, KeepsItsPromisesInOneRound) {
  const Findings f = findings(GetParam(), {"market.attempts=1", "workload.load=4"});
  EXPECT_EQ(f.all(), 0) << text(f);
}

TEST_P(EveryMechanism, KeepsItsPromisesWhereCarryingCosts) {
  const Findings f = findings(GetParam(), {"market.transfer_usd_per_kilotoken=3e-7"});
  EXPECT_EQ(f.all(), 0) << text(f);
  EXPECT_GT(f.carried, 0u);
}

TEST_P(EveryMechanism, NobodySellsBelowTheMinimumBalance) {
  EXPECT_EQ(findings(GetParam(), {"market.minimum_balance_tkn=1e9"}).sales, 0u);
}

TEST_P(EveryMechanism, BearsWhatIsOddButAllowed) {
  for (const auto& odd : std::vector<std::vector<std::string>>{
           {"demand.willingness=unlimited"},
           {"demand.willingness=unlimited", "market.buyers=zip", "market.sellers=zip"},
           {"pricing.rule=legacy"},
           {"region.DE.price_usd_per_kwh=-0.05", "region.BD.price_usd_per_kwh=-0.05", "pricing.rule=legacy"},
           {"region.BD.agents=0", "region.DE.agents=4"},
           {"market.sellers=zi-unconstrained", "market.buyers=zi-unconstrained"}}) {
    Findings f = findings(GetParam(), odd);
    f.sold_at_a_loss = f.beyond_worth = 0;  // who bids at random may lose
    EXPECT_EQ(f.all(), 0) << odd.front() << ": " << text(f);
  }
}

/// The example of docs/models/markets.md, "In a run".
TEST(Market, WorkedExample) {
  const Quoted q = quoted(shop("DE"), {"pricing.rule=justice", "market.mechanism=uniform",
                                          "market.minimum_balance_tkn=0"});
  exchange_orders(q.worlds);
  for (const auto& w : q.worlds) {
    trade(*w);
    assign(*w);
  }
  const RegionState& r = q.region();
  std::size_t would_pay = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) would_pay += q.order(k).reserved >= 89201;
  EXPECT_GT(would_pay, 10u);
  EXPECT_LT(would_pay, q.requests().size());
  ASSERT_EQ(r.flights.size(), would_pay);
  for (std::size_t k = 0; k < r.flights.size(); ++k) {
    EXPECT_EQ(r.flights.work[k], kWorkUnits);
    EXPECT_EQ(r.flights.market_price[k], 89201) << "what users pay, premium included: they compare it with its worth to them";
    EXPECT_EQ(r.flights.price[k], 89201);
    EXPECT_EQ(r.flights.carbon[k], kCarbon);
    EXPECT_EQ(r.flights.premium[k], 13200);
  }
}

/// Planted faults, each of which one check must count.
TEST(Market, FaultsAreCounted) {
  const auto first = [](auto change) {
    return [change](RegionState& r) {
      if (!r.scratch.admitted.empty()) change(r.scratch.admitted.front());
    };
  };
  EXPECT_GT(findings("uniform", {}, first([](Order& o) { o.gross = 0; })).sold_at_a_loss, 0);
  EXPECT_GT(findings("cda", {}, first([](Order& o) { o.wtp_usd = 0; })).beyond_worth, 0);
  EXPECT_GT(findings("cda", {}, [](RegionState& r) {
              for (auto& deadline : r.waiting.deadline_s) deadline = 0;
            }).kept_too_long, 0);
  EXPECT_THROW(findings("uniform", {}, [](RegionState& r) { ++r.requests_pending; }), ModelError);
  EXPECT_GT(findings("uniform", {}, [](RegionState& r) {
              for (auto& day : r.scratch.market) day.value += day.work * 1000;
            }).off_mean, 0);
  EXPECT_GT(findings("uniform", {"market.attempts=1", "workload.load=4"}, [](RegionState& r) {
              for (auto& lots : r.scratch.sold)  // as if the next lot had to make up for it
                if (!lots.empty()) lots.front().work += 1000;
            }).lots_lost, 0);
  EXPECT_GT(findings("cda", {}, {}, {.one_price = true}).more_than_one_price, 0);
  EXPECT_GT(findings("uniform", {}, {}, {.price_move = 0.05}).beyond_collar, 0);
  EXPECT_THROW(findings("uniform", {}, first([](Order& o) { o.premium += 2 * o.reserved + o.grant; })), ModelError);
  // Sold work that leaves no backlog behind would be sold again in the next step.
  EXPECT_GT(findings("cda", {"workload.load=4"}, [](RegionState& r) {
              for (auto& o : r.scratch.admitted) o.work *= 2;
            }).more_than_spare, 0);
}

/// Where equal asks compete for few bids, no specialist is always served first.
TEST(Market, EqualAsksHaveEqualChances) {
  const auto plan = quick_plan(shop("DE"), {"market.mechanism=uniform", "market.minimum_balance_tkn=0",
                                            "workload.requests_per_hour=600"});
  const auto worlds = world::make_worlds(plan, 1);
  std::set<std::uint32_t> first;
  std::size_t auctions = 0;
  for (std::uint32_t step = 0; step < 12; ++step) {
    for (const auto phase : {sense, arrive, triage}) {
      worlds[0]->step = step;
      phase(*worlds[0]);
      if (phase == sense) exchange_bulletins(worlds);
    }
    quote(*worlds[0]);
    exchange_orders(worlds);
    trade(*worlds[0]);
    for (const auto& lots : worlds[0]->regions[0].scratch.sold) {
      if (lots.empty()) continue;
      first.insert(lots.front().agent);
      ++auctions;
    }
    assign(*worlds[0]);
    for (const auto phase : {generate_inputs, infer, settle_sellers}) phase(*worlds[0]);
    exchange_outcomes(worlds);
    for (const auto phase : {settle_buyers, audit}) phase(*worlds[0]);
  }
  // 20 specialists of each of four types, some 48 auctions: the same four each time if rows decided.
  EXPECT_GT(auctions, 40u);
  EXPECT_GT(first.size(), 20u);
}

/// Several prices heard in one step set as many targets.
TEST(Market, EveryPriceHeardHasADrawOfItsOwn) {
  const Quoted q = quoted(shop("DE"), {"market.mechanism=cda", "market.sellers=zip", "market.minimum_balance_tkn=0"});
  RegionState& r = q.region();
  const auto rates = site_rates(*q.worlds[0]);
  const MarketView view(*q.worlds[0], r, rates);
  std::set<double> margins;
  for (std::uint32_t draw = 0; draw < 8; ++draw) {
    r.agents.margin[0] = 0.1;
    r.agents.momentum[0] = 0;
    hear(*q.worlds[0], r, view, r.agents.type[0], 0, {economy::Shout::bid, true, 90000}, true, draw);
    margins.insert(r.agents.margin[0]);
  }
  EXPECT_EQ(margins.size(), 8u);
}

/// A request that would take any price has no finite worth, and a market of such no efficiency.
TEST(Market, UnlimitedWillingnessHasNoSurplus) {
  for (const char* mechanism : {"uniform", "cda"}) {
    const Quoted q = quoted(shop("DE"), {std::string("market.mechanism=") + mechanism, "demand.willingness=unlimited",
                                         "market.minimum_balance_tkn=0"});
    exchange_orders(q.worlds);
    trade(*q.worlds[0]);
    assign(*q.worlds[0]);
    const auto& m = q.region().markets;
    EXPECT_GT(m.volume[0], 0);
    EXPECT_TRUE(std::isnan(m.surplus_usd[0]) && std::isnan(m.best_surplus_usd[0]) && std::isnan(m.efficiency[0]));
  }
}

/// Users who learn together go by the request at their margin: what it is worth covers what the market cost, and the
/// others are worth more.
TEST(Market, UsersLearnFromTheRequestAtTheMargin) {
  const auto plan = quick_plan(shop("DE"), {"market.mechanism=uniform", "market.buyers=zip"});
  const auto outcome = [](double worth, world::Refusal refusal) {
    return world::Outcome{.work = kWorkUnits, .market_price = 80000, .wtp_usd = worth / kMicroTknPerUsd, .refusal = refusal};
  };
  const auto margin_after = [&](const std::vector<world::Outcome>& outcomes) {
    const auto worlds = world::make_worlds(plan, 1);
    RegionState& r = worlds[0]->regions[0];
    r.bidders.margin.assign(r.bidders.margin.size(), 0.1);
    UserLearning users(*worlds[0], r);
    for (const auto& o : outcomes) users.note(o);
    users.learn();
    return r.bidders.margin[world::bidder_row(0, 95000.0 / kBase)];
  };
  using enum world::Refusal;
  // All of one class: 93,340 … 132,000 µTKN.
  const auto cheap_sold = outcome(94000, none), cheap_lost = outcome(94000, price), dear_sold = outcome(130000, none),
             dear_lost = outcome(130000, price);
  EXPECT_GT(margin_after({cheap_sold, dear_lost}), 0.1) << "it could be had for less";
  EXPECT_LT(margin_after({dear_sold, cheap_lost}), 0.1) << "it was worth more than it cost";
  EXPECT_EQ(margin_after({dear_sold, cheap_lost}), margin_after({cheap_lost, dear_sold, dear_sold, cheap_lost}));
  EXPECT_EQ(margin_after({}), 0.1);
  auto too_dear = cheap_lost;
  too_dear.market_price = 94001;
  EXPECT_EQ(margin_after({too_dear}), 0.1) << "nothing is to be learnt from what was not worth its price";
}

/// The example of docs/models/markets.md, "Transfer": 500 tok at 0.00004 USD per 1,000 tok are 20,000 µTKN.
TEST(Market, TransferByHand) {
  std::string text = shop("DE");
  text.replace(text.find("[\"DE\"]"), 6, "[\"DE\", \"KE\"]");
  text += "[[region]]\nname = \"KE\"\nprice_usd_per_kwh = 0.2\nintensity_g_per_kwh = 500\n"
          "[[site]]\nname = \"T\"\nregion = \"KE\"\ndevice = \"plain\"\nservers = 4000\npue = 1\n";
  const auto plan = quick_plan(text, {"pricing.rule=justice", "market.mechanism=uniform",
                                                            "market.transfer_usd_per_kilotoken=4e-5"});
  const auto worlds = world::make_worlds(plan, 1);
  sense(*worlds[0]);
  exchange_bulletins(worlds);
  const auto rates = site_rates(*worlds[0]);
  EXPECT_EQ(transfer_usd(*plan, RegionId{0}, RegionId{0}, 500), 0);
  const double transfer = transfer_usd(*plan, RegionId{0}, RegionId{1}, 500);
  EXPECT_NEAR(transfer, 2e-5, 1e-18);
  const auto p = policy::price_of(items_of(*plan, rates[1], RegionId{0}, 2.0, 500, 0.1, transfer), true);
  EXPECT_EQ(p.due, kBase + 20000);
  EXPECT_EQ(p.carbon, kCarbon);
  EXPECT_EQ(p.premium, 17200) << "a fifth of the base price, which the transfer is part of";
  EXPECT_EQ(p.price, 113200);
  // At auction for 76,000: 66,000 and the carbon; the same comes on top.
  const auto sold = policy::price_at(76000, 20000, kCarbon, 17200, 0);
  EXPECT_EQ(sold.price, 113200);
  EXPECT_EQ(sold.due, kBase + 20000);
  // Its bid is what it holds less that: 120,000 − 17,200 − 20,000.
  RegionState& r = worlds[0]->regions[1];
  open_markets(*worlds[0], r);
  const MarketView view(*worlds[0], r, rates);
  Order order{.reserved = 120000, .work = kWorkUnits, .tok_in = 250, .tok_out = 250, .asker = 0, .lines = 1};
  order.line[0] = {0, 1, 0, 0};
  view.enter(order);
  EXPECT_EQ(order.transfer, 20000);
  EXPECT_EQ(view.bid(order), 120000 - order.premium - 20000);
  EXPECT_NEAR(static_cast<double>(order.premium), 17200, 1e-9 * 17200 + 1);
}

}  // namespace
}  // namespace swarm::engine
