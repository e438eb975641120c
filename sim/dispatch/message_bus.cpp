#include "sim/dispatch/message_bus.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace swarm {
namespace dispatch {

BusStep carry(const BusParams& p, double budget_j, std::span<const Message> messages, std::vector<std::uint32_t>& kept) {
  kept.resize(messages.size());
  std::iota(kept.begin(), kept.end(), 0u);
  std::ranges::sort(kept, [&](std::uint32_t a, std::uint32_t b) {
    const Message &x = messages[a], &y = messages[b];
    return std::tuple(-x.value, x.from, x.sequence, a) < std::tuple(-y.value, y.from, y.sequence, b);
  });
  BusStep step;
  std::map<std::uint32_t, std::int64_t> to_each;
  std::size_t n = 0;
  for (; n < kept.size(); ++n) {  // each message only adds to the energy, so the longest beginning that fits is kept
    const Message& m = messages[kept[n]];
    const auto batches = step.batches + (to_each[m.to] % p.batch_messages == 0);
    const auto bytes = step.bytes + m.bytes;
    const double energy = p.j_per_byte * static_cast<double>(bytes) + p.j_per_batch * static_cast<double>(batches);
    if (energy > budget_j) break;
    ++to_each[m.to];
    step.batches = batches;
    step.bytes = bytes;
    step.energy_j = energy;
  }
  for (std::size_t k = n; k < kept.size(); ++k) step.dropped_value += messages[kept[k]].value;
  step.sent = n;
  step.dropped = kept.size() - n;
  kept.resize(n);
  std::ranges::sort(kept, [&](std::uint32_t a, std::uint32_t b) {
    const Message &x = messages[a], &y = messages[b];
    return std::tie(x.to, x.from, x.sequence, a) < std::tie(y.to, y.from, y.sequence, b);
  });
  return step;
}

}  // namespace dispatch
}  // namespace swarm
