#include "sim/policy/permits.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "sim/core/units.hpp"
#include "sim/grid/clock.hpp"
#include "sim/core/apportion.hpp"

namespace swarm {
namespace policy {
namespace {

constexpr double kMilligramsPerTonne = 1e9;

std::int64_t narrow(Int128 value, const char* what) {
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min())
    integer_overflow(what);
  return static_cast<std::int64_t>(value);
}

/// All regions' demand together.
class TotalDemand {
 public:
  explicit TotalDemand(std::span<const DemandCurve> curves) {
    for (const DemandCurve& curve : curves)
      for (std::size_t b = 0; b < kCurveBins; ++b) {
        EXPECT(curve.mg[b] >= 0);
        mg_[b] += curve.mg[b];
      }
    for (std::size_t b = kAnyPrice; b > 0; --b) above_[b - 1] = above_[b] + mg_[b];
  }

  Int128 in_bin(std::size_t bin) const { return mg_[bin]; }
  /// Demand of all bins above this one.
  Int128 above(std::size_t bin) const { return above_[bin]; }
  Int128 at_zero() const { return above_[0] + mg_[0]; }

  /// What of a bin's demand is left at a price within the bin.
  Int128 left_in_bin(std::size_t bin, double usd_per_t) const {
    if (bin == kAnyPrice) return mg_[bin];
    const double low = price_edge(bin), high = price_edge(bin + 1);
    const double left = static_cast<double>(mg_[bin]) * (high - usd_per_t) / (high - low);
    return std::clamp(round_half_even_wide(left), Int128{0}, mg_[bin]);
  }

 private:
  std::array<Int128, kCurveBins> mg_{};
  std::array<Int128, kCurveBins> above_{};
};

/// Where an auction ends: all bins above `bin` are served, and `left` of it.
struct Margin {
  double usd_per_t;
  std::size_t bin;
  Int128 left;
};

/// The least price at which demand does not exceed supply.
Margin balance(const TotalDemand& demand, Int128 supply) {
  if (demand.at_zero() <= supply) return {0, 0, demand.in_bin(0)};
  std::size_t bin = kAnyPrice;
  while (demand.above(bin) + demand.in_bin(bin) <= supply) --bin;
  const Int128 left = supply - demand.above(bin);
  if (bin == kAnyPrice) return {kMostPrice, bin, left};
  const double low = price_edge(bin), high = price_edge(bin + 1);
  const double share = static_cast<double>(left) / static_cast<double>(demand.in_bin(bin));
  return {std::clamp(high - share * (high - low), low, high), bin, left};
}

/// Demand at the floor, which does not exceed supply; nor does what doubles make of it.
Margin at_floor(const TotalDemand& demand, Int128 supply, double usd_per_t) {
  const std::size_t bin = price_bin(usd_per_t);
  return {usd_per_t, bin, std::min(demand.left_in_bin(bin, usd_per_t), supply - demand.above(bin))};
}

/// Demand at the ceiling, which is at least supply.
Margin ceiling_margin(const TotalDemand& demand, Int128 supply, double usd_per_t) {
  const std::size_t bin = price_bin(usd_per_t);
  const Int128 least = std::min(demand.in_bin(bin), supply - demand.above(bin));
  return {usd_per_t, bin, std::max(demand.left_in_bin(bin, usd_per_t), least)};
}

std::vector<std::int64_t> allot(const Margin& margin, std::span<const DemandCurve> curves) {
  std::vector<std::int64_t> in_bin(curves.size()), out(curves.size());
  for (std::size_t r = 0; r < curves.size(); ++r) in_bin[r] = curves[r].mg[margin.bin];
  apportion(narrow(margin.left, "conversion of rationed permits"), in_bin, out);
  for (std::size_t r = 0; r < curves.size(); ++r)
    for (std::size_t b = margin.bin + 1; b < kCurveBins; ++b)
      if (__builtin_add_overflow(out[r], curves[r].mg[b], &out[r])) integer_overflow("addition of permits");
  return out;
}

}  // namespace

std::int64_t permits_issued(const PermitParams& params, std::int64_t from_utc, std::int64_t to_utc) {
  EXPECT(to_utc >= from_utc && params.cap_t >= 0);
  const Int128 cap = round_half_even(params.cap_t * kMilligramsPerTonne);
  const std::int64_t period = round_half_even(params.period.seconds);
  EXPECT(period > 0);
  const auto until = [&](std::int64_t utc) {
    const std::int64_t periods = grid::floor_div(utc, period);
    return cap * periods + cap * (utc - periods * period) / period;
  };
  return narrow(until(to_utc) - until(from_utc), "conversion of issued permits");
}

std::int64_t permit_cost(std::int64_t price, std::int64_t amount_mg) {
  const Int128 product = Int128{price} * amount_mg;
  Int128 cost = product / kPriceUnits;
  const auto rest = static_cast<std::int64_t>(product % kPriceUnits);  // the sign of the product
  const std::int64_t twice = 2 * (rest < 0 ? -rest : rest);
  if (twice > kPriceUnits || (twice == kPriceUnits && (cost & 1) != 0)) cost += rest < 0 ? -1 : 1;
  return narrow(cost, "conversion of a payment for permits");
}

PermitClearing clear_permits(const PermitParams& params, std::int64_t supply_mg, std::span<const DemandCurve> curves) {
  const bool capped = params.ceiling_usd_per_t != PermitParams::kNoCeiling;
  EXPECT(supply_mg >= 0 && (!capped || params.ceiling_usd_per_t >= params.floor_usd_per_t));
  const TotalDemand demand(curves);
  Margin margin = balance(demand, supply_mg);
  if (margin.usd_per_t < params.floor_usd_per_t) margin = at_floor(demand, supply_mg, params.floor_usd_per_t);
  if (capped && (margin.usd_per_t > params.ceiling_usd_per_t || margin.bin == kAnyPrice))
    margin = ceiling_margin(demand, supply_mg, params.ceiling_usd_per_t);
  PermitClearing out;
  out.price = round_half_even(margin.usd_per_t * static_cast<double>(kPriceUnits));
  out.allotted_mg = allot(margin, curves);
  const Int128 total = demand.above(margin.bin) + margin.left;
  out.sold_mg = narrow(std::min<Int128>(total, supply_mg), "conversion of sold permits");
  out.unsold_mg = supply_mg - out.sold_mg;
  out.beyond_cap_mg = narrow(total - out.sold_mg, "conversion of permits beyond the cap");
  ENSURE(out.unsold_mg >= 0 && out.beyond_cap_mg >= 0);
  return out;
}

std::vector<std::int64_t> permits_at_hand(const PermitClearing& clearing, std::span<const std::int64_t> weights) {
  EXPECT(weights.size() == clearing.allotted_mg.size());
  std::vector<std::int64_t> out(weights.size()), unsold(weights.size());
  apportion(clearing.sold_mg, clearing.allotted_mg, out);
  if (out.empty()) return out;
  unsold.back() += clearing.unsold_mg - apportion(clearing.unsold_mg, weights, unsold);
  for (std::size_t r = 0; r < out.size(); ++r)
    if (__builtin_add_overflow(out[r], unsold[r], &out[r])) integer_overflow("addition of permits");
  return out;
}

bool at_ceiling(const PermitParams& params, const PermitClearing& clearing) {
  return params.ceiling_usd_per_t != PermitParams::kNoCeiling &&
         clearing.price >= round_half_even(params.ceiling_usd_per_t * static_cast<double>(kPriceUnits));
}

bool permits_lapse(const PermitParams& params, std::int64_t before_utc, std::int64_t now_utc) {
  if (params.banking == Banking::on) return false;
  const std::int64_t period = round_half_even(params.period.seconds);
  return params.banking == Banking::off || grid::floor_div(before_utc, period) != grid::floor_div(now_utc, period);
}

}  // namespace policy
}  // namespace swarm
