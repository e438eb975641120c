#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "sim/core/params.hpp"
#include "sim/grid/hazard.hpp"
#include "sim/workload/purpose.hpp"

/// What hazards do to demand, and how the swarm answers them.
namespace swarm {
namespace policy {

enum class EmergencyProtocol : std::uint8_t { off, on };

struct EmergencyParams {
  EmergencyProtocol protocol = EmergencyProtocol::on;
  double disaster_demand = 5;
  double adaptation_demand = 2;
  double flood_priority = 5;
  double cyclone_priority = 5;
  double wildfire_priority = 4;
  double drought_priority = 3;
  double heatwave_priority = 3;
  double cyclone_allocation = 5;
  double luxury_share = 0;
  double mining_share = 0;
  Duration decay{86400};
};

template <class V>
void describe(V& v, EmergencyParams& p) {
  v("protocol", p.protocol, {.unit = "", .doc = "Whether the swarm answers hazards with priority and capacity; hazards raise demand in either case."});
  v("disaster_demand", p.disaster_demand, {.unit = "1", .min = 1, .max = 1000, .doc = "Factor on requests for disaster_response in a region with a hazard of severity 1; as with all factors here, 1 + (factor − 1) · severity below.", .source = kAssumed});
  v("adaptation_demand", p.adaptation_demand, {.unit = "1", .min = 1, .max = 1000, .doc = "The same for climate_adaptation.", .source = kAssumed});
  v("flood_priority", p.flood_priority, {.unit = "1", .min = 0, .max = 1000, .doc = "Factor of priority for requests from a region under flood, but for luxury and cryptocurrency_mining; of several hazards the largest factor counts.", .source = "first prototype"});
  v("cyclone_priority", p.cyclone_priority, {.unit = "1", .min = 0, .max = 1000, .doc = "The same for a cyclone; the first prototype gave its factor to allocations only.", .source = kAssumed});
  v("wildfire_priority", p.wildfire_priority, {.unit = "1", .min = 0, .max = 1000, .doc = "The same for a wildfire.", .source = "first prototype"});
  v("drought_priority", p.drought_priority, {.unit = "1", .min = 0, .max = 1000, .doc = "The same for a drought.", .source = kAssumed});
  v("heatwave_priority", p.heatwave_priority, {.unit = "1", .min = 0, .max = 1000, .doc = "The same for a heatwave.", .source = kAssumed});
  v("cyclone_allocation", p.cyclone_allocation, {.unit = "1", .min = 0, .max = 100, .doc = "Factor of a climate-optimal allocation for a region under a cyclone.", .source = "first prototype"});
  v("luxury_share", p.luxury_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of luxury that is still served in a region with a hazard of severity 1; 0 refuses it.", .source = kAssumed});
  v("mining_share", p.mining_share, {.unit = "1", .min = 0, .max = 1, .doc = "The same for cryptocurrency_mining.", .source = kAssumed});
  v("decay", p.decay, {.unit = "s", .min = 0, .max = 3.2e7, .doc = "Time constant with which demand and response fade after the end of a hazard; 0 ends them with it.", .source = kAssumed});
}

/// Factors and shares for one region by purpose; all 1 where nothing happens.
struct EmergencyResponse {
  using ByPurpose = std::array<double, workload::kPurposes>;
  ByPurpose demand;    ///< on the rate of its requests
  ByPurpose priority;  ///< on the priority of its requests
  ByPurpose admitted;  ///< part of requests that may be served in the region
  double allocation;   ///< on its climate-optimal allocation
};

/// The response to these levels, which Hazards::aftermath(region, utc, params.decay) gives. Continuous in each level.
EmergencyResponse respond(const EmergencyParams& params, const grid::HazardLevels& levels);

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::EmergencyProtocol> {
  static constexpr std::array<std::string_view, 2> names{"off", "on"};
};
}  // namespace core
}  // namespace swarm
