#include "sim/study/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "sim/core/csv.hpp"
#include "sim/scenario/text.hpp"
#include "sim/study/factor_table.hpp"
#include "sim/study/sampling.hpp"
#include "sim/study/sobol.hpp"

namespace swarm {
namespace study {
namespace {

[[noreturn]] void too_many(const Study& study, double points) {
  throw InputError(Diagnostic{.file = study.path.string(), .problem = fmt::format("the design has {:.4g} points", points),
                              .why = fmt::format("a study may have {}", kMostPoints), .suggestion = "take fewer values or points, or split the study."});
}

/// Every value of every factor, the first factor slowest.
void add_grid(const Study& study, Design& design) {
  double points = 1;
  for (const Factor& f : design.factors) points *= static_cast<double>(f.levels.size());
  if (points > static_cast<double>(kMostPoints)) too_many(study, points);
  for (std::size_t n = 0; n < static_cast<std::size_t>(points); ++n) {
    Point point;
    std::size_t rest = n;
    for (auto f = design.factors.rbegin(); f != design.factors.rend(); ++f) {
      point.levels.push_back(f->levels[rest % f->levels.size()]);
      rest /= f->levels.size();
    }
    std::reverse(point.levels.begin(), point.levels.end());
    design.points.push_back(std::move(point));
  }
}

void add_list(Design& design) {
  for (std::size_t n = 0; n < design.factors[0].levels.size(); ++n) {
    Point point;
    for (const Factor& f : design.factors) point.levels.push_back(f.levels[n]);
    design.points.push_back(std::move(point));
  }
}

Level level_at_unit(const Factor& factor, double u) {
  if (!factor.range) return factor.levels[level_at(u, factor.levels.size())];
  return level_of(factor.key, scenario::number_text(value_at(*factor.range, u)));
}

void add_points(const UnitPoints& unit, Design& design) {
  for (std::size_t row = 0; row < unit.rows; ++row) {
    Point point;
    for (std::size_t f = 0; f < design.factors.size(); ++f) point.levels.push_back(level_at_unit(design.factors[f], unit.at(row, f)));
    design.points.push_back(std::move(point));
  }
}

void add_sampled(const Study& study, Design& design) {
  const auto n = static_cast<std::size_t>(study.params.points);
  const std::size_t k = design.factors.size();
  const bool saltelli_design = study.params.design == DesignKind::saltelli;
  const double points = static_cast<double>(n) * (saltelli_design ? static_cast<double>(k) + 2 : 1);
  if (points > static_cast<double>(kMostPoints)) too_many(study, points);
  if (study.params.design != DesignKind::lhs && !is_power_of_two(n))
    design.warnings.push_back(fmt::format("points = {} is not a power of two (Sobol points balance in whole blocks only, so estimates may be biased) take 2, 4, 8, …", n));
  if (study.params.design == DesignKind::lhs) return add_points(latin_hypercube(n, k, study.params.seed), design);
  if (!saltelli_design) return add_points(sobol(n, k, study.params.seed), design);
  const SaltelliDesign rows = saltelli(n, k, study.params.seed);
  add_points(rows.points, design);
  for (std::size_t i = 0; i < design.points.size(); ++i) {
    design.points[i].sample = rows.sample[i];
    design.points[i].matrix = rows.matrix[i];
  }
}

bool is_number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789.+-eE") != std::string::npos) return false;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return *end == '\0';
}

/// The factor that a column is for: one that the study describes, or a scenario key.
Factor factor_of_column(const Study& study, const CsvTable& table, std::size_t column, scenario::Problems& problems) {
  const std::string header(table.header()[column]);
  for (const Factor& f : study.factors)
    if (f.name == header || (!f.key.empty() && f.key == header)) return f;
  Factor factor;
  factor.place = {table.file(), 1, 1, {}};
  factor.key = header;
  factor.name = header.substr(header.rfind('.') + 1);
  if (check_coordinate(factor.name, factor.place, problems)) factor.unit = unit_of_key(header, factor.place, problems);
  return factor;
}

Level level_of_cell(const Factor& factor, const CsvTable& table, std::size_t row, std::size_t column, scenario::Problems& problems) {
  const std::string cell(table.cell(row, column));
  if (factor.levels.empty()) {
    if (cell.empty()) problems.add(table.problem(row, column, fmt::format("'{}' is empty", factor.name), "the point would not be complete", "give a value"));
    return level_of(factor.key, cell);
  }
  std::vector<std::string> names;
  for (const Level& level : factor.levels) {
    if (level.label == cell) return level;
    names.push_back(level.label);
  }
  problems.add(table.problem(row, column, fmt::format("factor '{}' has no level '{}'", factor.name, cell), "nothing is known of it", scenario::suggest(cell, names, "levels")));
  return {};
}

void add_table(const Study& study, Design& design) {
  const CsvTable table = CsvTable::read(study.beside(study.params.file));
  scenario::Problems problems;
  design.factors.clear();
  for (std::size_t c = 0; c < table.columns(); ++c) design.factors.push_back(factor_of_column(study, table, c, problems));
  for (const Factor& f : study.factors)
    if (std::none_of(design.factors.begin(), design.factors.end(), [&](const Factor& d) { return d.name == f.name; }))
      problems.add(f.place, fmt::format("the table has no column '{}'", f.name), "the factor would have no values", fmt::format("add it to {}, or remove the factor", table.file()));
  for (std::size_t a = 0; a < design.factors.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      if (design.factors[a].name == design.factors[b].name)
        problems.add({table.file(), 1, 1, {}}, fmt::format("two columns are called '{}'", design.factors[a].name), "they could not be told apart", "name one of them by a [[factor]] with another 'name'");
  if (table.rows() == 0) problems.add({table.file(), 0, 0, {}}, "the table has no rows", "the design would be empty", "add a row for each point");
  if (table.rows() > static_cast<std::size_t>(kMostPoints)) too_many(study, static_cast<double>(table.rows()));
  problems.raise();
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Point point;
    for (std::size_t c = 0; c < table.columns(); ++c) point.levels.push_back(level_of_cell(design.factors[c], table, row, c, problems));
    design.points.push_back(std::move(point));
  }
  problems.raise();
  for (std::size_t c = 0; c < table.columns(); ++c)
    design.factors[c].numeric = design.factors[c].levels.empty() &&
                                std::all_of(design.points.begin(), design.points.end(), [&](const Point& p) { return is_number(p.levels[c].label); });
}

}  // namespace

Design make_design(const Study& study) {
  Design design{study.factors, {}, {}};
  switch (study.params.design) {
    case DesignKind::grid: add_grid(study, design); break;
    case DesignKind::list: add_list(design); break;
    case DesignKind::csv: add_table(study, design); break;
    case DesignKind::lhs:
    case DesignKind::sobol:
    case DesignKind::saltelli: add_sampled(study, design); break;
  }
  return design;
}

}  // namespace study
}  // namespace swarm
