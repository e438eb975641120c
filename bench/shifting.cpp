/// Jobs shifted within a year of half-hours. One command: `build/release/bench/bench_shifting`.
/// Items are job-window evaluations: places that a job in one piece could start at, or slots that one in pieces could
/// use; `per_job` is the time of a whole decision. The peers sum up each place, or sort each window.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "sim/core/rng.hpp"
#include "sim/dispatch/exact_sums.hpp"
#include "sim/dispatch/schedule.hpp"
#include "sim/dispatch/shift_schedule.hpp"

namespace {

using namespace swarm;
using namespace swarm::dispatch;

constexpr std::uint32_t kSlots = 366 * 48;

/// Jobs of 1 … `longest` half-hours, each with as much slack: machine learning of hours to days, or an hour each.
struct Workload {
  Workload(std::size_t count, std::uint32_t longest, std::int64_t slack) {
    RandomSequence draw(Random(1, Stream::experiment), 0, 0);
    for (std::uint32_t i = 0; i < kSlots; ++i) {
      const double day = std::sin(0.1309 * i);  // once in 48 half-hours
      units.push_back(static_cast<std::int64_t>(1e11 * (400 + 150 * day + 100 * draw.uniform())));
    }
    totals.resize(units.size() + 1);
    running_totals(units, totals);
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t length = 1 + uniform_below(draw.word(), longest);
      const std::int64_t arrival = uniform_below(draw.word(), kSlots - static_cast<std::uint32_t>(length) + 1);
      jobs.push_back({arrival, length});
      windows.push_back({arrival, std::min<std::int64_t>(arrival + length + slack, kSlots)});
      places += windows.back().end - arrival - length + 1;
      slots += windows.back().end - arrival;
    }
    starts.resize(count);
    used.resize(longest);
  }
  std::vector<std::int64_t> units, totals, starts, used;
  std::vector<ShiftJob> jobs;
  std::vector<SlotWindow> windows;
  std::int64_t places = 0, slots = 0;
};

void report(benchmark::State& state, const Workload& w, std::int64_t items) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * items);
  state.counters["per_job"] = benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(w.jobs.size()),
                                                 benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

Workload workload(const benchmark::State& state) {
  return Workload(static_cast<std::size_t>(state.range(0)), static_cast<std::uint32_t>(state.range(1)), state.range(2));
}

void one_piece(benchmark::State& state) {
  Workload w = workload(state);
  StartScratch scratch;
  for (auto _ : state) {
    earliest_least_all(w.totals, w.jobs, w.windows, scratch, w.starts);
    benchmark::ClobberMemory();
  }
  report(state, w, w.places);
}

void one_piece_naive(benchmark::State& state) {
  Workload w = workload(state);
  for (auto _ : state) {
    for (std::size_t i = 0; i < w.jobs.size(); ++i) {
      std::int64_t least = 0, best = -1;
      for (std::int64_t start = w.windows[i].first; start + w.jobs[i].length <= w.windows[i].end; ++start) {
        std::int64_t sum = 0;
        for (std::int64_t slot = start; slot < start + w.jobs[i].length; ++slot) sum += w.units[static_cast<std::size_t>(slot)];
        if (best >= 0 && sum >= least) continue;
        least = sum;
        best = start;
      }
      w.starts[i] = best;
    }
    benchmark::ClobberMemory();
  }
  report(state, w, w.places);
}

void pieces(benchmark::State& state) {
  Workload w = workload(state);
  SlotScratch scratch;
  for (auto _ : state) {
    for (std::size_t i = 0; i < w.jobs.size(); ++i)
      cheapest_slots(w.units, w.windows[i], scratch, std::span(w.used).first(static_cast<std::size_t>(w.jobs[i].length)));
    benchmark::ClobberMemory();
  }
  report(state, w, w.slots);
}

void pieces_naive(benchmark::State& state) {
  Workload w = workload(state);
  std::vector<std::int64_t> order;
  for (auto _ : state) {
    for (std::size_t i = 0; i < w.jobs.size(); ++i) {
      order.clear();
      for (std::int64_t slot = w.windows[i].first; slot < w.windows[i].end; ++slot) order.push_back(slot);
      std::ranges::stable_sort(order, {}, [&](std::int64_t slot) { return w.units[static_cast<std::size_t>(slot)]; });
      order.resize(static_cast<std::size_t>(w.jobs[i].length));
      std::ranges::sort(order);
      std::ranges::copy(order, w.used.begin());
    }
    benchmark::ClobberMemory();
  }
  report(state, w, w.slots);
}

/// One step of a region in a run: requests of a slot each, with a slack of four of the horizon's 24 hours, as slots of five
/// minutes fill up. Items are requests.
constexpr std::size_t kHorizon = 289;
constexpr std::int64_t kSlack = 48, kPerSlot = 400;

std::vector<double> forecast_of(const Workload& w) {
  std::vector<double> forecast;
  for (std::size_t k = 0; k < kHorizon; ++k) forecast.push_back(static_cast<double>(w.units[k]) * 1e-11);
  return forecast;
}

void promise(benchmark::State& state) {
  const auto forecast = forecast_of(Workload(1, 1, 1));
  std::vector<std::int64_t> promised(kHorizon);
  for (auto _ : state) {
    std::fill(promised.begin(), promised.end(), 0);
    SlotLedger ledger(promised, 0, kPerSlot);
    SlotChooser chooser(ScheduleStrategy::non_interrupting, forecast, {}, ledger);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < state.range(0); ++i) sum += chooser.choose({1, kSlack, 1}).value_or(0);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void promise_naive(benchmark::State& state) {
  const auto forecast = forecast_of(Workload(1, 1, 1));
  std::vector<std::int64_t> promised(kHorizon);
  for (auto _ : state) {
    std::fill(promised.begin(), promised.end(), 0);
    std::size_t sum = 0;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      std::size_t best = kHorizon;
      for (std::size_t k = 0; k <= kSlack; ++k)
        if (promised[k] < kPerSlot && (best == kHorizon || forecast[k] < forecast[best])) best = k;
      if (best == kHorizon) continue;
      ++promised[best];
      sum += best;
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

/// Arguments: jobs, longest, slack.
BENCHMARK(one_piece)->Args({10'000, 180, 96})->Args({10'000, 2, 8})->Args({10'000, 2, 2000})->Args({10'000, 2, 17568});
BENCHMARK(one_piece_naive)->Args({10'000, 180, 96})->Args({10'000, 2, 8});
BENCHMARK(pieces)->Args({10'000, 180, 96})->Args({10'000, 2, 8});
BENCHMARK(pieces_naive)->Args({10'000, 180, 96})->Args({10'000, 2, 8});
/// Argument: requests.
BENCHMARK(promise)->Arg(10'000);
BENCHMARK(promise_naive)->Arg(10'000);

}  // namespace
