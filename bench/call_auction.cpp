/// Call auctions of random divisible orders, fills written. One command: `build/release/bench/bench_call_auction`.
/// Items are orders, half of them bids; `per_order` is the time that one takes. The peer sorts both sides and walks.
#include "sim/economy/call_auction.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using namespace swarm::economy;

/// Prices below 4e9, of which no two are likely equal; of a hundred ticks; and below a million except for one in a
/// thousand near 2⁶², which costs the selection a pass for each eleven bits between.
enum class Prices { fine, ties, outliers };

/// Quantities 1 … 1,000.
struct Market {
  Market(std::size_t orders, Prices prices) {
    RandomSequence draw(Random(1, Stream::experiment), 0, 0);
    const std::uint32_t ticks = prices == Prices::fine ? 4'000'000'000 : prices == Prices::ties ? 100 : 1'000'000;
    for (std::size_t i = 0; i < orders; ++i) {
      std::int64_t price = uniform_below(draw.word(), ticks);
      if (prices == Prices::outliers && uniform_below(draw.word(), 1000) == 0) price += std::int64_t{1} << 62;
      (i % 2 == 0 ? bids : asks).push_back({price, 1 + uniform_below(draw.word(), 1000)});
    }
    filled_bids.resize(bids.size());
    filled_asks.resize(asks.size());
  }
  std::vector<LimitOrder> bids, asks;
  std::vector<std::int64_t> filled_bids, filled_asks;
};

/// The peer: rows by price and place, then hand in hand.
class SortedClearing {
 public:
  std::int64_t clear(Market& m) {
    sort(m.bids, bids_, [](const LimitOrder& a, const LimitOrder& b) { return a.price > b.price; });
    sort(m.asks, asks_, [](const LimitOrder& a, const LimitOrder& b) { return a.price < b.price; });
    std::ranges::fill(m.filled_bids, 0);
    std::ranges::fill(m.filled_asks, 0);
    std::int64_t volume = 0;
    for (std::size_t b = 0, a = 0; b < bids_.size() && a < asks_.size();) {
      const auto i = bids_[b], j = asks_[a];
      if (m.bids[i].price < m.asks[j].price) break;
      const std::int64_t traded =
          std::min(m.bids[i].quantity - m.filled_bids[i], m.asks[j].quantity - m.filled_asks[j]);
      volume += traded;
      m.filled_bids[i] += traded;
      m.filled_asks[j] += traded;
      b += m.filled_bids[i] == m.bids[i].quantity;
      a += m.filled_asks[j] == m.asks[j].quantity;
    }
    return volume;
  }

 private:
  template <class Better>
  static void sort(const std::vector<LimitOrder>& orders, std::vector<std::uint32_t>& rows, Better better) {
    rows.resize(orders.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    std::ranges::sort(rows, [&](std::uint32_t i, std::uint32_t j) {
      return better(orders[i], orders[j]) || (!better(orders[j], orders[i]) && i < j);
    });
  }
  std::vector<std::uint32_t> bids_, asks_;
};

void report(benchmark::State& state) {
  const auto orders = static_cast<double>(state.iterations()) * static_cast<double>(state.range(0));
  state.SetItemsProcessed(static_cast<std::int64_t>(orders));
  state.counters["per_order"] = benchmark::Counter(orders, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void call_auction(benchmark::State& state, Prices prices) {
  Market m(static_cast<std::size_t>(state.range(0)), prices);
  CallScratch scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(clear_uniform(m.bids, m.asks, 0.5, m.filled_bids, m.filled_asks, scratch).volume);
    benchmark::ClobberMemory();
  }
  report(state);
}
BENCHMARK_CAPTURE(call_auction, fine, Prices::fine)->Arg(10)->RangeMultiplier(10)->Range(100, 1'000'000);
BENCHMARK_CAPTURE(call_auction, ties, Prices::ties)->RangeMultiplier(10)->Range(1000, 1'000'000);
BENCHMARK_CAPTURE(call_auction, outliers, Prices::outliers)->Arg(1'000'000);

void sorted_clearing(benchmark::State& state) {
  Market m(static_cast<std::size_t>(state.range(0)), Prices::fine);
  SortedClearing peer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(peer.clear(m));
    benchmark::ClobberMemory();
  }
  report(state);
}
BENCHMARK(sorted_clearing)->Arg(10)->RangeMultiplier(10)->Range(100, 1'000'000);

}  // namespace
