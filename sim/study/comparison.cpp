#include "sim/study/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "sim/core/calendar.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace study {
namespace {

using Runs = std::span<const RunFigures>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const char* const kRegions = "region";

/// The name of its scenario with what was overridden.
std::string long_label(const RunFigures& run) {
  std::vector<std::string> changes;
  for (const auto& o : run.overrides)
    if (may_decide(o.substr(0, std::min(o.find('='), o.find(' '))))) changes.push_back(o);
  return changes.empty() ? run.scenario_name : fmt::format("{} [{}]", run.scenario_name, fmt::join(changes, ", "));
}

/// The shortest that tells the groups apart: the scenario's name, with overrides, with a file.
void label(Runs runs, std::vector<RunGroup>& groups) {
  const auto first = [&](const RunGroup& g) -> const RunFigures& { return runs[g.runs[0]]; };
  const auto shared = [&](auto text) {
    return [&groups, text](const RunGroup& g) {
      return std::count_if(groups.begin(), groups.end(), [&](const RunGroup& other) { return text(other) == text(g); }) > 1;
    };
  };
  const auto name = [&](const RunGroup& g) { return first(g).scenario_name; };
  const auto with_changes = [&](const RunGroup& g) { return long_label(first(g)); };
  for (auto& g : groups) {
    g.label = shared(name)(g) ? with_changes(g) : name(g);
    if (shared(with_changes)(g)) g.label += fmt::format(" ({})", first(g).file);
  }
}

/// Groups in the order in which their first run was named.
std::vector<RunGroup> groups_of(Runs runs) {
  std::vector<EffectiveKeys> keys;
  std::vector<RunGroup> groups;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const EffectiveKeys mine = deciding_keys(runs[i].keys);
    const auto g = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), mine) - keys.begin());
    if (g == keys.size()) {
      keys.push_back(mine);
      groups.emplace_back();
    }
    groups[g].runs.push_back(i);
  }
  for (auto& group : groups) {
    std::stable_sort(group.runs.begin(), group.runs.end(), [&](std::size_t a, std::size_t b) { return runs[a].seed < runs[b].seed; });
    for (const std::size_t i : group.runs) group.seeds.push_back(runs[i].seed);
  }
  label(runs, groups);
  return groups;
}

std::string value_of(const RunFigures& run, const std::string& key) {
  const auto at = run.keys.find(key);
  return at == run.keys.end() ? "absent" : at->second;
}

/// A start as an instant, so that two spellings of one moment are equal; what is no date stays as it is.
std::string start_of(const RunFigures& run) {
  const std::string text = value_of(run, "run.start");
  if (text.size() < 2) return text;
  try {
    return utc_text(parse_utc(std::string_view(text).substr(1, text.size() - 2)));
  } catch (const std::invalid_argument&) {
    return text;
  }
}

/// Why runs of another scenario cannot be set against the reference, run by run.
void check_same_setting(const RunFigures& reference, const RunFigures& run, std::vector<Diagnostic>& problems) {
  const auto refuse = [&](const char* what, const std::string& theirs, const std::string& mine) {
    if (theirs == mine) return;
    problems.push_back({.file = run.file, .problem = fmt::format("{} is {}, but {} in {}", what, mine, theirs, reference.file),
                        .why = "a difference would come from time or place, not from the policy",
                        .suggestion = "run both scenarios with the same."});
  };
  refuse("run.start", start_of(reference), start_of(run));
  for (const char* key : {"run.warmup", "run.duration"}) refuse(key, value_of(reference, key), value_of(run, key));
  refuse("the list of regions", value_of(reference, kRegions), value_of(run, kRegions));
}

void check_seeds_once(Runs runs, const RunGroup& group, std::vector<Diagnostic>& problems) {
  for (std::size_t i = 1; i < group.runs.size(); ++i) {
    if (group.seeds[i] != group.seeds[i - 1]) continue;
    problems.push_back({.file = runs[group.runs[i]].file,
                        .problem = fmt::format("this run of {} has seed {}, as {} has", group.label, group.seeds[i], runs[group.runs[i - 1]].file),
                        .why = "the same run counted twice would make figures look better known than they are",
                        .suggestion = "leave one of them out."});
  }
}

std::vector<Diagnostic> problems_of(Runs runs, const std::vector<RunGroup>& groups) {
  std::vector<Diagnostic> problems;
  if (groups.size() == 1)
    problems.push_back({.file = "swarmsim compare",
                        .problem = runs.size() == 1 ? fmt::format("only {} is given", runs[0].file)
                                                    : fmt::format("all {} files are runs of one scenario, {}", runs.size(), groups[0].label),
                        .why = "there is nothing to compare it with",
                        .suggestion = "add runs of another scenario, or of this one with another --set."});
  for (const auto& group : groups) {
    check_seeds_once(runs, group, problems);
    if (&group != &groups[0]) check_same_setting(runs[groups[0].runs[0]], runs[group.runs[0]], problems);
  }
  return problems;
}

/// Runs of equal seeds, side by side.
struct Pairs {
  std::vector<const RunFigures*> reference, group;
};

/// Pairs by seed, and the seeds that found none.
Pairs pair_up(Runs runs, const RunGroup& reference, GroupComparison& out) {
  Pairs pairs;
  std::size_t a = 0, b = 0;
  const auto& group = out.group;
  while (a < reference.runs.size() || b < group.runs.size()) {
    if (b == group.runs.size() || (a < reference.runs.size() && reference.seeds[a] < group.seeds[b])) {
      out.reference_left_out.push_back(reference.seeds[a++]);
    } else if (a == reference.runs.size() || group.seeds[b] < reference.seeds[a]) {
      out.left_out.push_back(group.seeds[b++]);
    } else {
      out.seeds.push_back(group.seeds[b]);
      pairs.reference.push_back(&runs[reference.runs[a++]]);
      pairs.group.push_back(&runs[group.runs[b++]]);
    }
  }
  return pairs;
}

/// The figure of that name. Files of one version have it at one place, so that is looked at first.
const Figure* find(const RunFigures& run, const std::string& name, std::size_t likely) {
  if (likely < run.figures.size() && run.figures[likely].name == name) return &run.figures[likely];
  const auto at = std::find_if(run.figures.begin(), run.figures.end(), [&](const Figure& f) { return f.name == name; });
  return at == run.figures.end() ? nullptr : &*at;
}

/// The values of one figure in each run; empty if a run does not have it.
std::vector<double> values_in(const std::vector<const RunFigures*>& runs, const std::string& name, std::size_t likely) {
  std::vector<double> values;
  for (const RunFigures* run : runs) {
    const Figure* const f = find(*run, name, likely);
    if (!f) return {};
    values.push_back(f->value);
  }
  return values;
}

FigureDifference difference_of(const Figure& f, std::span<const double> reference, std::span<const double> group) {
  std::vector<double> first, second, difference;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (!std::isfinite(reference[i]) || !std::isfinite(group[i])) continue;
    first.push_back(reference[i]);
    second.push_back(group[i]);
    difference.push_back(group[i] - reference[i]);
  }
  FigureDifference out{.metric = f.name, .units = f.units, .axis = f.axis};
  out.difference = mean_interval(difference, kConfidence);
  const auto mean_of = [](const std::vector<double>& values) { return mean_interval(values, kConfidence).mean; };
  out.reference_mean = mean_of(first);
  out.mean = mean_of(second);
  out.relative_pct = out.reference_mean != 0 ? 100 * out.difference.mean / std::fabs(out.reference_mean) : kNaN;
  return out;
}

void compare_figures(const Pairs& pairs, GroupComparison& out) {
  const auto& figures = pairs.reference[0]->figures;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto before = values_in(pairs.reference, figures[i].name, i), after = values_in(pairs.group, figures[i].name, i);
    if (before.empty() || after.empty())
      out.one_sided.push_back(figures[i].name);
    else
      out.figures.push_back(difference_of(figures[i], before, after));
  }
  const auto& theirs = pairs.group[0]->figures;
  for (std::size_t i = 0; i < theirs.size(); ++i)
    if (!find(*pairs.reference[0], theirs[i].name, i)) out.one_sided.push_back(theirs[i].name);
}

}  // namespace

Comparison compare(Runs runs) {
  auto groups = groups_of(runs);
  auto problems = problems_of(runs, groups);
  Comparison comparison{.reference = groups[0], .others = {}};
  for (const auto& run : runs) comparison.mixed_revisions |= run.source_revision != runs[0].source_revision;
  const EffectiveKeys reference_keys = deciding_keys(runs[groups[0].runs[0]].keys);
  for (std::size_t g = 1; g < groups.size(); ++g) {
    GroupComparison one{.group = groups[g]};
    const auto pairs = pair_up(runs, groups[0], one);
    if (pairs.group.empty())
      problems.push_back({.file = runs[groups[g].runs[0]].file, .problem = fmt::format("{} and {} have no common seed", groups[0].label, groups[g].label),
                          .why = "their runs would differ by chance as well as by policy",
                          .suggestion = "run both with the same --seed, or both with --replicates."});
    if (!problems.empty()) continue;
    one.keys = differences(reference_keys, deciding_keys(runs[groups[g].runs[0]].keys));
    compare_figures(pairs, one);
    comparison.others.push_back(std::move(one));
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return comparison;
}

std::vector<FigureMean> means(Runs runs) {
  std::vector<FigureMean> out;
  std::vector<const RunFigures*> all;
  for (const auto& run : runs) all.push_back(&run);
  const auto& figures = runs[0].figures;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Figure& f = figures[i];
    auto values = values_in(all, f.name, i);
    if (values.empty()) continue;
    std::erase_if(values, [](double x) { return !std::isfinite(x); });
    out.push_back({f.name, f.units, f.axis, mean_interval(values, kConfidence)});
  }
  return out;
}

}  // namespace study
}  // namespace swarm
