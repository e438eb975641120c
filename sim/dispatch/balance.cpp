#include "sim/dispatch/balance.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

using Order = std::array<std::uint8_t, kMaxCandidates>;
using Cost = std::array<float, kMaxCandidates>;

/// Sorts by (cost, position), stably: an element's place is the number of those that go before it. All are compared
/// with all, since branches on costs would be unpredictable.
void sort_by_cost(const Cost& cost, std::size_t n, Order& order) {
  const Order from = order;
  Order place{};
  for (std::size_t i = 1; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const bool swapped = cost[from[j]] > cost[from[i]];
      place[j] += swapped;
      place[i] += !swapped;
    }
  for (std::size_t i = 0; i < n; ++i) order[place[i]] = from[i];
}

/// Fisher–Yates on the mixed-radix digits of one word: 8! orders from 2^32 values, bias below 1e-5.
void shuffle(std::uint32_t word, std::size_t n, Order& order) {
  std::uint64_t state = word;
  for (std::size_t i = n; i > 1; --i) {
    state *= i;
    const std::size_t j = (state >> 32) & (kMaxCandidates - 1);  // < i; the mask only tells the compiler
    state &= 0xFFFF'FFFFu;
    const std::uint8_t moved = order[i - 1];
    order[i - 1] = order[j];
    order[j] = moved;
  }
}

void weighted_cost(const BalanceParams& p, std::span<const Candidate> c, float deadline_s, Cost& cost) {
  float price_sum = 0, energy_sum = 0;
  for (const Candidate& k : c) {
    price_sum += k.price_usd;
    energy_sum += k.energy_kwh;
  }
  const auto n = static_cast<float>(c.size());
  const float by_price = price_sum > 0 ? static_cast<float>(p.weight_price) * n / price_sum : 0.0f;
  const float by_energy = energy_sum > 0 ? static_cast<float>(p.weight_energy) * n / energy_sum : 0.0f;
  const float by_delay = static_cast<float>(p.weight_latency) / deadline_s;
  const auto by_distance = static_cast<float>(p.weight_locality);
  for (std::size_t i = 0; i < c.size(); ++i)
    cost[i] = by_price * c[i].price_usd + by_energy * c[i].energy_kwh + by_delay * c[i].delay_s +
              (c[i].foreign ? by_distance : 0.0f) + c[i].ill_repute;
}

/// Distinct sites numbered in ascending order; the turn says which of them comes first.
void round_robin_cost(std::span<const Candidate> c, std::uint32_t turn, Cost& cost) {
  std::array<std::uint32_t, kMaxCandidates> below{};
  std::uint32_t sites = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    bool first_of_site = true;
    for (std::size_t j = 0; j < i; ++j) first_of_site &= c[j].site != c[i].site;
    if (!first_of_site) continue;
    ++sites;
    for (std::size_t j = 0; j < c.size(); ++j) below[j] += c[i].site < c[j].site;
  }
  const std::uint32_t first = sites > 0 ? turn % sites : 0;
  for (std::size_t i = 0; i < c.size(); ++i) cost[i] = static_cast<float>((below[i] + sites - first) % sites);
}

/// What the shortest queue is measured in.
float queue(const BalanceParams& p, const Candidate& c) { return p.signal == QueueSignal::work ? c.wait_s : c.requests; }

}  // namespace

void rank(const BalanceParams& p, std::span<const Candidate> c, const Turn& turn, Order& order) {
  EXPECT(c.size() <= kMaxCandidates);
  const std::size_t n = c.size();
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint8_t>(i);
  Cost cost{};
  switch (p.policy) {
    case BalancePolicy::weighted:
      weighted_cost(p, c, turn.deadline_s, cost);
      break;
    case BalancePolicy::random:
      shuffle(turn.random_order, n, order);
      return;
    case BalancePolicy::round_robin:
      round_robin_cost(c, turn.turn, cost);
      break;
    case BalancePolicy::nearest:
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].wait_s;
      sort_by_cost(cost, n, order);
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].round_trip_s;
      break;
    case BalancePolicy::join_shortest_queue:
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].round_trip_s;
      sort_by_cost(cost, n, order);
      for (std::size_t i = 0; i < n; ++i) cost[i] = queue(p, c[i]);
      break;
    case BalancePolicy::greedy_carbon:
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].delay_s;
      sort_by_cost(cost, n, order);
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].carbon_g;
      break;
    case BalancePolicy::min_total_energy:
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].total_j;
      sort_by_cost(cost, n, order);
      for (std::size_t i = 0; i < n; ++i) cost[i] = c[i].chosen ? 0.0f : 1.0f;
      break;
    case BalancePolicy::power_of_d: {
      shuffle(turn.random_order, n, order);
      const auto d = std::min(n, static_cast<std::size_t>(p.d));
      std::size_t best = 0;
      for (std::size_t i = 1; i < d; ++i)
        if (queue(p, c[order[i]]) < queue(p, c[order[best]])) best = i;
      const std::uint8_t first = order[best];
      for (std::size_t i = best; i > 0; --i) order[i] = order[i - 1];
      order[0] = first;
      return;
    }
  }
  sort_by_cost(cost, n, order);
}

}  // namespace dispatch
}  // namespace swarm
