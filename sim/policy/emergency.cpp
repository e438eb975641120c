#include "sim/policy/emergency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/units.hpp"
#include "sim/core/apportion.hpp"

namespace swarm {
namespace policy {
namespace {

using grid::HazardKind;
using workload::Purpose;

constexpr std::size_t row(Purpose purpose) {
  return static_cast<std::size_t>(purpose);
}

/// From 1 without a hazard to `full` at severity 1.
double scaled(double full, double level) {
  return 1.0 + (full - 1.0) * level;
}

double priority_of(const EmergencyParams& p, HazardKind kind) {
  switch (kind) {
    case HazardKind::flood: return p.flood_priority;
    case HazardKind::cyclone: return p.cyclone_priority;
    case HazardKind::wildfire: return p.wildfire_priority;
    case HazardKind::drought: return p.drought_priority;
    case HazardKind::heatwave: return p.heatwave_priority;
  }
  return 1;
}

/// The largest factor of the hazards that there are.
double priority_factor(const EmergencyParams& params, const grid::HazardLevels& levels) {
  double largest = 0;
  bool any = false;
  for (std::size_t k = 0; k < grid::kHazardKinds; ++k) {
    if (levels.severity[k] == 0) continue;
    const double factor = scaled(priority_of(params, static_cast<HazardKind>(k)), levels.severity[k]);
    largest = any ? std::max(largest, factor) : factor;
    any = true;
  }
  return any ? largest : 1.0;
}

}  // namespace

EmergencyResponse respond(const EmergencyParams& params, const grid::HazardLevels& levels) {
  EmergencyResponse out{.allocation = 1};
  out.demand.fill(1);
  out.priority.fill(1);
  out.admitted.fill(1);
  const double level = levels.greatest();
  out.demand[row(Purpose::disaster_response)] = scaled(params.disaster_demand, level);
  out.demand[row(Purpose::climate_adaptation)] = scaled(params.adaptation_demand, level);
  if (params.protocol == EmergencyProtocol::off) return out;
  out.priority.fill(priority_factor(params, levels));
  for (const Purpose last : {Purpose::luxury, Purpose::cryptocurrency_mining}) out.priority[row(last)] = 1;
  out.admitted[row(Purpose::luxury)] = scaled(params.luxury_share, level);
  out.admitted[row(Purpose::cryptocurrency_mining)] = scaled(params.mining_share, level);
  out.allocation = scaled(params.cyclone_allocation, levels.of(HazardKind::cyclone));
  return out;
}

}  // namespace policy
}  // namespace swarm
