#include "sim/study/factor_range.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
namespace study {
namespace {

constexpr double kMostWhole = 0x1p52;  // so that max − min + 1 is exact

bool is_whole(double x) { return std::floor(x) == x && std::fabs(x) < kMostWhole; }

/// Where the values end; a whole number stands for the numbers up to the next one.
double end_of(const FactorRange& range) { return range.whole ? range.max + 1 : range.max; }

}  // namespace

std::optional<Diagnostic> problem_of(const FactorRange& range) {
  const auto problem = [&](const char* why, const char* suggestion) {
    return Diagnostic{.problem = fmt::format("no values can be drawn from {} to {}", range.min, range.max), .why = why, .suggestion = suggestion};
  };
  if (!std::isfinite(range.min) || !std::isfinite(range.max)) return problem("an end is not a number", "give two finite numbers");
  if (!(range.min < range.max)) return problem("min is not below max", "exchange them, or take the factor out of the design");
  if (range.scale == Scale::log && !(range.min > 0)) return problem("a log scale has no zero", "give a min above 0, or scale = \"linear\"");
  if (range.whole && !(is_whole(range.min) && is_whole(range.max)))
    return problem("an end is not a whole number below 2^52", "round it, or leave out `whole`");
  if (!std::isfinite(range.scale == Scale::log ? end_of(range) / range.min : end_of(range) - range.min))
    return problem("the range is wider than the numbers of a computer", "narrow it");
  return std::nullopt;
}

double value_at(const FactorRange& range, double u) {
  EXPECT(!problem_of(range) && u >= 0 && u <= 1);
  const double end = end_of(range);
  const double x = range.scale == Scale::log ? range.min * math::pow(end / range.min, u) : range.min + u * (end - range.min);
  return std::clamp(range.whole ? std::floor(x) : x, range.min, range.max);
}

std::size_t level_at(double u, std::size_t n) {
  EXPECT(n >= 1 && u >= 0 && u <= 1);
  return std::min(static_cast<std::size_t>(u * static_cast<double>(n)), n - 1);
}

}  // namespace study
}  // namespace swarm
