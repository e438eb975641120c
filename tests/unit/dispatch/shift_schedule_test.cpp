#include "sim/dispatch/shift_schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/dispatch/exact_sums.hpp"

namespace swarm::dispatch {
namespace {

using Units = std::vector<std::int64_t>;

Units totals_of(const Units& units) {
  Units totals(units.size() + 1);
  running_totals(units, totals);
  return totals;
}

Units cheapest(const Units& units, const SlotWindow& window, std::size_t length) {
  SlotScratch scratch;
  Units slots(length);
  cheapest_slots(units, window, scratch, slots);
  return slots;
}

TEST(EarliestLeast, ByHand) {
  const Units totals = totals_of({10, 20, 30, 40, 5});
  EXPECT_EQ(earliest_least(totals, {0, 5}, 2), 0);  // 30 50 70 45
  EXPECT_EQ(earliest_least(totals, {1, 5}, 2), 3);  // 50 70 45
  EXPECT_EQ(earliest_least(totals, {1, 4}, 2), 1);
  EXPECT_EQ(earliest_least(totals, {0, 5}, 1), 4);
  EXPECT_EQ(earliest_least(totals, {2, 4}, 2), 2);
}

TEST(EarliestLeast, TheEarliestOfEquals) {
  const Units flat(300, 7);
  for (std::int64_t from : {0, 5, 63, 64, 65}) EXPECT_EQ(earliest_least(totals_of(flat), {from, 300}, 3), from);
  Units late(300, 7);
  late[200] = late[205] = 6;  // both blocks of places hold equals
  EXPECT_EQ(earliest_least(totals_of(late), {0, 300}, 3), 198);
  EXPECT_EQ(earliest_least(totals_of(late), {201, 300}, 3), 203);
}

TEST(CheapestSlots, ByHand) {
  const Units units{10, 20, 5, 40, 5, 10, 5};
  EXPECT_EQ(cheapest(units, {0, 7}, 1), (Units{2}));
  EXPECT_EQ(cheapest(units, {0, 7}, 2), (Units{2, 4}));
  EXPECT_EQ(cheapest(units, {0, 7}, 4), (Units{0, 2, 4, 6}));
  EXPECT_EQ(cheapest(units, {0, 7}, 5), (Units{0, 2, 4, 5, 6}));
  EXPECT_EQ(cheapest(units, {3, 6}, 3), (Units{3, 4, 5}));
  EXPECT_EQ(cheapest(units, {0, 2}, 1), (Units{0}));
}

TEST(CheapestSlots, TheEarliestOfEquals) {
  const Units flat(50, 3);
  EXPECT_EQ(cheapest(flat, {10, 50}, 3), (Units{10, 11, 12}));
  EXPECT_EQ(cheapest({3, 3, 1, 3, 3}, {0, 5}, 3), (Units{0, 1, 2}));
}

struct Batch {
  Units totals;
  std::vector<ShiftJob> jobs;
  std::vector<SlotWindow> windows;
};

/// Jobs of `lengths` lengths with windows of up to `width` slots beyond them; values of few kinds make equals.
Batch random_batch(std::uint64_t seed, std::size_t jobs, std::uint32_t lengths, std::uint32_t width) {
  RandomSequence draw(Random(seed, Stream::experiment), 0, 0);
  const std::uint32_t slots = 2000;
  Units units(slots);
  for (auto& u : units) u = uniform_below(draw.word(), 4);
  Batch b{.totals = totals_of(units)};
  for (std::size_t i = 0; i < jobs; ++i) {
    const std::int64_t length = 1 + uniform_below(draw.word(), lengths);
    const std::int64_t arrival = uniform_below(draw.word(), slots - static_cast<std::uint32_t>(length) + 1);
    b.jobs.push_back({arrival, length});
    const std::int64_t end = arrival + length + uniform_below(draw.word(), width);
    b.windows.push_back({arrival, std::min<std::int64_t>(end, slots)});
  }
  return b;
}

void expect_one_by_one(const Batch& b, StartScratch& scratch) {
  Units starts(b.jobs.size(), -1);
  earliest_least_all(b.totals, b.jobs, b.windows, scratch, starts);
  for (std::size_t i = 0; i < starts.size(); ++i)
    ASSERT_EQ(starts[i], earliest_least(b.totals, b.windows[i], b.jobs[i].length)) << i;
}

TEST(EarliestLeastAll, IsEachJobsOwn) {
  StartScratch scratch;
  expect_one_by_one({}, scratch);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    expect_one_by_one(random_batch(seed, 50, 9, 5), scratch);      // narrow windows: one by one
    expect_one_by_one(random_batch(seed, 500, 3, 1500), scratch);  // wide ones, whose ends move back now and then
  }
}

TEST(EarliestLeastAll, SharesOnePassWhereWindowsOverlap) {
  StartScratch scratch;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Batch b = random_batch(seed, 600, 3, 1);
    for (std::size_t i = 0; i < b.jobs.size(); ++i) {  // one slack for all: no end moves back
      b.windows[i].end = std::min<std::int64_t>(b.jobs[i].arrival + b.jobs[i].length + 700, 2000);
    }
    scratch.queue.clear();
    expect_one_by_one(b, scratch);
    EXPECT_FALSE(scratch.queue.empty()) << "the queue was not used";
    // A second use needs no more memory.
    const auto* order = scratch.order.data();
    const std::size_t room = scratch.queue.capacity();
    expect_one_by_one(b, scratch);
    EXPECT_EQ(scratch.order.data(), order);
    EXPECT_EQ(scratch.queue.capacity(), room);
  }
}

}  // namespace
}  // namespace swarm::dispatch
