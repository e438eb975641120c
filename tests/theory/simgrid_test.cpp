#include <fstream>

#include "sim/core/csv.hpp"
#include "tests/theory/engine_page.hpp"

/// Energy and carbon of SimGrid's own example (examples/cpp/exec-co2), by a whole run of this program: three hosts of
/// four cores, as sites of four one-core servers, each core 25 W idle and 50 W busy. One host is off (5 W), one idle
/// (100 W), and one gets a core's work more after 0, 1, 3 and 6 hours (125, 150, 175, 200 W), with an intensity that
/// stands still or changes by the hour. docs/models/hardware.md works the example by hand.
namespace swarm::theory {
namespace {

namespace fs = std::filesystem;

fs::path golden_folder() {
  const char* named = std::getenv("SWARM_SHARED");
  return (named ? fs::path(named) : fs::path(SWARM_SOURCE_DIR) / "../shared/data") / "simgrid_carbon_golden";
}

/// What SimGrid asserts of a host; texts as printed.
struct Golden {
  std::string joules, grams, static_intensity;
};

/// "off", "idle" and "busy" by intensity: "static" and "hourly".
std::map<std::string, std::map<std::string, Golden>> read_golden(const fs::path& file) {
  const CsvTable table = CsvTable::read(file);
  const auto text = [&](std::size_t row, const char* column) {
    return std::string(table.cell(row, table.require_column(column)));
  };
  std::map<std::string, std::map<std::string, Golden>> golden;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string load = text(row, "load");
    const std::string host = load.starts_with("off") ? "off" : load.starts_with("idle") ? "idle" : "busy";
    golden[text(row, "intensity")][host] = {text(row, "expected_energy_j"), text(row, "expected_co2_g"), text(row, "static_g_per_kwh")};
  }
  return golden;
}

/// `value` with as many digits after the point as `printed` has.
std::string as_printed(double value, const std::string& printed) {
  const auto point = printed.find('.');
  return fmt::format("{:.{}f}", value, point == std::string::npos ? 0 : printed.size() - point - 1);
}

/// A trace of ten hours at one intensity per host.
void write_static_trace(const fs::path& file, const std::map<std::string, Golden>& hosts) {
  std::ofstream out(file);
  out << "host_id,timestamp,carbon_intensity\n";
  for (const auto& [host, name] : {std::pair{"off", "usa"}, std::pair{"idle", "fr"}, std::pair{"busy", "br"}})
    for (int hour = 0; hour < 10; ++hour)
      out << fmt::format("host_{}_dynamic_co2,{},{}\n", name, 3600 * hour, hosts.at(host).static_intensity);
}

/// Jobs that keep a core busy until the tenth hour, at 36 s per tok; the last comes when all is over, so that the trace
/// does not begin anew within the run.
void write_jobs(const fs::path& file) {
  std::ofstream(file) << "arrival_s,input_tokens,output_tokens\n0,999,1\n3600,899,1\n10800,699,1\n21600,399,1\n36000,1,1\n";
}

std::string ten_hours(const fs::path& folder, const fs::path& trace) {
  constexpr const char* kScenario = R"(
[run]
start = "1970-01-01T00:00Z"
warmup = 0
duration = "10h"
step = "1h"
data_dir = "{}"
[grid]
source = "trace"
trace = "{}"
beyond_trace = "hold"
[workload]
source = "trace"
trace = "jobs.csv"
split = "share"
multiplicity = 1
vision = 1
language = 0
reasoning = 0
memory = 0
urgent_share = 0
deadline = "30d"
[population]
agents = 4
vision = 1
language = 0
reasoning = 0
memory = 0
[demand]
willingness = "unlimited"
budget_share = 1
[[region]]
name = "US"
zone = "host_usa_dynamic_co2"
request_share = 0
agents = 0
[[region]]
name = "FR"
zone = "host_fr_dynamic_co2"
request_share = 0
agents = 0
[[region]]
name = "BR"
zone = "host_br_dynamic_co2"
request_share = 1
[[device]]
name = "asleep"
peak_fp32 = 1e9
peak_fp16 = 1e9
peak_int8 = 1e9
memory_bytes = 1e9
efficiency = 1
bandwidth = 1e16
idle_w = 25
max_w = 50
standby_w = 1.25
idle_timeout = 0
[[device]]
name = "core"
peak_fp32 = 1e9
peak_fp16 = 1e9
peak_int8 = 1e9
memory_bytes = 1e9
efficiency = 1
bandwidth = 1e16
idle_w = 25
max_w = 50
standby_w = 1.25
idle_timeout = "1d"
[[site]]
name = "off"
region = "US"
device = "asleep"
servers = 4
pue = 1
[[site]]
name = "idle"
region = "FR"
device = "core"
servers = 4
pue = 1
[[site]]
name = "busy"
region = "BR"
device = "core"
servers = 4
pue = 1
{})";
  return fmt::format(kScenario, folder.string(), trace.string(), kQuickSpecialists);
}

/// Joules and grams of each site over the run.
std::map<std::string, std::pair<double, double>> meter(const std::string& toml, const std::vector<std::string>& overrides = {}) {
  constexpr double kSecondsPerTok = 36;
  auto set = overrides;
  const double at_first = plan_of(toml)->sites[2].service[0].compute_per_tok;  // at 1e9 op/s
  for (const char* device : {"asleep", "core"})
    set.push_back(fmt::format("device.{}.peak_fp32={:.17g}", device, 1e9 * at_first / kSecondsPerTok));
  engine::Simulation sim(plan_of(toml, set));
  std::map<std::string, std::pair<double, double>> sum;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) {
      auto& [joules, grams] = sum[sim.plan().sites[sim.plan().regions[r.id.value].first_site].name];
      joules += r.sites.grid_kwh[0] * kJoulesPerKwh;
      grams += r.sites.carbon_location_g[0];
    });
  }
  return sum;
}

TEST(SimGrid, JoulesAndGramsToTheLastPrintedDigit) {
  for (const char* file : {"expected.csv", "co2.csv"})
    if (!fs::exists(golden_folder() / file)) GTEST_SKIP() << "real data absent: simgrid_carbon_golden/" << file;
  const fs::path folder = fs::path(::testing::TempDir()) / "simgrid";
  fs::create_directories(folder);
  write_jobs(folder / "jobs.csv");
  const auto golden = read_golden(golden_folder() / "expected.csv");
  write_static_trace(folder / "static.csv", golden.at("static"));
  for (const auto& [intensity, trace] : {std::pair{"static", folder / "static.csv"}, std::pair{"hourly", golden_folder() / "co2.csv"}}) {
    const auto metered = meter(ten_hours(folder, trace));
    for (const auto& [host, expected] : golden.at(intensity)) {
      EXPECT_EQ(as_printed(metered.at(host).first, expected.joules), expected.joules) << intensity << ' ' << host;
      EXPECT_EQ(as_printed(metered.at(host).second, expected.grams), expected.grams) << intensity << ' ' << host;
    }
  }
  // Wrong variants that the figures tell apart: half a watt more, and a clock that is half an hour late.
  const auto hourly = golden.at("hourly").at("busy");
  const auto warmer = meter(ten_hours(folder, golden_folder() / "co2.csv"), {"device.core.idle_w=25.5"});
  EXPECT_NE(as_printed(warmer.at("busy").second, hourly.grams), hourly.grams);
  const auto later = meter(ten_hours(folder, golden_folder() / "co2.csv"), {"run.start='1970-01-01T00:30Z'", "run.duration=9h"});
  EXPECT_NE(as_printed(later.at("busy").second, hourly.grams), hourly.grams);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace swarm::theory
