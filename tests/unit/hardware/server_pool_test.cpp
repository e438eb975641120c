#include "sim/hardware/server_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/core/rng.hpp"
#include "sim/hardware/power.hpp"

namespace swarm::hardware {
namespace {

/// The rule in its plainest form, O(c) per job.
Placement naive_place(std::vector<double>& free_at, double arrival, double occupancy) {
  std::size_t best = free_at.size();
  for (std::size_t i = 0; i < free_at.size() && best == free_at.size(); ++i)
    if (free_at[i] <= arrival) best = i;
  if (best == free_at.size())
    best = static_cast<std::size_t>(std::min_element(free_at.begin(), free_at.end()) - free_at.begin());
  const double start = std::max(arrival, free_at[best]);
  free_at[best] = start + occupancy;
  return {static_cast<std::uint32_t>(best), start, start + occupancy};
}

struct Job {
  double arrival, occupancy;
};

/// Poisson arrivals, exponential service: `load` of `gangs` gangs with mean service 1.
std::vector<Job> random_jobs(std::size_t count, double gangs, double load, std::uint64_t seed) {
  const Random random(seed, Stream::experiment);
  std::vector<Job> jobs(count);
  double t = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const RandomBlock b = random.block(0, i);
    t -= std::log(uniform_open(b[0], b[1])) / (gangs * load);
    jobs[i] = {t, -std::log(uniform_open(b[2], b[3]))};
  }
  return jobs;
}

/// Runs all jobs in steps of `dt` until `end` and adds up what the pool meters.
StateSeconds run_steps(const std::vector<Job>& jobs, std::size_t gangs, double timeout, double dt, double end,
                       std::vector<Placement>* placed = nullptr) {
  std::vector<double> free_at(gangs, 0);
  ServerPool pool(free_at, timeout);
  StateSeconds sum;
  std::size_t next = 0;
  for (double t0 = 0; t0 < end; t0 += dt) {
    pool.begin_step(t0);
    for (; next < jobs.size() && jobs[next].arrival < t0 + dt; ++next) {
      const Placement p = pool.place(jobs[next].arrival, jobs[next].occupancy);
      if (placed) placed->push_back(p);
    }
    const StateSeconds s = pool.end_step(t0 + dt);
    EXPECT_NEAR(s.busy + s.idle + s.standby, static_cast<double>(gangs) * dt,
                1e-9 * static_cast<double>(gangs) * dt);
    EXPECT_GE(std::min({s.busy, s.idle, s.standby}), 0);
    sum = {sum.busy + s.busy, sum.idle + s.idle, sum.standby + s.standby};
  }
  return sum;
}

/// What the gangs did in [0, end), from the list of placements alone.
StateSeconds meter_events(const std::vector<Placement>& placed, std::size_t gangs, double timeout,
                          double end) {
  StateSeconds sum;
  for (std::size_t g = 0; g < gangs; ++g) {
    double free_from = 0;
    const auto gap = [&](double from, double to) {
      to = std::min(to, end);
      const double asleep = std::min(std::max(from + timeout, from), std::max(to, from));
      sum.idle += std::max(0.0, asleep - from);
      sum.standby += std::max(0.0, to - asleep);
    };
    for (const Placement& p : placed) {
      if (p.server != g) continue;
      if (p.start < end || free_from < end) gap(free_from, p.start);
      sum.busy += std::max(0.0, std::min(p.finish, end) - std::min(p.start, end));
      free_from = p.finish;
    }
    if (free_from < end) gap(free_from, end);
  }
  return sum;
}

TEST(ServerPool, WorkedByHand) {
  // Two gangs, timeout 3 s. Jobs (arrival, occupancy): (1, 4) → gang 0 at 1–5; (2, 6) → gang 1 at 2–8;
  // (3, 2) waits for gang 0: 5–7; (12, 1): both are free, lowest number: gang 0 at 12–13.
  std::vector<double> free_at(2, 0);
  ServerPool pool(free_at, 3);
  pool.begin_step(0);
  const auto expect = [&](double arrival, double occupancy, std::uint32_t server, double start) {
    const Placement p = pool.place(arrival, occupancy);
    EXPECT_EQ(p.server, server);
    EXPECT_EQ(p.start, start);
    EXPECT_EQ(p.finish, start + occupancy);
  };
  expect(1, 4, 0, 1);
  expect(2, 6, 1, 2);
  expect(3, 2, 0, 5);
  EXPECT_EQ(pool.backlog(4), 3 + 4);
  EXPECT_EQ(pool.earliest(), 7);
  expect(12, 1, 0, 12);
  // [0, 10): busy gang 0 1–7 and gang 1 2–8 = 12; idle gang 0 0–1 and 7–10, gang 1 0–2 and 8–10 = 8; standby
  // 0.
  StateSeconds s = pool.end_step(10);
  EXPECT_EQ(s.busy, 12);
  EXPECT_EQ(s.idle, 8);
  EXPECT_EQ(s.standby, 0);
  // [10, 20): gang 0 is promised from 10 to the job at 12, so held, busy 10–13, idle 13–16, asleep 16–20;
  // gang 1 free since 8: idle 10–11, asleep 11–20.
  pool.begin_step(10);
  s = pool.end_step(20);
  EXPECT_EQ(s.busy, 3);
  EXPECT_EQ(s.idle, 4);
  EXPECT_EQ(s.standby, 13);
}

TEST(ServerPool, SleepsAfterTheTimeoutAcrossSteps) {  // the worked example of docs/models/hardware.md
  std::vector<double> free_at(2, 0);
  ServerPool pool(free_at, 3);
  pool.begin_step(0);
  for (const Job& j : {Job{1, 4}, Job{2, 6}, Job{3, 2}}) pool.place(j.arrival, j.occupancy);
  const Device device = [] {
    Device d;
    d.idle_w = 10;
    d.max_w = 100;
    d.standby_w = 2;
    return d;
  }();
  EXPECT_EQ(state_joules(device, pool.end_step(10)), 1280);
  pool.begin_step(10);
  const StateSeconds s = pool.end_step(20);
  EXPECT_EQ(s.busy, 0);
  EXPECT_EQ(s.idle, 1);
  EXPECT_EQ(s.standby, 19);
  EXPECT_EQ(state_joules(device, s), 48);
}

TEST(ServerPool, EqualsTheNaiveRule) {
  for (std::size_t gangs : {1u, 2u, 3u, 7u, 8u, 64u, 100u, 257u}) {
    const auto jobs = random_jobs(3000, static_cast<double>(gangs), 0.95, gangs);
    std::vector<double> fast(gangs, 0), slow(gangs, 0);
    for (std::size_t i = 0; i < gangs; ++i) fast[i] = slow[i] = static_cast<double>(i * 7 % 5);  // with ties
    ServerPool pool(fast, 1);
    pool.begin_step(0);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      // Rounded to quarters: ties between gangs are frequent. Every ninth job arrives out of order.
      const double arrival = std::floor(4 * jobs[i % 9 == 8 ? i - 8 : i].arrival) / 4;
      const double occupancy = std::floor(4 * jobs[i].occupancy) / 4;
      const Placement a = pool.place(arrival, occupancy), b = naive_place(slow, arrival, occupancy);
      ASSERT_EQ(a.server, b.server) << gangs << " " << i;
      ASSERT_EQ(a.start, b.start);
      ASSERT_EQ(a.finish, b.finish);
    }
    EXPECT_EQ(fast, slow);
  }
}

TEST(ServerPool, KnowsWhichGangFreesFirst) {
  for (std::size_t gangs : {1u, 2u, 4u, 5u, 17u}) {
    std::vector<double> free_at(gangs, 0);
    ServerPool pool(free_at, 1);
    pool.begin_step(0);
    for (const Job& j : random_jobs(100, static_cast<double>(gangs), 1.2, gangs)) {
      pool.place(j.arrival, j.occupancy);
      EXPECT_EQ(pool.earliest(), *std::min_element(free_at.begin(), free_at.end()));
    }
  }
}

TEST(ServerPool, MetersWhatTheEventListSays) {
  for (double load : {0.2, 0.7, 1.1}) {
    const auto jobs = random_jobs(4000, 6, load, 5);
    const double end = std::ceil(jobs.back().arrival) + 1;
    std::vector<Placement> placed;
    const StateSeconds pool = run_steps(jobs, 6, 0.8, 1, end, &placed);
    const StateSeconds list = meter_events(placed, 6, 0.8, end);
    EXPECT_NEAR(pool.busy, list.busy, 1e-8);
    EXPECT_NEAR(pool.idle, list.idle, 1e-8);
    EXPECT_NEAR(pool.standby, list.standby, 1e-8);
    // Mutant: servers that never fall asleep.
    EXPECT_GT(std::abs(pool.idle - meter_events(placed, 6, 1e9, end).idle), 1);
  }
}

TEST(ServerPool, MeteredEnergyDoesNotDependOnTheStep) {
  const auto jobs = random_jobs(5000, 10, 0.8, 11);
  const double end = 1024;
  const StateSeconds whole = run_steps(jobs, 10, 1.5, 16, end);
  for (double dt : {8.0, 4.0, 1.0, 0.25}) {
    const StateSeconds part = run_steps(jobs, 10, 1.5, dt, end);
    EXPECT_NEAR(part.busy, whole.busy, 1e-9 * whole.busy) << dt;
    EXPECT_NEAR(part.idle, whole.idle, 1e-9 * whole.idle) << dt;
    EXPECT_NEAR(part.standby, whole.standby, 1e-9 * whole.standby) << dt;
  }
}

TEST(ServerPool, AGangHeldForAJobThatArrivesLaterIsBusyFromTheNextStepOn) {
  std::vector<double> free_at(1, 0);
  ServerPool pool(free_at, 100);
  pool.begin_step(0);
  pool.place(12, 3);  // announced in [0, 10), arrives at 12
  StateSeconds s = pool.end_step(10);
  EXPECT_EQ(s.idle, 10);
  EXPECT_EQ(s.busy, 0);
  pool.begin_step(10);
  s = pool.end_step(20);
  EXPECT_EQ(s.busy, 5);  // held 10–12, runs 12–15
  EXPECT_EQ(s.idle, 5);
}

TEST(ServerPool, DroppingAndRebindingChangesNothing) {
  const auto jobs = random_jobs(2000, 5, 0.9, 3);
  std::vector<double> kept(5, 0), restored(5, 0);
  ServerPool pool(kept, 1);
  for (std::size_t begin = 0; begin < jobs.size(); begin += 100) {
    const double t0 = jobs[begin].arrival;
    std::vector<double> copy = restored;
    ServerPool fresh(restored, 1);
    fresh.rebind(copy);
    pool.begin_step(t0);
    fresh.begin_step(t0);
    for (std::size_t i = begin; i < begin + 100; ++i)
      ASSERT_EQ(pool.place(jobs[i].arrival, jobs[i].occupancy).start,
                fresh.place(jobs[i].arrival, jobs[i].occupancy).start);
    const StateSeconds a = pool.end_step(jobs[begin + 99].arrival),
                       b = fresh.end_step(jobs[begin + 99].arrival);
    EXPECT_EQ(a.idle, b.idle);
    EXPECT_EQ(a.standby, b.standby);
    EXPECT_EQ(a.busy, b.busy);
    restored = copy;
  }
  EXPECT_EQ(kept, restored);
}

TEST(ServerPool, LowestFirstLetsTheOthersSleep) {
  const auto jobs = random_jobs(5000, 10, 0.3, 7);
  std::vector<Placement> placed;
  run_steps(jobs, 10, 1, 10, std::ceil(jobs.back().arrival), &placed);
  std::array<double, 10> busy{};
  for (const Placement& p : placed) busy[p.server] += p.finish - p.start;
  EXPECT_GT(busy[0], 10 * busy[9]);
  for (std::size_t g = 1; g < 10; ++g) EXPECT_GT(busy[g - 1], busy[g]);
}

/// Share of jobs that wait and mean wait, with standard errors from batch means.
struct Waiting {
  double share, share_error, wait, wait_error;
};

template <class Start>
Waiting measure_waiting(const std::vector<Job>& jobs, Start&& start) {
  constexpr std::size_t kBatches = 100;
  const std::size_t size = jobs.size() / kBatches;
  std::vector<double> share(kBatches), wait(kBatches);
  for (std::size_t i = 0; i < kBatches * size; ++i) {
    const double w = start(jobs[i]) - jobs[i].arrival;
    share[i / size] += (w > 0 ? 1.0 : 0.0) / static_cast<double>(size);
    wait[i / size] += w / static_cast<double>(size);
  }
  const auto moments = [&](const std::vector<double>& x) {
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / kBatches;
    double square = 0;
    for (double v : x) square += (v - mean) * (v - mean);
    return std::pair{mean, std::sqrt(square / (kBatches * (kBatches - 1)))};
  };
  const auto [s, se] = moments(share);
  const auto [w, we] = moments(wait);
  return {s, se, w, we};
}

TEST(ServerPool, WaitsAsErlangSays) {
  // M/M/10 at ρ = 0.8, a = 8: Erlang B by B_k = a·B_{k−1}/(k + a·B_{k−1}) from B_0 = 1 gives B_10 = 0.121661;
  // C = B/(1 − ρ(1 − B)) = 0.409180; mean wait C/(cμ − λ) = 0.409180/2 = 0.204590.
  double b = 1;
  for (int k = 1; k <= 10; ++k) b = 8 * b / (k + 8 * b);
  const double erlang_c = b / (1 - 0.8 * (1 - b)), mean_wait = erlang_c / 2;
  EXPECT_NEAR(erlang_c, 0.40918, 5e-6);

  const auto jobs = random_jobs(1'000'000, 10, 0.8, 2024);
  std::vector<double> free_at(10, 0);
  ServerPool pool(free_at, 900);
  pool.begin_step(0);
  const Waiting fast =
      measure_waiting(jobs, [&](const Job& j) { return pool.place(j.arrival, j.occupancy).start; });
  EXPECT_LT(fast.share_error, 0.004);
  EXPECT_LT(fast.wait_error, 0.006);
  EXPECT_NEAR(fast.share, erlang_c, 3 * fast.share_error);
  EXPECT_NEAR(fast.wait, mean_wait, 3 * fast.wait_error);

  // Mutant: service begins at step boundaries only (here every 0.5 s, half a service time).
  std::fill(free_at.begin(), free_at.end(), 0.0);
  const Waiting stepped = measure_waiting(jobs, [&](const Job& j) {
    return naive_place(free_at, std::ceil(j.arrival * 2) / 2, j.occupancy).start;
  });
  EXPECT_GT(std::abs(stepped.share - erlang_c), 20 * stepped.share_error);
  EXPECT_GT(std::abs(stepped.wait - mean_wait), 20 * stepped.wait_error);

  // Mutant: one gang too many.
  std::vector<double> eleven(11, 0);
  const Waiting wide =
      measure_waiting(jobs, [&](const Job& j) { return naive_place(eleven, j.arrival, j.occupancy).start; });
  EXPECT_GT(std::abs(wide.share - erlang_c), 20 * wide.share_error);
}

}  // namespace
}  // namespace swarm::hardware
