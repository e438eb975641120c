#include <fmt/format.h>

#include "support.hpp"

/// The worlds that must come out the same however they are run.
namespace swarm::equivalence {
namespace {

constexpr std::string_view kWorld = R"(
regions = ["BD", "KE", "DE"]
[run]
start = "2022-01-09T21:00Z"   # a Sunday evening: budgets are renewed at midnight, a working day begins
warmup = "1h"
duration = "5h"
step = "10min"
seed = 7
[population]
agents = 240
[specialists]
hidden_1 = 24
hidden_2 = 12
lineages = 2
training_samples = 2000
[demand]
budget_share = 3e-6
served_at_baseline = 0.5
elasticity = -0.3
[pricing]
rule = "justice"
endowment = "10min"
load_knee = 0.3
[market]
offers = 12
admission = "priority"
transfer_usd_per_kilotoken = 3e-7
[record]
chunk_steps = 5
agents = 17
agent_interval = "20min"
decisions = 3
decision_interval = "20min"

[hazards]
process = true
heatwave_per_year = 300
heatwave_duration = "4h"
[emergency]
decay = "20min"

[battery]
horizon = "2h"
[regeneration]
elasticity = 0.5
memory = "1h"
[balance]
weight_price = 0.3
[network]
joules_per_byte = 1e-4
bytes_per_s = 1e6
[[hazard]]   # at 22:30 it comes after the warm-up
name = "flood"
region = "BD"
start = "90min"
duration = "2h"
severity = 0.7
[[region]]
name = "DE"
price_usd_per_kwh = 0.12
[[device]]
name = "apple-m2"
idle_timeout = "2min"
[[site]]
name = "Dhaka"
region = "BD"
device = "cpu-server"
servers = 100
contracted_renewable = 0.3
battery_kwh = 40
battery_kw = 40
battery_efficiency = 0.99
[[site]]
name = "Dhaka-edge"
region = "BD"
device = "raspberry-pi-5"
servers = 200
[[site]]
name = "Nairobi"
region = "KE"
device = "rtx-4070"
servers = 100
[[site]]
name = "Nairobi-edge"
region = "KE"
device = "radxa-cubie-a7z"
servers = 100
[[site]]
name = "Nairobi-mini"
region = "KE"
device = "apple-m2"
servers = 400
[[site]]
name = "Frankfurt"
region = "DE"
device = "datacentre-gpu"
servers = 150
contracted_renewable = 0.6
heat_reuse = 0.3
battery_kwh = 30   # less than an hour of what the site takes: it runs empty
battery_kw = 100
battery_efficiency = 0.97
[[site]]
name = "Berlin"
region = "DE"
device = "cpu-server"
servers = 100
[[fault]]   # with the next, around the steps at which runs are resumed
name = "outage"
kind = "site-outage"
site = "Nairobi-mini"
start = "100min"
duration = "80min"
[[fault]]
name = "partition"
kind = "partition"
region = "KE"
start = "110min"
duration = "60min"
[[fault]]
name = "no forecast"
kind = "forecast-outage"
region = "DE"
start = "110min"
duration = "2h"
[[fault]]
name = "liars"
kind = "wrong-answers"
region = "DE"
start = "80min"
duration = "2h"
share = 0.3
[[fault]]
name = "crash"
kind = "agent-crash"
region = "BD"
start = "90min"
duration = "50min"
share = 0.4
[[fault]]
name = "slow"
kind = "slow-agent"
site = "Frankfurt"
start = "100min"
duration = "1h"
share = 0.5
[monitor]   # so nervous that there are anomalies
enabled = true
readings = 5
deviations = 1
[breaker]
window = 6
least_answers = 3
cool_down = "15min"
probes = 2
)";

/// Faults beside those that are listed, and all that may be done about them but for what a scene adds.
constexpr std::string_view kFaults = R"([faults]
process = true
agent_crash_per_year = 1000
slow_agent_per_year = 500
wrong_answers_per_year = 500
site_outage_per_year = 50
forecast_outage_per_year = 200
partition_per_year = 50
site_outage_duration = "20min"
timeout = "20s"
retries = 2
breakers = true
memory = "30min"
)";

std::string on_apart_from_allowances() {
  return std::string(kWorld) + R"(
[hardware]
service = "exponential"  # unforeseen, so that some answers come late
mean_service = "1s"
[workload]
split = "equal"
requests_per_hour = 1500
load = 1.2
burstiness = 0.5
tok_sigma = 1.2
tok_max = 8000
diurnal_amplitude = 0.2
urgent_share = 0.05
urgent_deadline = "1s"   # less than service and network take: refused
deadline = "5min"
flexible_share = 0.4
flexibility = "70min"
[schedule]
strategy = "carbon"
capacity_share = 0.3     # so that slots fill up
[grid]
forecast = "noisy"       # to persistence all slots are alike
[council]
seats = 3
threshold = 0.4   # of some requests
imbalance_limit = 0.2
quality_aim = 0.6
[bus]   # too little for all reports
enabled = true
watts_per_server = 0.004
[context]   # windows so small that they run over, storage so bad that much is lost
strategy = "preemptive"
session_gap = "2h"
warn_share = 0.3
window_tok = 2500
margin_tok = 100
express_tok = 200
essential_tok = 60
rationale_tok = 220
breakdown_tok = 250
snapshot_tok = 700
snapshots = 2
dirty_limit = "42min"
transfer_failure = 0.4
watched = 60
readings = 4
gate_share = 0.05
synchrony_limit = 0.6
[fund]
carbon_share = 0.7
endowment = "1h"   # spent before the end: discounts stop
)" + std::string(kFaults) + "rule_based = true\n";
}

}  // namespace

/// Allowances of energy are spent before midnight: in the other worlds too little would happen after that.
std::string everything_on() { return on_apart_from_allowances() + "[energy]\nallowance = true\nallowance_share = 0.05\n"; }

namespace {

/// A scene with one of its lines replaced.
std::string replaced(std::string toml, std::string_view line, std::string_view by) {
  return toml.replace(toml.find(line), line.size(), by);
}

/// The scenario with these keys added to a section that it has.
std::string with(std::string toml, const std::string& section, std::string_view keys) {
  return toml.insert(toml.find(section + "\n") + section.size() + 1, keys);
}
/// Everything but allowances of energy, with these keys added to [market], and another way to hold requests back.
std::string with_market(std::string_view keys, std::string_view schedule) {
  return with(replaced(on_apart_from_allowances(), "strategy = \"carbon\"", schedule), "[market]", keys);
}

/// Kenya's answers, and Germany's own, are all that Germany's requests may get.
std::string with_residency(std::string toml) { return with(std::move(toml), "name = \"DE\"", "residency = [\"KE\"]\n"); }

/// Loans that are due so soon that some default; hoards are charged, early answers rewarded.
constexpr std::string_view kCredit = R"(
[lending]
enabled = true
rate_per_h = 0.01
reserve = "10min"
deposit_share_per_h = 6
credit_multiple = 3
memory = "1h"
term = "30min"
grace = "10min"
barred = "1h"
[demurrage]
rate_per_day = 0.5
allowance = "10min"
[appreciation]
enabled = true
)";

/// Contracts so risky that some default; bets on answers, funded where the treasury is not emptied; values of both forms.
std::string instruments(std::string_view form) {
  return fmt::format(R"(
[futures]
enabled = true
period = "30min"
memory = "1h"
units_per_contract = 1
hedge_share = 5
users_hedge_share = 5
forecast_error = 0.3
initial_margin = 0.05
maintenance_margin = 0.04
[prediction]
enabled = true
period = "30min"
payout_utkn = 2
bins = 3
traders = 11
bettor = "kelly"
[value]
form = "{}"
tiers = true
)", form);
}

/// Credits against made_up_emissions(), every hour.
constexpr std::string_view kCarbonCredits = R"(
[credits]
enabled = true
counterfactual = "made_up_{seed}.h5"
period = "1h"
)";

/// Quota that runs short before the day ends, and bonuses of it that are easily earned; reputation that is paid for at
/// midnight and that requests look at.
constexpr std::string_view kAllowances = R"(
[quota]
enabled = true
capacity_share = 0.1
efficient_from = 0.3
pool_share = 0.5
bonus_share = 0.5
[reputation]
enabled = true
weight = 0.5
half_life = "2h"
)";
constexpr std::string_view kUnpaid = "treasury_share = 0\n";  // per-capita leaves nothing in the treasury

}  // namespace

std::string everything_on_at_auction() {
  std::string toml = with_market("mechanism = \"uniform\"\nbuyers = \"zi-constrained\"\nsellers = \"zip\"\nminimum_balance_tkn = 1\n", "strategy = \"price\"\nsignal = \"least\"");
  return with_residency(std::move(toml)).append(kAllowances);
}

std::string everything_on_in_books() {
  std::string toml = with_market("mechanism = \"cda\"\nbuyers = \"zip\"\nsellers = \"zip\"\nminimum_balance_tkn = 1\n", "strategy = \"non-interrupting\"");
  return with(with_residency(std::move(toml)), "[balance]", "policy = \"min-total-energy\"\n")
      .append(kCredit)
      .append(kCarbonCredits)
      .append(instruments("sum"));
}

std::string everything_on_under_a_cap() {
  std::string toml = replaced(on_apart_from_allowances(), "rule = \"justice\"", "rule = \"per-capita\"");
  toml = replaced(std::move(toml), "strategy = \"carbon\"", "strategy = \"carbon\"\nsignal = \"least\"");
  return (toml + "[permits]\ncap_t = 5e-5\nperiod = \"1h\"\nbanking = \"within-period\"\n")
      .append(kCarbonCredits)
      .append("incidence = \"buyer\"\n[allocation]\nrule = \"climate\"\nreturn_unused = false\n")
      .append(instruments("product"))
      .append(kAllowances)
      .append(kUnpaid);
}

std::string everything_on_in_pieces() {
  std::string toml = replaced(on_apart_from_allowances(), "mean_service = \"1s\"", "mean_service = \"15min\"");
  toml = replaced(toml, "strategy = \"carbon\"", "strategy = \"interrupting\"");
  return replaced(toml, "deadline = \"5min\"", "deadline = \"2h\"");
}

std::string toml_of(Scene scene) {
  switch (scene) {
    case Scene::Synthetic: return everything_on();
    case Scene::Traces: return everything_on_from_traces();
    case Scene::Auction: return everything_on_at_auction();
    case Scene::Books: return everything_on_in_books();
    case Scene::Cap: return everything_on_under_a_cap();
    case Scene::Pieces: return everything_on_in_pieces();
  }
  return {};
}

std::string name_of(Scene scene) {
  constexpr std::array<const char*, std::size(kScenes)> names{"Synthetic", "Traces", "Auction", "Books", "Cap", "Pieces"};
  return names[static_cast<std::size_t>(scene)];
}

std::string everything_on_from_traces() {
  const std::string near = with(std::string(kWorld), "[network]", "max_round_trip = \"120ms\"\n");
  return with(near, "[balance]", "policy = \"power-of-d\"\nsignal = \"requests\"\n") + R"(
[workload]
split = "equal"
source = "trace"
trace = "requests.csv"
load = 1.2
tok_max = 3000
urgent_deadline = "150ms"
deadline = "10min"
flexible_share = 0.5
flexibility = "90min"
[schedule]
strategy = "threshold"
threshold_memory = "3h"
[grid]
source = "trace"
trace = "intensity.csv"
price_trace = "prices.csv"
renewable_trace = "renewable.csv"
beyond_trace = "wrap"
forecast = "noisy"
[fund]
carbon_share = 0.7
endowment = "1min"
revenue_neutral = false
)" + std::string(kFaults);
}

}  // namespace swarm::equivalence
