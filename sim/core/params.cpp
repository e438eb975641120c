#include "sim/core/params.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <utility>

namespace swarm {
inline namespace core {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{{
    {"ms", 1e-3}, {"min", 60.0}, {"s", 1.0}, {"h", 3600.0}, {"d", 86400.0}, {"w", 604800.0}, {"m", 60.0}}};

}  // namespace

bool parse_duration(std::string_view text, Duration& out) {
  double total = 0;
  if (text.empty()) return false;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || !std::isfinite(number)) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    double factor = 0;
    for (const auto& [name, seconds] : kUnits)
      if (text.starts_with(name)) {
        factor = seconds;
        text.remove_prefix(name.size());
        break;
      }
    if (factor == 0) return false;
    total += number * factor;
  }
  out.seconds = total;
  return true;
}

std::string duration_text(Duration d) {
  for (const auto& [name, seconds] : {std::pair{"d", 86400.0}, {"h", 3600.0}, {"min", 60.0}})
    if (d.seconds != 0 && std::fmod(d.seconds, seconds) == 0) return fmt::format("{}{}", d.seconds / seconds, name);
  return fmt::format("{}s", d.seconds);
}

}  // namespace core
}  // namespace swarm
