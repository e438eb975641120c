#include "sim/economy/demurrage.hpp"

namespace swarm {
namespace economy {

MicroTkn charge_demurrage(Ledger& ledger, const DemurrageParams& params, AccountId first,
                          std::span<const std::int64_t> bills_per_day, std::span<std::int64_t> remainders,
                          AccountId to, std::int64_t seconds) {
  EXPECT(bills_per_day.size() == remainders.size());
  EXPECT(to.value < first.value || to.value >= first.value + bills_per_day.size());
  const FixedRate rate = FixedRate::per_day(params.rate_per_day);
  const double days = params.allowance.seconds / kSecondsPerDay;
  MicroTkn moved;
  for (std::size_t i = 0; i < remainders.size(); ++i) {
    const AccountId wallet{first.value + i};
    const std::int64_t balance = ledger.balance(wallet).value;
    const double allowance = static_cast<double>(bills_per_day[i]) * days;
    if (allowance >= static_cast<double>(balance)) continue;
    const std::int64_t hoard = balance - round_half_even(allowance);
    const Accrual charge = accrue(hoard, rate, seconds, remainders[i]);
    const bool all = charge.utkn >= hoard;
    remainders[i] = all ? 0 : charge.remainder;
    const MicroTkn due{all ? hoard : charge.utkn};
    if (due.value == 0) continue;
    ledger.transfer(wallet, to, due, Posting::demurrage);
    moved += due;
  }
  return moved;
}

}  // namespace economy
}  // namespace swarm
