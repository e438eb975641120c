#include "sim/world/emergency.hpp"

#include <algorithm>

#include "sim/core/calendar.hpp"

namespace swarm {
namespace world {

Emergency emergency_in(const Plan& plan, RegionId region, std::uint32_t step) {
  const auto& params = plan.scenario.emergency;
  const std::int64_t utc = plan.start_utc + static_cast<std::int64_t>(step) * static_cast<std::int64_t>(plan.step_s);
  const grid::HazardLevels levels = plan.hazards.aftermath(region, utc, params.decay);
  Emergency out{.severity = plan.hazards.active(region, utc).greatest(),
                .level = levels.greatest(),
                .response = policy::respond(params, levels)};
  if (const auto since = plan.hazards.since(region, utc))
    out.began_s = static_cast<double>(std::max<std::int64_t>(0, *since - plan.start_utc));
  return out;
}

grid::Hazards build_hazards(const scenario::Scenario& s) {
  const std::int64_t start = parse_utc(s.run.start);
  const std::int64_t lasts = round_half_even(s.run.warmup.seconds + s.run.duration.seconds);
  return grid::Hazards::build(s.hazards, s.hazard_records, s.regions, start, start + lasts,
                              static_cast<std::uint64_t>(s.run.seed), s.run.data_dir);
}

}  // namespace world
}  // namespace swarm
