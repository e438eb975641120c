#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/world/world.hpp"

/// Minimum-total-energy migration (docs/models/space.md, "Migration"): to which sites the regions' requests of a step go
/// under balance.policy = "min-total-energy". A function of the bulletin, and so the same in every shard.
namespace swarm {
namespace engine {

class Migration {
 public:
  /// Solves a flow for each problem type: from what regions asked for in the last step to the sites that list specialists
  /// of the type and are not hotspots yet.
  explicit Migration(const world::World& w);

  /// What of a region's requests of a type goes to which site: amounts out of what the region asked for last.
  struct Share {
    std::uint32_t site;  ///< kNoSite: found no place
    std::int64_t amount;
  };
  const std::vector<Share>& shares(std::size_t type, RegionId region) const { return shares_[type][region.value]; }

  /// Gives the region's requests their destinations, in order of arrival and in these shares: the k-th of a type goes
  /// where a golden-ratio sequence from a keyed start says, so that any run of requests is divided nearly in the shares.
  void direct(const world::World& w, world::RegionState& r) const;

  /// A listing of the type at the site, by a random word; the site must be some request's destination.
  std::size_t listing(std::size_t type, std::uint32_t site, std::uint32_t word) const;

 private:
  void solve(const world::World& w, std::size_t type);

  std::array<std::vector<std::vector<Share>>, workload::kProblemTypes> shares_;           ///< per type and region
  std::array<std::vector<std::vector<std::uint32_t>>, workload::kProblemTypes> listings_;  ///< per type and site: rows
};

}  // namespace engine
}  // namespace swarm
