#include "sim/economy/bettor.hpp"

#include <algorithm>

#include "sim/core/math.hpp"

namespace swarm {
namespace economy {
namespace {

/// More than this [µTKN] nobody bets: keeps the costs that are tried out far from overflow.
constexpr double kMostAtStake = 0x1p62;

/// Price at log odds z.
double price_at(double z) {
  return 1.0 / (1.0 + math::exp(-z));
}

/// ln(1 + exp(z)).
double softplus(double z) {
  return std::max(z, 0.0) + math::log(1.0 + math::exp(-std::abs(z)));
}

/// The largest x in [0, most] with `wanted(x)`, which holds at 0 and, once it fails, fails for all larger
/// ones.
template <class Wanted>
std::int64_t largest_wanted(std::int64_t most, const Wanted& wanted) {
  if (wanted(most)) return most;
  std::int64_t yes = 0, no = most;
  while (no - yes > 1) {
    const std::int64_t middle = yes + (no - yes) / 2;
    (wanted(middle) ? yes : no) = middle;
  }
  return yes;
}

/// One side of the question, the one whose price is below the belief.
struct Side {
  double log_odds;  ///< of the price
  double belief;
  double disbelief;  ///< 1 − belief
  double liquidity;
  double wealth;  ///< budget in payouts
  double most;    ///< shares that nobody exceeds
};

/// Shares that move the price to the belief, or a bound on what the budget pays: whichever is less. After x
/// shares the cost is at least x + b·ln(price).
std::int64_t reach(const Side& s) {
  const double to_belief = s.liquidity * (math::log(s.belief) - math::log(s.disbelief) - s.log_odds);
  if (!(to_belief > 0)) return 0;
  const double payable = s.wealth + s.liquidity * softplus(-s.log_odds) + 1;
  return static_cast<std::int64_t>(std::floor(std::min({to_belief, payable, s.most})));
}

/// Whether expected log wealth still rises after x shares: d/dx [p·ln(W − c + x) + (1 − p)·ln(W − c)] ≥ 0.
bool kelly_wants(const Side& s, std::int64_t shares) {
  const double x = static_cast<double>(shares), after = s.log_odds + x / s.liquidity;
  const double rest = s.wealth - s.liquidity * (softplus(after) - softplus(s.log_odds));
  return s.belief * price_at(-after) * rest >= s.disbelief * price_at(after) * (rest + x);
}

}  // namespace

Bet choose_bet(const ScoringRule& rule, std::span<const std::int64_t> outstanding, std::size_t outcome,
               double belief, MicroTkn budget, BettorRule bettor) {
  if (!(belief >= 0 && belief <= 1))
    throw ModelError(
        fmt::format("a belief of {} in a prediction market (beliefs are probabilities) please report it with "
                    "the scenario and seed",
                    belief));
  Bet bet{outcome, false, 0};
  const double log_odds = rule.log_odds(outstanding, outcome);
  if (rule.outcomes() == 1 || budget.value <= 0) return bet;
  bet.against = math::log(belief) - math::log(1 - belief) < log_odds;
  const double payout = static_cast<double>(rule.payout().value);
  const double wealth = static_cast<double>(budget.value) / payout, most = kMostAtStake / payout;
  const Side side = bet.against ? Side{-log_odds, 1 - belief, belief, rule.liquidity(), wealth, most}
                                : Side{log_odds, belief, 1 - belief, rule.liquidity(), wealth, most};
  const auto affordable = [&](std::int64_t shares) {
    return rule.cost(outstanding, {bet.outcome, bet.against, shares}) <= budget;
  };
  bet.shares = largest_wanted(reach(side), affordable);
  if (bettor == BettorRule::kelly)
    bet.shares = largest_wanted(bet.shares, [&](std::int64_t shares) { return kelly_wants(side, shares); });
  return bet;
}

}  // namespace economy
}  // namespace swarm
