#include "sim/scenario/fields.hpp"

namespace swarm {
namespace scenario {

void RowCollector::write(bool value, FieldRow& row) {
  row.type = "true or false";
  row.value = value ? "true" : "false";
}

void RowCollector::write(std::int64_t value, FieldRow& row) {
  row.type = "integer";
  row.value = std::to_string(value);
}

void RowCollector::write(double value, FieldRow& row) {
  row.type = "number";
  row.value = number_text(value);
}

void RowCollector::write(const std::string& value, FieldRow& row) {
  row.type = "text";
  row.value = toml_string(value);
}

void RowCollector::write(Duration value, FieldRow& row) {
  row.type = "duration";
  row.value = toml_string(duration_text(value));
}

void RowCollector::write(const NameList& value, FieldRow& row) {
  row.type = "names";
  if (value.names.size() == 1) return void(row.value = toml_string(value.names.front()));
  for (const std::string& name : value.names) row.value += (row.value.empty() ? "[" : ", ") + toml_string(name);
  row.value += "]";
}

std::vector<SectionRows> section_rows(Scenario s) {
  RowCollector collector;
  describe_sections(collector, s);
  return std::move(collector.sections);
}

std::vector<SectionRows> table_rows() {
  RowCollector collector;
  describe_tables(collector);
  return std::move(collector.sections);
}

std::string key_in_another_section(const std::string& name) {
  for (const auto& section : section_rows({}))
    for (const auto& row : section.rows)
      if (row.name == name) return section.name + "." + name;
  return {};
}

}  // namespace scenario
}  // namespace swarm
