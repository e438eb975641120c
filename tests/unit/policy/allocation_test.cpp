#include "sim/policy/allocation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

using Amounts = std::vector<std::int64_t>;
using Requests = std::vector<AllocationRequest>;

TEST(Allocation, FactorsByHand) {
  AllocationParams p;
  EXPECT_EQ(allocation_factor(p, {}), 1);
  EXPECT_EQ(allocation_factor(p, {.climate = true}), 2);
  EXPECT_EQ(allocation_factor(p, {.climate = true, .adaptation = true}), 6);
  EXPECT_DOUBLE_EQ(allocation_factor(p, {.climate = true, .adaptation = true, .renewable = 0.8}),
                   8.4);  // 6·(1 + 0.5·0.8)
  EXPECT_EQ(allocation_factor(p, {.emergency = 5}), 5);
  EXPECT_EQ(allocation_factor(p, {.renewable = 0.5}), 1.25);
  EXPECT_EQ(allocation_factor(p, {.renewable = 0.49}), 1) << "half is required";
  EXPECT_EQ(allocation_factor(p, {.renewable = 0.8, .available = 0.9}), 1) << "the grid is cleaner";
  EXPECT_EQ(renewable_requirement(p, 0.2), 0.5);
  EXPECT_EQ(renewable_requirement(p, 0.9), 0.9);
  p.climate_factor = 1.5;
  EXPECT_EQ(allocation_factor(p, {.climate = true, .adaptation = true}), 4.5);
}

// 10 for adaptation, 30 for climate science, 50 for anything: 60, 60 and 50 at most, together 170, with weights 6,
// 2, 1.
TEST(Allocation, FillingByHand) {
  const Requests requests{
      {.requested = 10, .climate = true, .adaptation = true}, {.requested = 30, .climate = true}, {.requested = 50}};
  EXPECT_EQ(allocate({}, 170, requests), (Amounts{60, 60, 50}));
  EXPECT_EQ(allocate({}, 1000, requests), (Amounts{60, 60, 50})) << "capacity beyond the factors is left over";
  // 120: 9 units of weight share 120 at 13.3 each; the first is full at 10; then 60 over 3 units: 40 and 20.
  EXPECT_EQ(allocate({}, 120, requests), (Amounts{60, 40, 20}));
  // 45: 5 each, nobody is full.
  EXPECT_EQ(allocate({}, 45, requests), (Amounts{30, 10, 5}));
  // 46: 5.11 each; 30.67, 10.22, 5.11: the one that is left to the first.
  EXPECT_EQ(allocate({}, 46, requests), (Amounts{31, 10, 5}));
  EXPECT_EQ(allocate({}, 0, requests), (Amounts{0, 0, 0}));
  AllocationParams p;
  p.normalise = false;
  EXPECT_EQ(allocate(p, 45, requests), (Amounts{60, 60, 50}));
  EXPECT_TRUE(allocate({}, 5, {}).empty());
  EXPECT_EQ(allocate({}, 5, Requests{{.requested = 0}, {.requested = 9}}), (Amounts{0, 5}));
}

Requests random_requests(std::uint32_t round) {
  RandomSequence draws(Random(21, Stream::experiment), round, 0);
  Requests out(1 + uniform_below(draws.word(), 30));
  for (AllocationRequest& r : out) {
    r.requested = uniform_below(draws.word(), round % 3 == 0 ? 5 : 1'000'000);
    r.climate = uniform_below(draws.word(), 2) == 0;
    r.adaptation = r.climate && uniform_below(draws.word(), 2) == 0;
    r.renewable = draws.uniform();
    r.available = draws.uniform();
  }
  return out;
}

Amounts entitled(const Requests& requests) {
  Amounts out;
  for (const auto& r : requests)
    out.push_back(round_half_even(static_cast<double>(r.requested) * allocation_factor({}, r)));
  return out;
}

using Allocate = Amounts (*)(std::int64_t, const Requests&);

Amounts filled(std::int64_t capacity, const Requests& requests) {
  return allocate({}, capacity, requests);
}
/// Mutants: shares by weight alone overfill small requests; the first ones get all; each share rounded by itself.
Amounts by_weight_alone(std::int64_t capacity, const Requests& requests) {
  double sum = 0;
  for (const auto& r : requests) sum += allocation_factor({}, r);
  Amounts out;
  for (const auto& r : requests)
    out.push_back(static_cast<std::int64_t>(static_cast<double>(capacity) * allocation_factor({}, r) / sum));
  out[0] += capacity - std::accumulate(out.begin(), out.end(), std::int64_t{0});
  return out;
}
Amounts first_come(std::int64_t capacity, const Requests& requests) {
  Amounts out = entitled(requests);
  for (std::int64_t& a : out) capacity -= a = std::min(a, capacity);
  return out;
}
Amounts scaled_down(std::int64_t capacity, const Requests& requests) {
  Amounts out = entitled(requests);
  const double all = static_cast<double>(std::accumulate(out.begin(), out.end(), std::int64_t{0}));
  for (std::int64_t& a : out) a = round_half_even(static_cast<double>(a) * static_cast<double>(capacity) / all);
  return out;
}

/// Nobody above requested · factor; capacity given out to the last unit where it binds; and whoever has more per unit
/// of factor than another (by more than rounding) has it because the other one is full.
bool fills(Allocate allocate_all) {
  for (std::uint32_t round = 0; round < 300; ++round) {
    const Requests requests = random_requests(round);
    const Amounts most = entitled(requests);
    const std::int64_t all = std::accumulate(most.begin(), most.end(), std::int64_t{0});
    const std::int64_t capacity = all * (round % 10) / 10;
    const Amounts out = allocate_all(capacity, requests);
    if (std::accumulate(out.begin(), out.end(), std::int64_t{0}) != capacity) return false;
    double level = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] < 0 || out[i] > most[i]) return false;
      level = std::max(level, (static_cast<double>(out[i]) - 1.01) / allocation_factor({}, requests[i]));
    }
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i] < most[i] && (static_cast<double>(out[i]) + 1.01) / allocation_factor({}, requests[i]) < level)
        return false;
  }
  return true;
}

TEST(Allocation, FillsExactlyAndNobodyBeyondTheirFactor) {
  EXPECT_TRUE(fills(filled));
  EXPECT_FALSE(fills(by_weight_alone));
  EXPECT_FALSE(fills(first_come));
  EXPECT_FALSE(fills(scaled_down));
}

}  // namespace
}  // namespace policy
}  // namespace swarm
