#pragma once
#include "sim/core/units.hpp"
#include "sim/economy/params.hpp"

/// What a seller asks for serving one request (docs/models/economy.md, "Ask"). Carbon is an item of the
/// quote, never part of the ask.
namespace swarm {
namespace economy {

/// Astronomical hours per year (365.25 × 24), as in the amortisation formula.
inline constexpr double kHoursPerYear = 8766.0;

struct AskTerms {
  double energy_kwh_grid{};         ///< energy of the request at the grid, PUE included [kWh]
  double price_usd_per_kwh{};       ///< electricity price at the site; may be negative
  double amortisation_usd_per_s{};  ///< wear of the busy device [USD/s]
  double busy_s{};                  ///< time the request occupies the device [s]
};

/// price/(life · 8,766 h) per second of use [USD/s].
inline double amortisation_usd_per_s(double price_usd, double life_years) {
  return price_usd / (life_years * kHoursPerYear * kSecondsPerHour);
}

/// kWh·PUE·p + wear·busy [USD]; negative where negative prices outweigh the wear.
inline double marginal_cost_usd(const AskTerms& terms) {
  return terms.energy_kwh_grid * terms.price_usd_per_kwh + terms.amortisation_usd_per_s * terms.busy_s;
}

/// (1 + markup) × marginal cost [USD], and 0 where the marginal cost is negative: the seller keeps what the
/// grid pays it, so with markup ≥ 0 an ask never lies below marginal cost.
inline double ask_usd(const AskTerms& terms, double markup) {
  const double cost = marginal_cost_usd(terms);
  return cost < 0 ? 0.0 : (1.0 + markup) * cost;
}

/// Spare capacity is counted as at least this share of the site, so that the price stays continuous as the
/// forecast load passes 1.
inline constexpr double kSmallestSpare = 0.01;

/// Factor on every ask of a site from its forecast load (work forecast over capacity, ≥ 0, may exceed 1):
/// 1 up to the knee, then 1 + slope·(load − knee)/max(1 − load, kSmallestSpare), at most load_cap.
/// Continuous and never falling in load.
double load_factor(const PricingParams& params, double forecast_load);

}  // namespace economy
}  // namespace swarm
