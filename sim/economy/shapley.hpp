#pragma once
#include <functional>
#include <span>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/core/rng.hpp"

/// What each member contributes to what a team is worth (L. S. Shapley, A value for n-person games, 1953;
/// docs/models/incentives.md, "Shapley value"): the mean of v(before + member) − v(before) over all orders of
/// joining.
namespace swarm {
namespace economy {

struct ShapleyParams {
  std::int64_t exact_members = 8;
  std::int64_t pairs = 256;
};

template <class V>
void describe(V& v, ShapleyParams& p) {
  v("exact_members", p.exact_members, {.unit = "1", .min = 0, .max = 16, .doc = "Largest team whose members' contributions are exact, at 2 to the power of its size evaluations; larger teams are sampled."});
  v("pairs", p.pairs, {.unit = "1", .min = 2, .max = 1e6, .doc = "Orders of joining that are sampled for a larger team, each together with its reverse."});
}

/// Members 0 … 63 of a team, one bit each.
using Coalition = std::uint64_t;
/// What a coalition is worth. Must be a function: the same coalition, the same value.
using CoalitionGame = std::function<double(Coalition)>;

inline constexpr std::size_t kMostExactMembers = 16;
inline constexpr std::size_t kMostMembers = 64;

/// Members' values and their standard errors, in the unit of the game.
struct ShapleyValues {
  std::vector<double> value;
  std::vector<double> standard_error;  ///< 0 where exact, NaN (not known) from a single pair
};

/// Exact values of the game table[S] (S as bits, 2ⁿ entries, n ≤ 16) into n values. They add up to v(all) −
/// v(∅) except for rounding. A value of the game that is not a number makes values that are none.
void shapley_of_table(std::span<const double> table, std::span<double> values);

/// The same with one evaluation of `game` per coalition.
ShapleyValues exact_shapley(std::size_t members, const CoalitionGame& game);

/// Unbiased estimate from `pairs` ≥ 1 random orders, each used forwards and backwards (what a member adds
/// early and late tends to differ in opposite directions, so the mean of a pair varies less than two
/// independent orders). 2·pairs·(n − 1) + 2 evaluations. Order k depends on (random, step, entity, k) alone.
/// Adds up to v(all) − v(∅) in every pair.
ShapleyValues sampled_shapley(std::size_t members, const CoalitionGame& game, std::size_t pairs,
                              const Random& random, std::uint32_t step, std::uint64_t entity);

/// Exact up to params.exact_members, sampled above. `random` is of Stream::coalition; nobody: no values.
ShapleyValues shapley(std::size_t members, const CoalitionGame& game, const ShapleyParams& params,
                      const Random& random, std::uint32_t step, std::uint64_t entity);

}  // namespace economy
}  // namespace swarm
