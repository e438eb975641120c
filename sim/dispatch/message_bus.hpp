#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// Messages between specialists cost energy, and a step has only so much for them (docs/models/collaboration.md, "Message bus").
namespace swarm {
namespace dispatch {

struct BusParams {
  bool enabled = false;
  double watts_per_server = 0.2;
  double j_per_byte = 1e-6;
  double j_per_batch = 0.05;
  std::int64_t batch_messages = 32;
  std::int64_t report_bytes = 280;
};

template <class V>
void describe(V& v, BusParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether members of a council report to who presides by messages that take energy, so that a member whose report is dropped is not heard; otherwise all are heard and reports cost nothing."});
  v("watts_per_server", p.watts_per_server, {.unit = "W", .min = 0, .max = 1e6, .doc = "Power that a region's messages may take on average over a step, for each of its servers.", .source = kAssumed});
  v("j_per_byte", p.j_per_byte, {.unit = "J/B", .min = 0, .max = 1e-3, .doc = "Energy to carry one byte of a message.", .source = kAssumed});
  v("j_per_batch", p.j_per_batch, {.unit = "J", .min = 0, .max = 1e3, .doc = "Energy to send one batch of messages, beside its bytes.", .source = kAssumed});
  v("batch_messages", p.batch_messages, {.unit = "1", .min = 1, .max = 1e6, .doc = "Most messages to one receiver that go as one batch.", .source = kAssumed});
  v("report_bytes", p.report_bytes, {.unit = "B", .min = 1, .max = 1e6, .doc = "Bytes of a member's report: ten probabilities of 4 B and 60 tok of 4 B.", .source = kAssumed});
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

/// Keeps the most valuable messages that a budget of so many joules can carry, those of equal value in order of (from, sequence): the
/// least valuable one goes first until the rest fits. `kept`: their rows, ordered by (to, from, sequence), as they are
/// delivered. Values are finite, energies not negative.
BusStep carry(const BusParams& p, double budget_j, std::span<const Message> messages, std::vector<std::uint32_t>& kept);

}  // namespace dispatch
}  // namespace swarm
