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

/// Each scenario file by itself, so that its own faults are said once.
void check_scenarios(const Study& study, const Design& design) {
  std::set<fs::path> scenarios;
  if (!study.params.scenario.empty()) scenarios.insert(study.beside(study.params.scenario));
  for (const Factor& f : design.factors)
    for (const Level& l : f.levels)
      if (!l.scenario.empty()) scenarios.insert(study.beside(l.scenario));
  scenario::Problems problems;
  for (const auto& scenario : scenarios) try {
      scenario::load(scenario, {});
    } catch (const InputError& e) {
      for (const Diagnostic& d : e.problems()) problems.add(d);
    }
  problems.raise();
}

/// A fault of an override is one of the place that wrote it: a factor, `set`, or really the command line.
Diagnostic at_its_place(Diagnostic d, const Study& study, const Design& design, std::size_t point) {
  const auto quoted = [&](const std::vector<std::string>& overrides) {
    return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& o) { return d.problem.starts_with("'" + o + "': "); });
  };
  const auto move_to = [&](const scenario::Place& place, const std::string& what) {
    d.file = place.file;
    d.line = place.line;
    d.column = place.column;
    d.problem = what + d.problem;
  };
  if (d.file != "--set") {
    d.problem = fmt::format("point {}: {}", point, d.problem);
    return d;
  }
  for (std::size_t f = design.factors.size(); f-- > 0;)
    if (quoted(design.points[point].levels[f].overrides)) {
      move_to(design.factors[f].place, fmt::format("factor '{}', point {}: ", design.factors[f].name, point));
      return d;
    }
  if (!quoted(study.overrides)) move_to(study.set_place, "set: ");
  return d;
}

/// Of all that decides what a run finds, its seed aside.
Hash128 model_of(const scenario::Scenario& s) {
  Hasher hasher;
  for (const auto& [key, value] : deciding_keys(effective_keys(scenario::effective_toml(s)))) {
    hasher.text(key);
    hasher.text(value);
  }
  hasher.text(io::program_version());
  hasher.text(io::source_revision());
  return hasher.result();
}

std::string id_of(const Hash128& model, std::int64_t seed) {
  Hasher hasher;
  hasher.number(model.high);
  hasher.number(model.low);
  hasher.number(static_cast<std::uint64_t>(seed));
  return hasher.result().hex().substr(0, 16);
}

std::vector<std::string> ids_of_point(const Study& study, const Design& design, std::int64_t point) {
  const std::int64_t replicates = study.params.replicates;
  const Hash128 model = model_of(load_run(run_spec(study, design, point * replicates)));
  std::vector<std::string> ids;
  for (std::int64_t k = 0; k < replicates; ++k) ids.push_back(id_of(model, run_spec(study, design, point * replicates + k).seed));
  return ids;
}

/// The faults of some points, each said once.
void report(const std::vector<std::vector<Diagnostic>>& faults, std::size_t first, const Study& study, const Design& design) {
  std::set<std::pair<std::string, std::string>> said;
  scenario::Problems problems;
  for (std::size_t i = 0; i < faults.size(); ++i)
    for (const Diagnostic& d : faults[i])
      if (said.size() < kMostProblems && said.emplace(d.file, d.problem).second) problems.add(at_its_place(d, study, design, first + i));
  problems.raise();
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
  spec.folder = study.folder();
  spec.overrides = study.set;
  for (const Level& level : point.levels) spec.overrides.insert(spec.overrides.end(), level.overrides.begin(), level.overrides.end());
  return spec;
}

scenario::Scenario load_run(const RunSpec& spec) {
  std::vector<std::string> overrides = spec.overrides;
  overrides.push_back(fmt::format("run.seed={}", spec.seed));
  return scenario::load(spec.scenario, overrides, spec.folder);
}

std::string run_id(const scenario::Scenario& s) { return id_of(model_of(s), s.run.seed); }

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=-+:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_of(const RunSpec& spec, const std::string& output) {
  const fs::path whole = fs::absolute(spec.scenario).lexically_normal(), inside = whole.lexically_relative(spec.folder);
  const fs::path& shorter = inside.empty() || *inside.begin() == ".." ? whole : inside;
  std::string command = fmt::format("cd {} && swarmsim run {}", shell_word(spec.folder.string()), shell_word(shorter.string()));
  for (const auto& o : spec.overrides) command += " --set " + shell_word(o);
  return command + fmt::format(" --seed {} -o {}", spec.seed, shell_word(output));
}

std::vector<std::string> plan_runs(const Study& study, const Design& design) {
  if (run_count(study, design) > kMostRuns)
    throw InputError(Diagnostic{.file = study.path.string(), .problem = fmt::format("{} points with {} replicates are {} runs", design.points.size(), study.params.replicates, run_count(study, design)),
                                .why = fmt::format("a study may have {}", kMostRuns), .suggestion = "take fewer of either, or split the study."});
  check_scenarios(study, design);
  constexpr std::size_t kAtOnce = 4096;  // a fault in all of very many points is known after the first few
  std::vector<std::string> all;
  for (std::size_t first = 0; first < design.points.size(); first += kAtOnce) {
    const std::size_t points = std::min(kAtOnce, design.points.size() - first);
    std::vector<std::vector<std::string>> ids(points);
    std::vector<std::vector<Diagnostic>> faults(points);
    parallel_blocks(points, 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t p = begin; p < end; ++p) try {
          ids[p] = ids_of_point(study, design, static_cast<std::int64_t>(first + p));
        } catch (const InputError& e) {
          faults[p] = e.problems();
        }
    });
    report(faults, first, study, design);
    for (auto& of_point : ids) all.insert(all.end(), std::make_move_iterator(of_point.begin()), std::make_move_iterator(of_point.end()));
  }
  return all;
}

}  // namespace study
}  // namespace swarm
