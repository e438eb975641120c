#include "sim/cli/keys_page.hpp"

#include <fmt/format.h>

#include "sim/cli/values.hpp"
#include "sim/scenario/fields.hpp"

namespace swarm {
namespace cli {
namespace {

std::string key_json(const std::string& key, const scenario::FieldRow& row) {
  std::vector<std::string> choices;
  for (const auto& choice : row.choices) choices.push_back(json_text(choice));
  return fmt::format(
      R"({{"key":{},"type":{},"choices":[{}],"default":{},"unit":{},"min":{},"max":{},"min_open":{},"source":{}}})",
      json_text(key), json_text(row.type), fmt::join(choices, ","), json_text(row.value), json_text(std::string(row.info.unit)),
      json_number(row.info.min), json_number(row.info.max), row.info.min_open, json_text(std::string(row.info.source)));
}

}  // namespace

std::string keys_json() {
  std::vector<std::string> keys;
  const auto add = [&](const std::vector<scenario::SectionRows>& sections, const std::string& infix) {
    for (const auto& section : sections)
      for (const auto& row : section.rows) keys.push_back(key_json(section.name + infix + row.name, row));
  };
  add(scenario::section_rows({}), ".");
  add(scenario::table_rows(), ".NAME.");
  return fmt::format("[\n{}\n]\n", fmt::join(keys, ",\n"));
}

}  // namespace cli
}  // namespace swarm
