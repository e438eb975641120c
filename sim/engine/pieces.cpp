#include "sim/engine/pieces.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/dispatch/exact_sums.hpp"
#include "sim/dispatch/schedule.hpp"
#include "sim/engine/supply.hpp"
#include "sim/grid/carbon.hpp"

namespace swarm {
namespace engine {
namespace {

using world::RegionState;
using world::World;

bool interrupts(const world::Plan& plan) {
  return plan.scenario.schedule.strategy == dispatch::ScheduleStrategy::interrupting;
}

/// Rounding of sums of times [s].
constexpr double kInstant = 1e-6;

/// Steps that a time of more than an instant reaches into.
std::int64_t slots_of(double seconds, double step_s) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil((seconds - kInstant) / step_s)));
}

/// Forecast intensities of the steps from the present one on, as far as foreseen.
std::vector<std::int64_t> expected_units(const World& w, RegionId region) {
  const auto& signals = w.plan->signals;
  std::vector<double> forecast;
  double greatest = 0;
  for (std::uint32_t ahead = 0; ahead <= signals.horizon_steps(); ++ahead) {
    forecast.push_back(signals.forecast_intensity(region, w.step, ahead));
    greatest = std::max(greatest, forecast.back());
  }
  std::vector<std::int64_t> units(forecast.size());
  dispatch::to_units(forecast, dispatch::signal_decimals(greatest, forecast.size()), units);
  return units;
}

}  // namespace

std::int64_t slack_steps(const world::Plan& plan) {
  const double longest = std::min(plan.scenario.workload.flexibility.seconds, plan.scenario.schedule.max_delay.seconds);
  return static_cast<std::int64_t>(longest / plan.step_s);
}

PieceOfWork first_piece(const World& w, const world::Order& order, double occupancy_s) {
  const auto& plan = *w.plan;
  if (order.slack_s == 0 || occupancy_s <= plan.step_s || !interrupts(plan)) return {occupancy_s, 0};
  const double now = std::min(occupancy_s, std::max(0.0, plan.step_s - order.ready_s));
  return {now, occupancy_s - now};
}

void resume_pieces(const World& w, RegionState& r) {
  const auto& plan = *w.plan;
  if (!interrupts(plan)) return;
  auto& f = r.flights;
  const auto first_site = plan.regions[r.id.value].first_site;
  const double slack = plan.step_s * static_cast<double>(slack_steps(plan));
  std::vector<std::int64_t> units;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (f.left_s[k] == 0 || f.finish_s[k] > w.now()) continue;
    if (units.empty()) units = expected_units(w, r.id);
    const auto site = f.site[k] - first_site;
    // By when it would be done at the latest in one piece.
    const double end = f.arrival_s[k] + slack + f.service_s[k] * plan.sites[f.site[k]].occupancy_factor;
    // The last of the slots before it may be a part of one, and so is the last of those still needed: as long a part.
    const std::int64_t left = slots_of(f.left_s[k], plan.step_s);
    const std::int64_t slots = std::min(slots_of(end - w.now(), plan.step_s), static_cast<std::int64_t>(units.size()));
    const bool must = end - w.step_end() < f.left_s[k] - kInstant || slots < left;
    if (!must && !dispatch::runs_now(std::span(units).first(static_cast<std::size_t>(slots)), left)) continue;
    const double piece = std::min(f.left_s[k], plan.step_s);
    const auto placed = r.pools[site].place(w.now(), piece);
    f.worked_s[k] += f.finish_s[k] - f.start_s[k];
    f.start_s[k] = placed.start;
    f.finish_s[k] = placed.finish;
    f.left_s[k] -= piece;
    r.scratch.fluid_free_s[site] += piece / plan.sites[f.site[k]].gangs;
    ++r.schedule.step.resumed;
  }
}

void note_flexible_answer(const World& w, RegionState& r, std::size_t flight) {
  const auto& f = r.flights;
  if (f.at_once_s[flight] < 0) return;
  const auto& plan = *w.plan;
  const double kwh_all = kwh({f.metered_nj[flight]}) * plan.sites[f.site[flight]].pue;
  const double begin = f.at_once_s[flight];
  const double end = begin + f.worked_s[flight] + (f.finish_s[flight] - f.start_s[flight]);
  double at_once = 0;
  for (auto step = static_cast<std::uint32_t>(begin / plan.step_s);; ++step) {
    const double from = std::max(begin, plan.step_s * step), to = std::min(end, plan.step_s * (step + 1.0));
    const double part = end > begin ? (to - from) / (end - begin) : 1.0;
    at_once += grid::location_based_g(kwh_all * part, lowered(r, plan.signals.intensity(r.id, std::min(step, w.step))));
    if (to >= end) break;
  }
  auto& s = r.schedule.step;
  ++s.answered;
  s.kwh += kwh_all;
  s.carbon_g += f.carbon_location_g[flight];
  s.carbon_at_once_g += at_once;
}

}  // namespace engine
}  // namespace swarm
