/// Random pairwise exchange through the ledger: keyed draws, checked transfers, totals and journal.
/// One command: `build/release/bench/bench_exchange`. Items are exchanges, refused ones included.
#include "sim/economy/exchange.hpp"

#include <benchmark/benchmark.h>

#include "sim/economy/billing.hpp"

namespace {

using namespace swarm;
using namespace swarm::economy;

constexpr std::uint64_t kBatch = 4096;  // exchanges between two clearings of the journal
constexpr MicroTkn kMean{1'000'000}, kAmount{10'000};

/// Accounts near the stationary law, so that about one exchange in a hundred is refused.
Ledger mixed_ledger(std::uint32_t accounts) {
  Ledger ledger(accounts);
  for (std::uint64_t i = 0; i < accounts; ++i) ledger.mint({i}, kMean, Posting::endowment);
  RandomExchange mixing(1, accounts, kMean * 2, ExchangeRule::uniform);
  for (int sweep = 0; sweep < 20; ++sweep) {
    mixing.run(ledger, accounts);
    ledger.clear_journal();
  }
  return ledger;
}

void report(benchmark::State& state, const Ledger& ledger, std::uint64_t done) {
  const auto tried = static_cast<double>(state.iterations()) * static_cast<double>(kBatch);
  state.SetItemsProcessed(static_cast<std::int64_t>(tried));
  state.counters["refused"] = 1.0 - static_cast<double>(done) / tried;
  ledger.audit();
}

void exchange(benchmark::State& state, ExchangeRule rule) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  Ledger ledger = mixed_ledger(accounts);
  RandomExchange exchange(2, accounts, kAmount, rule);
  std::uint64_t done = 0;
  for (auto _ : state) {
    done += exchange.run(ledger, kBatch);
    benchmark::DoNotOptimize(ledger.journal().data());
    ledger.clear_journal();
  }
  report(state, ledger, done);
}
BENCHMARK_CAPTURE(exchange, fixed, ExchangeRule::fixed)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Arg(10'000'000);
BENCHMARK_CAPTURE(exchange, uniform, ExchangeRule::uniform)->Arg(100'000);

/// The same exchanges, one Ledger::transfer() each.
void exchange_single(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  Ledger ledger = mixed_ledger(accounts);
  const RandomExchange exchange(2, accounts, kAmount, ExchangeRule::fixed);
  std::vector<Transfer> orders(kBatch);
  std::uint64_t done = 0, position = 0;
  for (auto _ : state) {
    exchange.draw(position, orders);
    for (const Transfer& t : orders) done += ledger.transfer({t.from}, {t.to}, {t.amount}, Posting::trade);
    position += kBatch;
    ledger.clear_journal();
  }
  report(state, ledger, done);
}
BENCHMARK(exchange_single)->Arg(100'000);

/// The draws alone: what is left is the ledger's.
void exchange_draws(benchmark::State& state) {
  const RandomExchange exchange(2, static_cast<std::uint32_t>(state.range(0)), kAmount, ExchangeRule::fixed);
  std::vector<Transfer> orders(512);
  std::uint64_t position = 0;
  for (auto _ : state) {
    exchange.draw(position, orders);
    benchmark::DoNotOptimize(orders.data());
    benchmark::ClobberMemory();
    position += orders.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(position));
}
BENCHMARK(exchange_draws)->Arg(100'000);

/// The same exchanges on a bare array: no journal, totals or overflow checks.
void exchange_bare_array(benchmark::State& state) {
  const auto accounts = static_cast<std::uint32_t>(state.range(0));
  const Ledger ledger = mixed_ledger(accounts);
  std::vector<std::int64_t> money(ledger.balances().begin(), ledger.balances().end());
  const RandomExchange exchange(2, accounts, kAmount, ExchangeRule::fixed);
  std::vector<Transfer> orders(512);
  std::uint64_t position = 0;
  for (auto _ : state) {
    exchange.draw(position, orders);
    for (const Transfer& t : orders) {
      if (money[t.from] < t.amount) continue;
      money[t.from] -= t.amount;
      money[t.to] += t.amount;
    }
    benchmark::ClobberMemory();
    position += orders.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(position));
}
BENCHMARK(exchange_bare_array)->Arg(100'000);

/// A step's electricity for all agents: metered energy to bills, bills to burnt money. Items are agents.
void bill_and_burn(benchmark::State& state) {
  const auto agents = static_cast<std::size_t>(state.range(0));
  Ledger ledger(agents);
  for (std::uint64_t i = 0; i < agents; ++i) ledger.mint({i}, {1'000'000'000'000}, Posting::endowment);
  const std::vector<std::int64_t> energy(agents, 1'234'567'891'011);  // 1.2 kJ
  std::vector<std::int64_t> remainders(agents), bills(agents), unpaid(agents);
  for (auto _ : state) {
    bill_electricity(energy, FixedPrice::from(0.17, 1.3), remainders, bills);
    ledger.burn_many({0}, bills, unpaid, Posting::electricity);
    ledger.clear_journal();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
  ledger.audit();
}
BENCHMARK(bill_and_burn)->Arg(100'000)->UseRealTime();

}  // namespace
