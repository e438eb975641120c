#pragma once
#include <optional>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/engine/routing.hpp"

/// Climate-optimal allocation at posted prices (docs/models/instruments.md, "In a run"): in each round of trade the time
/// that a site has left in the step is divided over those who ask for it, by asking region and purpose.
namespace swarm {
namespace engine {

class Allocator {
 public:
  /// Divides what the region's sites have left over the orders in its inbox, which is sorted. What is asked of a site is
  /// what would go there if all of them were admitted.
  Allocator(const world::World& w, world::RegionState& r, const Random& balance);

  /// The line that takes the order, with what it needs of what is left there; none if no site of the region has it. Sites
  /// are tried as the order prefers them.
  std::optional<world::OrderLine> place(const world::Order& order);

  /// Time that an order takes of all a site's servers together [microseconds], at least one.
  static std::int64_t work_us(const world::World& w, const world::Order& order, std::uint32_t site);

 private:
  std::vector<std::int64_t> requested() const;
  void divide(std::size_t site, std::span<const std::int64_t> requested);
  bool take(std::int64_t& left, std::int64_t work, const world::Order& order, std::size_t site,
            std::size_t word) const;
  bool admits(const world::Order& order, const Route& expected);

  const world::World& w_;
  world::RegionState& r_;
  Random balance_, random_;
  std::uint32_t first_site_;
  std::size_t groups_;              ///< asking regions × purposes
  std::vector<double> emergency_;   ///< factor of each asking region's allocations in an emergency
  std::vector<std::int64_t> left_;  ///< of what was allocated, per site and group [microseconds]
  std::vector<std::int64_t> free_;  ///< for anybody, per site
};

/// Whether orders go by allocation.
inline bool allocates(const world::Plan& plan) {
  return plan.scenario.allocation.rule != policy::AllocationRule::none;
}

}  // namespace engine
}  // namespace swarm
