#include <cmath>

#include "tests/unit/engine/review_support.hpp"

namespace swarm::review {
namespace {

// A site of 200,000 servers of 300 W and more draws above 60 MW: 1.8e19 nJ in five minutes, beyond 64 bits.
TEST(BigSites, EnergyOfASiteMayExceedSixtyFourBits) {
  const auto plan = plan_of(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "10min"
step = "5min"
[pricing]
markup_spread = 0
[workload]
requests_per_hour = 36000
multiplicity = 200000
[demand]
budget_share = 0.005
[population]
agents = 400
[[site]]
name = "S"
region = "DE"
servers = 200000)");
  engine::Simulation sim(plan);
  const auto& site = plan->sites[0];
  const auto& r = sim.worlds()[0]->regions[0];
  Int128 most = 0;
  double metered_before = 0;
  while (!sim.done()) {
    sim.step();
    const auto& s = r.sites;
    const double joules = site.device.max_w * s.busy_s[0] + site.device.idle_w * s.idle_s[0] +
                          site.device.standby_w * s.standby_s[0];
    EXPECT_NEAR(s.grid_kwh[0], joules / 3.6e6 * site.pue, 1e-9 * s.grid_kwh[0]);
    most = std::max(most, s.busy_nj[0]);
    double metered = 0;
    for (const double kwh : r.agents.metered_kwh) metered += kwh;
    EXPECT_NEAR((metered - metered_before) * site.pue, s.grid_kwh[0], 1e-9 * s.grid_kwh[0])
        << "all is billed";
    metered_before = metered;
  }
  EXPECT_GT(most, Int128{std::numeric_limits<std::int64_t>::max()});
  // The mutant: the low 64 bits are another figure, and the audit sees it.
  const auto wrapped = static_cast<double>(static_cast<std::int64_t>(most));
  EXPECT_GT(std::abs(wrapped - static_cast<double>(most)), 1e18);
}

// 100,000 servers that fall asleep at odd moments and serve nobody: what the clocks leave over for "busy" is
// rounding.
TEST(BigSites, TheAuditKnowsTheRoundingOfManyClocks) {
  const auto plan = plan_of(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "1h"
step = "1min"
[workload]
requests_per_hour = 0.000001
multiplicity = 1
[population]
agents = 400
[[site]]
name = "S"
region = "DE"
servers = 100000)");
  double worst_j = 0;
  for (const double stretch : {901.7, 333.3, 77.77}) {
    engine::Simulation sim(plan);
    auto& r = sim.worlds()[0]->regions[0];
    for (std::size_t k = 0; k < r.free_at.size(); ++k)
      r.free_at[k] = -stretch * std::fmod(static_cast<double>(k) * 0.6180339887498949, 1.0);
    r.rebuild_derived(*plan);
    while (!sim.done()) {
      ASSERT_NO_THROW(sim.step());
      worst_j = std::max(worst_j, plan->sites[0].device.max_w * r.sites.busy_s[0]);
    }
  }
  EXPECT_GT(worst_j, 1e-6) << "the test must exceed the tolerance of a micro-joule";
}

}  // namespace
}  // namespace swarm::review
