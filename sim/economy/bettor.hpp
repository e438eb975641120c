#pragma once
#include "sim/core/params.hpp"
#include "sim/economy/scoring_rule.hpp"

/// How much somebody with a belief and a budget bets against a scoring rule (docs/models/incentives.md, "Who
/// bets what").
namespace swarm {
namespace economy {

/// risk_neutral: as long as the price is below the belief. kelly: as long as a further share raises the
/// expected logarithm of what one owns after the answer, the budget being all one owns (J. L. Kelly, Bell
/// System Technical Journal 35, 1956).
enum class BettorRule : std::uint8_t { risk_neutral, kelly };

/// The bet on (belief above the price) or against (below) `outcome` that moves its price towards `belief`,
/// never past it, and costs at most `budget`: the largest whole number of shares that the rule wants and the
/// budget pays. No shares, at no cost, where price and belief agree, where the budget does not pay one share,
/// and where there is a sole outcome. Bets of more than 2⁶² µTKN are not made. Shares
/// already held do not enter. ModelError unless belief is in [0, 1].
Bet choose_bet(const ScoringRule& rule, std::span<const std::int64_t> outstanding, std::size_t outcome,
               double belief, MicroTkn budget, BettorRule bettor);

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::BettorRule> {
  static constexpr std::array<std::string_view, 2> names{"risk-neutral", "kelly"};
};
}  // namespace core
}  // namespace swarm
