#pragma once
#include "sim/world/world.hpp"

/// What other phases tell and ask of credit (docs/models/credit.md, "In a run"); the phase itself is phases/lend.cpp.
/// All of it does nothing where lending, demurrage and appreciation are switched off.
namespace swarm {
namespace engine {

/// A specialist is being paid `due` for an answer that is not counted yet: earnings, and the bonus of an early one.
void note_payment(const world::World& w, world::RegionState& r, std::uint32_t agent, MicroTkn due);

/// The step's bills are written and nothing has been added to them: those of a day are smoothed by them.
void note_bills(const world::World& w, world::RegionState& r);

/// The pool's account holds what was posted to it and from it, principal is what was lent less what was repaid or ended
/// in default, who owes nothing has nothing due, and claims are covered. Throws ModelError.
void audit_lending(const world::World& w, const world::RegionState& r);

}  // namespace engine
}  // namespace swarm
