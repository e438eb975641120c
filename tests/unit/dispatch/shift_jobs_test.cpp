#include "sim/dispatch/shift_jobs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "sim/core/calendar.hpp"
#include "sim/core/rng.hpp"

namespace swarm::dispatch {
namespace {

using Units = std::vector<std::int64_t>;

/// The rule as it is told, second by second and slot by slot, without any of the library's arithmetic.
class Naive {
 public:
  Naive(const ShiftProblem& problem, const ShiftJob& job) : p_(problem), job_(job) {}

  Units baseline() const { return in_one_piece(p_.truth, usable(0, true)); }
  Units shifted() const {
    if (p_.strategy == ShiftStrategy::none) return baseline();
    const Units slots = usable(p_.rule.slack, false);
    return p_.strategy == ShiftStrategy::interrupting ? cheapest(slots) : in_one_piece(p_.forecast, slots);
  }
  std::int64_t score(const Units& slots) const { return sum(p_.truth, slots); }

 private:
  std::int64_t begin(std::int64_t slot) const { return p_.clock.start_utc + slot * p_.clock.step_s; }

  std::int64_t deadline(std::int64_t slack, bool is_baseline) const {
    const std::int64_t end = begin(job_.arrival + job_.length);
    if (is_baseline || p_.rule.constraint == ShiftConstraint::slack) return end + slack * p_.clock.step_s;
    const auto nine = [](std::int64_t t) {
      const CivilTime c = civil(t);
      return c.hour == 9 && c.minute == 0 && c.second == 0;
    };
    const CivilTime natural = civil(end);
    const double hour = natural.hour_of_day;
    std::int64_t t = end;
    if (p_.rule.constraint == ShiftConstraint::semi_weekly) {
      while (!nine(t) || (civil(t).weekday != 0 && civil(t).weekday != 3)) t += 60;
      return t;
    }
    if (natural.weekday == 5) {
      while (!nine(t) || civil(t).weekday != 0) t += 60;
    } else if (natural.weekday == 6 || hour > 17) {
      while (!nine(t) || civil(t).day == natural.day) t += 60;
    } else if (hour < 9) {
      while (!nine(t)) t += 60;
    }
    return t;
  }

  /// Slots in which the job may run.
  Units usable(std::int64_t slack, bool is_baseline) const {
    Units slots;
    const bool symmetric = p_.rule.constraint == ShiftConstraint::symmetric;
    const std::int64_t until = symmetric ? 0 : deadline(slack, is_baseline);
    for (std::int64_t i = 0; i < p_.clock.count; ++i) {
      bool is_usable = i >= job_.arrival;
      if (symmetric)
        is_usable = i >= job_.arrival - slack && i <= job_.arrival + slack + job_.length - 1;
      else if (p_.rule.deadline == DeadlineRule::exclusive)
        is_usable = is_usable && begin(i + 1) <= until;
      else
        is_usable = is_usable && begin(i) <= until;
      if (is_usable) slots.push_back(i);
    }
    return slots;
  }

  static std::int64_t sum(std::span<const std::int64_t> values, const Units& slots) {
    std::int64_t s = 0;
    for (const auto slot : slots) s += values[static_cast<std::size_t>(slot)];
    return s;
  }

  Units in_one_piece(std::span<const std::int64_t> values, const Units& slots) const {
    Units best;
    const auto length = static_cast<std::size_t>(job_.length);
    for (std::size_t at = 0; at + length <= slots.size(); ++at) {
      const Units piece(slots.begin() + static_cast<std::ptrdiff_t>(at), slots.begin() + static_cast<std::ptrdiff_t>(at + length));
      if (best.empty() || sum(values, piece) < sum(values, best)) best = piece;
    }
    return best;
  }

  /// Of all sets of slots the cheapest, of equals the one that comes first in the dictionary.
  Units cheapest(const Units& slots) const {
    Units best;
    for (std::uint32_t set = 0; set < 1u << slots.size(); ++set) {
      if (std::popcount(set) != static_cast<int>(job_.length)) continue;
      Units some;
      for (std::size_t i = 0; i < slots.size(); ++i)
        if (set >> i & 1u) some.push_back(slots[i]);
      const std::int64_t a = sum(p_.forecast, some), b = best.empty() ? 0 : sum(p_.forecast, best);
      if (best.empty() || a < b || (a == b && some < best)) best = some;
    }
    return best;
  }

  const ShiftProblem& p_;
  const ShiftJob& job_;
};

struct Case {
  Units truth, forecast;
  ShiftProblem problem;
  std::vector<ShiftJob> jobs;
};

/// A few slots of some hours each around a weekend, values of few kinds; `constraint` and the rest are the caller's.
void draw(RandomSequence& random, Case& c) {
  const auto count = 4 + uniform_below(random.word(), 9);
  c.truth.resize(count);
  c.forecast.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    c.truth[i] = uniform_below(random.word(), 5);
    c.forecast[i] = c.truth[i] + uniform_below(random.word(), 3) - 1;
  }
  constexpr std::int64_t kSteps[] = {1800, 3600, 4 * 3600, 7 * 3600, 11 * 3600};
  c.problem.clock = {.start_utc = parse_utc("2020-01-01") + 900 * std::int64_t{uniform_below(random.word(), 7 * 96)},
                     .step_s = kSteps[uniform_below(random.word(), 5)],
                     .count = count};
  c.problem.truth = c.truth;
  c.problem.forecast = c.forecast;
  c.problem.rule.slack = uniform_below(random.word(), 6);
  c.jobs.clear();
  for (int i = 0; i < 6; ++i) {
    const std::int64_t length = 1 + uniform_below(random.word(), std::min<std::uint32_t>(count, 5));
    c.jobs.push_back({uniform_below(random.word(), count - static_cast<std::uint32_t>(length) + 1), length});
  }
}

TEST(ShiftJobs, AgainstBruteForceForEveryStrategyConstraintAndDeadline) {
  RandomSequence random(Random(11, Stream::experiment), 0, 0);
  ShiftScratch scratch;
  ShiftedJobs done;
  Case c;
  for (const auto strategy : {ShiftStrategy::none, ShiftStrategy::non_interrupting, ShiftStrategy::interrupting})
    for (const auto constraint : {ShiftConstraint::slack, ShiftConstraint::symmetric, ShiftConstraint::next_workday, ShiftConstraint::semi_weekly})
      for (const auto deadline : {DeadlineRule::exclusive, DeadlineRule::inclusive})
        for (int round = 0; round < 60; ++round) {
          draw(random, c);
          c.problem.strategy = strategy;
          c.problem.rule.constraint = constraint;
          c.problem.rule.deadline = deadline;
          c.problem.lists_slots = round % 2 == 0;
          shift_jobs(c.problem, c.jobs, scratch, done);
          std::int64_t baseline = 0, shifted = 0, length = 0;
          auto used = done.slots.begin();
          for (std::size_t i = 0; i < c.jobs.size(); ++i) {
            const Naive naive(c.problem, c.jobs[i]);
            const Units before = naive.baseline(), after = naive.shifted();
            baseline += naive.score(before);
            shifted += naive.score(after);
            length += c.jobs[i].length;
            ASSERT_EQ(done.baseline_start[i], before.front());
            ASSERT_EQ(done.start[i], after.front());
            ASSERT_EQ(done.baseline_sum[i], naive.score(before));
            ASSERT_EQ(done.shifted_sum[i], naive.score(after));
            if (strategy != ShiftStrategy::interrupting || !c.problem.lists_slots) continue;
            for (const auto slot : after) ASSERT_EQ(*used++, slot);
          }
          ASSERT_EQ(used, done.slots.end());
          ASSERT_EQ(static_cast<std::int64_t>(done.baseline_total), baseline);
          ASSERT_EQ(static_cast<std::int64_t>(done.shifted_total), shifted);
          ASSERT_EQ(done.job_slots, length);
        }
}

TEST(ShiftJobs, WithAPerfectForecastShiftingNeverHurtsAndPiecesHelp) {
  RandomSequence random(Random(12, Stream::experiment), 0, 0);
  ShiftScratch scratch;
  ShiftedJobs whole, pieces, more;
  Case c;
  for (int round = 0; round < 300; ++round) {
    draw(random, c);
    c.problem.forecast = c.truth;
    c.problem.strategy = ShiftStrategy::non_interrupting;
    shift_jobs(c.problem, c.jobs, scratch, whole);
    c.problem.rule.slack += 2;
    shift_jobs(c.problem, c.jobs, scratch, more);
    c.problem.rule.slack -= 2;
    c.problem.strategy = ShiftStrategy::interrupting;
    shift_jobs(c.problem, c.jobs, scratch, pieces);
    for (std::size_t i = 0; i < c.jobs.size(); ++i) {
      EXPECT_LE(whole.shifted_sum[i], whole.baseline_sum[i]);
      EXPECT_LE(pieces.shifted_sum[i], whole.shifted_sum[i]);
      EXPECT_LE(more.shifted_sum[i], whole.shifted_sum[i]);
    }
  }
}

TEST(ShiftJobs, TheWorkedExample) {
  // docs/models/shifting.md: hours of 300 200 250 100 150 400 120 g/kWh, a job of 2 h that arrives in hour 1, slack 3 h.
  const Units truth{300, 200, 250, 100, 150, 400, 120};
  const std::vector<ShiftJob> jobs{{1, 2}};
  ShiftProblem p{.truth = truth, .forecast = truth, .clock = {.count = 7}, .rule = {.slack = 3}};
  ShiftScratch scratch;
  ShiftedJobs done;
  shift_jobs(p, jobs, scratch, done);
  EXPECT_EQ(done.baseline_sum, Units{450});
  EXPECT_EQ(done.start, Units{3});
  EXPECT_EQ(done.shifted_sum, Units{250});
  p.rule.deadline = DeadlineRule::inclusive;  // hour 6, too, and a baseline that may start an hour late
  p.strategy = ShiftStrategy::interrupting;
  p.lists_slots = true;
  shift_jobs(p, jobs, scratch, done);
  EXPECT_EQ(done.baseline_start, Units{2});
  EXPECT_EQ(done.baseline_sum, Units{350});
  EXPECT_EQ(done.slots, (Units{3, 6}));
  EXPECT_EQ(done.shifted_sum, Units{220});
}

TEST(ShiftJobs, TotalsBeyondSixtyFourBits) {
  const Units truth(4, std::int64_t{1} << 60);  // four of them still fit
  const std::vector<ShiftJob> jobs(1000, ShiftJob{0, 3});
  ShiftScratch scratch;
  ShiftedJobs done;
  shift_jobs({.truth = truth, .forecast = truth, .clock = {.count = 4}}, jobs, scratch, done);
  EXPECT_TRUE(done.baseline_total == Int128{3000} << 60);
  EXPECT_TRUE(done.shifted_total == done.baseline_total);
}

}  // namespace
}  // namespace swarm::dispatch
