#pragma once
#include <string>

/// How single values are written for people and for programs.
namespace swarm {
namespace cli {

/// A number in a table: about four digits, "–" for a missing one.
std::string number_text(double x);

/// A number that reads back to the same double; null if it is missing or infinite.
std::string json_number(double x);
/// A JSON string with quotes and escapes.
std::string json_text(const std::string& s);

/// As `json_number`, but nothing where a value is missing.
std::string csv_number(double x);

}  // namespace cli
}  // namespace swarm
