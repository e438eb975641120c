#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/policy/demand_curve.hpp"

/// Emission permits in whole milligrams: what a cap issues, and the uniform price at which an auction sells it.
namespace swarm {
namespace policy {

/// What becomes of permits that nobody used: gone at the end of the step, or of the period, or kept.
enum class Banking : std::uint8_t { off, within_period, on };

struct PermitParams {
  double cap_t = 1;
  Duration period{86400};
  Banking banking = Banking::on;
  double floor_usd_per_t = 0;
  double ceiling_usd_per_t = kNoCeiling;

  static constexpr double kNoCeiling = 0;
};

template <class V>
void describe(V& v, PermitParams& p) {
  v("cap_t", p.cap_t, {.unit = "t", .min = 0, .max = 9e9, .doc = "What permits allow the answers of all regions to emit in one period, as quotes price it; issued evenly over time. Idle servers emit beside it."});
  v("period", p.period, {.unit = "s", .min = 1, .max = 3.2e8, .doc = "Length of a period in whole seconds; periods are counted from 1970-01-01T00:00Z, so that a day is a UTC day."});
  v("banking", p.banking, {.unit = "", .doc = "Whether unused permits lapse at the end of each step (off), at the end of the period, or never (on)."});
  v("floor_usd_per_t", p.floor_usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e5, .doc = "Reserve price: permits that nobody wants at it are not sold."});
  v("ceiling_usd_per_t", p.ceiling_usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e5, .doc = "Price at which any number of further permits are sold, beyond the cap and counted apart; 0 means none. It is at least the floor."});
}

/// Permits issued over [from_utc, to_utc) [mg]: the cap of each period, evenly over its seconds, in whole milligrams.
/// Consecutive intervals add up without a remainder, so those of a whole period to the cap exactly.
std::int64_t permits_issued(const PermitParams& params, std::int64_t from_utc, std::int64_t to_utc);

/// Prices are whole millionths of a USD/t. As 1 USD = 1e9 µTKN and 1 t = 1e9 mg, 1 USD/t is 1 µTKN/mg.
inline constexpr std::int64_t kPriceUnits = 1'000'000;

/// Price · amount in whole µTKN, half to even; throws ModelError if it does not fit.
std::int64_t permit_cost(std::int64_t price, std::int64_t amount_mg);

/// Result of one auction. Σ allotted_mg = sold_mg + beyond_cap_mg, and sold_mg + unsold_mg = supply, exactly.
struct PermitClearing {
  std::int64_t price = 0;  ///< [1e-6 USD/t]
  std::int64_t sold_mg = 0;
  std::int64_t unsold_mg = 0;
  std::int64_t beyond_cap_mg = 0;         ///< sold at the ceiling on top of the supply
  std::vector<std::int64_t> allotted_mg;  ///< per region

  double usd_per_t() const { return static_cast<double>(price) / static_cast<double>(kPriceUnits); }
};

/// Sells `supply_mg` at one price to the regions whose demand is given.
///
/// Within a bin demand is spread evenly between its edges, so D(p), the demand at a price p, is continuous and falls
/// in straight lines. The price is the least one with D(p) ≤ supply, in bounds of floor and ceiling:
///  - D(0) ≤ supply, or no demand at all: the floor, or 0; everybody who wants permits at it gets them;
///  - supply 0 (a cap of zero): the price at which the last buyer leaves; nobody gets any;
///  - more demand at any price than supply: the ceiling, or kMostPrice without one, where what there is is rationed;
///  - D(ceiling) > supply: the ceiling; what is missing is sold beyond the cap.
/// Demand above the price's bin is met in full. What is left is divided over regions in proportion to their demand in
/// that bin by largest remainder, ties to the earlier region: within it all are equally willing. Depends on the curves
/// and their order only, not on how regions are divided over shards.
PermitClearing clear_permits(const PermitParams& params, std::int64_t supply_mg, std::span<const DemandCurve> curves);

/// What each region may use at the auction's price: the permits it bought, and of those that nobody wanted a part in
/// proportion to its weight (the last one what there is where all weights are zero), so that they are there for who
/// wants some after all. Together it is the supply; permits beyond the cap are not in it, for they are sold as they are
/// asked for.
std::vector<std::int64_t> permits_at_hand(const PermitClearing& clearing, std::span<const std::int64_t> weights);

/// Whether the auction ended at the ceiling, where anybody gets as many as they want.
bool at_ceiling(const PermitParams& params, const PermitClearing& clearing);

/// Whether unused permits lapse between a step that began at `before_utc` and the next one, at `now_utc`.
bool permits_lapse(const PermitParams& params, std::int64_t before_utc, std::int64_t now_utc);

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::Banking> {
  static constexpr std::array<std::string_view, 3> names{"off", "within-period", "on"};
};
}  // namespace core
}  // namespace swarm
