#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// Messages between specialists cost energy, and a step has only so much for them (docs/models/context.md, "Message bus").
namespace swarm {
namespace dispatch {

struct BusParams {
  double budget_j = 100;
  double j_per_byte = 1e-6;
  double j_per_batch = 0.05;
  std::int64_t batch_messages = 32;
};

template <class V>
void describe(V& v, BusParams& p) {
  v("budget_j", p.budget_j, {.unit = "J", .min = 0, .max = 1e15, .doc = "Energy that a step's messages may take.", .source = kAssumed});
  v("j_per_byte", p.j_per_byte, {.unit = "J/B", .min = 0, .max = 1, .doc = "Energy to carry one byte.", .source = kAssumed});
  v("j_per_batch", p.j_per_batch, {.unit = "J", .min = 0, .max = 1e6, .doc = "Energy to send one batch, beside its bytes.", .source = kAssumed});
  v("batch_messages", p.batch_messages, {.unit = "1", .min = 1, .max = 1e6, .doc = "Most messages to one receiver that go as one batch.", .source = kAssumed});
}

struct Message {
  double value = 0;  ///< what it is worth to be delivered
  std::uint32_t bytes = 0;
  std::uint32_t to = 0;
  std::uint64_t from = 0;      ///< sender and its sequence: who comes first among equal values
  std::uint32_t sequence = 0;
};

struct BusStep {
  std::uint64_t sent = 0, dropped = 0, batches = 0, bytes = 0;
  double energy_j = 0;
  double dropped_value = 0;
};

/// Keeps the most valuable messages that the budget can carry, those of equal value in order of (from, sequence): the
/// least valuable one goes first until the rest fits. `kept`: their rows, ordered by (to, from, sequence), as they are
/// delivered. Values are finite, energies not negative.
BusStep carry(const BusParams& p, std::span<const Message> messages, std::vector<std::uint32_t>& kept);

}  // namespace dispatch
}  // namespace swarm
