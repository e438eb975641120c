#pragma once
#include <span>

#include "sim/core/units.hpp"
#include "sim/economy/params.hpp"

/// From metered energy and prices to whole µTKN without losing a fraction over time
/// (docs/models/economy.md, "Billing").
namespace swarm {
namespace economy {

/// The unit of a carried remainder: 1 µTKN = 3.6e18 of them. It is chosen so that
/// nJ × 1e-12 USD/kWh = 1e-12 · 1e9 / 3.6e15 µTKN is exactly one, hence energy × price is a whole number.
inline constexpr std::int64_t kRemainderPerMicroTkn = 3'600'000'000'000'000'000;

/// What to book now, and the fraction to hand to the next call, in units of 1/kRemainderPerMicroTkn µTKN and
/// within ± half a µTKN. The fraction does not depend on the price, so prices may change between calls.
struct Bill {
  std::int64_t utkn{};       ///< [µTKN]; negative: a receipt
  std::int64_t remainder{};  ///< exact amount so far − booked so far
};

/// PUE × price in fixed point, steps of 1e-12 USD/kWh, up to ± 9.2e6 USD/kWh. Rounding it is the only
/// inexactness of a bill: at most 0.5e-12 USD (half a thousandth of a µTKN) per kWh billed.
struct FixedPrice {
  std::int64_t pico_usd_per_kwh{};
  /// Half to even; ModelError if out of range or not a number. `pue` 1 if the energy is metered at the grid.
  static FixedPrice from(double usd_per_kwh, double pue) {
    return {round_half_even(usd_per_kwh * pue * 1e12)};
  }
};

/// Bills `energy` ≥ 0 plus what was carried: integer arithmetic, half to even. The bills of any number of
/// steps add up to their exact total rounded once. ModelError if the bill exceeds 64 bits.
Bill bill_electricity(NanoJoule energy, FixedPrice price, std::int64_t remainder);

/// The same for one row per agent; `remainders` are read and replaced.
void bill_electricity(std::span<const std::int64_t> energy_nj, FixedPrice price,
                      std::span<std::int64_t> remainders, std::span<std::int64_t> bills);

/// The wallet an agent starts with: what `idle_w` watts at the grid (PUE included) cost over
/// `params.endowment`; nothing where electricity is free or pays.
MicroTkn endowment(const PricingParams& params, double idle_w, double usd_per_kwh);

}  // namespace economy
}  // namespace swarm
