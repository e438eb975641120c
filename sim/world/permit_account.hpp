#pragma once
#include <array>
#include <cstdint>

#include "sim/dispatch/balance.hpp"
#include "sim/policy/demand_curve.hpp"

/// A region's emission permits in a run, whole milligrams of priced footprint. At the end of a step
/// held + reserved + used + lapsed of all regions = issued so far + beyond the cap so far, exactly.
namespace swarm {
namespace world {

struct PermitAccount {
  policy::DemandCurve demand;   ///< of the last step's requests: what they would reserve, by what they would pay for it
  std::int64_t held_mg = 0;     ///< at hand, or banked
  std::int64_t reserved_mg = 0; ///< for requests that are not settled
  std::int64_t used_mg = 0;     ///< by settled requests, since the start
  std::int64_t lapsed_mg = 0;   ///< since the start
  std::int64_t beyond_mg = 0;   ///< sold beyond the cap, since the start
  std::int64_t revenue = 0;     ///< of the carbon revenue in the treasury, what belongs to people [µTKN]; per-capita only
  std::int64_t allotted_mg = 0; ///< at hand when this step's requests came
};

/// What one request would reserve: up to each price, so many milligrams more.
struct PermitDemand {
  std::array<double, dispatch::kMaxCandidates> worth{};  ///< [USD/t]
  std::array<std::int64_t, dispatch::kMaxCandidates> mg{};
  std::uint8_t points = 0;
};

/// What a region publishes of them.
struct PermitNotice {
  policy::DemandCurve demand;
  std::int64_t held_mg = 0;
  std::int64_t revenue = 0;  ///< collected and not yet paid back to people [µTKN]
};

}  // namespace world
}  // namespace swarm
