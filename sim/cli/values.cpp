#include "sim/cli/values.hpp"

#include <fmt/format.h>

#include <cmath>

namespace swarm {
namespace cli {

std::string number_text(double x) {
  if (std::isnan(x)) return "–";
  const double a = std::abs(x);
  if (x == std::floor(x) && a < 1e12) return fmt::format("{:.0f}", x);
  if (a >= 1e6 || (a < 1e-3 && a > 0)) return fmt::format("{:.4g}", x);
  return a >= 100 ? fmt::format("{:.1f}", x) : fmt::format("{:.4g}", x);
}

std::string json_number(double x) { return std::isfinite(x) ? fmt::format("{}", x) : "null"; }

std::string json_text(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string csv_number(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

}  // namespace cli
}  // namespace swarm
