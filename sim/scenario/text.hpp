#pragma once
#include <string>
#include <string_view>

#include "sim/core/params.hpp"

/// How values, ranges and units are written in messages, in TOML and in the manual.
namespace swarm {
namespace scenario {

/// Shortest text that reads back to the same double ("1e12", "0.05", "36000", "nan").
std::string number_text(double x);
/// A TOML basic string with quotes and escapes.
std::string toml_string(std::string_view text);
/// "from 0 to 10 USD", "more than 0 s", "at most 5", or "any" without bounds.
std::string range_text(const FieldInfo& info);
/// The same without the unit.
std::string bounds_text(const FieldInfo& info);
/// Whether `x` is finite and inside the range.
bool in_range(double x, const FieldInfo& info);

}  // namespace scenario
}  // namespace swarm
