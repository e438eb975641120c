#include "sim/economy/billing.hpp"

#include <cmath>
#include <limits>

namespace swarm {
namespace economy {
namespace {

constexpr std::int64_t kHalf = kRemainderPerMicroTkn / 2;

/// Rounds `units`/kRemainderPerMicroTkn half to even by long division.
Bill settle(Int128 units) {
  Int128 utkn = units / kRemainderPerMicroTkn;
  auto rest = static_cast<std::int64_t>(units % kRemainderPerMicroTkn);  // the sign of `units`
  const bool odd = (utkn & 1) != 0;
  if (rest > kHalf || (rest == kHalf && odd)) {
    ++utkn;
    rest -= kRemainderPerMicroTkn;
  } else if (rest < -kHalf || (rest == -kHalf && odd)) {
    --utkn;
    rest += kRemainderPerMicroTkn;
  }
  using Limits = std::numeric_limits<std::int64_t>;
  if (utkn > Limits::max() || utkn < Limits::min()) integer_overflow("conversion of a bill");
  return {static_cast<std::int64_t>(utkn), rest};
}

// Below this an estimate of the quotient in doubles errs by less than 1.5: five roundings of relative size
// 2⁻⁵³ make 5/8, rounding it to an integer 1/2. The rest then fits 64 bits (1.5 × 3.6e18 < 2⁶³).
constexpr double kEstimateLimit = 0x1p50;

inline Bill bill_row(std::int64_t energy_nj, std::int64_t price, double utkn_per_nj, std::int64_t remainder) {
  const double estimate = static_cast<double>(energy_nj) * utkn_per_nj +
                          static_cast<double>(remainder) * (1.0 / static_cast<double>(kRemainderPerMicroTkn));
  if (!(std::abs(estimate) < kEstimateLimit)) [[unlikely]]
    return settle(Int128{energy_nj} * price + remainder);
  auto utkn = static_cast<std::int64_t>(std::nearbyint(estimate));
  // Modulo 2⁶⁴: the exact rest is small, so its low word is all of it.
  const auto u = [](std::int64_t x) { return static_cast<std::uint64_t>(x); };
  auto rest =
      static_cast<std::int64_t>(u(energy_nj) * u(price) + u(remainder) - u(utkn) * u(kRemainderPerMicroTkn));
  const bool odd = (utkn & 1) != 0;
  const int step =
      int(rest > kHalf || (rest == kHalf && odd)) - int(rest < -kHalf || (rest == -kHalf && odd));
  return {utkn + step, rest - step * kRemainderPerMicroTkn};
}

double utkn_per_nj(FixedPrice price) {
  return static_cast<double>(price.pico_usd_per_kwh) / static_cast<double>(kRemainderPerMicroTkn);
}

}  // namespace

Bill bill_electricity(NanoJoule energy, FixedPrice price, std::int64_t remainder) {
  EXPECT(energy.value >= 0 && remainder >= -kHalf && remainder <= kHalf);
  return bill_row(energy.value, price.pico_usd_per_kwh, utkn_per_nj(price), remainder);
}

void bill_electricity(std::span<const std::int64_t> energy_nj, FixedPrice price,
                      std::span<std::int64_t> remainders, std::span<std::int64_t> bills) {
  EXPECT(energy_nj.size() == remainders.size() && energy_nj.size() == bills.size());
  const double rate = utkn_per_nj(price);
  for (std::size_t i = 0; i < energy_nj.size(); ++i) {
    EXPECT(energy_nj[i] >= 0 && remainders[i] >= -kHalf && remainders[i] <= kHalf);
    const Bill bill = bill_row(energy_nj[i], price.pico_usd_per_kwh, rate, remainders[i]);
    bills[i] = bill.utkn;
    remainders[i] = bill.remainder;
  }
}

MicroTkn endowment(const PricingParams& params, double idle_w, double usd_per_kwh) {
  const double cost_usd = idle_w * params.endowment.seconds / kJoulesPerKwh * usd_per_kwh;
  return micro_tkn_from_usd(cost_usd < 0 ? 0.0 : cost_usd);  // NaN goes on to be refused
}

}  // namespace economy
}  // namespace swarm
