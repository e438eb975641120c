#include "sim/dispatch/council.hpp"

#include <algorithm>
#include <vector>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
namespace dispatch {

std::uint32_t coalitions_right(std::span<const float> logits, std::size_t classes, std::uint32_t truth) {
  const std::size_t members = logits.size() / classes;
  EXPECT(members >= 1 && members <= kMostSeats && logits.size() == members * classes && truth < classes);
  std::vector<double> probability(logits.size());
  for (std::size_t i = 0; i < members; ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const float largest = *std::ranges::max_element(row);
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c)
      sum += probability[i * classes + c] = math::exp(static_cast<double>(row[c]) - static_cast<double>(largest));
    for (std::size_t c = 0; c < classes; ++c) probability[i * classes + c] /= sum;
  }
  std::uint32_t right = 0;
  std::vector<double> together(classes);
  for (std::uint32_t coalition = 1; coalition < 1u << members; ++coalition) {
    std::ranges::fill(together, 0.0);
    for (std::size_t i = 0; i < members; ++i)
      if (coalition >> i & 1)
        for (std::size_t c = 0; c < classes; ++c) together[c] += probability[i * classes + c];
    const auto best = std::ranges::max_element(together) - together.begin();
    right |= static_cast<std::uint32_t>(best == static_cast<std::ptrdiff_t>(truth)) << coalition;
  }
  return right;
}

}  // namespace dispatch
}  // namespace swarm
