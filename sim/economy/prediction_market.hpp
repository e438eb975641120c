#pragma once
#include <vector>

#include "sim/economy/bettor.hpp"
#include "sim/economy/ledger.hpp"
#include "sim/economy/scoring_rule.hpp"

/// A market on the quality of an answer: shares of quality bins, a maker that follows the logarithmic scoring
/// rule, and everybody's holdings (docs/models/incentives.md, "Prediction market").
namespace swarm {
namespace economy {

struct PredictionMarketParams {
  bool enabled = false;
  Duration period{86400.0};
  double liquidity = 100;
  std::int64_t payout_utkn = 1'000'000;
  std::int64_t bins = 2;
  BettorRule bettor = BettorRule::risk_neutral;
  std::int64_t traders = 100;
  double stake_share = 0.05;
  double prior_answers = 20;
  Duration memory{7 * 86400.0};
};

template <class V>
void describe(V& v, PredictionMarketParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether specialists bet on the share of correct answers, market by market."});
  v("period", p.period, {.unit = "s", .min = 1, .doc = "Time whose share of correct answers a market is about: it opens at the beginning and is settled at the end. Periods are counted in UTC."});
  v("liquidity", p.liquidity, {.unit = "1", .min = 1e-3, .max = 1e6, .doc = "Shares by which one bin must lead all others together for its price to rise from 1/2 to 0.73; the maker's worst loss is this times the payout times the logarithm of the number of bins.", .source = kAssumed});
  v("payout_utkn", p.payout_utkn, {.unit = "µTKN", .min = 1, .max = 1e9, .doc = "What one share pays if the quality of the answer falls into its bin.", .source = kAssumed});
  v("bins", p.bins, {.unit = "1", .min = 2, .max = 64, .doc = "Outcomes of a market: bins that would be equally likely if the share of correct answers differed from its trailing mean by chance only. Two ask whether it is below or above.", .source = kAssumed});
  v("bettor", p.bettor, {.unit = "", .doc = "How much of a budget is bet on a belief: risk-neutral moves the price to the belief as far as the budget goes; kelly maximises the expected logarithm of wealth."});
  v("traders", p.traders, {.unit = "1", .min = 0, .max = 1e5, .doc = "Most specialists that trade in a market: those whom a keyed draw puts first.", .source = kAssumed});
  v("stake_share", p.stake_share, {.unit = "1", .min = 0, .max = 1, .doc = "Most that a specialist stakes in a market, over what its wallet holds.", .source = kAssumed});
  v("prior_answers", p.prior_answers, {.unit = "1", .min = 0, .max = 1e9, .doc = "Answers of trailing mean quality that a specialist adds to its own record before it believes it.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 0, .doc = "Time constant of the trailing mean.", .source = kAssumed});
}

/// Bin of a number in [0, 1], out of bins of equal width; 1 belongs to the last. ModelError outside (NaN included).
std::size_t quality_bin(double quality, std::size_t bins);

/// How an order ended; only `done` has changed anything.
enum class BetOutcome : std::uint8_t { done, closed, no_funds, no_shares };

/// One question from its opening to its settlement. The maker's account belongs to this market alone. While
/// it is open the account covers payout × the shares of any outcome, whatever the orders: it starts with the
/// rule's worst loss, and every cost is rounded up. Nobody holds fewer than zero shares (who expects an
/// outcome to fail buys all others). The traders' accounts are in one ledger with the maker's. Not
/// thread-safe.
class PredictionMarket {
 public:
  /// Everything a run has to save.
  struct Columns {
    std::vector<std::int64_t> outstanding;  ///< shares by outcome
    std::vector<std::int64_t> held;         ///< the same by trader (row) and outcome
    std::int64_t open{};                    ///< 1 between open() and settle(), else 0
  };

  PredictionMarket(const ScoringRule& rule, AccountId maker, std::vector<AccountId> traders);

  /// Moves the worst loss from `sponsor` to the maker; false, and nothing happens, if the sponsor has too
  /// little or the market is open already.
  bool open(Ledger& ledger, AccountId sponsor);
  /// Adds `change` to what `trader` (a row) holds, for the rule's cost; negative changes sell.
  BetOutcome trade(Ledger& ledger, std::size_t trader, std::span<const std::int64_t> change);
  /// The same for one bet.
  BetOutcome trade(Ledger& ledger, std::size_t trader, const Bet& bet);
  /// Pays the payout for every share of `outcome`, in row order, gives the rest of the maker's account to
  /// `sponsor` and forgets all shares. Returns that rest; zero, and nothing happens, if the market is not
  /// open.
  MicroTkn settle(Ledger& ledger, std::size_t outcome, AccountId sponsor);

  const ScoringRule& rule() const { return rule_; }
  std::span<const std::int64_t> outstanding() const { return columns_.outstanding; }
  std::int64_t held(std::size_t trader, std::size_t outcome) const {
    return columns_.held[trader * rule_.outcomes() + outcome];
  }
  Columns& raw() { return columns_; }

 private:
  ScoringRule rule_;
  AccountId maker_;
  std::vector<AccountId> traders_;
  Columns columns_;
};

}  // namespace economy
}  // namespace swarm
