#include "sim/study/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/core/hash.hpp"
#include "sim/core/parallel.hpp"
#include "sim/io/provenance.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"
#include "sim/study/effective_keys.hpp"
#include "sim/study/run_seed.hpp"

namespace swarm {
namespace study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProblems = 20;

/// The last scenario that a level names, else the study's.
fs::path scenario_of(const Study& study, const std::vector<Level>& levels) {
  fs::path scenario = study.params.scenario.empty() ? fs::path() : study.beside(study.params.scenario);
  for (const Level& level : levels)
    if (!level.scenario.empty()) scenario = study.beside(level.scenario);
  return scenario;
}

/// Loads a scenario to see whether it can be; a fault of an override is one of the place that wrote it.
void try_load(const fs::path& file, const std::vector<std::string>& overrides, const scenario::Place& place, const std::string& what,
              scenario::Problems& problems) {
  try {
    scenario::load(file, overrides);
  } catch (const InputError& e) {
    for (Diagnostic d : e.problems()) {
      if (d.file == "--set") {
        d.file = place.file;
        d.line = place.line;
        d.column = place.column;
      }
      d.problem = what + d.problem;
      problems.add(std::move(d));
    }
  }
}

/// Each scenario, override of all runs, and level of a factor by itself.
void check_parts(const Study& study, const Design& design) {
  scenario::Problems problems;
  const scenario::Place file{study.path.string(), 0, 0, {}};
  std::set<fs::path> scenarios;
  if (!study.params.scenario.empty()) scenarios.insert(study.beside(study.params.scenario));
  for (const Factor& f : design.factors)
    for (const Level& l : f.levels)
      if (!l.scenario.empty()) scenarios.insert(study.beside(l.scenario));
  for (const auto& scenario : scenarios) try_load(scenario, {}, file, "", problems);
  problems.raise();
  for (const auto& scenario : scenarios) try_load(scenario, study.set, file, "set: ", problems);
  problems.raise();
  const fs::path base = scenarios.empty() ? fs::path() : scenario_of(study, design.points[0].levels);
  for (const Factor& f : design.factors)
    for (const Level& l : f.levels) {
      std::vector<std::string> overrides = study.set;
      overrides.insert(overrides.end(), l.overrides.begin(), l.overrides.end());
      try_load(l.scenario.empty() ? base : study.beside(l.scenario), overrides, f.place, fmt::format("factor '{}': ", f.name), problems);
    }
  problems.raise();
}

std::vector<std::string> ids_of_point(const Study& study, const Design& design, std::int64_t point) {
  const std::int64_t replicates = study.params.replicates;
  scenario::Scenario s = load_run(run_spec(study, design, point * replicates));
  std::vector<std::string> ids;
  for (std::int64_t k = 0; k < replicates; ++k) {
    s.run.seed = run_spec(study, design, point * replicates + k).seed;
    ids.push_back(run_id(s));
  }
  return ids;
}

}  // namespace

std::int64_t run_count(const Study& study, const Design& design) { return static_cast<std::int64_t>(design.points.size()) * study.params.replicates; }

RunSpec run_spec(const Study& study, const Design& design, std::int64_t run) {
  RunSpec spec;
  spec.run = run;
  spec.point = run / study.params.replicates;
  spec.replicate = run % study.params.replicates;
  const auto seed_point = study.params.common_random_numbers ? std::uint64_t{0} : static_cast<std::uint64_t>(spec.point);
  spec.seed = run_seed(study.params.seed, seed_point, static_cast<std::uint32_t>(spec.replicate));
  const Point& point = design.points.at(static_cast<std::size_t>(spec.point));
  spec.scenario = scenario_of(study, point.levels);
  spec.overrides = study.set;
  for (const Level& level : point.levels) spec.overrides.insert(spec.overrides.end(), level.overrides.begin(), level.overrides.end());
  return spec;
}

scenario::Scenario load_run(const RunSpec& spec) {
  std::vector<std::string> overrides = spec.overrides;
  overrides.push_back(fmt::format("run.seed={}", spec.seed));
  return scenario::load(spec.scenario, overrides);
}

std::string run_id(const scenario::Scenario& s) {
  Hasher hasher;
  for (const auto& [key, value] : deciding_keys(effective_keys(scenario::effective_toml(s)))) {
    hasher.text(key);
    hasher.text(value);
  }
  hasher.number(static_cast<std::uint64_t>(s.run.seed));
  hasher.text(io::program_version());
  hasher.text(io::source_revision());
  return hasher.result().hex().substr(0, 16);
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=-+:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_of(const RunSpec& spec, const std::string& output) {
  std::string command = "swarmsim run " + shell_word(spec.scenario.string());
  for (const auto& o : spec.overrides) command += " --set " + shell_word(o);
  return command + fmt::format(" --seed {} -o {}", spec.seed, shell_word(output));
}

std::vector<std::string> plan_runs(const Study& study, const Design& design) {
  check_parts(study, design);
  const std::size_t points = design.points.size();
  std::vector<std::vector<std::string>> ids(points);
  std::vector<std::vector<Diagnostic>> faults(points);
  parallel_blocks(points, 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) try {
        ids[p] = ids_of_point(study, design, static_cast<std::int64_t>(p));
      } catch (const InputError& e) {
        faults[p] = e.problems();
      }
  });
  std::vector<Diagnostic> problems;
  for (std::size_t p = 0; p < points; ++p)
    for (Diagnostic d : faults[p]) {
      if (problems.size() == kMostProblems) throw InputError(std::move(problems));
      d.problem = fmt::format("point {}: {}", p, d.problem);
      problems.push_back(std::move(d));
    }
  if (!problems.empty()) throw InputError(std::move(problems));
  std::vector<std::string> all;
  for (auto& of_point : ids) all.insert(all.end(), std::make_move_iterator(of_point.begin()), std::make_move_iterator(of_point.end()));
  return all;
}

}  // namespace study
}  // namespace swarm
