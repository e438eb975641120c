#pragma once
#include <vector>

#include "sim/engine/faults.hpp"
#include "sim/engine/quotas.hpp"
#include "sim/world/world.hpp"

/// Allowances of energy in a run (docs/models/energy_storage.md, "Allowances"). All of it does nothing where they are
/// switched off.
namespace swarm {
namespace engine {

/// Who serves an admitted order: the line that was agreed on, and the specialist of its site who answers.
struct Seat {
  world::OrderLine line, served;
  std::int64_t estimate_uj = 0;  ///< set aside of that specialist's allowance
  std::uint32_t passes = 0;      ///< over the weights; 0 without allowances
};

/// A region's allowances while the step's requests are placed.
class EnergyDesk {
 public:
  EnergyDesk(const world::World& w, world::RegionState& r);

  /// Sets the order's expected energy and its quota aside with the specialist of the line. If its allowance does not
  /// cover it, with somebody else who may be asked: at another line of the order here where it takes less, and that answers by the deadline; else with the next
  /// specialist of the site and type whose allowance does. What stands in the way of all of them, or none.
  world::Refusal reserve(const world::Order& order, Seat& seat, QuotaDesk& quotas, const FaultDesk& faults);
  /// Takes that back: the specialist does not answer.
  void release(const world::Order& order, const Seat& seat, QuotaDesk& quotas);

 private:
  world::Refusal find(const world::Order& order, Seat& seat, const QuotaDesk& quotas, const FaultDesk& faults);
  std::int64_t estimate(const world::Order& order, std::uint32_t site, std::uint32_t agent) const;
  bool covers(const world::Order& order, std::uint32_t site, std::uint32_t agent) const;
  bool turn_to_cheaper(const world::Order& order, Seat& seat, const QuotaDesk& quotas, const FaultDesk& faults);

  const world::World& w_;
  world::RegionState& r_;
  bool on_;
  std::vector<std::uint64_t> too_many_;  ///< per problem type and site: passes that nobody's allowance covers
};

/// Sends an admitted order home that nobody had energy left for; it counts as not admitted. Refused, unless its users can
/// wait until allowances are renewed: then to be put away until that step.
void send_home_for_allowance(world::World& w, world::RegionState& r, const world::Order& order);

/// At home: puts away a request that came back so. What was set aside for it has been returned.
void put_away_for_allowance(const world::World& w, world::RegionState& r, const world::Order& order);

/// What answers that land in this step really took is spent, and teaches the next estimates.
void spend_allowances(const world::World& w, world::RegionState& r);

/// What is set aside is what flights were estimated to take. Throws ModelError.
void audit_allowances(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
