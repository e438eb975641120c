#include "sim/economy/prediction_market.hpp"

#include <algorithm>

namespace swarm {
namespace economy {

std::size_t quality_bin(double quality, std::size_t bins) {
  EXPECT(bins >= 1);
  if (!(quality >= 0 && quality <= 1))
    throw ModelError(fmt::format(
        "an answer of quality {} (quality lies between 0 and 1) please report it with the scenario "
        "and seed",
        quality));
  return std::min(static_cast<std::size_t>(quality * static_cast<double>(bins)), bins - 1);
}

PredictionMarket::PredictionMarket(const ScoringRule& rule, AccountId maker, std::vector<AccountId> traders)
    : rule_(rule), maker_(maker), traders_(std::move(traders)) {
  columns_.outstanding.resize(rule_.outcomes());
  columns_.held.resize(traders_.size() * rule_.outcomes());
}

bool PredictionMarket::open(Ledger& ledger, AccountId sponsor) {
  if (columns_.open || !ledger.transfer(sponsor, maker_, rule_.worst_loss(), Posting::stake)) return false;
  columns_.open = 1;
  return true;
}

BetOutcome PredictionMarket::trade(Ledger& ledger, std::size_t trader, std::span<const std::int64_t> change) {
  EXPECT(trader < traders_.size() && change.size() == rule_.outcomes());
  if (!columns_.open) return BetOutcome::closed;
  const std::span<std::int64_t> held =
      std::span(columns_.held).subspan(trader * rule_.outcomes(), rule_.outcomes());
  for (std::size_t i = 0; i < held.size(); ++i)
    if (held[i] + Int128{change[i]} < 0) return BetOutcome::no_shares;
  const MicroTkn cost = rule_.cost(columns_.outstanding, change);
  if (cost.value > 0 && !ledger.transfer(traders_[trader], maker_, cost, Posting::stake))
    return BetOutcome::no_funds;
  if (cost.value < 0) {
    const bool paid = ledger.transfer(maker_, traders_[trader], -cost, Posting::payout);
    ENSURE(paid);
    static_cast<void>(paid);
  }
  for (std::size_t i = 0; i < held.size(); ++i) {
    held[i] += change[i];
    columns_.outstanding[i] += change[i];
  }
  ENSURE(Int128{std::ranges::max(columns_.outstanding)} * rule_.payout().value <=
         ledger.balance(maker_).value);
  return BetOutcome::done;
}

BetOutcome PredictionMarket::trade(Ledger& ledger, std::size_t trader, const Bet& bet) {
  std::vector<std::int64_t> change(rule_.outcomes());
  for (std::size_t i = 0; i < change.size(); ++i) change[i] = bet.change(i);
  return trade(ledger, trader, change);
}

MicroTkn PredictionMarket::settle(Ledger& ledger, std::size_t outcome, AccountId sponsor) {
  EXPECT(outcome < rule_.outcomes());
  if (!columns_.open) return {};
  for (std::size_t t = 0; t < traders_.size(); ++t)
    if (const std::int64_t shares = held(t, outcome); shares > 0)
      ledger.transfer(maker_, traders_[t], rule_.payout() * shares, Posting::payout);
  const MicroTkn rest = ledger.balance(maker_);
  ledger.transfer(maker_, sponsor, rest, Posting::payout);
  std::ranges::fill(columns_.outstanding, 0);
  std::ranges::fill(columns_.held, 0);
  columns_.open = 0;
  return rest;
}

}  // namespace economy
}  // namespace swarm
