#pragma once
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/scenario/text.hpp"

/// Every field of every parameter struct as a row of text: what the echo, the manual and --explain print.
namespace swarm {
namespace scenario {

struct FieldRow {
  std::string name;
  std::string type;                  ///< "integer", "number", "text", "true or false", "duration", "names" or "choice"
  std::vector<std::string> choices;  ///< of a choice
  std::string value;                 ///< as TOML
  FieldInfo info;
};

struct SectionRows {
  std::string name;
  std::string doc;
  std::vector<FieldRow> rows;
};

/// The visitor of `describe` and of `describe_sections`.
class RowCollector {
 public:
  template <class T>
  void operator()(std::string_view name, T& field, const FieldInfo& info) {
    FieldRow row{std::string(name), "", {}, "", info};
    if constexpr (NamedEnum<T>) {
      row.type = "choice";
      row.choices.assign(EnumNames<T>::names.begin(), EnumNames<T>::names.end());
      row.value = toml_string(enum_name(field));
    } else {
      write(field, row);
    }
    rows.push_back(std::move(row));
  }

  template <class P>
  void section(const char* name, P& params, const char* doc) {
    rows.clear();
    describe(*this, params);
    sections.push_back({name, doc, std::move(rows)});
  }

  std::vector<FieldRow> rows;
  std::vector<SectionRows> sections;

 private:
  static void write(bool value, FieldRow& row);
  static void write(std::int64_t value, FieldRow& row);
  static void write(double value, FieldRow& row);
  static void write(const std::string& value, FieldRow& row);
  static void write(Duration value, FieldRow& row);
  static void write(const NameList& value, FieldRow& row);
};

template <class P>
std::vector<FieldRow> rows_of(P params) {
  RowCollector collector;
  describe(collector, params);
  return std::move(collector.rows);
}

/// The plain sections with the values of `s`.
std::vector<SectionRows> section_rows(Scenario s);
/// `[[region]]`, `[[site]]`, `[[device]]` and `[[purpose]]` with the values a new record starts from.
std::vector<SectionRows> table_rows();

/// "pricing.rule" for "rule" if it is a key of some plain section, else empty.
std::string key_in_another_section(const std::string& name);

}  // namespace scenario
}  // namespace swarm
