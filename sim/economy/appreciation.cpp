#include "sim/economy/appreciation.hpp"

#include <algorithm>

#include "sim/economy/pro_rata.hpp"

namespace swarm {
namespace economy {

double appreciation(const AppreciationParams& params, std::int64_t uses) {
  if (!params.enabled) return 1;
  double factor = 1;
  if (uses < params.first_uses)
    factor = params.first_factor;
  else if (uses < params.second_uses)
    factor = params.second_factor;
  else if (uses < params.third_uses)
    factor = params.third_factor;
  return std::min(factor, params.largest_factor);
}

MicroTkn appreciation_bonus(const AppreciationParams& params, MicroTkn value, std::int64_t uses) {
  return {round_half_even(static_cast<double>(value.value) * (appreciation(params, uses) - 1))};
}

MicroTkn pay_bonuses(Ledger& ledger, AccountId pool, AccountId first, std::span<std::int64_t> bonuses,
                     MicroTkn most) {
  EXPECT(pool.value < first.value || pool.value >= first.value + bonuses.size());
  Int128 earned = 0;
  for (const std::int64_t bonus : bonuses) earned += bonus;
  ProRata parts(earned, std::clamp<std::int64_t>(most.value, 0, ledger.balance(pool).value));
  MicroTkn paid;
  for (std::size_t i = 0; i < bonuses.size(); ++i) {
    bonuses[i] = parts.next(bonuses[i]);
    if (bonuses[i] == 0) continue;
    ledger.transfer(pool, {first.value + i}, {bonuses[i]}, Posting::bonus);
    paid += {bonuses[i]};
  }
  return paid;
}

}  // namespace economy
}  // namespace swarm
