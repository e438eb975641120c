#pragma once
#include <array>
#include <cstdint>

#include "agents/tasks/style.hpp"

/// The ten grammars: first-order Markov chains over four symbols. After symbol s grammar g prefers one
/// successor; the tables differ pairwise in at least two of their four rows.
namespace swarm {
namespace tasks {

inline constexpr double kPreferred =
    0.82;  ///< probability of the preferred successor; the others share the rest

inline constexpr std::array<std::array<std::uint8_t, kSymbols>, kGrammars> kSuccessor{{
    {0, 1, 2, 3},  // repeats itself
    {1, 2, 3, 0},  // counts up
    {3, 0, 1, 2},  // counts down
    {2, 3, 0, 1},  // skips one
    {1, 0, 3, 2},  // swaps neighbours
    {3, 2, 1, 0},  // mirrors
    {0, 0, 0, 0},  // returns to 0
    {1, 1, 1, 1},  // returns to 1
    {2, 2, 2, 2},  // returns to 2
    {3, 3, 3, 3},  // returns to 3
}};

/// P(next | symbol) of a grammar without dialect.
constexpr double grammar_probability(std::uint32_t grammar, std::uint32_t symbol, std::uint32_t next) {
  return kSuccessor[grammar][symbol] == next ? kPreferred : (1.0 - kPreferred) / (kSymbols - 1);
}

}  // namespace tasks
}  // namespace swarm
