#include "sim/scenario/markdown.hpp"

namespace swarm {
namespace scenario {
namespace {

/// In a Markdown table a bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\|");
  return text;
}

}  // namespace

std::string unit_text(const FieldRow& row) {
  return row.info.unit.empty() || row.info.unit == "1" ? "" : std::string(row.info.unit);
}

std::string limits(const FieldRow& row) {
  const bool numeric = row.type == "integer" || row.type == "number" || row.type == "duration";
  return numeric ? bounds_text(row.info) : "";
}

std::string joined(const std::vector<std::string>& words, const std::string& quote) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + quote + word + quote;
  return text;
}

std::string code(const std::string& text) {
  return joined({text}, text.empty() ? "" : "`");
}

std::string line(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const auto& one : cells) {
    text += ' ';
    text += cell(one);
    text += one.empty() ? "|" : " |";
  }
  return text + '\n';
}

std::string head(const std::vector<std::string>& names) {
  return line(names) + line(std::vector<std::string>(names.size(), "---"));
}

std::string key_table(const std::vector<FieldRow>& rows) {
  std::string text = head({"key", "type", "default", "unit", "range", "meaning", "source"});
  for (const auto& row : rows) {
    const std::string type = row.choices.empty() ? row.type : joined(row.choices, "`");
    text += line({code(row.name), type, code(row.value), unit_text(row), limits(row),
                  std::string(row.info.doc), std::string(row.info.source)});
  }
  return text;
}

}  // namespace scenario
}  // namespace swarm
