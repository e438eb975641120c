#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/dispatch/schedule.hpp"
#include "sim/world/world.hpp"

/// What requests are expected to take of servers, before it is known who will answer them.
namespace swarm {
namespace engine {

/// Means over the specialists who could answer: those of the asking region, or all, where it has none or where requests wait
/// for other regions' signals too (schedule.signal).
class SlotWork {
 public:
  /// Reads the bulletin of the step.
  SlotWork(const world::World& w, RegionId asker);

  /// Slots that a request occupies a gang, and server time of all its copies. Its slack is left at 0.
  dispatch::FlexibleWork of(std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out, std::uint8_t seats) const;

  /// What a step of server time comes to that may be promised: schedule.capacity_share of that of the region's sites with
  /// specialists, or of its share of all sites' by requests, where requests count on these [microseconds].
  std::int64_t promised_at_most_us() const { return limit_us_; }

 private:
  struct Row {
    const world::SiteInfo* site;
    double weight;
  };
  const world::Plan& plan_;
  std::array<std::vector<Row>, workload::kProblemTypes> rows_;
  std::int64_t limit_us_;
};

}  // namespace engine
}  // namespace swarm
