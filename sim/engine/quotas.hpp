#pragma once
#include <optional>
#include <vector>

#include "sim/world/world.hpp"

/// Quotas and token budgets in a run (docs/models/credit.md, "Quotas in a run"). All of it does nothing where
/// quotas are switched off.
namespace swarm {
namespace engine {

/// Where a UTC day begins: every specialist's quota of the day, bonuses included, and the trade in them.
void allot_quotas(const world::World& w, world::RegionState& r);

/// A region's quotas while the step's requests are placed.
class QuotaDesk {
 public:
  QuotaDesk(const world::World& w, world::RegionState& r);
  QuotaDesk(const QuotaDesk&) = delete;
  QuotaDesk& operator=(const QuotaDesk&) = delete;
  ~QuotaDesk();

  /// Reserves the order's tok with the specialist of `line`, or else with the next one of the same site and
  /// problem type that has as many left, who then stands in the line. False, and nothing is reserved, if
  /// nobody has.
  bool reserve(const world::Order& order, world::OrderLine& line) { return !book_ || find(order, line); }

 private:
  bool find(const world::Order& order, world::OrderLine& line);

  world::RegionState& r_;
  std::uint32_t first_site_ = 0, sites_ = 0;
  std::optional<economy::QuotaBook> book_;
  std::vector<std::int64_t> too_much_;  ///< per problem type and site: so many tok nobody has left
};

/// Sends an admitted order home for which nobody had quota; it counts as not admitted.
void refuse_for_quota(world::World& w, world::RegionState& r, const world::Order& order);

/// The quota of the answers that land in this step is used; the step's figures of quotas and of the token
/// budget.
void use_quotas(const world::World& w, world::RegionState& r);

/// What is reserved is what flights will use, and nobody has handed out more than it has. Throws ModelError.
void audit_quotas(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
