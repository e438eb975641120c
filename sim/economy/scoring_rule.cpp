#include "sim/economy/scoring_rule.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/math.hpp"

namespace swarm {
namespace economy {
namespace {

using Shares = CheckedInt<struct SharesTag>;

/// b·ln Σ exp(qᵢ/b) as its largest term, an exact integer, and b times the logarithm of a sum between 1 and
/// n.
struct Level {
  std::int64_t largest;
  double log_sum;
};

template <class Quantity>
Level level_of(std::size_t outcomes, double liquidity, const Quantity& quantity) {
  std::int64_t largest = quantity(0);
  for (std::size_t i = 1; i < outcomes; ++i) largest = std::max(largest, quantity(i));
  double sum = 0;
  for (std::size_t i = 0; i < outcomes; ++i)
    sum += math::exp(static_cast<double>((Shares{quantity(i)} - Shares{largest}).value) / liquidity);
  return {largest, math::log(sum)};
}

}  // namespace

ScoringRule::ScoringRule(std::size_t outcomes, double liquidity, MicroTkn payout)
    : outcomes_(outcomes), liquidity_(liquidity), payout_(payout) {
  if (outcomes < 1 || !(liquidity > 0 && std::isfinite(liquidity)) || payout.value < 1)
    throw ModelError(
        fmt::format("a scoring rule for {} outcomes with liquidity {} and payout {} µTKN (prices need an "
                    "outcome and positive numbers) check the keys of the prediction market",
                    outcomes, liquidity, payout.value));
  worst_loss();
}

void ScoringRule::prices(std::span<const std::int64_t> outstanding, std::span<double> out) const {
  EXPECT(outstanding.size() == outcomes_ && out.size() == outcomes_);
  const std::int64_t largest = std::ranges::max(outstanding);
  double sum = 0;
  for (std::size_t i = 0; i < outcomes_; ++i) {
    out[i] = math::exp(static_cast<double>((Shares{outstanding[i]} - Shares{largest}).value) / liquidity_);
    sum += out[i];
  }
  for (double& price : out) price /= sum;
}

double ScoringRule::log_odds(std::span<const std::int64_t> outstanding, std::size_t outcome) const {
  EXPECT(outstanding.size() == outcomes_ && outcome < outcomes_);
  if (outcomes_ == 1) return std::numeric_limits<double>::infinity();
  const Level others =
      level_of(outcomes_ - 1, liquidity_, [&](std::size_t i) { return outstanding[i + (i >= outcome)]; });
  const Shares ahead = Shares{outstanding[outcome]} - Shares{others.largest};
  return static_cast<double>(ahead.value) / liquidity_ - others.log_sum;
}

double ScoringRule::margin() const {
  // Counted in units of 2⁻⁵³: terms of the two sums 2·(1.8·n + 1), logarithms 3.6·ln n, their difference and
  // its scaling 4·ln n. That is at most 16·(n − 1) for every n, and nothing for n = 1.
  return static_cast<double>(payout_.value) * liquidity_ * static_cast<double>(outcomes_ - 1) * 0x1p-49;
}

MicroTkn ScoringRule::round_up(double utkn, Int128 exact) const {
  const Int128 sum = exact + round_half_even_wide(std::ceil(utkn + margin()));
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (sum > kMost || sum < -kMost) integer_overflow("rounding of a prediction market's cost");
  return {static_cast<std::int64_t>(sum)};
}

template <class Change>
MicroTkn ScoringRule::cost_of(std::span<const std::int64_t> outstanding, const Change& change) const {
  EXPECT(outstanding.size() == outcomes_);
  const Level before = level_of(outcomes_, liquidity_, [&](std::size_t i) { return outstanding[i]; });
  const Level after = level_of(outcomes_, liquidity_, [&](std::size_t i) {
    return (Shares{outstanding[i]} + Shares{change(i)}).value;
  });
  bool all_alike = true;
  for (std::size_t i = 1; i < outcomes_; ++i) all_alike = all_alike && change(i) == change(0);
  if (all_alike) return payout_ * change(0);
  const double part = static_cast<double>(payout_.value) * liquidity_ * (after.log_sum - before.log_sum);
  return round_up(part, Int128{payout_.value} * (Int128{after.largest} - before.largest));
}

MicroTkn ScoringRule::cost(std::span<const std::int64_t> outstanding,
                           std::span<const std::int64_t> change) const {
  EXPECT(change.size() == outcomes_);
  return cost_of(outstanding, [&](std::size_t i) { return change[i]; });
}

MicroTkn ScoringRule::cost(std::span<const std::int64_t> outstanding, const Bet& bet) const {
  EXPECT(bet.outcome < outcomes_);
  return cost_of(outstanding, [&](std::size_t i) { return bet.change(i); });
}

MicroTkn ScoringRule::worst_loss() const {
  return round_up(static_cast<double>(payout_.value) * liquidity_ * math::log(static_cast<double>(outcomes_)),
                  0);
}

}  // namespace economy
}  // namespace swarm
