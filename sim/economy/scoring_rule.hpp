#pragma once
#include <span>

#include "sim/core/units.hpp"

/// Logarithmic market scoring rule: a maker that quotes a price for every outcome of a question and can lose
/// no more than b·ln n (R. Hanson, Information Systems Frontiers 5, 2003; Journal of Prediction Markets 1,
/// 2007; docs/models/incentives.md, "Prediction market"). Prices and costs only; money and holdings are in
/// prediction_market.hpp.
namespace swarm {
namespace economy {

/// Shares of one outcome, or of every other outcome (which pays unless it holds).
struct Bet {
  std::size_t outcome{};
  bool against{};
  std::int64_t shares{};
  /// By how much the bet raises what is outstanding of outcome i.
  std::int64_t change(std::size_t i) const { return (i == outcome) != against ? shares : 0; }
};

/// With q shares outstanding per outcome the maker has taken C(q) = payout·b·ln Σ exp(qᵢ/b), counted from
/// C(0), and asks C(q + Δ) − C(q) for Δ more. Everything is taken relative to the largest qᵢ, so that no
/// exponential overflows and the growing part of a cost is an exact integer; negative q are allowed, and
/// any as long as their differences fit 64 bits.
class ScoringRule {
 public:
  /// `liquidity` b [shares], `payout` of a share whose outcome holds [µTKN]. ModelError unless there is an
  /// outcome, b is positive and finite, the payout is at least 1 µTKN, and the worst loss fits 64 bits.
  ScoringRule(std::size_t outcomes, double liquidity, MicroTkn payout);

  std::size_t outcomes() const { return outcomes_; }
  double liquidity() const { return liquidity_; }
  MicroTkn payout() const { return payout_; }

  /// Price of each outcome in payouts, exp(qᵢ/b)/Σ exp(qⱼ/b): in [0, 1], sum 1.
  void prices(std::span<const std::int64_t> outstanding, std::span<double> out) const;
  /// ln(price/(1 − price)) of one outcome, exact where the price is rounded to 0 or 1; ∞ for a sole outcome.
  double log_odds(std::span<const std::int64_t> outstanding, std::size_t outcome) const;

  /// What the maker asks for raising `outstanding` by `change`; negative: what it pays, since changes may be
  /// negative. Rounded up, in the maker's favour, rounding errors of the formula included: never below the
  /// exact cost, and above it by less than 1 µTKN + 2·margin(). The same change of all outcomes costs exactly
  /// its payout. ModelError if shares or money exceed 64 bits.
  MicroTkn cost(std::span<const std::int64_t> outstanding, std::span<const std::int64_t> change) const;
  /// The same for one bet.
  MicroTkn cost(std::span<const std::int64_t> outstanding, const Bet& bet) const;

  /// payout·b·ln n rounded up: what the maker needs in advance to pay whatever happens.
  MicroTkn worst_loss() const;
  /// Bound on the rounding error of the formula [µTKN]: payout·b·(n − 1)·2⁻⁴⁹.
  double margin() const;

 private:
  template <class Change>
  MicroTkn cost_of(std::span<const std::int64_t> outstanding, const Change& change) const;
  MicroTkn round_up(double utkn, Int128 exact) const;

  std::size_t outcomes_;
  double liquidity_;
  MicroTkn payout_;
};

}  // namespace economy
}  // namespace swarm
