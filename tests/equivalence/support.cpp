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
#include "sim/world/plan_parts.hpp"

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

/// A counterfactual run in which the regions of these worlds emit sometimes more and sometimes less than they do.
world::RecordedEmissions made_up_emissions(const std::filesystem::path& file) {
  const std::string name = file.stem();  // made_up_SEED
  world::RecordedEmissions run{.seed = std::stoll(name.substr(name.rfind('_') + 1)), .start = "2022-01-09T21:00:00Z", .step_s = 600, .regions = {"BD", "KE", "DE"}};
  for (std::size_t step = 0; step < 36; ++step)
    for (const double g : {2000.0, 10.0, 20.0}) run.location_g.push_back(step / 6 % 2 == 0 ? g : 100.0);
  return run;
}

PlanPtr plan_of(const std::string& toml, const std::vector<std::string>& overrides) {
  static std::map<std::string, PlanPtr> plans;
  PlanPtr& plan = plans[fmt::format("{}\n{}", toml, fmt::join(overrides, "\n"))];
  const auto pretend = std::filesystem::path(SWARM_SOURCE_DIR) / "tests/regression/traces/scenario.toml";
  world::PlanParts parts(nullptr, made_up_emissions);
  if (!plan) plan = world::make_plan(scenario::load_text(toml, pretend, overrides), {}, &parts);
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
