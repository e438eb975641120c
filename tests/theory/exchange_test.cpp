#include "sim/economy/exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

/// Random pairwise exchange makes wealth Boltzmann–Gibbs (Drăgulescu & Yakovenko 2000): every division of the
/// money M among N accounts is equally likely. For such a uniform point of the simplex the Gini coefficient
/// is G = (1/N) Σ (k − 1) W_k with W Dirichlet(1, …, 1) (the normalised spacings of exponentials), hence
/// exactly
///   E G = (N − 1)/(2N),   Var G = (N − 1)/(12 N²).
namespace swarm::economy {
namespace {

constexpr std::uint32_t kAccounts = 20'000;
constexpr std::int64_t kMean = 1'000'000;  // 1 TKN
constexpr double kN = kAccounts;
constexpr double kStandardErrors = 4;
// The spectral gap of the mean-field diffusion is D/(4T²) per sweep of N exchanges with D = Δm²/3 (half the
// variance of the two exchanges an account takes part in) and T = Δm: 1/12, so 250 sweeps leave e^−20.
constexpr int kSweeps = 250;

Ledger equal_wealth() {
  Ledger ledger(kAccounts);
  for (std::uint64_t i = 0; i < kAccounts; ++i) ledger.mint({i}, {kMean}, Posting::endowment);
  ledger.clear_journal();
  return ledger;
}

std::vector<double> sorted_wealth(const Ledger& ledger) {
  std::vector<double> wealth;
  for (const std::int64_t b : ledger.balances()) wealth.push_back(static_cast<double>(b) / double{kMean});
  std::ranges::sort(wealth);
  return wealth;
}

double gini_of(const Ledger& ledger) {
  double weighted = 0;
  const std::vector<double> wealth = sorted_wealth(ledger);
  for (std::size_t k = 0; k < wealth.size(); ++k) weighted += (2.0 * double(k) + 1 - kN) * wealth[k];
  return weighted / (kN * kN);
}

bool is_boltzmann_gibbs(const Ledger& ledger) {
  return std::abs(gini_of(ledger) - (kN - 1) / (2 * kN)) <
         kStandardErrors * std::sqrt((kN - 1) / (12 * kN * kN));
}

/// Kolmogorov's distance to 1 − exp(−m/T).
double distance_to_exponential(const Ledger& ledger) {
  double distance = 0;
  const std::vector<double> wealth = sorted_wealth(ledger);
  for (std::size_t k = 0; k < wealth.size(); ++k) {
    const double f = 1 - std::exp(-wealth[k]);
    distance = std::max({distance, f - double(k) / kN, double(k + 1) / kN - f});
  }
  return distance;
}

/// What the richest tenth and the poorer half own of all money.
struct OwnedShares {
  double top_tenth, bottom_half;
};

OwnedShares shares_of(const Ledger& ledger) {
  const std::vector<double> wealth = sorted_wealth(ledger);
  const auto owned = [&](std::size_t first, std::size_t last) {
    return std::accumulate(wealth.begin() + std::ptrdiff_t(first), wealth.begin() + std::ptrdiff_t(last),
                           0.0) /
           kN;
  };
  return {owned(kAccounts - kAccounts / 10, kAccounts), owned(0, kAccounts / 2)};
}

/// Runs the process, checking after every sweep that not one µTKN has appeared or vanished.
template <class Sweep>
void mix(Ledger& ledger, int sweeps, Sweep&& sweep) {
  for (int s = 0; s < sweeps; ++s) {
    sweep();
    ASSERT_TRUE(ledger.sum_of_accounts() == Int128{kMean} * kAccounts);
    ledger.audit();
    ledger.clear_journal();
  }
}

TEST(RandomExchangeTheory, WealthIsBoltzmannGibbs) {
  Ledger ledger = equal_wealth();
  RandomExchange exchange(2024, kAccounts, {kMean}, ExchangeRule::uniform);
  mix(ledger, kSweeps, [&] { exchange.run(ledger, kAccounts); });
  EXPECT_TRUE(is_boltzmann_gibbs(ledger)) << "Gini " << gini_of(ledger);
  EXPECT_LT(distance_to_exponential(ledger), 1.95 / std::sqrt(kN)) << "the 0.1 % point of Kolmogorov's law";
}

// The poorest part p of an exponential law owns L(p) = p + (1 − p)·ln(1 − p): the richest tenth 0.1·(1 + ln
// 10) = 33.03 %, the poorer half ½·(1 − ln 2) = 15.34 %.
constexpr double kTopTenth = 0.3302585, kBottomHalf = 0.1534264;
// Standard errors by the delta method: one account x changes L(p) by −((Q − x)⁺ + L·x)/T plus a constant, Q =
// −ln(1 − p) being the quantile. With T = 1, E(Q − x)⁺ = Q − p, E[(Q − x)⁺]² = Q² − 2Q + 2p and Cov((Q − x)⁺,
// x) = −L, its variance is Q² − 2Q + 2p − (Q − p)² − L². For p = 0.9, Q = ln 10: 0.08093; for p = ½, Q = ln
// 2: 0.03331. The expected shares of N = 20,000 accounts differ from those of the law by less than 1/N.
constexpr double kVarianceTopTenth = 0.08093, kVarianceBottomHalf = 0.03331;

TEST(RandomExchangeTheory, TheRichestTenthAndThePoorerHalfOwnWhatTheLawSays) {
  constexpr int kSeeds = 8;
  OwnedShares mean{0, 0};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Ledger ledger = equal_wealth();
    RandomExchange exchange(seed, kAccounts, {kMean}, ExchangeRule::uniform);
    mix(ledger, kSweeps, [&] { exchange.run(ledger, kAccounts); });
    const OwnedShares owned = shares_of(ledger);
    mean.top_tenth += owned.top_tenth / kSeeds;
    mean.bottom_half += owned.bottom_half / kSeeds;
  }
  EXPECT_NEAR(mean.top_tenth, kTopTenth, kStandardErrors * std::sqrt(kVarianceTopTenth / (kN * kSeeds)));
  EXPECT_NEAR(mean.bottom_half, kBottomHalf,
              kStandardErrors * std::sqrt(kVarianceBottomHalf / (kN * kSeeds)));
}

TEST(RandomExchangeTheory, FixedAmountsGiveTheGeometricLaw) {
  // Accounts hold multiples of Δm, on average μ = q/(1 − q) of them: the law is geometric with Gini
  // G = 1/(1 + q). For μ = 4: q = 4/5, G = 5/9. Standard error by the delta method: the influence of one
  // account with k coins is ((1 − G)(k − μ) + 2μ qᵏ − 2μG)/μ; with Var k = 20, Var q^k = 0.2/0.488 − 25/81 =
  // 0.10119 and Cov(k, q^k) = 0.2·0.64/0.1296 − 20/9 = −1.23457 its variance is
  // (3.9506 + 6.4764 − 8.7791)/16 = 0.1030. (That the total is fixed makes the spread a little smaller
  // still.)
  const double standard_error = std::sqrt(0.1030 / kN);
  Ledger ledger = equal_wealth();
  RandomExchange exchange(2025, kAccounts, {kMean / 4}, ExchangeRule::fixed);
  // D = Δm², T = 4 Δm: gap 1/64 per sweep, so 1,000 sweeps leave e^−15.
  mix(ledger, 1000, [&] { exchange.run(ledger, kAccounts); });
  EXPECT_NEAR(gini_of(ledger), 5.0 / 9, kStandardErrors * standard_error);
  EXPECT_FALSE(is_boltzmann_gibbs(ledger)) << "5/9 and 1/2 must be told apart";
}

/// Mutants: who pays is decided by wealth instead of by lot.
enum class Payer { poorer, richer };

Ledger biased_exchange(Payer payer) {
  Ledger ledger = equal_wealth();
  const RandomExchange exchange(2024, kAccounts, {kMean}, ExchangeRule::uniform);
  std::vector<Transfer> orders(kAccounts);
  std::uint64_t position = 0;
  mix(ledger, 30, [&] {
    exchange.draw(position, orders);
    position += orders.size();
    for (Transfer t : orders) {
      const bool from_is_poorer = ledger.balance({t.from}) < ledger.balance({t.to});
      if (from_is_poorer != (payer == Payer::poorer)) std::swap(t.from, t.to);
      ledger.transfer({t.from}, {t.to}, {t.amount}, Posting::trade);
    }
  });
  return ledger;
}

TEST(RandomExchangeTheory, RulesThatLookAtWealthAreRejected) {
  const Ledger condensed = biased_exchange(Payer::poorer), levelled = biased_exchange(Payer::richer);
  EXPECT_FALSE(is_boltzmann_gibbs(condensed));
  EXPECT_GT(gini_of(condensed), 0.6);
  EXPECT_FALSE(is_boltzmann_gibbs(levelled));
  EXPECT_LT(gini_of(levelled), 0.4);
  EXPECT_GT(distance_to_exponential(condensed), 1.95 / std::sqrt(kN));
  EXPECT_GT(distance_to_exponential(levelled), 1.95 / std::sqrt(kN));
  // Even one seed tells them by what the rich and the poor own.
  for (const Ledger* ledger : {&condensed, &levelled}) {
    const OwnedShares owned = shares_of(*ledger);
    EXPECT_GT(std::abs(owned.top_tenth - kTopTenth), kStandardErrors * std::sqrt(kVarianceTopTenth / kN));
    EXPECT_GT(std::abs(owned.bottom_half - kBottomHalf),
              kStandardErrors * std::sqrt(kVarianceBottomHalf / kN));
  }
}

}  // namespace
}  // namespace swarm::economy
