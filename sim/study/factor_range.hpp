#pragma once
#include <cstddef>
#include <optional>

#include "sim/core/errors.hpp"

/// What a coordinate of a unit point means: a value of a factor. See docs/designs.md.
namespace swarm {
namespace study {

enum class Scale { linear, log };

/// The values that a factor of a sampled design may take, in the factor's own unit.
struct FactorRange {
  double min = 0, max = 1;
  Scale scale = Scale::linear;  ///< log: equally likely in each decade
  bool whole = false;           ///< whole numbers from min to max, both included
};

/// Why no values can be drawn from this range, without a place in a file; nothing if they can.
std::optional<Diagnostic> problem_of(const FactorRange& range);

/// The value at u in [0, 1]: min at 0, rising with u, never outside [min, max] whatever rounding does. Whole numbers are
/// all equally likely; on the log scale w has the probability of [w, w + 1) within [min, max + 1). Needs a range without
/// a problem.
double value_at(const FactorRange& range, double u);

/// Which of n ≥ 1 equally likely levels u in [0, 1] stands for, from 0; 1 itself counts to the last.
std::size_t level_at(double u, std::size_t n);

}  // namespace study
}  // namespace swarm
