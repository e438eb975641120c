// A run's own result as a counterfactual: what was recorded is read back.
#include "sim/io/recorded_emissions.hpp"

#include <gtest/gtest.h>

#include "sim/core/errors.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/recorder.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/plan_parts.hpp"
#include "tests/unit/io/sample.hpp"

namespace swarm::io {
namespace {

const std::string kVillage = R"(
regions = ["DE", "KE"]
[run]
start = "2022-03-01T12:30Z"
warmup = "10min"
duration = "50min"
seed = 9
[workload]
requests_per_hour = 600
[population]
agents = 20
[specialists]
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
)";

scenario::Scenario village(const std::string& data_dir, const std::vector<std::string>& overrides = {}) {
  std::vector<std::string> all{"run.data_dir=" + data_dir};
  all.insert(all.end(), overrides.begin(), overrides.end());
  return scenario::load_text(kVillage, "/small/scenario.toml", all);
}

TEST(RecordedEmissions, AreThoseOfTheRun) {
  const sample::Folder folder;
  const auto file = folder.path() / "run.h5";
  const auto s = village(folder.path().string());
  engine::Simulation sim(world::make_plan(s, {}));
  std::vector<double> grams;
  {
    Recorder recorder(sim, file, {{"seed", s.run.seed}}, nullptr);
    while (!sim.done()) {
      sim.step();
      recorder.record(sim);
      sim.each_region([&](const world::RegionState& r) { grams.push_back(r.step.carbon_location_g); });
    }
    recorder.finish(sim, {});
  }
  const world::RecordedEmissions run = read_emissions(file);
  EXPECT_EQ(run.seed, 9);
  EXPECT_EQ(run.start, "2022-03-01T12:30:00Z");
  EXPECT_EQ(run.step_s, 300);
  EXPECT_EQ(run.regions, (std::vector<std::string>{"DE", "KE"}));
  EXPECT_EQ(run.location_g, grams);
  world::PlanParts parts(nullptr, read_emissions);
  const auto plan = world::make_plan(
      village(folder.path().string(), {"credits.enabled=true", "credits.counterfactual=run.h5"}), {}, &parts);
  ASSERT_EQ(plan->counterfactual_mg.size(), 24u);
  for (std::size_t k = 0; k < 24; ++k) EXPECT_EQ(plan->counterfactual_mg[k], round_half_even(1000.0 * grams[k]));
  EXPECT_THROW(read_emissions(folder.path() / "absent.h5"), FileError);
  const auto other = village(folder.path().string(), {"credits.enabled=true", "credits.counterfactual=absent.h5"});
  EXPECT_THROW(world::make_plan(other, {}, &parts), InputError);
}

}  // namespace
}  // namespace swarm::io
