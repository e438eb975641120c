#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/core/params.hpp"

/// Why money moves. The circuit of the model is this one table: deposits, endowments and receipts mint,
/// electricity, amortisation and withdrawals burn, everything else only moves what exists.
namespace swarm {
namespace economy {

enum class Posting : std::uint8_t {
  endowment,            ///< the initial balance of an agent or of the justice fund
  deposit,              ///< users bring money in
  withdrawal,           ///< an owner takes money out
  electricity,          ///< energy bought at a positive price
  amortisation,         ///< hardware worn by use
  electricity_receipt,  ///< energy bought at a negative price
  escrow,               ///< a buyer's money set aside for an order
  refund,               ///< escrow given back
  payment,              ///< escrow or wallet to the seller
  grant,                ///< a discount set aside in escrow out of the justice fund
  grant_return,         ///< of that, what was not used
  levy,                 ///< carbon price and premium to fund or treasury
  tranche,              ///< the fund divided anew over regions
  deficit,              ///< public money for discounts beyond the fund
  trade,                ///< any other transfer between two accounts
  pool_deposit,         ///< a lender's money into its region's lender pool
  pool_withdrawal,      ///< and out again, with what it has earned
  loan,                 ///< the pool to a borrower
  repayment,            ///< a borrower to the pool, of what it was lent
  interest,             ///< a borrower to the pool, beyond that
  seizure,              ///< what a defaulted borrower still had, to the pool
  margin,               ///< security for a future, or a loss beyond it, to the margin account
  margin_return,        ///< security no longer needed, back to its owner
  variation,            ///< a day's gain on a future, out of the losses of others
  demurrage,            ///< charge on hoarded money to fund or treasury
  bonus,                ///< out of a fixed pool to those who earned it
  dividend,             ///< revenue of permits, to people in equal parts
  stake,                ///< to the maker of a prediction market: its reserve, and what shares cost
  payout,               ///< and from it: for shares sold or that won, and what is left of the reserve
  carbon_credit,        ///< a seller's money for carbon credits, and on to who held them or to the fund
  quota_sale,           ///< one specialist to another, for quota
  transfer,             ///< carrying question and answer to another region and back
  council,              ///< from who leads a council to its other members, of what it was paid
  count
};

inline constexpr std::size_t kPostings = static_cast<std::size_t>(Posting::count);

/// What a posting does to the money supply.
enum class Effect : std::uint8_t { mint, burn, move };

inline constexpr std::array<Effect, kPostings> kPostingEffects{
    Effect::mint,  // endowment
    Effect::mint,  // deposit
    Effect::burn,  // withdrawal
    Effect::burn,  // electricity
    Effect::burn,  // amortisation
    Effect::mint,  // electricity_receipt
    Effect::move,  // escrow
    Effect::move,  // refund
    Effect::move,  // payment
    Effect::move,  // grant
    Effect::move,  // grant_return
    Effect::move,  // levy
    Effect::move,  // tranche
    Effect::mint,  // deficit
    Effect::move,  // trade
    Effect::move,  // pool_deposit
    Effect::move,  // pool_withdrawal
    Effect::move,  // loan
    Effect::move,  // repayment
    Effect::move,  // interest
    Effect::move,  // seizure
    Effect::move,  // margin
    Effect::move,  // margin_return
    Effect::move,  // variation
    Effect::move,  // demurrage
    Effect::move,  // bonus
    Effect::move,  // dividend
    Effect::move,  // stake
    Effect::move,  // payout
    Effect::move,  // carbon_credit
    Effect::move,  // quota_sale
    Effect::burn,  // transfer
    Effect::move,  // council
};

constexpr Effect effect(Posting kind) {
  return kPostingEffects[static_cast<std::size_t>(kind)];
}

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::Posting> {
  static constexpr std::array<std::string_view, economy::kPostings> names{
      "endowment", "deposit",  "withdrawal", "electricity",  "amortisation",    "electricity_receipt",
      "escrow",    "refund",   "payment",    "grant",        "grant_return",    "levy",
      "tranche",   "deficit",  "trade",      "pool_deposit", "pool_withdrawal", "loan",
      "repayment", "interest", "seizure",    "margin",       "margin_return",   "variation",
      "demurrage", "bonus",    "dividend",   "stake",        "payout",
      "carbon_credit", "quota_sale",   "transfer", "council"};
};
}  // namespace core
}  // namespace swarm
