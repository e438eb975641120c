#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// How a region poses its problems. Two regions ask the same kinds of question in different hands, dialects
/// and mixtures, so their data are not identically distributed and a specialist can be better in one of them.
namespace swarm {
namespace tasks {

inline constexpr std::uint32_t kGrammars = 10;  ///< grammars a sequence can come from
inline constexpr std::uint32_t kSymbols = 4;    ///< symbols of a sequence
inline constexpr std::uint32_t kOperators = 8;  ///< operators of reasoning problems: four easy, four hard
inline constexpr std::uint32_t kOperands = 10;  ///< operands are the digits 0 … 9
inline constexpr std::uint32_t kKeys = 5;       ///< keys of a list to recall from
inline constexpr std::uint32_t kValues = 10;    ///< values of such a list

/// Shares of a discrete choice as cumulative counts of 2¹⁶: option i is taken iff a 16-bit word lies below
/// cumulative[i] and not below cumulative[i − 1]. Integers, so that a choice can never depend on rounding.
template <std::size_t N>
struct Choice {
  std::array<std::uint32_t, N> cumulative{};

  std::uint32_t pick(std::uint32_t word16) const {
    std::uint32_t i = 0;
    while (i + 1 < N && word16 >= cumulative[i]) ++i;
    return i;
  }
};

/// One region's style, all four problem types.
struct Style {
  // vision
  double intensity = 0.75;  ///< brightness of a stroke, 1 = full scale
  double slant = 0;         ///< shear of the writing [columns per row]
  double background = 0.1;  ///< brightness at the page's centre
  double gradient = 0;      ///< brightness added from the left edge to the right edge
  // language: the dialect's transition probabilities, grammar × symbol → next symbol
  std::array<std::array<std::array<double, kSymbols>, kSymbols>, kGrammars> transition{};
  // reasoning
  Choice<kOperators / 2> easy_operators, hard_operators;
  Choice<kOperands> operands;
  // memory
  double clarity = 1;  ///< contrast between a lit and a dark input of the stored list
  Choice<kKeys> keys;
  Choice<kValues> values;
};

/// The key of a region in styles and banks: a hash of its name, so that adding, removing or reordering
/// regions changes no other region's problems.
std::uint32_t region_key(std::string_view region_name);

/// The style of the region with this key: a function of (seed, key) alone.
Style region_style(std::uint64_t seed, std::uint32_t region_key);

/// How many styles the training mixture has.
inline constexpr std::uint32_t kNeutralStyles = 8;

/// Style k of the training mixture, the same for every seed; k = 0 is the centre, without any deviation.
Style neutral_style(std::uint32_t k);

}  // namespace tasks
}  // namespace swarm
