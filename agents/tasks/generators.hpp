#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "agents/tasks/style.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/problem_type.hpp"

/// Problems with exact ground truth. All types share one shape (64 inputs, 10 answers), so that any
/// specialist can be put to any problem. Equations and measured accuracies: docs/models/tasks.md.
namespace swarm {
namespace tasks {

inline constexpr std::uint32_t kInputs = 64, kClasses = 10;

/// Writes one problem of difficulty κ ∈ [0, 1] as 64 bytes and returns the true answer (0 … 9): a pure
/// function of its arguments.
using Generator = std::uint8_t (*)(const Style& style, double kappa, RandomSequence& random,
                                   std::uint8_t out[kInputs]);

/// Which of ten glyphs is on this 8×8 page (row by row)? κ scales rotation, shift, noise and occlusion.
std::uint8_t make_vision(const Style& style, double kappa, RandomSequence& random, std::uint8_t out[kInputs]);

/// Which of ten grammars wrote these 16 symbols (one-hot, symbol by symbol)? κ mixes the grammar towards
/// uniform.
std::uint8_t make_language(const Style& style, double kappa, RandomSequence& random,
                           std::uint8_t out[kInputs]);

/// What is `a op b`, or `(a op b) op' c`? κ makes hard operators and three operands likelier.
std::uint8_t make_reasoning(const Style& style, double kappa, RandomSequence& random,
                            std::uint8_t out[kInputs]);

/// Which value belongs to the queried key of this list? κ lengthens the list and blurs the encoding.
std::uint8_t make_memory(const Style& style, double kappa, RandomSequence& random, std::uint8_t out[kInputs]);

/// The generators, indexed by problem type.
inline constexpr std::array<Generator, workload::kProblemTypes> kGenerators{make_vision, make_language,
                                                                            make_reasoning, make_memory};

}  // namespace tasks
}  // namespace swarm
