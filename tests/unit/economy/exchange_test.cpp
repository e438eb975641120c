#include "sim/economy/exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace swarm::economy {
namespace {

Ledger equal_wealth(std::uint32_t accounts, std::int64_t each) {
  Ledger ledger(accounts);
  for (std::uint64_t i = 0; i < accounts; ++i) ledger.mint({i}, {each}, Posting::endowment);
  return ledger;
}

std::vector<Transfer> drawn(const RandomExchange& exchange, std::uint64_t first, std::size_t n) {
  std::vector<Transfer> orders(n);
  exchange.draw(first, orders);
  return orders;
}

bool same(const Transfer& a, const Transfer& b) {
  return a.from == b.from && a.to == b.to && a.amount == b.amount;
}

class ExchangeRules : public ::testing::TestWithParam<ExchangeRule> {};

TEST_P(ExchangeRules, RunEqualsSingleTransfersBitForBit) {
  constexpr std::uint32_t kAccounts = 50;  // few, so that orders meet accounts the order before has changed
  Ledger bulk = equal_wealth(kAccounts, 100), single = equal_wealth(kAccounts, 100);
  RandomExchange exchange(7, kAccounts, {60}, GetParam());
  const std::vector<Transfer> orders = drawn(exchange, 0, 5000);
  std::uint64_t done = 0, carried_out = 0;
  for (const std::uint64_t batch : {1u, 2u, 511u, 1000u, 3486u}) done += exchange.run(bulk, batch);
  for (const Transfer& t : orders)
    carried_out += single.transfer({t.from}, {t.to}, {t.amount}, Posting::trade);
  EXPECT_EQ(exchange.position(), 5000u);
  EXPECT_EQ(done, carried_out);
  EXPECT_LT(done, 5000u) << "some must have been refused";
  EXPECT_TRUE(std::ranges::equal(bulk.balances(), single.balances()));
  EXPECT_TRUE(std::ranges::equal(bulk.raw_totals(), single.raw_totals()));
  EXPECT_TRUE(std::ranges::equal(bulk.journal(), single.journal()));
  bulk.audit();
  // Mutant: the orders in another sequence end elsewhere, so sequence is part of what is compared.
  Ledger reversed = equal_wealth(kAccounts, 100);
  for (std::size_t k = orders.size(); k-- > 0;)
    reversed.transfer({orders[k].from}, {orders[k].to}, {orders[k].amount}, Posting::trade);
  EXPECT_FALSE(std::ranges::equal(bulk.balances(), reversed.balances()));
}

TEST_P(ExchangeRules, AnOrderDependsOnItsNumberOnly) {
  const RandomExchange exchange(3, 1000, {1'000'000}, GetParam());
  const std::vector<Transfer> all = drawn(exchange, 0, 2000);
  for (const std::uint64_t first : {1u, 2u, 511u, 513u, 1023u}) {
    const std::vector<Transfer> part = drawn(exchange, first, 900);
    EXPECT_TRUE(std::ranges::equal(part, std::span(all).subspan(first, 900), same)) << first;
  }
  const RandomExchange other_seed(4, 1000, {1'000'000}, GetParam());
  EXPECT_FALSE(std::ranges::equal(drawn(other_seed, 0, 2000), all, same));
}

/// χ² of the n(n − 1) ordered pairs against equal frequencies.
double chi_squared(std::span<const Transfer> orders, std::uint32_t n) {
  std::vector<double> seen(n * n);
  for (const Transfer& t : orders) seen[t.from * n + t.to] += 1;
  const double expected = static_cast<double>(orders.size()) / (n * (n - 1));
  double chi2 = 0;
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < n; ++j) {
      const double off = seen[i * n + j] - (i == j ? 0.0 : expected);
      chi2 += off * off / expected;
    }
  return chi2;
}

TEST_P(ExchangeRules, PairsAreDistinctAndUniform) {
  const RandomExchange exchange(9, 8, {5}, GetParam());
  std::vector<Transfer> orders = drawn(exchange, 0, 56'000);
  // 55 degrees of freedom: mean 55, standard deviation √110 = 10.5; the bound is 5 of them.
  EXPECT_LT(chi_squared(orders, 8), 55 + 5 * 10.5);
  EXPECT_TRUE(std::ranges::none_of(orders, [](const Transfer& t) { return t.from == t.to; }));
  // Mutant: a payee equal to the payer is replaced by its neighbour, which favours neighbours.
  for (std::size_t k = 0; k < orders.size(); k += 8) orders[k].to = (orders[k].from + 1) % 8;
  EXPECT_GT(chi_squared(orders, 8), 55 + 5 * 10.5);
}

INSTANTIATE_TEST_SUITE_P(Both, ExchangeRules, ::testing::Values(ExchangeRule::fixed, ExchangeRule::uniform));

TEST(Exchange, UniformAmountsCoverTheirRangeAndNothingElse) {
  const RandomExchange exchange(1, 10, {5}, ExchangeRule::uniform);
  std::array<int, 7> seen{};
  for (const Transfer& t : drawn(exchange, 0, 10'000)) {
    ASSERT_GE(t.amount, 1);
    ASSERT_LE(t.amount, 5);
    ++seen[static_cast<std::size_t>(t.amount)];
  }
  for (std::size_t a = 1; a <= 5; ++a) EXPECT_NEAR(seen[a], 2000, 5 * 40);  // √(10,000 · 0.2 · 0.8) = 40
  const RandomExchange wide(1, 10, {std::int64_t{1} << 60}, ExchangeRule::uniform);
  double sum = 0;
  for (const Transfer& t : drawn(wide, 0, 10'000)) sum += static_cast<double>(t.amount) * 0x1p-60;
  EXPECT_NEAR(sum / 10'000, 0.5, 5 * 0.2887 / 100);  // σ of a uniform is 1/√12 = 0.2887
}

}  // namespace
}  // namespace swarm::economy
