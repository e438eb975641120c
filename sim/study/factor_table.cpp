#include "sim/study/factor_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sim/scenario/bind.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/text.hpp"

namespace swarm {
namespace study {
namespace {

using scenario::Node;
using scenario::NodeKind;
using scenario::Place;
using scenario::Problems;

constexpr std::array<std::string_view, 8> kReserved{"run", "point", "replicate", "seed", "id", "status", "sample", "matrix"};

bool is_sampled(DesignKind design) { return design == DesignKind::lhs || design == DesignKind::sobol || design == DesignKind::saltelli; }

/// The value as TOML, so that it can follow "KEY=".
std::string toml_text(const Node& node) {
  if (node.kind == NodeKind::text) return scenario::toml_string(node.text);
  if (node.kind != NodeKind::list) return scenario::value_text(node);
  std::string text = "[";
  for (const Node& item : node.items) text += (text.size() > 1 ? ", " : "") + toml_text(item);
  return text + "]";
}

bool is_number(const Node& node) { return node.kind == NodeKind::integer || node.kind == NodeKind::number; }

Level level_of_value(const std::string& key, const Node& value) {
  const std::string toml = toml_text(value);
  return {value.kind == NodeKind::text ? value.text : toml, {key + "=" + toml}, ""};
}

/// The `{name, set, scenario}` of one level.
Level read_level(const Node& table, Problems& problems) {
  Level level;
  if (table.kind != NodeKind::table) {
    problems.add(table.place, fmt::format("a level is {}", scenario::kind_text(table.kind)), "it must be a table",
                 "write {name = \"…\", set = [\"KEY=VALUE\"]}; values of one key go into 'values'");
    return level;
  }
  for (const auto& entry : table.entries) {
    const Node& value = entry.value;
    if (entry.key == "name" && value.kind == NodeKind::text) level.label = value.text;
    else if (entry.key == "scenario" && value.kind == NodeKind::text) level.scenario = value.text;
    else if (entry.key == "set" && value.kind == NodeKind::list &&
             std::all_of(value.items.begin(), value.items.end(), [](const Node& i) { return i.kind == NodeKind::text; }))
      for (const Node& item : value.items) level.overrides.push_back(item.text);
    else
      problems.add(entry.place, fmt::format("'{}' = {} in a level", entry.key, scenario::value_text(value)), "a level has a name, a list of overrides 'set', and a scenario",
                   "write {name = \"…\", set = [\"KEY=VALUE\"], scenario = \"…\"}");
  }
  if (level.label.empty()) problems.add(table.place, "a level without a name", "tables and plots need one", "write {name = \"…\", …}");
  return level;
}

/// Values or levels of a factor. Faults: empty, twice the same, not a list.
void read_levels(Factor& factor, const std::optional<Node>& values, const std::optional<Node>& levels, DesignKind design, Problems& problems) {
  const auto& list = values ? values : levels;
  const char* what = values ? "values" : "levels";
  if (list->kind != NodeKind::list || list->items.empty()) {
    problems.add(list->place, fmt::format("'{}' of factor '{}' is {}", what, factor.name, list->kind == NodeKind::list ? "empty" : scenario::kind_text(list->kind)),
                 "the design would have no points", "give a list with at least one entry");
    return;
  }
  factor.numeric = values && std::all_of(list->items.begin(), list->items.end(), is_number);
  for (const Node& item : list->items) {
    Level level = values ? level_of_value(factor.key, item) : read_level(item, problems);
    const auto same = [&](const Level& l) { return l.label == level.label; };
    if (design != DesignKind::list && (values || !level.label.empty()) && std::any_of(factor.levels.begin(), factor.levels.end(), same))
      problems.add(item.place, fmt::format("factor '{}' has '{}' twice", factor.name, level.label), "two points would be the same", "remove one; 'replicates' repeats a point");
    factor.levels.push_back(std::move(level));
  }
}

void read_range(Factor& factor, const FactorParams& p, Problems& problems) {
  factor.range = FactorRange{p.min, p.max, p.scale, p.whole};
  factor.numeric = true;
  if (const auto fault = problem_of(*factor.range))
    problems.add(factor.place, fmt::format("factor '{}': {}", factor.name, fault->problem), fault->why, fault->suggestion);
}

/// What a factor of this design must and must not say.
void check_form(const Factor& factor, bool values, bool levels, bool range, DesignKind design, Problems& problems) {
  const auto fault = [&](const char* problem, const char* why, const char* suggestion) {
    problems.add(factor.place, fmt::format("factor '{}' {}", factor.name, problem), why, suggestion);
  };
  if (values && levels) fault("has both values and levels", "only one of them could count", "give one of them");
  if (values && factor.key.empty()) fault("has values but no key", "nothing would change", "name the scenario key: key = \"pricing.markup\"");
  if (levels && !factor.key.empty()) fault("has levels and a key", "levels name their keys themselves", "remove 'key', or write 'values'");
  if (range && (values || levels)) fault("has a list and a range", "only one of them could count", "remove one of them");
  if (range && !is_sampled(design)) fault("has a range", "this design takes the values that are listed", "list them in 'values', or choose lhs, sobol or saltelli");
  if (range && factor.key.empty()) fault("has a range but no key", "nothing would change", "name the scenario key: key = \"pricing.markup\"");
  if (design == DesignKind::csv && values) fault("has values", "a csv design reads them from its table", "remove 'values'; levels may stay, the table then names them");
  if (!values && !levels && !range && design != DesignKind::csv)
    fault("takes no values", "the design would have no points", is_sampled(design) ? "give min and max, or values" : "give values");
}

Factor read_factor(Node table, DesignKind design, Problems& problems) {
  Factor factor;
  factor.place = table.place;
  const auto values = take_entry(table, "values"), levels = take_entry(table, "levels");
  const bool range = table.find("min") != nullptr || table.find("max") != nullptr;
  FactorParams p;
  scenario::Stated stated;
  scenario::bind(table, "factor", p, stated, problems);
  factor.key = p.key;
  factor.name = p.name.empty() ? p.key.substr(p.key.rfind('.') + 1) : p.name;
  if (factor.name.empty()) problems.add(factor.place, "a factor without key and name", "nothing is known of it", "write key = \"pricing.markup\", or a name and levels");
  check_coordinate(factor.name, factor.place, problems);
  if (!factor.key.empty()) factor.unit = unit_of_key(factor.key, factor.place, problems);
  check_form(factor, values.has_value(), levels.has_value(), range, design, problems);
  if (range && (!table.find("min") || !table.find("max")))
    problems.add(factor.place, fmt::format("factor '{}' has only one end of its range", factor.name), "the other would be a guess", "give both min and max");
  if (values || levels) read_levels(factor, values, levels, design, problems);
  else if (range) read_range(factor, p, problems);
  return factor;
}

void check_together(const std::vector<Factor>& factors, DesignKind design, const Place& file, Problems& problems) {
  if (factors.empty() && design != DesignKind::csv)
    problems.add(file, "the study varies nothing", "its design would be empty", "add a [[factor]], or use 'swarmsim run --replicates' for one scenario");
  std::size_t with_scenarios = 0;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    with_scenarios += std::any_of(f.levels.begin(), f.levels.end(), [](const Level& l) { return !l.scenario.empty(); });
    for (std::size_t j = 0; j < i; ++j) {
      if (!f.name.empty() && factors[j].name == f.name)
        problems.add(f.place, fmt::format("two factors are called '{}'", f.name), "their columns could not be told apart", "give one of them another 'name'");
      if (!f.key.empty() && factors[j].key == f.key)
        problems.add(f.place, fmt::format("two factors vary '{}'", f.key), "only the later one would count", "remove one of them");
    }
    if (design == DesignKind::list && !f.levels.empty() && !factors[0].levels.empty() && f.levels.size() != factors[0].levels.size())
      problems.add(f.place, fmt::format("factor '{}' has {} values, factor '{}' has {}", f.name, f.levels.size(), factors[0].name, factors[0].levels.size()),
                   "a list takes the first values of all factors, then the second ones", "give all the same number, or write design = \"grid\"");
  }
  if (with_scenarios > 1)
    problems.add(file, "two factors choose the scenario", "a run has one", "put what one of them changes into 'set'");
}

}  // namespace

Level level_of(const std::string& key, const std::string& text) { return {text, {key + "=" + text}, ""}; }

std::optional<Node> take_entry(Node& table, const std::string& key) {
  const auto at = std::find_if(table.entries.begin(), table.entries.end(), [&](const auto& e) { return e.key == key; });
  if (at == table.entries.end()) return std::nullopt;
  Node value = std::move(at->value);
  table.entries.erase(at);
  return value;
}

bool check_coordinate(const std::string& name, const Place& place, Problems& problems) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; };
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    problems.add(place, fmt::format("a factor is called '{}'", name), "that is the name of a column of every design", "give it another 'name'");
    return false;
  }
  if (name.empty() || (std::isalpha(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), allowed))) return true;
  problems.add(place, fmt::format("a factor is called '{}'", name), "readers of HDF5 files could not use that name", "use letters, digits and underscores");
  return false;
}

std::string unit_of_key(const std::string& key, const Place& place, Problems& problems) {
  if (key == "run.seed" || key == "extends") {
    problems.add(place, fmt::format("'{}' cannot be a factor", key), key == "extends" ? "overrides are laid over the finished file" : "the study derives every run's seed",
                 key == "extends" ? "give levels with a 'scenario' each" : "write replicates = N");
    return "1";
  }
  if (key == "regions") return "";
  const auto first = key.find('.'), last = key.rfind('.');
  const std::string pattern = first == last ? key : key.substr(0, first) + ".NAME." + key.substr(last + 1);
  const auto unit_in = [&](const std::vector<scenario::SectionRows>& sections, const std::string& infix) {
    std::optional<std::string> unit;
    for (const auto& section : sections)
      for (const auto& row : section.rows)
        if (section.name + infix + row.name == pattern) unit = std::string(row.info.unit);
    return unit;
  };
  if (const auto unit = unit_in(scenario::section_rows({}), ".")) return *unit;
  if (const auto unit = unit_in(scenario::table_rows(), ".NAME.")) return *unit;
  std::string near = scenario::meant(pattern, scenario::all_keys());
  if (const auto at = near.find(".NAME."); at != near.npos && first != last) near.replace(at, 6, key.substr(first, last - first + 1));
  problems.add(place, fmt::format("unknown key '{}'", key), "nothing would be varied",
               near.empty() ? "docs/scenario.md names all keys" : "did you mean '" + near + "'?");
  return "1";
}

std::vector<Factor> read_factors(const std::optional<Node>& tables, DesignKind design, const Place& file, Problems& problems) {
  std::vector<Factor> factors;
  if (tables && tables->kind != NodeKind::list)
    problems.add(tables->place, fmt::format("'factor' is {}", scenario::kind_text(tables->kind)), "a study may have several", "write [[factor]]");
  else if (tables)
    for (const Node& table : tables->items) {
      if (table.kind == NodeKind::table) factors.push_back(read_factor(table, design, problems));
      else problems.add(table.place, fmt::format("a factor is {}", scenario::kind_text(table.kind)), "it must be a table", "write [[factor]]");
    }
  check_together(factors, design, file, problems);
  return factors;
}

}  // namespace study
}  // namespace swarm
