#include "sim/scenario/echo.hpp"

#include "sim/scenario/fields.hpp"

namespace swarm {
namespace scenario {
namespace {

std::string lines(const std::vector<FieldRow>& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += row.name + " = " + row.value;
    if (!row.info.unit.empty() && row.info.unit != "1" && row.type != "duration")
      text += "  # " + std::string(row.info.unit);
    text += '\n';
  }
  return text;
}

template <class T>
std::string tables(const std::string& kind, const std::vector<T>& records) {
  std::string text;
  for (const auto& record : records) text += "\n[[" + kind + "]]\n" + lines(rows_of(record));
  return text;
}

}  // namespace

std::string effective_toml(const Scenario& s) {
  std::string text =
      "# Effective scenario: every key with the value in force. Durations are text such as \"5min\".\n";
  for (const auto& section : section_rows(s)) text += "\n[" + section.name + "]\n" + lines(section.rows);
  return text + tables("region", s.regions) + tables("site", s.sites) + tables("device", s.devices) + tables("purpose", s.purposes) +
         tables("hazard", s.hazard_records) + tables("fault", s.fault_records);
}

std::string starter_toml() {
  return R"(# A scenario for swarmsim. Every key has a default; this file states only what is worth changing first.
# All keys:      docs/scenario.md, or  swarmsim check THIS_FILE --resolved
# About one key: swarmsim check THIS_FILE --explain pricing.markup

regions = ["BD", "KE", "DE"]  # names from: swarmsim list regions

[run]
name = "my-scenario"
question = "What does this scenario ask?"
start = "2022-01-03T00:00Z"   # UTC
warmup = "1d"                 # simulated first, left out of summaries
duration = "7d"
step = "5min"
seed = 1

[population]
agents = 1000                 # specialists

[workload]
requests_per_hour = 36000     # sample size of the run
load = 0.8                    # offered work as a share of all capacity

# One region in detail; what is not stated keeps the built-in figures.
[[region]]
name = "KE"
price_usd_per_kwh = 0.15

# Regions without a site get one; this one is described.
[[site]]
name = "DE-large"
region = "DE"
device = "cpu-server"         # names from: swarmsim list devices
servers = 80
pue = 1.2
)";
}

}  // namespace scenario
}  // namespace swarm
