#pragma once
#include <string>
#include <vector>

#include "sim/scenario/fields.hpp"

/// Tables of the generated pages.
namespace swarm {
namespace scenario {

/// Unit of a key, empty for pure numbers.
std::string unit_text(const FieldRow& row);
/// Range of a numeric key, empty for others.
std::string limits(const FieldRow& row);
/// The words between `quote`s, separated by commas.
std::string joined(const std::vector<std::string>& words, const std::string& quote);
/// Text set as code; empty text stays empty.
std::string code(const std::string& text);
/// A row of a Markdown table.
std::string line(const std::vector<std::string>& cells);
/// Its first row and the rule below it.
std::string head(const std::vector<std::string>& names);
/// One row per key: name, type, unit, default, range, meaning, source.
std::string key_table(const std::vector<FieldRow>& rows);

}  // namespace scenario
}  // namespace swarm
