#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/markdown.hpp"
#include "sim/scenario/problems.hpp"
#include "sim/scenario/sensitivity.hpp"

namespace swarm {
namespace scenario {
namespace {

/// Keys outside any section.
struct TopKey {
  const char* name;
  const char* type;
  const char* value;
  const char* doc;
};
constexpr TopKey kTopKeys[] = {
    {"extends", "text", "none",
     "Scenario file that this one changes, relative to this file; chains are allowed. Its keys come first, "
     "[[region]], "
     "[[site]], [[device]], [[purpose]], [[hazard]] and [[fault]] tables merge by name, other values are replaced."},
    {"regions", "list of text",
     "[\"BD\", \"KE\", \"DE\"], or the names of the [[region]] tables if there are any",
     "Regions of the scenario by name. [[region]] tables change one of them or add one; a list in a child "
     "file or an "
     "override chooses anew, and the sites, hazards and faults of regions it drops go with them."},
};

/// Built-in records, one line each; columns that are the same for all of them are left out.
template <class T>
std::string record_table(std::span<const T> records) {
  std::vector<std::vector<FieldRow>> all;
  for (const auto& record : records) all.push_back(rows_of(record));
  if (all.empty()) return {};
  std::vector<std::string> names;
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < all.front().size(); ++c) {
    const auto same = [&](const auto& rows) { return rows[c].value == all.front()[c].value; };
    if (c > 0 && std::all_of(all.begin(), all.end(), same)) continue;
    const std::string unit = unit_text(all.front()[c]);
    names.push_back(all.front()[c].name + (unit.empty() ? "" : " [" + unit + "]"));
    columns.push_back(c);
  }
  std::string text = head(names);
  for (const auto& rows : all) {
    std::vector<std::string> cells;
    for (const std::size_t c : columns) {
      std::string value = rows[c].value;
      if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
      cells.push_back(std::move(value));
    }
    text += line(cells);
  }
  return text;
}

/// `general` is the key as in all_keys(), `key` as it was asked for.
std::string explain_row(const std::string& key, const std::string& general, const FieldRow& row) {
  std::string text = key + "\n  " + std::string(row.info.doc) + '\n';
  const auto add = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<9}{}\n", label, value);
  };
  add("type", row.type);
  add("choices", joined(row.choices, ""));
  add("unit", unit_text(row));
  add("default", row.value);
  add("range", limits(row));
  add("source", std::string(row.info.source));
  if (const Sensitivity* found = find_sensitivity(general)) add("affects", sensitivity_text(*found));
  return text;
}

std::string explain_section(const SectionRows& section, const std::string& header) {
  std::string text = header + "\n  " + section.doc + '\n';
  for (const auto& row : section.rows) {
    const std::string unit = unit_text(row);
    text += fmt::format("  {:<26} {:<14} {}{}\n", row.name, row.value, unit.empty() ? "" : "[" + unit + "] ",
                        row.info.doc);
  }
  return text;
}

const FieldRow* find_row(const SectionRows& section, const std::string& key) {
  for (const auto& row : section.rows)
    if (row.name == key) return &row;
  return nullptr;
}

/// Everything that can be asked for, for the nearest spelling.
std::vector<std::string> known_words() {
  std::vector<std::string> words = all_keys();
  for (const auto& section : section_rows({})) words.push_back(section.name);
  for (const auto& table : table_rows()) {
    words.push_back(table.name);
    for (const auto& row : table.rows) words.push_back(table.name + "." + row.name);
  }
  return words;
}

}  // namespace

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (const auto& top : kTopKeys) keys.emplace_back(top.name);
  for (const auto& section : section_rows({}))
    for (const auto& row : section.rows) keys.push_back(section.name + "." + row.name);
  for (const auto& table : table_rows())
    for (const auto& row : table.rows) keys.push_back(table.name + ".NAME." + row.name);
  return keys;
}

std::string explain(const std::string& dotted_key) {
  const auto first = dotted_key.find('.'), last = dotted_key.rfind('.');
  const std::string section_name = dotted_key.substr(0, first);
  const std::string key = last == std::string::npos ? "" : dotted_key.substr(last + 1);
  for (const auto& top : kTopKeys)
    if (dotted_key == top.name)
      return fmt::format("{}\n  {}\n  type     {}\n  default  {}\n", top.name, top.doc, top.type, top.value);
  for (const auto& section : section_rows({})) {
    if (section.name != section_name) continue;
    if (first == std::string::npos) return explain_section(section, "[" + section.name + "]");
    if (const FieldRow* row = find_row(section, key); row != nullptr && first == last)
      return explain_row(dotted_key, dotted_key, *row);
  }
  for (const auto& table : table_rows()) {
    if (table.name != section_name) continue;
    if (first == std::string::npos) return explain_section(table, "[[" + table.name + "]]");
    if (const FieldRow* row = find_row(table, key))
      return explain_row(dotted_key, table.name + ".NAME." + key, *row);
  }
  throw InputError({"", 0, 0, "unknown key '" + dotted_key + "'", "there is nothing to explain",
                    suggest(dotted_key, known_words(), "keys")});
}

std::string reference_markdown() {
  std::string text =
      "# Scenario files\n\n"
      "<!-- Generated from the parameter structs; change those, then run the scenario tests with "
      "SWARM_UPDATE_DOCS=1. -->\n\n"
      "A scenario is a TOML file. Everything has a default; `regions = [\"BD\", \"KE\"]` is a complete "
      "scenario. "
      "Unknown keys are errors. A duration is a number of seconds or text with the units `ms`, `s`, `min`, "
      "`h`, "
      "`d`, `w`: `\"7d\"`, `\"1h30min\"`. An integer may stand for a number.\n\n"
      "`--set KEY=VALUE` reaches every key by its dotted path (`pricing.markup=0.2`, `regions=[BD,KE]`), and "
      "keys "
      "of tables by name (`region.DE.population=8e7`, `site.BD-1.servers=10`, "
      "`device.cpu-server.idle_w=50`, `purpose.luxury.share=0`, `hazard.NAME.severity=0.5`). The "
      "value is TOML; bare words are text. Later ones win.\n\n"
      "A relative `run.data_dir` or `run.cache_dir` counts from the file that states it (from the working "
      "directory "
      "in `--set`). Traces count from `run.data_dir` if that is stated, else from the file that states the "
      "trace.\n\n"
      "## Keys outside sections\n\n" +
      head({"key", "type", "default", "meaning"});
  for (const auto& top : kTopKeys) text += line({code(top.name), top.type, top.value, top.doc});
  for (const auto& section : section_rows({}))
    text += "\n## `[" + section.name + "]`\n\n" + section.doc + "\n\n" + key_table(section.rows);
  for (const auto& table : table_rows())
    text += "\n## `[[" + table.name + "]]`\n\n" + table.doc +
            " The defaults here are those of a record that is not built in.\n\n" + key_table(table.rows);
  text += "\n## Built-in regions\n\nSources and years are those of the `[[region]]` keys above.\n\n" +
          record_table(grid::region_table());
  text += "\n## Built-in devices\n\n" + record_table(hardware::device_catalogue());
  return text + "\n## Purposes\n\n" + record_table(workload::purpose_table());
}

}  // namespace scenario
}  // namespace swarm
