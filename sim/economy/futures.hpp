#pragma once
#include <span>
#include <vector>

#include "sim/economy/credit_params.hpp"
#include "sim/economy/ledger.hpp"

/// Futures on a market's capacity of the next day, settled in money on the day's mean clearing price
/// (docs/models/credit.md, "Futures"). Prices are µTKN per contract and ≥ 0.
namespace swarm {
namespace economy {

/// Price of a contract where a standard unit costs `usd_per_unit` on the mean of a day.
MicroTkn contract_price(const FuturesParams& params, double usd_per_unit);

/// What a checkpoint saves: one row per agent.
struct FuturesColumns {
  std::vector<std::int64_t> contracts;  ///< long > 0, short < 0; the sum is 0
  std::vector<std::int64_t> basis;   ///< value of the position that is settled already [µTKN]; the sum is 0
  std::vector<std::int64_t> margin;  ///< security held [µTKN]; the sum is the margin account
};

/// What a settlement did.
struct FuturesSettlement {
  MicroTkn gains{};           ///< variation due to winners, which is what losers owe
  MicroTkn shortfall{};       ///< of it, not to be had from losers and so not paid to winners
  MicroTkn called{};          ///< security that owners had to add
  std::int64_t liquidated{};  ///< agents who could not, or did not pay all their loss: their position was ended
  std::int64_t closed{};      ///< contracts ended by that on either side
};

/// One contract of one market. All security lies in one account of the ledger, which books may share, and
/// belongs to the owners of positions; every settlement takes from losers exactly what it pays winners. Not thread-safe; agents count
/// in order of their index.
class FuturesBook {
 public:
  /// `account` must be empty and used by nothing but books, and be nobody's wallet. ModelError if the
  /// maintenance margin exceeds the initial one.
  FuturesBook(const FuturesParams& params, AccountId account, std::vector<AccountId> wallets);
  /// The same where agent i's wallet is account first + i.
  FuturesBook(const FuturesParams& params, AccountId account, AccountId first, std::size_t agents);

  /// Opens positions: quantities[i] contracts for agent i at the agreed price. Who cannot pay the initial
  /// margin gets as many as it can pay for (ending a position is always possible), and the larger side is cut
  /// to the smaller pro rata. Replaces quantities by what was traded; returns the contracts on either side.
  std::int64_t trade(Ledger& ledger, std::span<std::int64_t> quantities, MicroTkn price);

  /// The end of a day. Losers pay out of their margin, then their wallet; what is missing then reduces the
  /// gains of winners pro rata. Gains go to wallets at once. Margins below maintenance are filled up to the
  /// initial margin as far as the wallet goes; positions that stay below maintenance, or did not pay their
  /// loss, end at `price`, and so do as many contracts of the other side, pro rata. Security above the
  /// initial margin returns.
  FuturesSettlement settle(Ledger& ledger, MicroTkn price) { return settle(ledger, price, false); }
  /// The last settlement: every position ends and all security returns.
  FuturesSettlement expire(Ledger& ledger, MicroTkn price) { return settle(ledger, price, true); }

  /// ⌈rate·|contracts|·price⌉, the rate in whole millionths.
  MicroTkn initial_margin(std::int64_t contracts, MicroTkn price) const;
  MicroTkn maintenance_margin(std::int64_t contracts, MicroTkn price) const;

  const FuturesColumns& columns() const { return columns_; }
  /// Takes over columns of the same number of agents.
  void restore(FuturesColumns columns);

 private:
  AccountId wallet(std::size_t agent) const { return wallets_[agent]; }
  FuturesSettlement settle(Ledger& ledger, MicroTkn price, bool last);
  void add_margin(Ledger& ledger, std::size_t agent, std::int64_t amount);
  std::int64_t affordable(const Ledger& ledger, std::size_t agent, std::int64_t quantity,
                          MicroTkn price) const;
  void exchange_variation(Ledger& ledger, MicroTkn price, FuturesSettlement& done);
  void call_margins(Ledger& ledger, MicroTkn price, FuturesSettlement& done);
  void close_liquidated(MicroTkn price, FuturesSettlement& done);
  void return_margins(Ledger& ledger, MicroTkn price);

  AccountId account_;
  std::vector<AccountId> wallets_;
  std::int64_t initial_ppm_, maintenance_ppm_;
  FuturesColumns columns_;
  std::vector<std::int64_t> change_;      // scratch: variation of each agent
  std::vector<std::uint8_t> liquidated_;  // scratch
};

}  // namespace economy
}  // namespace swarm
