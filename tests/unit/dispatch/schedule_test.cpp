#include "sim/dispatch/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/rng.hpp"

/// Slots of requests that can wait: by hand, against every start and every subset of slots, and within what is promised.
namespace swarm::dispatch {
namespace {

using enum ScheduleStrategy;
constexpr std::int64_t kRoomy = 1'000'000'000;

/// A region that has promised nothing yet.
struct Room {
  explicit Room(std::size_t slots, std::int64_t limit = kRoomy, std::uint32_t step = 0) : promised(slots, 0), ledger(promised, step, limit) {}
  std::vector<std::int64_t> promised;
  SlotLedger ledger;
};

std::vector<std::uint8_t> none_green(std::size_t n) { return std::vector<std::uint8_t>(n, 0); }

std::optional<std::int64_t> start_of(ScheduleStrategy strategy, const std::vector<double>& forecast, std::int64_t length, std::int64_t slack,
                                     std::vector<std::uint8_t> green = {}) {
  Room room(forecast.size());
  return SlotChooser(strategy, forecast, std::move(green), room.ledger).choose({length, slack, 1000});
}

TEST(SlotChooser, TheLeastMeanByHand) {
  const std::vector<double> forecast{300, 200, 250, 100, 150, 400, 120};
  EXPECT_EQ(start_of(non_interrupting, forecast, 1, 0), 0) << "no slack";
  EXPECT_EQ(start_of(non_interrupting, forecast, 1, 2), 1);
  EXPECT_EQ(start_of(non_interrupting, forecast, 1, 4), 3);
  EXPECT_EQ(start_of(non_interrupting, forecast, 2, 4), 3) << "sums of two 500, 450, 350, 250, 550";
  EXPECT_EQ(start_of(non_interrupting, forecast, 2, 99), 3) << "cut at the horizon";
  EXPECT_EQ(start_of(price, {0.1, -0.2, 0.05}, 1, 2), 1) << "prices may be negative";
  EXPECT_EQ(start_of(non_interrupting, {7, 7, 7}, 1, 2), 0) << "the earliest of equals: a forecast without any shape holds nothing back";
  EXPECT_EQ(start_of(non_interrupting, {3, 2, 1}, 4, 2), std::nullopt) << "longer than what is foreseen";
  EXPECT_EQ(start_of(non_interrupting, {}, 1, 2), std::nullopt);
}

TEST(SlotChooser, PiecesTakeTheCheapestSlotsAndOneSlotIsNoPiece) {
  const std::vector<double> forecast{300, 200, 250, 100, 150, 400, 120};
  Room room(forecast.size());
  SlotChooser chooser(interrupting, forecast, {}, room.ledger);
  EXPECT_EQ(chooser.choose({3, 4, 3001}), 3) << "of seven slots 3, 4 and 6";
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{0, 0, 0, 1001, 1000, 0, 1000})) << "a third each, the rest to the first";
  for (std::int64_t slack = 0; slack < 7; ++slack)
    EXPECT_EQ(start_of(interrupting, forecast, 1, slack), start_of(non_interrupting, forecast, 1, slack));
}

TEST(SlotChooser, TheWorkedExample) {
  const std::vector<double> hours{400, 300, 350, 200, 250, 500, 220};
  std::vector<double> forecast;
  for (const double hour : hours) forecast.insert(forecast.end(), 2, hour);
  EXPECT_EQ(start_of(non_interrupting, forecast, 1, 8), 6);
  EXPECT_EQ(start_of(non_interrupting, forecast, 4, 8), 6);
  EXPECT_EQ(start_of(non_interrupting, forecast, 6, 8), 4);
  Room room(forecast.size());
  EXPECT_EQ(SlotChooser(interrupting, forecast, {}, room.ledger).choose({6, 8, 6}), 6);
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1}));
}

TEST(SlotChooser, TheFirstGreenWindowThatIsLongEnough) {
  const std::vector<double> forecast{9, 1, 9, 2, 2, 9, 0, 0};
  const std::vector<std::uint8_t> green{0, 1, 0, 1, 1, 0, 1, 1};
  EXPECT_EQ(start_of(carbon, forecast, 1, 5, green), 1) << "not the greenest: the first";
  EXPECT_EQ(start_of(carbon, forecast, 2, 6, green), 3);
  EXPECT_EQ(start_of(carbon, forecast, 3, 5, green), 5) << "none is long enough: the least of 19, 12, 13, 13, 11 and 9";
}

TEST(SlotChooser, WithoutAGreenWindowBeforeTheDeadlineTheLeastMean) {
  EXPECT_EQ(start_of(carbon, {5, 4, 3, 0}, 1, 2, {0, 0, 0, 1}), 2);
  EXPECT_EQ(start_of(carbon, {5, 4, 3, 0}, 1, 3, {0, 0, 0, 1}), 3);
  EXPECT_EQ(start_of(carbon, {5, 4, 4}, 1, 2, none_green(3)), 1);
}

TEST(SlotChooser, FullSlotsAreSkippedAndWithoutRoomWorkRunsAtOnce) {
  const std::vector<double> forecast{3, 1, 2};
  Room room(3, 2000);
  SlotChooser chooser(non_interrupting, forecast, {}, room.ledger);
  std::vector<std::optional<std::int64_t>> chosen;
  for (int k = 0; k < 7; ++k) chosen.push_back(chooser.choose({1, 2, 1500}));
  EXPECT_EQ(chosen, (std::vector<std::optional<std::int64_t>>{1, 1, 2, 2, 0, 0, std::nullopt})) << "a slot is full from 2,000 on";
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{3000, 3000, 3000})) << "who runs at once for want of room promises nothing";
}

TEST(SlotChooser, WorkOfTwoSlotsDoesNotStraddleAFullOne) {
  Room room(6, 1000);
  room.ledger.promise(2, 1000);
  SlotChooser whole(non_interrupting, std::vector<double>{9, 1, 0, 1, 9, 9}, {}, room.ledger);
  EXPECT_EQ(whole.choose({2, 4, 10}), 0) << "9 + 1 before the full slot, 1 + 9 after it";
  SlotChooser parts(interrupting, std::vector<double>{9, 1, 0, 1, 9, 9}, {}, room.ledger);
  EXPECT_EQ(parts.choose({2, 4, 10}), 1) << "in pieces 1 and 3";
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{5, 10, 1000, 5, 0, 0}));
}

TEST(SlotLedger, IsARingThatForgetsThePast) {
  Room room(3, 100, 7);  // slot 0 is entry 1
  room.ledger.promise(0, 10);
  room.ledger.promise(2, 30);
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{30, 10, 0}));
  SlotLedger next(room.promised, 8, 100);
  next.forget_past();
  EXPECT_EQ(room.promised, (std::vector<std::int64_t>{30, 0, 0})) << "what was slot 2 is slot 1; slot 0 of before stands for the new slot 2";
  EXPECT_FALSE(next.full(1));
  next.promise(1, 70);
  EXPECT_TRUE(next.full(1));
}

/// Every start or every subset of the window's slots with room, of equal sums the first.
std::vector<std::int64_t> naive(ScheduleStrategy strategy, const std::vector<double>& forecast, const std::vector<std::uint8_t>& green,
                                const std::vector<bool>& full, std::int64_t length, std::int64_t slack) {
  const std::int64_t end = std::min<std::int64_t>(slack + length, static_cast<std::int64_t>(forecast.size()));
  std::vector<std::int64_t> best;
  double least = std::numeric_limits<double>::infinity();
  const auto sum = [&](const std::vector<std::int64_t>& slots) {
    double s = 0;
    for (const auto k : slots) s += forecast[static_cast<std::size_t>(k)];
    return s;
  };
  const auto open = [&](const std::vector<std::int64_t>& slots) {
    return std::ranges::none_of(slots, [&](std::int64_t k) { return full[static_cast<std::size_t>(k)]; });
  };
  const auto consider = [&](const std::vector<std::int64_t>& slots) {
    if (!open(slots) || sum(slots) >= least) return;
    least = sum(slots);
    best = slots;
  };
  if (strategy == interrupting) {
    for (std::uint32_t set = 0; set < 1u << end; ++set) {
      std::vector<std::int64_t> slots;
      for (std::int64_t k = 0; k < end; ++k)
        if (set >> k & 1u) slots.push_back(k);
      if (static_cast<std::int64_t>(slots.size()) == length) consider(slots);
    }
    return best;
  }
  std::vector<std::vector<std::int64_t>> places;
  for (std::int64_t k = 0; k + length <= end; ++k) {
    std::vector<std::int64_t> slots(static_cast<std::size_t>(length));
    std::iota(slots.begin(), slots.end(), k);
    const bool all_green = strategy == carbon && std::ranges::all_of(slots, [&](std::int64_t s) { return green[static_cast<std::size_t>(s)] != 0; });
    if (all_green && open(slots)) return slots;
    places.push_back(slots);
  }
  for (const auto& slots : places) consider(slots);
  return best;
}

TEST(SlotChooser, AgreesWithNaiveSearchAsSlotsFillUp) {
  RandomSequence draw(Random(3, Stream::experiment), 0, 0);
  int none = 0, checked = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t n = 1 + uniform_below(draw.word(), 9);
    std::vector<double> forecast;
    std::vector<std::uint8_t> green;
    for (std::size_t k = 0; k < n; ++k) {
      forecast.push_back(uniform_below(draw.word(), 6));  // whole numbers, many equal
      green.push_back(uniform_below(draw.word(), 2) == 0);
    }
    for (const auto strategy : {non_interrupting, interrupting, carbon}) {
      const std::uint32_t step = uniform_below(draw.word(), 20);
      const std::size_t first = step % n;
      Room room(n, 300, step);
      SlotChooser chooser(strategy, forecast, green, room.ledger);
      for (int request = 0; request < 12; ++request) {
        const std::int64_t length = 1 + uniform_below(draw.word(), 3), slack = uniform_below(draw.word(), 5);
        std::vector<bool> full;
        for (std::size_t k = 0; k < n; ++k) full.push_back(room.ledger.full(static_cast<std::int64_t>(k)));
        const auto expected = naive(strategy, forecast, green, full, length, slack);
        const std::vector<std::int64_t> before = room.promised;
        const auto chosen = chooser.choose({length, slack, 100 * length});
        ++checked;
        none += !chosen.has_value();
        if (expected.empty()) {
          ASSERT_EQ(chosen, std::nullopt);
        } else if (strategy == interrupting) {
          ASSERT_TRUE(chosen.has_value());
          double sum = 0, least = 0;
          for (std::size_t k = 0; k < n; ++k) sum += static_cast<double>(room.promised[k] - before[k]) / 100 * forecast[(k + n - first) % n];
          for (const auto slot : expected) least += forecast[static_cast<std::size_t>(slot)];
          ASSERT_DOUBLE_EQ(sum, least) << "several sets may be as cheap";
        } else {
          ASSERT_EQ(chosen, expected.front()) << enum_name(strategy) << " round " << round << " request " << request;
        }
      }
    }
  }
  EXPECT_GT(none, checked / 20);
  EXPECT_LT(none, checked / 2);
}

TEST(RunsNow, AsTheCheapestSlotsWouldHaveIt) {
  RandomSequence draw(Random(4, Stream::experiment), 0, 0);
  SlotScratch scratch;
  int now = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::size_t n = 1 + uniform_below(draw.word(), 8);
    std::vector<std::int64_t> units(n), slots(1 + uniform_below(draw.word(), static_cast<std::uint32_t>(n)));
    for (auto& unit : units) unit = uniform_below(draw.word(), 4);
    cheapest_slots(units, {0, static_cast<std::int64_t>(n)}, scratch, slots);
    ASSERT_EQ(runs_now(units, static_cast<std::int64_t>(slots.size())), slots[0] == 0);
    now += slots[0] == 0;
  }
  EXPECT_GT(now, 400);
  EXPECT_LT(now, 1900);
}

/// Work that asks slot by slot whether to run does so in the cheapest slots, if the forecast is right.
TEST(RunsNow, SlotBySlotComesToTheSameSlots) {
  const std::vector<std::int64_t> units{30, 20, 25, 10, 15, 40, 12};
  std::vector<std::int64_t> ran;
  std::int64_t left = 3;
  for (std::size_t k = 0; k < units.size() && left > 0; ++k)
    if (runs_now(std::span(units).subspan(k), left)) {
      ran.push_back(static_cast<std::int64_t>(k));
      --left;
    }
  EXPECT_EQ(ran, (std::vector<std::int64_t>{3, 4, 6}));
}

TEST(Threshold, IsTheKeyOrAQuantileOfThePast) {
  const std::vector<double> past{10, 20, 30, 40, 50};
  ScheduleParams params;
  EXPECT_DOUBLE_EQ(threshold_of(params, past), 20);
  params.green_quantile = 0.5;
  EXPECT_DOUBLE_EQ(threshold_of(params, past), 30);
  params.threshold = 12;
  EXPECT_DOUBLE_EQ(threshold_of(params, past), 12);
  params.threshold = 0;
  EXPECT_EQ(threshold_of(params, {}), std::numeric_limits<double>::infinity()) << "without a past nobody waits";
}

}  // namespace
}  // namespace swarm::dispatch
