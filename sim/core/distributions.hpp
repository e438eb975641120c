#pragma once
#include <cstdint>

#include "sim/core/rng.hpp"

/// Draws from the distributions of the model, made from keyed uniforms and sim/core/math.hpp only, so that
/// they are the same bits on every machine.
namespace swarm {
inline namespace core {

/// Exponential variate of mean 1 by inversion, from a uniform in (0, 1): −log(u). Decreasing in u.
double exponential(double u);

/// Standard normal variate by inversion, from a uniform in (0, 1). Increasing in u.
double normal(double u);

/// Number of events of a Poisson process of the given mean in [0, 2^50]; 0 events at mean 0.
/// Below mean 10 by inversion (one uniform per draw), from there on by transformed rejection with squeeze
/// (PTRS; W. Hörmann, Insurance: Mathematics and Economics 12, 1993), about 1.2 pairs of uniforms per draw.
/// Exact up to the 2⁻⁵² grid of the uniforms at any mean.
std::uint64_t poisson(RandomSequence& random, double mean);

/// Gamma variate of scale 1 and of the given shape > 0, so of mean and variance `shape`
/// (G. Marsaglia and W. W. Tsang, ACM Transactions on Mathematical Software 26, 2000).
/// Shapes below 1 go through shape + 1 and a power of a uniform; the result may underflow to 0.
double gamma(RandomSequence& random, double shape);

}  // namespace core
}  // namespace swarm
