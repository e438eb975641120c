#include "sim/policy/credit_market.hpp"

#include <algorithm>

#include "sim/core/units.hpp"
#include "sim/core/apportion.hpp"
#include "sim/policy/rule.hpp"

namespace swarm {
namespace policy {
namespace {

MicroTkn sum_of(std::span<const std::int64_t> amounts) {  // any checked sum
  MicroTkn sum;
  for (const std::int64_t a : amounts) sum += MicroTkn{a};
  return sum;
}

}  // namespace

double credits_needed(const CreditParams& params, double renewable, double footprint) {
  EXPECT(renewable >= 0 && renewable <= 1 && footprint >= 0);
  return std::max(0.0, params.renewable_floor - renewable) * footprint;
}

CreditMatch match_credits(const CreditParams& params, std::int64_t price, std::span<const std::int64_t> needed_mg,
                          std::span<const std::int64_t> offered_mg) {
  EXPECT(price >= 0 && needed_mg.size() == offered_mg.size());
  const std::size_t regions = needed_mg.size();
  const std::int64_t buyout = round_half_even(params.buyout_usd_per_t * static_cast<double>(kPriceUnits));
  CreditMatch out;
  out.bought_mg.resize(regions);
  out.sold_mg.resize(regions);
  std::int64_t volume = 0;
  if (price <= buyout) volume = std::min(sum_of(needed_mg), sum_of(offered_mg)).value;
  apportion(volume, needed_mg, out.bought_mg);
  apportion(volume, offered_mg, out.sold_mg);
  MicroTkn payments;
  for (std::size_t r = 0; r < regions; ++r) {
    out.unmet_mg.push_back(needed_mg[r] - out.bought_mg[r]);
    out.buyout_utkn.push_back(permit_cost(buyout, out.unmet_mg[r]));
    out.paid_utkn.push_back(permit_cost(price, out.bought_mg[r]));
    payments += MicroTkn{out.paid_utkn[r]};
  }
  std::vector<std::int64_t> received(regions);
  apportion(payments.value, out.sold_mg, received);
  for (std::size_t r = 0; r < regions; ++r) out.paid_utkn[r] -= received[r];
  return out;
}

}  // namespace policy
}  // namespace swarm
