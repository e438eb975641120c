#include "sim/core/math.hpp"
#include "tests/theory/engine_page.hpp"
#include "tests/unit/engine/still_grid.hpp"

/// Demand answers prices as its parameters say.
namespace swarm::theory {
namespace {

// One region, one site, one markup, flat prices, capacity for all: every quote is the baseline price times a factor
// that a carbon price sets. Nothing but willingness to pay decides.
const std::string kOneShop = std::string(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "8h"
)") + engine::kStillGrid + std::string(R"([workload]
requests_per_hour = 30000
multiplicity = 1
urgent_share = 0
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
deadline = "1h"
[demand]
budget_share = 1
[pricing]
rule = "carbon"
markup_spread = 0
load_slope = 0
[population]
agents = 40
[[site]]
name = "S"
region = "DE"
servers = 4000
)") + kQuickSpecialists;

struct Demanded {
  double accepted = 0, arrived = 0, price = 0;
  double share() const { return accepted / arrived; }
};

/// Share of requests accepted, and the mean price over the baseline price, at a carbon price.
Demanded demanded(double carbon_usd_per_t, const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{fmt::format("pricing.carbon_price_usd_per_t={}", carbon_usd_per_t)};
  overrides.insert(overrides.end(), more.begin(), more.end());
  engine::Simulation sim(plan_of(kOneShop, overrides));
  Demanded d;
  double quotes = 0;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) {
      d.arrived += r.step.requests_arrived;
      d.accepted += r.step.requests_arrived - r.step.rejected_price;
      EXPECT_EQ(r.step.requests_rejected, r.step.rejected_price);
      for (std::size_t k = 0; k < r.decisions.size(); ++k) {
        const auto& x = r.decisions;
        d.price += x.total_usd[k] / sim.plan().baseline.usd(x.type[k], x.tok_in[k], x.tok_out[k]);
        ++quotes;
      }
    });
  }
  d.price /= quotes;
  return d;
}

/// Arc elasticity between two prices.
double arc_elasticity(const Demanded& a, const Demanded& b) {
  return (math::log(b.share()) - math::log(a.share())) / (math::log(b.price) - math::log(a.price));
}

// At no carbon price the quote is P0, and s0 = 0.8 of 240,000 requests accept: standard error √(0.8·0.2/240,000) = 0.0008.
TEST(Demand, TheBaselineShareAcceptsTheBaselinePrice) {
  const Demanded d = demanded(0);
  EXPECT_NEAR(d.price, 1.0, 1e-7);  // bulletins carry prices of electricity in single precision
  EXPECT_NEAR(d.share(), 0.8, 3.5 * 0.00082);
  const Demanded other = demanded(0, {"demand.served_at_baseline=0.6"});
  EXPECT_NEAR(other.share(), 0.6, 3.5 * 0.001);
}

// The same people stand before both prices (common random numbers), so the difference of the shares is that of those
// between: 3,400 people at a 2 % rise, standard error 1/√3,400 = 1.7 %. A tenth of ε0 is five of them.
TEST(Demand, ElasticityAtTheBaselinePriceIsAsStated) {
  for (const double stated : {-0.7, -1.5}) {
    const std::vector<std::string> more{fmt::format("demand.elasticity={}", stated)};
    const Demanded at = demanded(0, more), above = demanded(20, more);
    const double measured = arc_elasticity(at, above);
    // Demand bends: what the closed form says of the same arc.
    const auto plan = plan_of(kOneShop, more);
    const double expected = (math::log(plan->willingness[0].accepting_share(above.price, 0)) -
                             math::log(plan->willingness[0].accepting_share(1.0, 0))) /
                            math::log(above.price);
    EXPECT_NEAR(expected, stated, 0.1 * std::abs(stated)) << "the arc is too long to be the elasticity at P0";
    EXPECT_NEAR(measured, stated, 0.1 * std::abs(stated));
    EXPECT_NEAR(measured, expected, 4 * 0.017 * std::abs(expected));
  }
}

// The mutant: σ without s0 in its denominator has another elasticity.
TEST(Demand, AnotherSpreadHasAnotherElasticity) {
  workload::DemandParams params;
  const auto elasticity = [&](double sigma) {
    const double z0 = math::normal_quantile(params.served_at_baseline), h = 1e-4;
    const auto share = [&](double log_price) { return math::normal_cdf(z0 - log_price / sigma); };
    return (math::log(share(h)) - math::log(share(-h))) / (2 * h);
  };
  const double sigma = workload::willingness_sigma(params);
  EXPECT_NEAR(sigma, 0.49993, 5e-6);  // φ(0.841621) = 0.279962; over 0.8 · 0.7
  EXPECT_NEAR(elasticity(sigma), -0.7, 1e-6);
  EXPECT_GT(std::abs(elasticity(sigma * params.served_at_baseline) + 0.7), 0.07);
}

}  // namespace
}  // namespace swarm::theory
