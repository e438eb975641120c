#pragma once
#include <span>

#include "sim/economy/accrual.hpp"
#include "sim/economy/credit_params.hpp"
#include "sim/economy/ledger.hpp"

/// A charge on hoarded money (docs/models/credit.md, "Demurrage").
namespace swarm {
namespace economy {

/// Charges every wallet, account first + i, for `seconds` on the part of it above what pays its bills for the
/// free allowance, and moves the charge to `to` (fund or treasury, no wallet of these). `remainders`, one per
/// wallet, are read and replaced, in 1/8.64e16 µTKN; they are the only state. A wallet is never charged more
/// than that part, nor charged at all without it (its remainder waits). Returns what was moved.
MicroTkn charge_demurrage(Ledger& ledger, const DemurrageParams& params, AccountId first,
                          std::span<const std::int64_t> bills_per_day, std::span<std::int64_t> remainders,
                          AccountId to, std::int64_t seconds);

}  // namespace economy
}  // namespace swarm
