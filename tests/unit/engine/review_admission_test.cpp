#include "sim/engine/pricing.hpp"
#include "tests/unit/engine/review_support.hpp"

namespace swarm::review {
namespace {

// One server, one second per request, deadline 4 s, round trip 5 ms: of ten requests that arrive together,
// those that wait 0, 1 and 2 s are answered after 1, 2 and 3 s; the fourth would need 4.005 s. That the
// server had nothing to do for the 3,000 s before saves nothing up.
constexpr const char* kOneServer = R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
step = "1h"
[hardware]
service = "exponential"
mean_service = 1
[workload]
multiplicity = 1
[population]
agents = 4
[[site]]
name = "S"
region = "DE"
servers = 1)";

std::size_t admitted_at(double offset_s, double credit_s) {
  const auto plan = plan_of(kOneServer);
  world::World w(plan, 0, 1);
  engine::sense(w);
  auto& r = w.regions[0];
  r.scratch.fluid_free_s[0] -= credit_s;
  for (std::uint32_t k = 0; k < 10; ++k)
    r.scratch.inbox_orders.push_back(order_for(r, {0}, offset_s, 4.0f, k));
  engine::trade(w);
  return r.scratch.admitted.size();
}

TEST(Admission, AnIdleServerSavesUpNothing) {
  EXPECT_EQ(admitted_at(0, 0), 3u);
  EXPECT_EQ(admitted_at(3000, 0), 3u);
  EXPECT_EQ(admitted_at(0, 3000), 3u) << "nor does a level below the moment of arrival count";
}

// The mutant: backlog less elapsed time, floored only when it is read. Ten seconds of work never catch up
// with 3,000 s.
TEST(Admission, CreditForIdleTimeIsRejected) {
  double backlog = 0;
  std::size_t admitted = 0;
  for (int k = 0; k < 10; ++k)
    if (std::max(0.0, backlog - 3000.0) + 1.005 <= 4.0) backlog += 1, ++admitted;
  EXPECT_NE(admitted, admitted_at(3000, 0));
}

// Two sites, every request may go to either. What trade books on a site is what assign places there.
constexpr const char* kTwoSites = R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
step = "1h"
[workload]
multiplicity = 1
[balance]
policy = "weighted"
weight_price = 1
weight_latency = 0
weight_energy = 0
[population]
agents = 40
[[site]]
name = "cheap"
region = "DE"
servers = 1
[[site]]
name = "dear"
region = "DE"
pue = 3
servers = 1)";

TEST(Admission, WorkIsBookedWhereItWillBePlaced) {
  const auto plan = plan_of(kTwoSites);
  world::World w(plan, 0, 1);
  engine::sense(w);
  auto& r = w.regions[0];
  const auto& of_type = r.agents_of_type[0];
  const auto at = [&](std::uint32_t site) {
    for (const std::uint32_t a : of_type)
      if (r.agents.site[a] == site) return a;
    return 0u;
  };
  const double service = plan->sites[0].service[0].seconds(100, 100);
  ASSERT_NE(at(0), at(1));
  w.bulletin.sites = r.scratch.notices;
  const auto rates = engine::site_rates(w);
  const auto price = [&](std::uint32_t site) {
    const double markup = static_cast<double>(r.agents.markup[at(site)]);
    return policy::price_of(engine::items_of(*plan, rates[site], r.id, service, 200, markup, 0), true);
  };
  ASSERT_LT(price(0).price, price(1).price);
  for (std::uint32_t k = 0; k < 12; ++k) {
    auto order = order_for(r, {at(0), at(1)}, 0, static_cast<float>(8.5 * service + 0.005), k);
    order.line[1] = {at(1), 1, price(1).price, 0};
    order.line[0] = {at(0), 0, price(0).price, 0};
    r.scratch.inbox_orders.push_back(order);
  }
  engine::trade(w);
  ASSERT_EQ(r.scratch.admitted.size(), 12u);
  engine::assign(w);
  // Eight meet the deadline on the cheap site, the other four go to the dear one.
  EXPECT_EQ(r.sites.requests_placed, (std::vector<std::uint32_t>{8, 4}));
  for (std::size_t k = 0; k < 2; ++k)
    EXPECT_NEAR(r.scratch.fluid_free_s[k], r.sites.requests_placed[k] * service, 1e-9 * service);
  // The mutant, booking on the line with the shortest wait, would have put six on each.
  EXPECT_GT(std::abs(r.scratch.fluid_free_s[0] - 6 * service), service);
}

// A type that nobody lists has no quotes: that is a lack of capacity, not of speed, and no price of zero.
TEST(Quote, NobodyToAskIsALackOfCapacity) {
  const auto plan = plan_of(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
step = "1h"
[workload]
requests_per_hour = 500
vision = 1
language = 0
reasoning = 0
memory = 0
[population]
agents = 40)");
  for (const bool listed : {true, false}) {
    engine::Simulation sim(plan);
    world::World& w = *sim.worlds()[0];
    engine::sense(w);
    engine::exchange_bulletins(sim.worlds());
    if (!listed) {
      w.bulletin.markets[0].listings.clear();
      w.bulletin.markets[0].first.assign(2, 0);
    }
    engine::arrive(w);
    engine::triage(w);
    engine::quote(w);
    const auto& s = w.regions[0].step;
    ASSERT_GT(s.requests_arrived, 100u);
    EXPECT_EQ(s.rejected_capacity, listed ? 0u : s.requests_arrived);
    EXPECT_EQ(s.rejected_deadline, 0u);
    EXPECT_EQ(std::isnan(s.price_usd_per_kilotoken), !listed);
  }
}

}  // namespace
}  // namespace swarm::review
