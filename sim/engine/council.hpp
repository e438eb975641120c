#pragma once
#include <array>
#include <span>

#include "sim/dispatch/council.hpp"
#include "sim/world/world.hpp"

/// Councils in a run (docs/models/council.md): who sits in them, and how their pay is divided.
namespace swarm {
namespace engine {

/// The specialists that answer a flight: who was asked first, then, in a council, others of its type and site.
struct Members {
  std::array<std::uint32_t, dispatch::kMostSeats> agent;  ///< local numbers
  std::size_t count = 1;
  std::span<const std::uint32_t> all() const { return std::span(agent).first(count); }
  bool council() const { return count > 1; }
};

/// A function of the flight alone, so nothing of it is kept. Others are looked for from a keyed place in the list of the
/// site's specialists on, those with another network than the members so far first: who is taught alike answers alike.
Members members_of(const world::World& w, const world::RegionState& r, std::size_t flight);

/// Shapley values of the members in the game that is worth 1 to a coalition that answers correctly.
std::array<double, dispatch::kMostSeats> contributions(std::uint32_t coalitions_right, std::size_t members);

/// Divides energy or wear among members in whole parts; what is left over is the first one's.
void share_equally(std::vector<std::int64_t>& column, const Members& members, std::int64_t amount);

/// What each member keeps of a council's pay that its first member has got: [council] synergy_share of it in proportion
/// to positive contributions, where there are any, and the rest in equal parts. Moves the others' parts to them.
std::array<std::int64_t, dispatch::kMostSeats> divide_pay(const world::World& w, world::RegionState& r, std::size_t flight,
                                                          const Members& members, MicroTkn pay);

/// Counts an answer given together.
void note_council(world::RegionState& r, std::size_t flight, const Members& members);

}  // namespace engine
}  // namespace swarm
