#include <gtest/gtest.h>

#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

// How good the predictions are is measured on real runs: tests/theory/forecast.py.
namespace swarm::world {
namespace {

Forecast forecast(const std::vector<std::string>& overrides = {}) {
  return predict(scenario::load_text(
      "regions = [\"BD\", \"KE\"]\n[run]\nwarmup = \"1d\"\nduration = \"6d\"\nstep = \"10min\"\n",
      "/predict/scenario.toml", overrides));
}

TEST(Predict, CountsByHand) {
  // Seven days of 144 steps, 36,000 requests an hour.
  EXPECT_EQ(forecast().steps, 1008u);
  EXPECT_DOUBLE_EQ(forecast().requests, 7 * 24 * 36000.0);
}

TEST(Predict, GrowsWithWhatIsBuilt) {
  const Forecast base = forecast();
  EXPECT_GT(forecast({"population.agents=1000000"}).memory_bytes, base.memory_bytes + 1e6 * 64);
  EXPECT_GT(forecast({"workload.requests_per_hour=3600000"}).memory_bytes,
            base.memory_bytes + 500'000 * sizeof(double));
  EXPECT_GT(forecast({"specialists.bank_items=65536"}).memory_bytes,
            base.memory_bytes + 60'000.0 * 2 * 16 * 64);
  // 48 regions and a year of history: 48 · 8,766 h · 2 signals · 3 estimates · 8 bytes = 20 MB.
  const std::string many = "regions=[BD,KE,DE,IN,IN-WE,ZA,BR,BR-CS,US,FR,GB,NG,PK,VN,PH,ID,LK,NP,TH,MY,CN,JP,KR,SG,SA,AE,"
                           "IL,TR,EG,MA,GH,TZ,ET,UG,MZ,MW,RW,SN,CD,MX,CA,PA,GT,CR,CL,CO,PE,AR]";
  EXPECT_NEAR(forecast({many, "grid.forecast=seasonal-ar", "grid.forecast_history='8766h'"}).memory_bytes -
                  forecast({many, "grid.forecast=noisy", "grid.forecast_history='8766h'"}).memory_bytes,
              48 * (8766 + 7 * 24) * 48.0, 1);
  const Forecast longer = forecast({"run.duration='60d'"});
  EXPECT_GT(longer.file_bytes, 7 * (base.file_bytes - 1e5));
  EXPECT_LT(longer.memory_bytes, 2 * base.memory_bytes) << "series are not kept in memory";
}

TEST(Predict, CountsRequestsThatAreHeldBack) {
  // 36,000 an hour, half of the four fifths that are not urgent, for ten hours, at a rate half above the mean.
  const std::vector<std::string> waiting{"workload.flexible_share=0.5", "workload.flexibility='10h'"};
  auto held = waiting;
  held.push_back("schedule.strategy=carbon");
  EXPECT_LT(forecast(waiting).memory_bytes, forecast().memory_bytes + 1e6) << "nobody is held under strategy none: a few more columns";
  EXPECT_GT(forecast(held).memory_bytes, forecast().memory_bytes + 36000 * 0.4 * 10 * 1.5 * 80);
  held.push_back("schedule.max_delay='1h'");
  EXPECT_LT(forecast(held).memory_bytes, forecast().memory_bytes + 36000 * 0.4 * 10 * 1.5 * 80);
}

}  // namespace
}  // namespace swarm::world
