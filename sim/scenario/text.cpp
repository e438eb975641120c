#include "sim/scenario/text.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>

namespace swarm {
namespace scenario {

std::string number_text(double x) {
  if (x == 0) return "0";
  const std::string plain = fmt::format("{}", x);
  if (!std::isfinite(x) || (plain.size() <= 6 && plain.find('e') == std::string::npos)) return plain;
  char buffer[32];
  // Beyond 1e15 always with an exponent: all digits would read as an integer, perhaps one that does not fit.
  const auto end = std::fabs(x) < 1e15
                       ? std::to_chars(buffer, buffer + sizeof buffer, x).ptr
                       : std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  const bool digits_read_better =
      std::fabs(x) < 1e10 && x == std::floor(x) && text.find('.') != std::string::npos;
  if (digits_read_better) return plain;
  if (const auto plus = text.find("e+"); plus != std::string::npos) text.erase(plus + 1, 1);
  if (const auto zero = text.find("e0"); zero != std::string::npos) text.erase(zero + 1, 1);
  if (const auto zero = text.find("e-0"); zero != std::string::npos) text.erase(zero + 2, 1);
  return text;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string bounds_text(const FieldInfo& info) {
  const bool low = std::isfinite(info.min), high = std::isfinite(info.max);
  if (!low && !high) return "any";
  const std::string least = number_text(info.min), most = number_text(info.max);
  if (!high) return fmt::format("{} {}", info.min_open ? "more than" : "at least", least);
  if (!low) return fmt::format("at most {}", most);
  return info.min_open ? fmt::format("more than {}, at most {}", least, most)
                       : fmt::format("from {} to {}", least, most);
}

std::string range_text(const FieldInfo& info) {
  const bool bare = info.unit.empty() || info.unit == "1" || bounds_text(info) == "any";
  return bare ? bounds_text(info) : fmt::format("{} {}", bounds_text(info), info.unit);
}

bool in_range(double x, const FieldInfo& info) {
  return std::isfinite(x) && x <= info.max && (info.min_open ? x > info.min : x >= info.min);
}

}  // namespace scenario
}  // namespace swarm
