#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "sim/engine/faults.hpp"
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
  /// problem type that has as many left and may be asked, who then stands in the line. False, and nothing is reserved, if
  /// nobody has.
  bool reserve(const world::Order& order, world::OrderLine& line, const FaultDesk& faults) { return !book_ || find(order, line, faults); }
  /// Whether the specialist has so many tok left.
  bool covers(std::uint32_t agent, std::int64_t tok) const { return !book_ || book_->available(agent) >= tok; }

  /// Takes a reservation back.
  void release(const world::Order& order, const world::OrderLine& line);

 private:
  bool find(const world::Order& order, world::OrderLine& line, const FaultDesk& faults);

  world::RegionState& r_;
  std::uint32_t first_site_ = 0, sites_ = 0;
  std::optional<economy::QuotaBook> book_;
  std::vector<std::int64_t> too_much_;  ///< per problem type and site: so many tok nobody has left
};

/// The specialists of a site and problem type in turn, from the one after `own` on, until take(agent) is true of one.
template <class Take>
bool turn_to_resident(const world::RegionState& r, std::size_t type, std::uint32_t site, std::uint32_t own, Take&& take) {
  const auto residents =
      std::ranges::equal_range(r.agents_of_type[type], site, {}, [&](std::uint32_t agent) { return r.agents.site[agent]; });
  const auto from = std::lower_bound(residents.begin(), residents.end(), own);
  return std::any_of(from, residents.end(), take) || std::any_of(residents.begin(), from, take);
}

/// Sends an admitted order home for which nobody had quota; it counts as not admitted.
void refuse_for_quota(world::World& w, world::RegionState& r, const world::Order& order);

/// The quota of the answers that land in this step is used; the step's figures of quotas and of the token
/// budget.
void use_quotas(const world::World& w, world::RegionState& r);

/// What is reserved is what flights will use, and nobody has handed out more than it has. Throws ModelError.
void audit_quotas(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
