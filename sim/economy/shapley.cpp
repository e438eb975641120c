#include "sim/economy/shapley.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/checks.hpp"

namespace swarm {
namespace economy {
namespace {

/// Random blocks set aside for one order: four words each, a word per member.
constexpr std::uint32_t kBlocksPerOrder = kMostMembers / 4;

using Order = std::array<std::uint8_t, kMostMembers>;

/// Fisher and Yates: every order equally likely (the bias of an index is below 64·2⁻³²).
void shuffle(RandomSequence random, std::span<std::uint8_t> order) {
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[uniform_below(random.word(), static_cast<std::uint32_t>(left))]);
}

/// Adds half of what each member adds when they join in this order.
void add_half_contributions(std::span<const std::uint8_t> order, const CoalitionGame& game, double none,
                            double all, std::span<double> sums) {
  Coalition joined = 0;
  double before = none;
  for (std::size_t k = 0; k < order.size(); ++k) {
    joined |= Coalition{1} << order[k];
    const double after = k + 1 == order.size() ? all : game(joined);
    sums[order[k]] += 0.5 * (after - before);
    before = after;
  }
}

}  // namespace

void shapley_of_table(std::span<const double> table, std::span<double> values) {
  const std::size_t n = values.size();
  EXPECT(n <= kMostExactMembers && table.size() == std::size_t{1} << n);
  // Share of the orders in which exactly the s members of a given coalition come before a given other: s!(n −
  // 1 − s)!/n!.
  std::array<double, kMostExactMembers> share{};
  double ways = 1;  // n − 1 over s
  for (std::size_t s = 0; s < n; ++s) {
    share[s] = 1 / (static_cast<double>(n) * ways);
    ways = ways * static_cast<double>(n - 1 - s) / static_cast<double>(s + 1);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t member = std::size_t{1} << i;
    double sum = 0;
    for (std::size_t before = 0; before < table.size(); ++before)
      if (!(before & member))
        sum +=
            share[static_cast<std::size_t>(std::popcount(before))] * (table[before | member] - table[before]);
    values[i] = sum;
  }
}

ShapleyValues exact_shapley(std::size_t members, const CoalitionGame& game) {
  EXPECT(members <= kMostExactMembers);
  std::vector<double> table(std::size_t{1} << members);
  for (std::size_t s = 0; s < table.size(); ++s) table[s] = game(s);
  ShapleyValues result{std::vector<double>(members), std::vector<double>(members)};
  shapley_of_table(table, result.value);
  return result;
}

ShapleyValues sampled_shapley(std::size_t members, const CoalitionGame& game, std::size_t pairs,
                              const Random& random, std::uint32_t step, std::uint64_t entity) {
  EXPECT(members <= kMostMembers && pairs >= 1 &&
         pairs <= std::numeric_limits<std::uint32_t>::max() / kBlocksPerOrder);
  ShapleyValues result{std::vector<double>(members), std::vector<double>(members)};
  if (members == 0) return result;
  const double none = game(0), all = game(~Coalition{0} >> (kMostMembers - members));
  std::vector<double> pair_mean(members), squares(members);
  Order buffer;
  const std::span<std::uint8_t> order = std::span(buffer).first(members);
  for (std::size_t k = 0; k < pairs; ++k) {
    shuffle({random, step, entity, static_cast<std::uint32_t>(k) * kBlocksPerOrder}, order);
    std::ranges::fill(pair_mean, 0.0);
    add_half_contributions(order, game, none, all, pair_mean);
    std::ranges::reverse(order);
    add_half_contributions(order, game, none, all, pair_mean);
    for (std::size_t i = 0; i < members; ++i) {  // Welford
      const double off = pair_mean[i] - result.value[i];
      result.value[i] += off / static_cast<double>(k + 1);
      squares[i] += off * (pair_mean[i] - result.value[i]);
    }
  }
  const double n = static_cast<double>(pairs);
  for (std::size_t i = 0; i < members; ++i)
    result.standard_error[i] =
        pairs > 1 ? std::sqrt(squares[i] / ((n - 1) * n)) : std::numeric_limits<double>::quiet_NaN();
  return result;
}

ShapleyValues shapley(std::size_t members, const CoalitionGame& game, const ShapleyParams& params,
                      const Random& random, std::uint32_t step, std::uint64_t entity) {
  if (members <= static_cast<std::size_t>(params.exact_members)) return exact_shapley(members, game);
  return sampled_shapley(members, game, static_cast<std::size_t>(params.pairs), random, step, entity);
}

}  // namespace economy
}  // namespace swarm
