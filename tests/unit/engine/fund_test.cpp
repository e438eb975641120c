#include <numeric>

#include "tests/theory/engine_page.hpp"
#include "tests/unit/engine/shop.hpp"

/// The justice fund: its division over regions, and what goes in and out of it, to the µTKN.
namespace swarm::engine {
namespace {

using economy::Posting;
using world::Outcome;
using world::RegionState;

// ---------------------------------------------------------------- tranches

using Amounts = std::vector<std::int64_t>;

const std::string kFive = kThreeRegions + "[[region]]\nname = \"FR\"\n[[region]]\nname = \"IN\"\n";

/// Balances after the fund was divided, by three or five regions in `shards` worlds.
Amounts divided(const std::shared_ptr<const world::Plan>& plan, const Amounts& balances, const Amounts& entitlements,
                std::size_t shards) {
  const auto worlds = world::make_worlds(plan, shards);
  const auto each = [&](auto&& body) {
    for (const auto& w : worlds)
      for (RegionState& r : w->regions) body(r);
  };
  each([&](RegionState& r) {
    r.ledger.mint(world::kFundAccount, {balances[r.id.value]}, Posting::endowment);
    r.entitlement = static_cast<double>(entitlements[r.id.value]);
    r.ledger.clear_journal();
  });
  for (const auto& w : worlds) sense(*w);
  exchange_bulletins(worlds);
  for (const auto& w : worlds) share_fund(*w);
  audit_mail(worlds, 0);
  Amounts after;
  each([&](RegionState& r) {
    r.ledger.audit();
    after.push_back(r.ledger.balance(world::kFundAccount).value);
  });
  return after;
}

TEST(Tranches, ByHand) {
  const auto plan = quick_plan(kThreeRegions, {"fund.endowment=0"});
  const auto now = [&](const Amounts& balances, const Amounts& entitlements) { return divided(plan, balances, entitlements, 1); };
  EXPECT_EQ(now({10, 0, 0}, {1, 1, 1}), (Amounts{3, 3, 4}));  // ends at ⌊10/3⌋, ⌊20/3⌋, 10
  EXPECT_EQ(now({3, 4, 3}, {0, 5, 0}), (Amounts{0, 10, 0}));
  EXPECT_EQ(now({3, 4, 5}, {0, 0, 0}), (Amounts{3, 4, 5})) << "nobody is entitled: it stays where it is";
  EXPECT_EQ(now({0, 0, 0}, {7, 1, 2}), (Amounts{0, 0, 0}));
  EXPECT_EQ(now({100, 0, 1}, {2, 0, 98}), (Amounts{2, 0, 99}));  // ⌊101·2/100⌋ = 2, then 101 − 2
  EXPECT_EQ(now({1'000'000'000'000'000'000, 0, 0}, {1'000'000'000'000'000, 3'000'000'000'000'000, 0}),
            (Amounts{250'000'000'000'000'000, 750'000'000'000'000'000, 0}));  // a product beyond 64 bits
}

TEST(Tranches, SumsAreKeptAndShardsDoNotMatter) {
  const auto plan = quick_plan(kFive, {"fund.endowment=0"});
  const std::size_t regions = plan->regions.size();
  ASSERT_EQ(regions, 5u);
  RandomSequence random(Random(3, Stream::experiment), 0, 0);
  std::size_t lossy = 0;
  for (int trial = 0; trial < 40; ++trial) {
    Amounts balances, entitlements;
    const std::uint32_t most = trial % 2 ? 20 : 1'000'000'000;
    for (std::size_t i = 0; i < regions; ++i) {
      balances.push_back(uniform_below(random.word(), most));
      entitlements.push_back(random.word() % 3 == 0 ? 0 : uniform_below(random.word(), most));
    }
    const auto sum = [](const Amounts& a) { return std::accumulate(a.begin(), a.end(), std::int64_t{0}); };
    const Amounts one = divided(plan, balances, entitlements, 1);
    EXPECT_EQ(one, divided(plan, balances, entitlements, 2));
    EXPECT_EQ(one, divided(plan, balances, entitlements, 0)) << "a world for each region";
    EXPECT_EQ(sum(one), sum(balances));
    if (sum(entitlements) == 0) continue;
    std::int64_t rounded = 0;
    for (std::size_t i = 0; i < regions; ++i) {
      const double exact = static_cast<double>(sum(balances)) * static_cast<double>(entitlements[i]) / static_cast<double>(sum(entitlements));
      EXPECT_LT(std::abs(static_cast<double>(one[i]) - exact), 1.0);
      rounded += static_cast<std::int64_t>(exact);
    }
    lossy += rounded != sum(balances);
  }
  EXPECT_GT(lossy, 10u) << "each part cut by itself loses money";
}

// ---------------------------------------------------------------- what goes in and out

/// Money is scarce, capacity too, sellers differ: discounts of different sizes, unused ones, and refusals.
const std::vector<std::string> kBusy{"pricing.rule=justice", "fund.carbon_share=0.75", "workload.multiplicity=0",
                                     "workload.load=1.6",    "demand.willingness=log-normal", "demand.budget_share=1"};

/// carbon · ¾, half to even, in whole numbers.
std::int64_t three_quarters(std::int64_t carbon) {
  const std::int64_t quotient = carbon * 3 / 4, rest = carbon * 3 % 4;
  return quotient + (rest == 3 || (rest == 2 && quotient % 2 == 1));
}

struct Balances {
  std::int64_t fund, treasury, users, escrow;
  explicit Balances(const RegionState& r)
      : fund(r.ledger.balance(world::kFundAccount).value),
        treasury(r.ledger.balance(world::kTreasuryAccount).value),
        users(r.ledger.balance(world::kUsersAccount).value),
        escrow(r.ledger.balance(world::kEscrowAccount).value) {}
};

TEST(Fund, EveryOutcomeGoesWhereItBelongs) {
  const auto plan = quick_plan(kThreeRegions, kBusy);
  const auto worlds = world::make_worlds(plan, 2);
  std::vector<Balances> expected;
  std::size_t refused = 0, cheaper = 0, ties = 0, all_to_fund = 0, kept = 0;
  const auto seam = [&](Worlds, theory::Seam at) {
    if (at == theory::Seam::outcomes_delivered) {
      expected.clear();
      for (const auto& w : worlds)
        for (const RegionState& r : w->regions) {
          Balances b(r);
          for (const Outcome& o : r.scratch.inbox_outcomes) {
            const bool served = o.refusal == world::Refusal::none, abroad = o.server != r.id.value;
            const std::int64_t to_fund = three_quarters(o.carbon);
            ASSERT_TRUE(served || (o.price == 0 && o.grant == 0 && o.carbon == 0 && o.premium == 0));
            b.fund += to_fund + o.premium + o.reserved_grant - o.grant;
            b.treasury += o.carbon - to_fund;
            b.users += o.reserved - o.price;
            b.escrow -= o.reserved + o.reserved_grant - (served && !abroad ? o.due() : 0);
            refused += !served && o.reserved_grant > 0;
            cheaper += served && o.grant < o.reserved_grant;
            ties += o.carbon * 3 % 4 == 2;
            all_to_fund += o.carbon != to_fund;
            kept += o.reserved_grant > o.grant;
          }
          expected.push_back(b);
        }
    }
    if (at != theory::Seam::end) return;
    std::size_t row = 0;
    for (const auto& w : worlds)
      for (const RegionState& r : w->regions) {
        const Balances now(r);
        EXPECT_EQ(now.fund, expected[row].fund);
        EXPECT_EQ(now.treasury, expected[row].treasury);
        EXPECT_EQ(now.users, expected[row].users);
        EXPECT_EQ(now.escrow, expected[row].escrow);
        ++row;
      }
  };
  for (std::uint32_t step = 0; step < 12 && !::testing::Test::HasFailure(); ++step) {
    theory::step_with_seams(worlds, step, seam);
    // What escrow holds is what open requests brought there, users' money and discounts apart.
    std::vector<std::int64_t> reserved(3), grants(3);
    for (const auto& w : worlds)
      for (const RegionState& r : w->regions)
        for (std::size_t k = 0; k < r.flights.size(); ++k) {
          reserved[r.flights.asker[k]] += r.flights.reserved[k];
          grants[r.flights.asker[k]] += r.flights.reserved_grant[k];
        }
    for (const auto& w : worlds)
      for (const RegionState& r : w->regions) {
        EXPECT_EQ(r.grants_reserved, grants[r.id.value]) << step;
        EXPECT_EQ(r.ledger.balance(world::kEscrowAccount).value, reserved[r.id.value] + grants[r.id.value]) << step;
      }
  }
  EXPECT_GT(refused, 50u) << "refused for capacity, with a discount set aside";
  EXPECT_GT(cheaper, 50u) << "answered by a line of a smaller discount";
  EXPECT_GT(ties, 50u);
  // The mutants: all carbon revenue to the fund, and discounts that stay in escrow.
  EXPECT_GT(all_to_fund, 50u);
  EXPECT_GT(kept, 100u);
}

TEST(Fund, TakesAllCarbonRevenueOrNone) {
  for (const char* share : {"0", "1"}) {
    auto overrides = kBusy;
    overrides.push_back(std::string("fund.carbon_share=") + share);
    overrides.push_back("pricing.rule=carbon");
    overrides.push_back("fund.endowment=0");
    Simulation sim(quick_plan(kThreeRegions, overrides));
    for (int k = 0; k < 4; ++k) sim.step();
    std::int64_t fund = 0, treasury = 0;
    sim.each_region([&](const RegionState& r) {
      fund += r.ledger.balance(world::kFundAccount).value;
      treasury += r.ledger.balance(world::kTreasuryAccount).value;
    });
    EXPECT_EQ(fund > 0, share[0] == '1');
    EXPECT_EQ(treasury > 0, share[0] == '0');
  }
}

TEST(Fund, DeficitsAreWhatIsMissingAndNothingElse) {
  // Nothing comes in; the tranches move money between regions, so the sums are over all of them.
  auto overrides = kBusy;
  for (const char* o : {"fund.revenue_neutral=false", "fund.endowment=0", "pricing.north_premium=0", "pricing.carbon_price_usd_per_t=0"})
    overrides.push_back(o);
  Simulation sim(quick_plan(kThreeRegions, overrides));
  double recorded = 0, paid = 0;
  std::int64_t minted = 0, granted = 0, returned = 0, left = 0, reserved = 0;
  for (int k = 0; k < 6; ++k) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      recorded += r.step.fund_deficit_usd;
      paid += r.step.grants_usd;
      for (const auto& order : r.scratch.quoted) ASSERT_EQ(order.granted, 1);
    });
  }
  sim.each_region([&](const RegionState& r) {
    minted += static_cast<std::int64_t>(r.ledger.total(Posting::deficit));
    granted += static_cast<std::int64_t>(r.ledger.total(Posting::grant));
    returned += static_cast<std::int64_t>(r.ledger.total(Posting::grant_return));
    left += r.ledger.balance(world::kFundAccount).value;
    reserved += r.grants_reserved;
  });
  EXPECT_GT(minted, 0);
  EXPECT_EQ(minted, granted - returned + left);
  EXPECT_LT(minted, granted) << "what comes back is used before more is minted";
  EXPECT_NEAR(recorded, usd({minted}), 1e-9 * usd({minted}));
  EXPECT_NEAR(paid, usd({granted - returned - reserved}), 1e-9 * paid);
}

TEST(Fund, ARevenueNeutralFundMintsNothing) {
  Simulation sim(quick_plan(kThreeRegions, kBusy));
  for (int k = 0; k < 4; ++k) sim.step();
  sim.each_region([&](const RegionState& r) {
    EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(Posting::deficit)), 0);
    EXPECT_EQ(r.step.fund_deficit_usd, 0);
  });
}

TEST(Fund, StartsWithTheDiscountsOfItsFirstDay) {
  // 12,000 an hour from Bangladesh, of whom Φ(z0) = 0.8 pay the baseline price, get 30 % of 66,000 µTKN each:
  // 12,000 · 24 · 0.8 · 19,800 µTKN = 4.56192 USD. The same as entitlement per step of 300 s: 0.01584 USD.
  const auto worlds = world::make_worlds(quick_plan(shop("BD"), {"pricing.rule=justice", "fund.endowment='1d'"}), 1);
  const RegionState& r = worlds[0]->regions[0];
  EXPECT_NEAR(usd(r.ledger.balance(world::kFundAccount)), 4.56192, 2e-9);
  EXPECT_NEAR(r.entitlement, 0.01584e9, 0.5);
  const auto north = world::make_worlds(quick_plan(shop("DE"), {"pricing.rule=justice", "fund.endowment='1d'"}), 1);
  EXPECT_EQ(north[0]->regions[0].ledger.balance(world::kFundAccount).value, 0);
}

TEST(Fund, EntitlementsFadeWithTheirMemory) {
  // One step of 300 s with a memory of 600 s: what was before counts e^(−½) = 0.6065307, what is now the rest.
  const auto entitlement = [](const char* memory) {
    return quoted(shop("BD"), {"pricing.rule=justice", memory}, [](RegionState& r) {
             r.entitlement = 1e9;
             r.ledger.mint(world::kFundAccount, {1'000'000'000'000}, Posting::deficit);
           }).region().entitlement;
  };
  const double now = entitlement("fund.memory=0");
  EXPECT_GT(now, 1e6);
  EXPECT_NEAR(entitlement("fund.memory='10min'"), 0.6065306597 * 1e9 + (1 - 0.6065306597) * now, 1);
}

}  // namespace
}  // namespace swarm::engine
