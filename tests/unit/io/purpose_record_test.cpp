#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sim/engine/simulation.hpp"
#include "sim/io/recorder.hpp"
#include "sim/scenario/load.hpp"
#include "tests/unit/io/sample.hpp"

/// /purpose is recorded for all regions together, the sum of what each region counted; /decision row after row.
namespace swarm::io {
namespace {

constexpr std::size_t P = workload::kPurposes;
constexpr std::array<const char*, 5> kColumns{"requests_arrived", "requests_served", "requests_late", "requests_rejected", "spend_usd"};

std::shared_ptr<const world::Plan> plan(const std::string& shards, std::vector<std::string> overrides = {}) {
  overrides.push_back("engine.shards=" + shards);
  return world::make_plan(scenario::load_text(R"(
regions = ["DE", "BD", "KE", "IN"]
[run]
warmup = "10min"
duration = "50min"
[workload]
requests_per_hour = 6000
load = 1.3
deadline = "1min"
[hardware]
service = "exponential"
mean_service = "20s"
[demand]
budget_share = 1
[pricing]
rule = "justice"
[record]
chunk_steps = 5
decisions = 4
decision_interval = "10min"
[population]
agents = 80
[specialists]
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
)", "/small/scenario.toml", overrides), {});
}

struct Recorded {
  std::map<std::string, std::vector<double>> in_file, counted, last_region;
  std::vector<double> decided, decided_in_file;  ///< of each recorded decision: region, number, willingness to pay, outcome
};
Recorded record(const std::string& shards) {
  const sample::Folder folder;
  engine::Simulation sim(plan(shards));
  Recorded out;
  {
    Recorder recorder(sim, folder / "run.h5", {}, nullptr);
    while (!sim.done()) {
      sim.step();
      recorder.record(sim);
      std::array<std::array<double, P>, kColumns.size()> sum{}, last{};
      sim.each_region([&](const world::RegionState& r) {
        last = {};
        // Arrivals by the requests themselves, the rest by the region's columns.
        for (const auto purpose : r.scratch.requests.purpose) ++last[0][static_cast<std::size_t>(purpose)];
        for (std::size_t p = 0; p < P; ++p) {
          last[1][p] = r.purposes.requests_served[p];
          last[2][p] = r.purposes.requests_late[p];
          last[3][p] = r.purposes.requests_rejected[p];
          last[4][p] = r.purposes.spend_usd[p];
          for (std::size_t c = 0; c < kColumns.size(); ++c) sum[c][p] += last[c][p];
        }
      });
      sim.each_region([&](const world::RegionState& r) {
        const auto& d = r.decisions;
        for (std::size_t k = 0; k < d.size(); ++k)
          out.decided.insert(out.decided.end(), {double(r.id.value), double(d.sequence[k]), d.wtp_usd[k], double(d.outcome[k])});
      });
      for (std::size_t c = 0; c < kColumns.size(); ++c)
        for (std::size_t p = 0; p < P; ++p) {
          out.counted[kColumns[c]].push_back(sum[c][p]);
          out.last_region[kColumns[c]].push_back(last[c][p]);
        }
    }
    recorder.finish(sim, {});
  }
  const ResultReader file(folder / "run.h5");
  for (const char* column : kColumns) out.in_file[column] = file.read<double>(std::string("/purpose/") + column);
  const auto region = file.read<double>("/decision/region"), sequence = file.read<double>("/decision/sequence"),
             wtp = file.read<double>("/decision/wtp_usd"), outcome = file.read<double>("/decision/outcome");
  for (std::size_t k = 0; k < region.size(); ++k)
    out.decided_in_file.insert(out.decided_in_file.end(), {region[k], sequence[k], wtp[k], outcome[k]});
  EXPECT_EQ(file.read_text("/purpose/purpose").at(8), "cryptocurrency_mining");
  // What regions and purposes count is the same requests and the same money.
  for (const char* column : kColumns) {
    const auto by_region = file.read<double>(std::string("/region/") + column);
    const std::size_t steps = sim.steps_done();
    for (std::size_t step = 0; step < steps; ++step) {
      double regions = 0, purposes = 0;
      for (std::size_t r = 0; r < 4; ++r) regions += by_region[step * 4 + r];
      for (std::size_t p = 0; p < P; ++p) purposes += out.in_file[column][step * P + p];
      EXPECT_NEAR(purposes, regions, 1e-12 * regions) << column << " of step " << step;
    }
  }
  return out;
}

TEST(PurposeRecord, IsTheSumOverRegions) {
  const Recorded one = record("1"), each = record("0");
  for (const char* column : kColumns) {
    ASSERT_EQ(one.in_file.at(column).size(), 12 * P);
    EXPECT_EQ(one.in_file.at(column), one.counted.at(column)) << column;
    EXPECT_EQ(each.in_file.at(column), one.in_file.at(column)) << column << " with a world for each region";
    EXPECT_NE(one.in_file.at(column), one.last_region.at(column)) << "the last region's instead: " << column;
    double sum = 0, first_half = 0;
    for (std::size_t i = 0; i < 12 * P; ++i) (i < 6 * P ? first_half : sum) += one.in_file.at(column)[i];
    EXPECT_GT(sum, 0) << column;
    EXPECT_LT(sum, 5 * first_half + 1) << "sums of steps, not over steps: " << column;
  }
}

TEST(DecisionRecord, HasTheRowsOfAllRegionsInOrder) {
  const Recorded one = record("1"), each = record("0");
  EXPECT_EQ(one.decided_in_file, one.decided);
  EXPECT_EQ(each.decided_in_file, one.decided);
  // Six sampled steps of four regions with four rows each, but for draws of a request that was drawn before.
  EXPECT_GT(one.decided.size() / 4, 6u * 4u * 4u * 9 / 10);
  EXPECT_LE(one.decided.size() / 4, 6u * 4u * 4u);
}

// An interval of 2³² steps is no interval of 0 steps.
TEST(DecisionRecord, IntervalsLongerThanAnyRunSampleOnce) {
  for (const char* interval : {"1288490188800s", "1288490189100s", "1e300s"}) {
    engine::Simulation sim(plan("1", {fmt::format("record.decision_interval={}", interval), fmt::format("record.agent_interval={}", interval)}));
    const sample::Folder folder;
    Recorder recorder(sim, folder / "run.h5", {}, nullptr);
    std::size_t sampled = 0;
    for (int k = 0; k < 3; ++k) {
      sim.step();
      recorder.record(sim);
      bool some = false;
      sim.each_region([&](const world::RegionState& r) { some = some || r.decisions.size() > 0; });
      sampled += some;
    }
    EXPECT_EQ(sampled, 1u) << interval;
  }
}

}  // namespace
}  // namespace swarm::io
