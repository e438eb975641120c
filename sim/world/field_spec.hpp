#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/core/params.hpp"

/// What is declared of a column in the field registry (fields.hpp).
namespace swarm {
namespace world {

/// What a row of the column stands for.
enum class Dim : std::uint8_t { region, site, purpose, market, bidder, agent, decision, flight, waiting, resting, lot, holding, server, account, posting, cell, delay_bin, price_bin, position, outcome, trader, stake, kind, episode, reading, upkeep, estimate, held, slot, observation, figure };
/// State can change a later step and is checkpointed; output is recorded; both is both.
enum class Role : std::uint8_t { state, output, both };
/// How a figure came about; never mixed up.
enum class Kind : std::uint8_t { executed, modelled, accounting };

struct FieldSpec {
  std::string_view name;
  Dim dim;
  Role role;
  Kind kind;
  std::string_view unit;
  std::string_view meaning;
  std::span<const std::string_view> flags = {};  ///< of a code: the meaning of 0, 1, 2, …
};

constexpr bool is_state(Role role) { return role != Role::output; }
constexpr bool is_output(Role role) { return role != Role::state; }

}  // namespace world
inline namespace core {
template <>
struct EnumNames<world::Dim> {
  static constexpr std::array<std::string_view, 31> names{"region", "site", "purpose", "market", "bidder", "agent", "decision", "flight", "waiting", "resting", "lot", "holding", "server", "account", "posting", "cell", "delay_bin", "price_bin", "position", "outcome", "trader", "stake", "kind", "episode", "reading", "upkeep", "estimate", "held", "slot", "observation", "figure"};
};
}  // namespace core
}  // namespace swarm
