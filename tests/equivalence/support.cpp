#include "support.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>

#include "sim/core/parallel.hpp"
#include "sim/io/digest.hpp"
#include "sim/io/recorder.hpp"
#include "sim/scenario/load.hpp"

namespace swarm::equivalence {
namespace {

using world::FieldSpec;
using world::RegionState;

std::string name_of(const FieldSpec& spec) {
  return fmt::format("{}/{}", enum_name(spec.dim), spec.name);
}

template <class T>
std::span<T> as_span(T& scalar) {
  return {&scalar, 1};
}
template <class T>
std::span<T> as_span(std::vector<T>& column) {
  return column;
}
template <class T>
std::span<T> as_span(std::span<T>& column) {
  return column;
}

struct HashVisitor {
  const std::string& region;
  Columns& columns;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    const auto bytes = std::as_bytes(as_span(column));
    columns[region + " " + name_of(spec)] = hash128(bytes.data(), bytes.size());
  }
};

struct ListVisitor {
  std::vector<ColumnInfo> list;
  template <class C>
  void operator()(const FieldSpec& spec, C&&) {
    list.push_back({name_of(spec), spec.role, spec.dim});
  }
};

struct ReadVisitor {
  std::size_t wanted;
  std::size_t at = 0;
  std::vector<std::byte> bytes = {};
  template <class C>
  void operator()(const FieldSpec&, C&& column) {
    if (at++ != wanted) return;
    const auto view = std::as_bytes(as_span(column));
    bytes.assign(view.begin(), view.end());
  }
};

struct WriteVisitor {
  std::size_t wanted;
  const std::vector<std::byte>& bytes;
  std::size_t at = 0;
  bool written = false;
  template <class C>
  void operator()(const FieldSpec&, C&& column) {
    if (at++ != wanted) return;
    const auto values = as_span(column);
    if constexpr (!std::is_const_v<typename decltype(values)::element_type>) {
      ASSERT_EQ(values.size_bytes(), bytes.size());
      if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
      written = true;
    }
  }
};

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
[record]
chunk_steps = 5
agents = 17
agent_interval = "20min"
decisions = 3
decision_interval = "20min"

[balance]
weight_price = 0.3
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
[[site]]
name = "Berlin"
region = "DE"
device = "cpu-server"
servers = 100
)";

}  // namespace

Folder::Folder() {
  const std::filesystem::path memory =
      "/dev/shm";  // syncing hundreds of small files to a disk would take most of the time
  const auto base = access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string name = (base / "swarm_equivalence_XXXXXX").string();
  if (mkdtemp(name.data())) path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string everything_on() {
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
[fund]
carbon_share = 0.7
endowment = "1h"   # spent before the end: discounts stop
)";
}

namespace {

/// everything_on() with these keys added to [market].
std::string with_market(std::string_view keys) {
  std::string toml = everything_on();
  const std::string section = "[market]\n";
  return toml.insert(toml.find(section) + section.size(), keys);
}

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

}  // namespace

std::string everything_on_at_auction() {
  return with_market("mechanism = \"uniform\"\nbuyers = \"zi-constrained\"\nsellers = \"zip\"\nminimum_balance_tkn = 1\n");
}

std::string everything_on_in_books() {
  return with_market("mechanism = \"cda\"\nbuyers = \"zip\"\nsellers = \"zip\"\nminimum_balance_tkn = 1\n").append(kCredit);
}

std::string everything_on_under_a_cap() {
  std::string toml = everything_on();
  const std::string rule = "rule = \"justice\"";
  toml.replace(toml.find(rule), rule.size(), "rule = \"per-capita\"");
  return toml + "[permits]\ncap_t = 5e-5\nperiod = \"1h\"\nbanking = \"within-period\"\n";
}

std::string toml_of(Scene scene) {
  switch (scene) {
    case Scene::Synthetic: return everything_on();
    case Scene::Traces: return everything_on_from_traces();
    case Scene::Auction: return everything_on_at_auction();
    case Scene::Books: return everything_on_in_books();
    case Scene::Cap: return everything_on_under_a_cap();
  }
  return {};
}

std::string name_of(Scene scene) {
  constexpr std::array<const char*, std::size(kScenes)> names{"Synthetic", "Traces", "Auction", "Books", "Cap"};
  return names[static_cast<std::size_t>(scene)];
}

std::string everything_on_from_traces() {
  return std::string(kWorld) + R"(
[workload]
split = "equal"
source = "trace"
trace = "requests.csv"
load = 1.2
tok_max = 3000
urgent_deadline = "150ms"
deadline = "10min"
[grid]
source = "trace"
trace = "intensity.csv"
price_trace = "prices.csv"
renewable_trace = "renewable.csv"
beyond_trace = "wrap"
[fund]
carbon_share = 0.7
endowment = "1min"
revenue_neutral = false
)";
}

PlanPtr plan_of(const std::string& toml, const std::vector<std::string>& overrides) {
  static std::map<std::string, PlanPtr> plans;
  PlanPtr& plan = plans[fmt::format("{}\n{}", toml, fmt::join(overrides, "\n"))];
  const auto pretend = std::filesystem::path(SWARM_SOURCE_DIR) / "tests/regression/traces/scenario.toml";
  if (!plan) plan = world::make_plan(scenario::load_text(toml, pretend, overrides), {});
  return plan;
}

Columns columns_of(const Simulation& sim) {
  Columns columns;
  sim.each_region([&](RegionState& r) {
    HashVisitor visitor{sim.plan().regions[r.id.value].name, columns};
    world::describe_fields(visitor, r);
  });
  return columns;
}

std::string first_difference(const History& a, const History& b) {
  for (std::size_t step = 0; step < std::min(a.steps.size(), b.steps.size()); ++step)
    for (const auto& [name, hash] : a.steps[step]) {
      const auto other = b.steps[step].find(name);
      if (other == b.steps[step].end() || other->second != hash)
        return fmt::format("step {}: {}", step, name);
    }
  if (a.steps.size() != b.steps.size()) return fmt::format("{} and {} steps", a.steps.size(), b.steps.size());
  return a.digest == b.digest ? "" : "the files";
}

History run(const PlanPtr& plan, const Beside& beside) {
  const Folder folder;
  History history;
  Simulation sim(plan);
  io::Recorder recorder(sim, folder / "run.h5", {}, nullptr);
  while (!sim.done()) {
    if (beside.before_step) beside.before_step(sim);
    sim.step();
    if (beside.after_step) beside.after_step(sim);
    recorder.record(sim);
    history.steps.push_back(columns_of(sim));
  }
  recorder.finish(sim, {});
  history.digest = io::digest(folder / "run.h5");
  return history;
}

void with_threads(int n, const std::function<void()>& body) {
  ThreadLimit(n).execute(body);
}

bool work_together(std::size_t n) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto all_here = [&] {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    return threads.size() == n;
  };
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  parallel_each(n, [&](std::size_t) {
    while (!all_here() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  });
  return threads.size() == n;
}

std::vector<std::byte> column_bytes(RegionState& r, std::size_t number) {
  ReadVisitor visitor{number};
  world::describe_fields(visitor, r);
  return std::move(visitor.bytes);
}

bool set_column_bytes(RegionState& r, std::size_t number, const std::vector<std::byte>& bytes) {
  WriteVisitor visitor{number, bytes};
  world::describe_fields(visitor, r);
  return visitor.written;
}

std::vector<ColumnInfo> registry() {
  RegionState model(RegionId{0});
  ListVisitor visitor;
  world::describe_fields(visitor, model);
  return std::move(visitor.list);
}

}  // namespace swarm::equivalence
