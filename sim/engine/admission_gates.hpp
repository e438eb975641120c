#pragma once
#include <vector>

#include "sim/world/world.hpp"

/// Circuit breakers at posted prices (docs/models/faults.md): a region admits no more requests to a specialist or site
/// that is being probed than there are probes, in each round of trade; the others go on to their next region.
namespace swarm {
namespace engine {

class AdmissionGates {
 public:
  /// Of one round of trade.
  AdmissionGates(const world::World& w, const world::RegionState& r);
  /// The order without the region's lines that are used up; the order itself where there are no breakers. Valid until the
  /// next call.
  world::Order& open_lines(world::Order& order);
  void note_admitted(const world::OrderLine& line);

 private:
  std::uint32_t local(const world::OrderLine& line) const { return line.site - first_site_; }
  const world::World& w_;
  const world::RegionState& r_;
  std::uint32_t first_site_;
  std::vector<std::uint8_t> agent_left_, site_left_;
  world::Order open_;
};

}  // namespace engine
}  // namespace swarm
