#include "sim/study/outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "sim/engine/simulation.hpp"
#include "sim/io/summary.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace study {
namespace {

template <class T>
double as_double(const T& x) {
  if constexpr (std::is_arithmetic_v<T>) return static_cast<double>(x);
  else return 0;  // texts are no figures and do not come here
}

}  // namespace

Figures figures_of(const io::StaticGroup& summary, const std::vector<std::string>& outcomes) {
  Figures figures;
  for (const auto& v : summary.variables) {
    if (!outcomes.empty() && std::find(outcomes.begin(), outcomes.end(), v.name) == outcomes.end()) continue;
    if (v.axes.size() > 1 || std::holds_alternative<std::vector<std::string>>(v.values)) continue;
    FigureColumn column{v.name, v.units, v.long_name, std::string(io::kind_name(v.kind)), v.axes.empty() ? "" : v.axes[0]};
    if (!column.axis.empty()) {
      const auto axis = std::find_if(summary.axes.begin(), summary.axes.end(), [&](const io::Axis& a) { return a.name == column.axis; });
      if (axis == summary.axes.end() || axis->labels.empty()) continue;
      figures.layout.labels[column.axis] = axis->labels;
    }
    std::visit([&](const auto& values) { for (const auto& x : values) figures.values.push_back(as_double(x)); }, v.values);
    figures.layout.columns.push_back(std::move(column));
  }
  return figures;
}

std::vector<std::string> outcome_names() {
  // Names do not depend on the scenario: the smallest world that can be built has them all.
  const auto tiny = scenario::load_text("regions = [\"BD\"]\n[population]\nagents = 4\n[specialists]\ntraining_samples = 1\n", "outcomes.toml", {});
  const engine::Simulation sim(world::make_plan(tiny, {}));
  std::vector<std::string> names;
  for (const auto& c : figures_of(io::summary_group(sim), {}).layout.columns) names.push_back(c.name);
  return names;
}

void check_outcomes(const Study& study) {
  if (study.outcomes.empty()) return;
  const auto names = outcome_names();
  scenario::Problems problems;
  for (const auto& outcome : study.outcomes)
    if (std::find(names.begin(), names.end(), outcome) == names.end())
      problems.add(study.outcomes_place, fmt::format("there is no outcome '{}'", outcome), "no summary has it", scenario::suggest(outcome, names, "outcomes"));
  problems.raise();
}

}  // namespace study
}  // namespace swarm
