#pragma once
#include "sim/world/plan.hpp"

/// What hazards mean for a region in a step (docs/models/instruments.md, "In a run").
namespace swarm {
namespace world {

struct Emergency {
  double severity = 0;  ///< of the worst hazard that is going on
  double level = 0;     ///< the same with what is left of hazards that are over
  double began_s = -1;  ///< when those that are going on began [s since start; 0 if before it]; -1: none is
  policy::EmergencyResponse response{};

  /// Whether a request for this asks for help during a hazard.
  bool concerns(workload::Purpose purpose) const {
    return severity > 0 && (purpose == workload::Purpose::disaster_response || purpose == workload::Purpose::climate_adaptation);
  }
};

/// A step goes by the moment at which it begins. A pure function of the plan: any region may ask for any (an
/// allocation needs those of all who ask).
Emergency emergency_in(const Plan& plan, RegionId region, std::uint32_t step);

/// All hazards of a run. Throws InputError with the problems of the feed.
grid::Hazards build_hazards(const scenario::Scenario& s);

}  // namespace world
}  // namespace swarm
