#include "sim/cli/completion_lists.hpp"

#include <algorithm>

#include "sim/grid/region_table.hpp"
#include "sim/hardware/catalogue.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/workload/purpose.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::string_view kName = ".NAME.";

/// The built-in records of a table of scenarios; of sites there are none.
std::vector<std::string> known_records(std::string_view table) {
  std::vector<std::string> names;
  const auto add = [&](const auto& records) {
    for (const auto& record : records) names.emplace_back(record.name);
  };
  if (table == "region") add(grid::region_table());
  if (table == "device") add(hardware::device_catalogue());
  if (table == "purpose") add(workload::purpose_table());
  return names;
}

std::vector<std::string> override_words(const std::vector<std::string>& keys) {
  std::vector<std::string> words;
  std::string table;
  for (const std::string& key : keys) {
    if (key == "extends" || key.ends_with(".NAME.name")) continue;  // no override reaches them
    const auto at = key.find(kName);
    if (at != key.npos && key.compare(0, at, table) != 0) {
      table = key.substr(0, at);
      const auto names = known_records(table);
      for (const auto& name : names) words.push_back(table + "." + name + ".");
      if (names.empty()) words.push_back(table + ".");
    }
    words.push_back(key + "=");
  }
  return words;
}

}  // namespace

std::vector<KeyList> key_lists(std::span<const Verb> verbs) {
  std::vector<KeyList> lists;
  for (const Verb& verb : verbs)
    for (const OptionRow& row : option_rows(verb.options()))
      if (row.offer.also == Offer::Also::overrides && list_name(lists, row.offer).empty())
        lists.push_back({std::string(verb.name), row.offer.words, override_words(row.offer.words())});
  return lists;
}

std::string list_name(std::span<const KeyList> lists, const Offer& offer) {
  for (const KeyList& list : lists)
    if (list.of == offer.words) return list.name;
  return {};
}

std::vector<std::string> override_choices() {
  std::vector<std::string> words;
  const auto add = [&](const std::vector<scenario::SectionRows>& sections, const std::string& infix) {
    for (const auto& section : sections)
      for (const auto& row : section.rows) {
        const auto choices = row.type == "true or false" ? std::vector<std::string>{"true", "false"} : row.choices;
        for (const auto& choice : choices) words.push_back(section.name + infix + row.name + "=" + choice);
      }
  };
  add(scenario::section_rows({}), ".");
  add(scenario::table_rows(), std::string(kName));
  return words;
}

std::string with_backslashes(std::string_view text, std::string_view characters) {
  std::string out;
  for (const char c : text) {
    if (characters.find(c) != characters.npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace cli
}  // namespace swarm
