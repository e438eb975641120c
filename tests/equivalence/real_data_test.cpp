#include <cstdlib>

#include "support.hpp"

/// The same equivalences on recorded requests, carbon intensities and prices.
namespace swarm::equivalence {
namespace {

std::filesystem::path shared_data() {
  const char* named = std::getenv("SWARM_SHARED");
  return named ? std::filesystem::path(named) : std::filesystem::path(SWARM_SOURCE_DIR) / "../shared/data";
}

TEST(RealData, ThreadsShardsAndDroppedCachesChangeNothing) {
  const std::string requests = "llm_traces/azure2023_conv.csv",
                    prices = "electricity_prices/price_usd_mwh_hourly_2020_2024.csv",
                    intensity = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv";
  for (const auto& file : {requests, prices, intensity})
    if (!std::filesystem::exists(shared_data() / file)) GTEST_SKIP() << "real data absent: " << file;
  const std::string toml = fmt::format(R"(
regions = ["DE", "IN-WE", "ZA"]
[run]
start = "2022-05-07T22:00Z"
warmup = "30min"
duration = "90min"
step = "5min"
data_dir = "{}"
[specialists]
hidden_1 = 24
hidden_2 = 12
lineages = 1
training_samples = 2000
[grid]
source = "trace"
trace = "{}"
price_trace = "{}"
[workload]
source = "trace"
trace = "{}"
)",
                                       shared_data().string(), intensity, prices, requests);
  const History one = run(plan_of(toml));
  EXPECT_EQ(one.steps.size(), 24u);
  with_threads(3, [&] { EXPECT_EQ(first_difference(one, run(plan_of(toml, {"engine.shards=2"}))), ""); });
  const Beside drop{.before_step = [](Simulation& sim) { sim.drop_caches(); }};
  EXPECT_EQ(first_difference(one, run(plan_of(toml, {"engine.shards=0"}), drop)), "");
}

}  // namespace
}  // namespace swarm::equivalence
