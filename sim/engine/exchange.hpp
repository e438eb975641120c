#pragma once
#include <memory>
#include <span>

#include "sim/world/world.hpp"

/// How worlds talk. Within a world a message is moved; between worlds everything from one to another is packed
/// into one byte buffer and unpacked there, so that a transport between processes only has to carry bytes.
/// Delivery is in order of (source region, order of sending), however regions are divided over worlds.
namespace swarm {
namespace engine {

using Worlds = std::span<const std::unique_ptr<world::World>>;

/// Gives every world every region's notices and offers.
void exchange_bulletins(Worlds worlds);
/// Delivers what is in the outboxes and empties them.
void exchange_orders(Worlds worlds);
void exchange_outcomes(Worlds worlds);
/// At the end of a step: no money is on its way, and as many requests are open at home as are in flight abroad and
/// at home together. Throws ModelError when mail has been lost or delivered twice.
void audit_mail(Worlds worlds, std::uint32_t step);

}  // namespace engine
}  // namespace swarm
