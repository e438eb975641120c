#include <array>
#include <cmath>

#include "tests/unit/engine/shop.hpp"

/// What a request costs and who goes without, followed by hand (docs/models/policy.md, docs/models/demand.md).
namespace swarm::engine {
namespace {

using world::Order;

// ---------------------------------------------------------------- baseline

/// Two sites in two countries: 30 servers at 3e-5 USD/s (0.2 USD/kWh), and 10 servers of a device of 720 W and 1e-5
/// USD/s at 0.45 USD/kWh and PUE 1.5: 2e-4 · 1.5 · 0.45 + 1e-5 = 1.45e-4 USD/s.
std::string two_sites() {
  return shop("DE") + R"(
[[device]]
name = "large"
max_w = 720
idle_w = 0
standby_w = 0
peak_fp32 = 9e12
peak_fp16 = 9e12
peak_int8 = 9e12
memory_bytes = 8e9
bandwidth = 1.3e11
price_usd = 315.576
life_years = 1
[[region]]
name = "BD"
price_usd_per_kwh = 0.45
[[site]]
name = "T"
region = "BD"
device = "large"
servers = 10
pue = 1.5
)";
}
const std::vector<std::string> kTwo{"regions=['DE','BD']", "site.S.servers=30"};

TEST(Baseline, TwoSitesByHand) {
  // Services take 2 s anywhere, so capacity goes by servers: ¾ and ¼. 2 s · 1.1 · (¾·3e-5 + ¼·1.45e-4) = 1.2925e-4 USD.
  const auto plan = quick_plan(two_sites(), kTwo);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    EXPECT_NEAR(plan->baseline.usd(t, 900, 250), 1.2925e-4, 1e-14) << t;
    EXPECT_GT(std::abs(plan->baseline.usd(t, 900, 250) - 2 * 1.1 * (0.5 * 3e-5 + 0.5 * 1.45e-4)), 1e-5) << "sites, not servers";
  }
}

TEST(Baseline, ASiteWithoutSpecialistsDoesNotCount) {
  auto overrides = kTwo;
  overrides.push_back("region.BD.agents=0");
  overrides.push_back("region.DE.agents=80");
  EXPECT_NEAR(quick_plan(two_sites(), overrides)->baseline.usd(1, 10, 10), 6.6e-5, 1e-14);
}

TEST(Baseline, FollowsServiceTimesOfEachDevice) {
  // On the roofline sites differ in speed and requests in length: every site's own price by the plan's service times.
  auto overrides = kTwo;
  overrides.push_back("hardware.service=roofline");
  const auto plan = quick_plan(two_sites(), overrides);
  const std::array<double, 2> servers{30, 10}, usd_per_s{3e-5, 1.45e-4};
  const std::array<double, 4> share{0.25, 0.35, 0.25, 0.15};  // of problem types, by default
  std::array<double, 2> capacity{};
  for (std::size_t i = 0; i < 2; ++i) {
    double mean = 0;
    for (std::size_t t = 0; t < 4; ++t) mean += share[t] * plan->sites[i].service[t].seconds(900, 250);
    capacity[i] = servers[i] / mean;
  }
  EXPECT_GT(capacity[1] / capacity[0], 0.4) << "the large device is faster, or nothing is shown";
  for (std::size_t t = 0; t < 4; ++t)
    for (const std::uint32_t tok : {1u, 300u, 5000u}) {
      double expected = 0;
      for (std::size_t i = 0; i < 2; ++i)
        expected += capacity[i] / (capacity[0] + capacity[1]) * 1.1 * usd_per_s[i] * plan->sites[i].service[t].seconds(tok, 2 * tok);
      EXPECT_NEAR(plan->baseline.usd(t, tok, 2 * tok), expected, 1e-12 * expected) << t << " " << tok;
    }
}

TEST(Baseline, WithTheTariffItIsTheTariff) {
  auto overrides = kTwo;
  overrides.push_back("pricing.base=tariff");
  overrides.push_back("pricing.tariff_usd_per_tok=0.002");
  EXPECT_DOUBLE_EQ(quick_plan(two_sites(), overrides)->baseline.usd(3, 900, 100), 2.0);
}

// ---------------------------------------------------------------- the shop's prices

TEST(Pricing, RulesByHand) {
  const struct {
    const char *rule, *region;
    std::int64_t price, grant;
  } cases[] = {
      {"flat", "BD", kBase, 0},
      {"carbon", "BD", kBase + kCarbon, 0},
      {"justice", "BD", kBase + kCarbon - 19800, 19800},  // 30 % of 66,000
      {"justice", "DE", kBase + kCarbon + 13200, 0},      // 20 %
  };
  for (const auto& c : cases) {
    const auto q = quoted(shop(c.region), {fmt::format("pricing.rule={}", c.rule), "demand.willingness=unlimited"},
                          [](world::RegionState& r) { r.ledger.mint(world::kFundAccount, {1'000'000'000'000}, economy::Posting::deficit); });
    ASSERT_GT(q.requests().size(), 500u);
    for (std::size_t k = 0; k < q.requests().size(); ++k) {
      ASSERT_GT(q.order(k).lines, 0) << c.rule;
      ASSERT_EQ(q.order(k).line[0].price, c.price) << c.rule << " " << c.region;
      ASSERT_EQ(q.order(k).line[0].grant, c.grant) << c.rule << " " << c.region;
      ASSERT_EQ(q.order(k).reserved, c.price);
      ASSERT_EQ(q.order(k).reserved_grant, c.grant);
    }
  }
}

TEST(Pricing, ManyIdenticalRequestsCostAsMany) {
  const auto q = quoted(shop("DE"), {"pricing.rule=carbon", "demand.willingness=unlimited", "workload.multiplicity=1000"});
  // The bulletin's single-precision electricity price 0.2f is too high by 1.5e-8 of it: 0.66 µTKN of 66,000,000.
  for (std::size_t k = 0; k < q.requests().size(); ++k) ASSERT_NEAR(static_cast<double>(q.order(k).line[0].price), 76'000'000, 2);
}

// ---------------------------------------------------------------- withdrawals

TEST(Withdrawal, SellersDoNotSellAtALoss) {
  // The rebate is 0.15·ρ of 66,000; 60,000 are left up to ρ = 0.60606.
  for (const double renewable : {0.6, 0.61, 1.0}) {
    const bool loses = renewable > 0.606;
    const auto q = quoted(shop("DE", renewable), {"pricing.rule=justice", "demand.willingness=unlimited"});
    const auto& s = q.region().step;
    const auto asked = 8 * static_cast<std::uint32_t>(q.requests().size());
    EXPECT_EQ(s.quotes_withdrawn, loses ? asked : 0) << renewable;
    EXPECT_EQ(s.quotes, loses ? 0 : asked) << renewable;
    EXPECT_EQ(s.rejected_capacity, loses ? q.requests().size() : 0) << renewable;
    EXPECT_EQ(std::isnan(s.price_usd_per_kilotoken), loses);
  }
  // Without a rebate nobody loses, whatever was contracted.
  for (const char* rule : {"flat", "carbon"})
    EXPECT_EQ(quoted(shop("DE", 1), {fmt::format("pricing.rule={}", rule)}).region().step.quotes_withdrawn, 0u) << rule;
  EXPECT_EQ(quoted(shop("DE", 1), {"pricing.rule=justice", "pricing.renewable_rebate=0"}).region().step.quotes_withdrawn, 0u);
}

TEST(Withdrawal, NoMarkupIsNoLoss) {
  EXPECT_EQ(quoted(shop("DE"), {"pricing.markup=0"}).region().step.quotes_withdrawn, 0u) << "at cost is not below cost";
  // A tariff may lie below cost: 60,000 µTKN a request.
  const std::vector<std::string> tariff{"pricing.base=tariff", "workload.tok_sigma=0", "workload.tok_in_mean=50",
                                        "workload.tok_out_mean=50", "demand.willingness=unlimited"};
  auto cheap = tariff, dear = tariff;
  cheap.push_back("pricing.tariff_usd_per_tok=5.9e-7");
  dear.push_back("pricing.tariff_usd_per_tok=6.1e-7");
  EXPECT_EQ(quoted(shop("DE"), cheap).region().step.quotes, 0u);
  EXPECT_EQ(quoted(shop("DE"), dear).region().step.quotes_withdrawn, 0u);
  EXPECT_EQ(quoted(shop("DE"), dear).order(0).line[0].price, 61000);
}

TEST(Withdrawal, OnlyThoseWithThinMarginsGo) {
  // Markups are uniform in 0.05 … 0.15; with ρ = 0.61 a seller needs 1/(1 − 0.0915) − 1 = 0.10072 to break even.
  const auto q = quoted(shop("DE", 0.61), {"pricing.rule=justice", "pricing.markup_spread=0.5", "demand.willingness=unlimited"});
  const auto& r = q.region();
  std::size_t lines = 0, thin = 0;
  for (const float markup : r.agents.markup) thin += markup < 0.10072f;
  ASSERT_GT(thin, 10u);
  for (std::size_t k = 0; k < q.requests().size(); ++k) {
    EXPECT_EQ(r.scratch.quotes[k] + r.scratch.quotes_withdrawn[k], 8);
    ASSERT_EQ(r.scratch.quotes[k], q.order(k).lines) << "whoever offers can answer, and everything is paid";
    for (std::size_t j = 0; j < q.order(k).lines; ++j) ASSERT_GT(r.agents.markup[q.order(k).line[j].agent], 0.10071f);
    lines += q.order(k).lines;
  }
  EXPECT_EQ(r.step.quotes, lines);
  EXPECT_GT(r.step.quotes_withdrawn, 1000u);
  EXPECT_GT(lines, 1000u);
}

// ---------------------------------------------------------------- refusals for price and budget

TEST(Refusal, ForThePriceIfTheUsersWouldNotPayIt) {
  const auto q = quoted(shop("DE"), {"pricing.rule=carbon"});
  std::uint32_t refused = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) {
    const bool pays = q.wtp(k) >= kBase + kCarbon;
    ASSERT_EQ(q.order(k).lines > 0, pays) << k;
    refused += !pays;
  }
  const auto& s = q.region().step;
  EXPECT_EQ(s.rejected_price, refused);
  EXPECT_EQ(s.requests_rejected, refused);
  // ln(76/66) = 0.14108 above the baseline: 1 − Φ(0.84162 − 0.14108/0.49993) = 1 − Φ(0.55942) = 0.28794.
  const auto n = static_cast<double>(q.requests().size());
  EXPECT_NEAR(refused / n, 0.28794, 4 * std::sqrt(0.28794 * 0.71206 / n));
}

TEST(Refusal, ForTheBudgetOnlyIfThePriceWasRight) {
  const auto q = quoted(shop("DE"), {"pricing.rule=carbon", "demand.budget_share=0"});
  std::uint32_t unwilling = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) unwilling += q.wtp(k) < kBase + kCarbon;
  EXPECT_EQ(q.region().step.rejected_price, unwilling);
  EXPECT_EQ(q.region().step.rejected_budget, q.requests().size() - unwilling);
  EXPECT_GT(unwilling, 0u);
}

TEST(Refusal, TheBudgetGoesToTheFirstWhoAreWilling) {
  const std::int64_t budget = 7 * 76000 + 75999;
  const auto q = quoted(shop("DE"), {"pricing.rule=carbon", "demand.budget_share=0"},
                        [&](world::RegionState& r) { r.ledger.mint(world::kUsersAccount, {budget}, economy::Posting::deposit); });
  int served = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) {
    const bool expected = q.wtp(k) >= 76000 && served < 7;
    ASSERT_EQ(q.order(k).lines > 0, expected) << k;
    served += expected;
  }
  EXPECT_EQ(q.region().ledger.balance(world::kUsersAccount).value, 75999);
}

// ---------------------------------------------------------------- discounts that the fund cannot grant

constexpr std::int64_t kGrant = 19800, kGranted = kBase + kCarbon - kGrant, kFull = kBase + kCarbon;

TEST(Discount, DeniedThePriceRisesByExactlyIt) {
  for (const int grants : {0, 7, 100}) {
    const std::int64_t fund = grants * kGrant + kGrant - 1;
    const auto q = quoted(shop("BD"), {"pricing.rule=justice"},
                          [&](world::RegionState& r) { r.ledger.mint(world::kFundAccount, {fund}, economy::Posting::deficit); });
    int granted = 0, driven_away = 0;
    std::int64_t entitled = 0;
    std::uint32_t unwilling = 0;
    for (std::size_t k = 0; k < q.requests().size(); ++k) {
      const Order& order = q.order(k);
      const bool willing = q.wtp(k) >= kGranted, at_full_price = q.wtp(k) >= kFull;
      if (!willing) {
        ASSERT_EQ(order.lines, 0);
        ++unwilling;
        continue;
      }
      entitled += kGrant;
      if (granted < grants) {
        ++granted;
        ASSERT_EQ(order.granted, 1);
        ASSERT_EQ(order.line[0].price, kGranted);
        ASSERT_EQ(order.reserved_grant, kGrant);
        continue;
      }
      ASSERT_EQ(order.granted, 0);
      ASSERT_EQ(order.reserved_grant, 0);
      ASSERT_EQ(order.lines > 0, at_full_price);
      if (at_full_price) {
        ASSERT_EQ(order.line[0].price, kFull);
        ASSERT_EQ(order.line[0].grant, 0);
        ASSERT_EQ(order.reserved, kFull);
      }
      driven_away += !at_full_price;
    }
    const auto& r = q.region();
    EXPECT_EQ(granted, grants);
    EXPECT_GT(driven_away, 0);
    EXPECT_EQ(r.step.rejected_price, unwilling + static_cast<std::uint32_t>(driven_away));
    EXPECT_EQ(r.step.rejected_budget, 0u);
    EXPECT_EQ(r.ledger.balance(world::kFundAccount).value, kGrant - 1);
    EXPECT_EQ(r.grants_reserved, grants * kGrant);
    EXPECT_EQ(r.entitlement, static_cast<double>(entitled)) << "also what could not be granted counts";
  }
}

TEST(Discount, DeniedBeyondTheBudgetIsRefusedForTheBudget) {
  // Money for the price with the discount and not for the one without.
  const auto q = quoted(shop("BD"), {"pricing.rule=justice", "demand.budget_share=0"},
                        [](world::RegionState& r) { r.ledger.mint(world::kUsersAccount, {kFull - 1}, economy::Posting::deposit); });
  std::uint32_t price = 0, budget = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) ++(q.wtp(k) >= kFull ? budget : price);
  EXPECT_EQ(q.region().step.rejected_budget, budget);
  EXPECT_EQ(q.region().step.rejected_price, price);
  EXPECT_GT(budget, 0u);
}

TEST(Discount, AFundThatMayOweGrantsAll) {
  const auto q = quoted(shop("BD"), {"pricing.rule=justice", "fund.revenue_neutral=false"},
                        [](world::RegionState& r) { r.ledger.mint(world::kFundAccount, {kGrant + 5}, economy::Posting::endowment); });
  std::int64_t willing = 0;
  for (std::size_t k = 0; k < q.requests().size(); ++k) {
    ASSERT_EQ(q.order(k).granted, 1);
    ASSERT_EQ(q.order(k).lines > 0, q.wtp(k) >= kGranted);
    willing += q.wtp(k) >= kGranted;
  }
  const auto& r = q.region();
  EXPECT_EQ(static_cast<std::int64_t>(r.ledger.total(economy::Posting::deficit)), willing * kGrant - (kGrant + 5)) << "what there was is used first";
  EXPECT_NEAR(r.step.fund_deficit_usd, usd({static_cast<std::int64_t>(r.ledger.total(economy::Posting::deficit))}), 1e-12);
  EXPECT_EQ(r.ledger.balance(world::kFundAccount).value, 0);
}

TEST(Discount, IsNotGrantedBelowAPriceOfZero) {
  // legacy-sign-fixed grants 0.09 USD per tok, tens of dollars on 76,000 µTKN: the price is 0 and the grant all of it.
  const auto q = quoted(shop("BD"), {"pricing.rule=legacy-sign-fixed", "fund.revenue_neutral=false"});
  for (std::size_t k = 0; k < q.requests().size(); ++k) {
    ASSERT_GT(q.order(k).lines, 0);
    ASSERT_EQ(q.order(k).line[0].price, 0);
    ASSERT_EQ(q.order(k).line[0].grant, kFull);
  }
  EXPECT_EQ(q.region().step.rejected_price, 0u);
}

}  // namespace
}  // namespace swarm::engine
