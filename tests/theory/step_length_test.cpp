#include "tests/theory/engine_page.hpp"

/// Results do not depend on the length of a step, except through chance: runs with Δt = 300, 150 and 75 s
/// draw other arrivals (draws are keyed by step), of the same distribution.
///
/// Bound. Totals over disjoint stretches of four hours are as good as independent, since the queue of ten
/// servers forgets in seconds. So each run gives a mean per stretch with a standard error from their spread,
/// seeds are pooled, and the difference of two step lengths is compared with √(se² + se²), 3.5 of them; ten
/// comparisons make a false alarm one in 200 sets of seeds, and the seeds are fixed. What the steps cut is
/// deterministic and is checked exactly: what came in is what went out, energy is power times time.
namespace swarm::theory {
namespace {

constexpr double kStretch_s = 4 * 3600;

std::string scenario_text(int step_s, int seed) {
  return fmt::format(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "2d"
step = {}
seed = {}
[workload]
requests_per_hour = 1800
multiplicity = 1
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
urgent_share = 0
deadline = "1d"
[energy]
scale = "nominal"
[specialists]
nominal_language = 5e9
nominal_vision = 5e9
nominal_reasoning = 5e9
nominal_memory = 5e9
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
[demand]
willingness = "unlimited"
budget_share = 1
[population]
agents = 40
[[site]]
name = "S"
region = "DE"
servers = 10
)",
                     step_s, seed);
}

/// Per stretch: requests served, mean wait, busy server-seconds, grid energy.
struct Measured {
  std::vector<double> served, wait_s, busy_s, energy_kwh;
};

/// How a step counts the time that its servers worked; the mutant gives each request all the steps that it
/// touches.
enum class Meter { by_clock, steps_touched };

void measure(int step_s, int seed, Meter meter, Measured& m) {
  engine::Simulation sim(plan_of(scenario_text(step_s, seed)));
  const auto per_stretch = static_cast<std::uint32_t>(kStretch_s / step_s);
  double served = 0, wait_s = 0, busy_s = 0, energy = 0;
  while (!sim.done()) {
    const auto& r = sim.worlds()[0]->regions[0];
    const std::size_t carried = r.flights.size();
    sim.step();
    served += r.step.requests_served;
    if (r.step.requests_served > 0) wait_s += r.step.wait_s * r.step.requests_served;
    const auto& site = sim.plan().sites[0];
    double busy = r.sites.busy_s[0];
    if (meter == Meter::steps_touched)
      busy = static_cast<double>(carried + r.sites.requests_placed[0]) * step_s;
    busy_s += busy;
    energy += (busy * site.device.max_w + r.sites.idle_s[0] * site.device.idle_w +
               r.sites.standby_s[0] * site.device.standby_w) *
              site.pue / kJoulesPerKwh;
    EXPECT_NEAR(r.sites.busy_s[0] + r.sites.idle_s[0] + r.sites.standby_s[0], 10.0 * step_s, 1e-6);
    if (sim.steps_done() % per_stretch != 0) continue;
    if (sim.steps_done() > per_stretch) {
      m.served.push_back(served);
      m.wait_s.push_back(wait_s / served);
      m.busy_s.push_back(busy_s);
      m.energy_kwh.push_back(energy);
    }
    served = wait_s = busy_s = energy = 0;
  }
}

Measured measure(int step_s, Meter meter = Meter::by_clock) {
  Measured m;
  for (int seed = 1; seed <= 4; ++seed) measure(step_s, 1000 * step_s + seed, meter, m);
  return m;
}

::testing::AssertionResult same(const std::vector<double>& a, const std::vector<double>& b) {
  const Estimate x = estimate(a), y = estimate(b);
  const double error = std::hypot(x.standard_error, y.standard_error);
  const auto text =
      fmt::format("{:.6g} ± {:.2g} and {:.6g} ± {:.2g}", x.mean, x.standard_error, y.mean, y.standard_error);
  return (std::abs(x.mean - y.mean) <= 3.5 * error ? ::testing::AssertionSuccess()
                                                   : ::testing::AssertionFailure())
         << text;
}

TEST(StepLength, HalvingItChangesNothingButChance) {
  const Measured coarse = measure(300);
  const Estimate load = estimate(coarse.busy_s), waits = estimate(coarse.wait_s);
  // The test is about something: servers are busy, requests wait, and the bounds are tight.
  EXPECT_GT(load.mean / (10 * kStretch_s), 0.3);
  EXPECT_GT(waits.mean, 0.01);
  EXPECT_LT(load.standard_error, 0.01 * load.mean);
  for (const int step_s : {150, 75}) {
    const Measured fine = measure(step_s);
    EXPECT_TRUE(same(coarse.served, fine.served)) << "served at " << step_s;
    EXPECT_TRUE(same(coarse.wait_s, fine.wait_s)) << "wait at " << step_s;
    EXPECT_TRUE(same(coarse.busy_s, fine.busy_s)) << "busy at " << step_s;
    EXPECT_TRUE(same(coarse.energy_kwh, fine.energy_kwh)) << "energy at " << step_s;
  }
}

TEST(StepLength, EnergyByTheStepsTouchedIsRejected) {
  const Measured coarse = measure(300, Meter::steps_touched), fine = measure(75, Meter::steps_touched);
  EXPECT_FALSE(same(coarse.busy_s, fine.busy_s));
  EXPECT_FALSE(same(coarse.energy_kwh, fine.energy_kwh));
}

TEST(StepLength, TheSameJobsCutByOtherStepsUseTheSameEnergy) {
  // No chance left: flights put on the servers by hand, then stepped through without arrivals.
  const auto joules = [](int step_s) {
    engine::Simulation sim(plan_of(scenario_text(step_s, 1) + "\n", {"workload.requests_per_hour=1e-9"}));
    auto& r = sim.worlds()[0]->regions[0];
    r.pools[0].begin_step(0);
    double nj = 0;
    for (int k = 0; k < 25; ++k) {
      const auto placed = r.pools[0].place(0, 37.7 * (k + 1));
      r.flights.push({.arrival_s = 0,
                      .start_s = placed.start,
                      .finish_s = placed.finish,
                      .service_s = 37.7 * (k + 1),
                      .price = 0,
                      .reserved = 0,
                      .arrival_step = 0,
                      .sequence = static_cast<std::uint32_t>(k),
                      .agent = 0,
                      .site = 0,
                      .tok = 1,
                      .bank_item = 0,
                      .deadline_s = 1e9f,
                      .asker = 0,
                      .type = 0,
                      .bucket = 0});
      ++r.requests_pending;
    }
    while (sim.steps_done() * static_cast<unsigned>(step_s) < 4200u) {
      sim.step();
      nj += static_cast<double>(r.sites.busy_nj[0]);
    }
    EXPECT_EQ(r.flights.size(), 0u);
    return nj;
  };
  const double expected =
      700.0 * 37.7 * (25 * 26 / 2) * 1e9;  // cpu-server, 700 W; 1 + … + 25 = 325 units of 37.7 s
  for (const int step_s : {300, 150, 75})
    EXPECT_NEAR(joules(step_s), expected, 25 * 2) << "half a nJ per flight and rounding";
}

}  // namespace
}  // namespace swarm::theory
