#pragma once
#include <cstdint>

#include "sim/core/rng.hpp"

/// Helpers the generators share: from numbers to the bytes of an item.
namespace swarm {
namespace tasks {

/// A quantity that grows linearly with difficulty.
struct Range {
  double easy, hard;  ///< at κ = 0 and κ = 1
  constexpr double at(double kappa) const { return easy + (hard - easy) * kappa; }
};

/// Brightness x (1 = full scale) as a byte, halves rounded up, clipped to 0 … 255.
constexpr std::uint8_t to_byte(double x) {
  const double scaled = x * 255.0 + 0.5;
  if (!(scaled > 0)) return 0;
  return scaled >= 255.0 ? std::uint8_t{255} : static_cast<std::uint8_t>(scaled);
}

/// Nearly normal, mean 0, variance 1: the sum of a word's four bytes, standardised (Irwin–Hall; |z| ≤ 3.45).
constexpr double bell(std::uint32_t word) {
  const std::uint32_t pairs = (word & 0x00FF'00FFu) + ((word >> 8) & 0x00FF'00FFu);
  const std::uint32_t sum = (pairs & 0xFFFFu) + (pairs >> 16);
  constexpr double kDeviation = 147.79941361182858;  // sqrt(4·(256² − 1)/12)
  return (static_cast<double>(sum) - 510.0) / kDeviation;
}

/// Uniform on (−1, 1).
inline double symmetric(RandomSequence& random) {
  return 2.0 * uniform_open(random.word()) - 1.0;
}

/// The upper 16 bits of a word, as Choice::pick wants them.
inline std::uint32_t word16(RandomSequence& random) {
  return random.word() >> 16;
}

}  // namespace tasks
}  // namespace swarm
