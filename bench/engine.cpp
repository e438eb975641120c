/// Whole runs of the engine, timed phase by phase: one JSON object per run on standard output.
/// Variants of one scenario take turns in one process, so that their ratios share the machine's mood.
///   bench_engine SCENARIO.toml [--set KEY=VALUE]… [--repeat N] [--variant threads=N,recorder=on|off,kernels=on|off]…
/// With kernels=on the networks of each step run once more after it, alone, to compare with the phase.
/// bench/run.py runs it and makes the table of docs/performance.md.
#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "agents/nn/infer.hpp"
#include "agents/tasks/input.hpp"
#include "bench/machine.hpp"
#include "sim/cli/paths.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/provenance.hpp"
#include "sim/io/recorder.hpp"
#include "sim/scenario/load.hpp"

namespace {

using namespace swarm;
using engine::Phase;

struct Variant {
  int threads = 1;
  bool recorder = true;
  bool kernels = false;
};

struct Arguments {
  std::filesystem::path scenario;
  std::vector<std::string> overrides;
  int repeat = 1;
  std::vector<Variant> variants;
};

[[noreturn]] void usage(std::string_view problem) {
  fmt::print(stderr,
             "bench_engine: {}\nusage: bench_engine SCENARIO.toml [--set KEY=VALUE]… [--repeat N] "
             "[--variant threads=N,recorder=on|off,kernels=on|off]…\n",
             problem);
  std::exit(2);
}

Variant parse_variant(std::string_view text) {
  Variant v;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.starts_with("threads="))
      v.threads = std::atoi(part.data() + 8);  // stops at the comma
    else if (part == "recorder=on" || part == "recorder=off")
      v.recorder = part == "recorder=on";
    else if (part == "kernels=on" || part == "kernels=off")
      v.kernels = part == "kernels=on";
    else
      usage(fmt::format("unknown variant '{}'", part));
  }
  return v;
}

Arguments parse(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      a.scenario = word;
      continue;
    }
    if (i + 1 == argc) usage(fmt::format("{} needs a value", word));
    const char* value = argv[++i];
    if (word == "--set")
      a.overrides.emplace_back(value);
    else if (word == "--repeat")
      a.repeat = std::atoi(value);
    else if (word == "--variant")
      a.variants.push_back(parse_variant(value));
    else
      usage(fmt::format("unknown option '{}'", word));
  }
  if (a.scenario.empty()) usage("no scenario given");
  if (a.variants.empty()) a.variants.emplace_back();
  return a;
}

/// The most memory this process has held [B].
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return 1024.0 * std::atof(line.c_str() + 6);
  return 0;
}

/// What recording takes of the simulation's time: opening and finishing the file, and adding rows.
enum class Recording : std::uint8_t { file, row, count };

/// Seconds that the networks of the last step take with nothing of the engine around them: the same models,
/// inputs and groups, which an untimed pass has brought into the caches.
double infer_alone(const engine::Simulation& sim) {
  double seconds = 0;
  for (const auto& w : sim.worlds()) {
    std::vector<nn::Group> groups;
    for (const auto& m : w->batch.models)
      groups.push_back({ModelId{m.model}, w->batch.inputs.data() + std::size_t{m.first} * tasks::kInputs,
                        w->batch.outputs.data() + std::size_t{m.first} * tasks::kClasses, m.count});
    nn::infer_groups(w->weights, groups);
    const auto start = std::chrono::steady_clock::now();
    nn::infer_groups(w->weights, groups);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return seconds;
}

struct Count {
  std::uint64_t requests = 0, inferences = 0, macs = 0;
  double kernels_s = 0;
};

/// Runs the plan from its first step to its last and prints what that took.
void run(const std::shared_ptr<const world::Plan>& plan, const Variant& variant, std::size_t number,
         const std::filesystem::path& file) {
  const ThreadLimit threads(variant.threads);
  engine::Simulation sim(plan);
  Count count;
  PhaseTimer<Recording> recording;
  const auto start = std::chrono::steady_clock::now();
  std::optional<io::Recorder> recorder;
  if (variant.recorder) {
    const auto scope = recording.time(Recording::file);
    recorder.emplace(sim, file, io::opening_attributes(plan->scenario, "bench_engine", variant.threads),
                     nullptr);
  }
  while (!sim.done()) {
    sim.step();
    if (recorder) {
      const auto scope = recording.time(Recording::row);
      recorder->record(sim);
    }
    if (variant.kernels) count.kernels_s += infer_alone(sim);
    sim.each_region([&](const world::RegionState& r) {
      count.requests += r.step.requests_arrived;
      count.inferences += r.step.inferences;
      count.macs += r.step.executed_macs;
    });
  }
  if (recorder) {
    const auto scope = recording.time(Recording::file);
    recorder->finish(sim, io::closing_attributes());
  }
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::string phases;
  for (std::size_t p = 0; p < EnumNames<Phase>::names.size(); ++p)
    phases += fmt::format("{}\"{}\":{:.9f}", p > 0 ? "," : "", EnumNames<Phase>::names[p],
                          sim.timer().seconds(static_cast<Phase>(p)));
  fmt::print(
      "{{\"variant\":{},\"threads\":{},\"recorder\":{},\"wall_s\":{:.9f},\"steps\":{},\"agents\":{},"
      "\"requests\":{},\"inferences\":{},\"macs\":{},\"kernels_s\":{:.9f},\"peak_macs_per_s\":{:.6g},"
      "\"peak_memory_bytes\":{:.0f},\"file_s\":{:.9f},\"rows_s\":{:.9f},\"phases\":{{{}}}}}\n",
      number, variant.threads, variant.recorder, wall, sim.steps_done(), plan->agents(), count.requests,
      count.inferences, count.macs, count.kernels_s, bench::peak_macs_per_second(), peak_memory(),
      recording.seconds(Recording::file), recording.seconds(Recording::row), phases);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  const auto file = std::filesystem::temp_directory_path() / fmt::format("bench_engine_{}.h5", getpid());
  try {
    const auto scenario = scenario::load(arguments.scenario, arguments.overrides);
    const auto plan = world::make_plan(scenario, cli::cache_folder(scenario));
    for (int i = 0; i < arguments.repeat; ++i)
      for (std::size_t v = 0; v < arguments.variants.size(); ++v) run(plan, arguments.variants[v], v, file);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_engine: {}\n", e.what());
    return 1;
  }
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return 0;
}
