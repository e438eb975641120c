#include "sim/workload/willingness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/core/math.hpp"

/// What users would pay, against its definition, its closed forms and its distribution (docs/models/demand.md).
namespace swarm::workload {
namespace {

constexpr RegionId kRegion{3};
constexpr std::uint32_t kStep = 17;
const Random kDemand(5, Stream::demand);

std::vector<PurposeRecord> purposes() { return {purpose_table().begin(), purpose_table().end()}; }
std::vector<PurposeRecord> with_shares(const std::array<double, kPurposes>& share) {
  auto out = purposes();
  for (std::size_t p = 0; p < kPurposes; ++p) out[p].share = share[p];
  return out;
}

/// Requests numbered from 0, as if in order of arrival; every fifth is urgent, or none.
RequestColumns rows(std::size_t n, bool some_urgent = false) {
  RequestColumns q;
  q.resize(n);
  std::iota(q.sequence.begin(), q.sequence.end(), 0u);
  for (std::size_t i = 0; some_urgent && i < n; i += 5) q.urgent[i] = 1;
  return q;
}
RequestColumns drawn(const Willingness& w, RequestColumns q, std::uint32_t step = kStep, RegionId region = kRegion) {
  w.draw(kDemand, step, region, 0, q.size(), q);
  return q;
}
RequestColumns drawn(const Willingness& w, std::size_t n) { return drawn(w, rows(n)); }

double phi_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// ---------------------------------------------------------------- the figures by hand

TEST(Willingness, SigmaByHand) {
  // Φ⁻¹(0.8) = 0.8416212, φ of it = 0.2799619; over 0.8 · 0.7 = 0.56: 0.4999320.
  EXPECT_NEAR(willingness_sigma({}), 0.4999320, 5e-8);
  // Half accept: φ(0) = 0.3989423; over 0.5 · |−2| = 1.
  EXPECT_NEAR(willingness_sigma({.served_at_baseline = 0.5, .elasticity = -2}), 0.3989423, 5e-8);
}

TEST(Willingness, WorkedExample) {
  // Income 2,000 where 8,000 is typical: 0.4 · ln ¼ = −0.5545177. Median of WTP/P0 at typical income
  // exp(0.4999320 · 0.8416212) = 1.5231086, here 1.5231086 · ¼^0.4 = 0.8747962.
  const Willingness here({}, purposes(), 2000, 8000), typical({}, purposes(), 8000, 8000);
  EXPECT_NEAR(typical.accepting_share(1.5231086, 0), 0.5, 1e-7);
  EXPECT_NEAR(here.accepting_share(0.8747962, 0), 0.5, 1e-7);
  EXPECT_NEAR(typical.accepting_share(1, 0), 0.8, 1e-12);
  // At P0: Φ((ln 0.8747962) / 0.4999320) = Φ(−0.2675651) = 0.3945166.
  EXPECT_NEAR(here.accepting_share(1, 0), phi_cdf(-0.2675651), 1e-7);
  // A fifth are urgent: 0.8 · 0.8 + 0.2 · Φ(0.8416212 + 0.5/0.4999320) = 0.64 + 0.2 · 0.9672447 = 0.8334489.
  EXPECT_NEAR(typical.accepting_share(1, 0.2), 0.8334489, 5e-8);
  // Mutant: income counted the other way round.
  EXPECT_GT(Willingness({}, purposes(), 8000, 2000).accepting_share(1, 0), 0.8);
}

TEST(Willingness, TypicalIncomeByHand) {
  // (1,000³ · 10,000)^¼ = 10^3.25 = 1,778.2794; the arithmetic mean would be 3,250.
  const std::array<double, 2> income{1000, 10000}, weight{3, 1}, scaled{0.75, 0.25};
  EXPECT_NEAR(typical_income(income, weight), 1778.2794, 5e-5);
  EXPECT_NEAR(typical_income(income, scaled), 1778.2794, 5e-5);
  const std::array<double, 2> nobody{1, 0};
  EXPECT_NEAR(typical_income(income, nobody), 1000, 1e-9);
}

// ---------------------------------------------------------------- each request by its definition

/// Purpose and WTP/P0 of one request, written out from the page with the C library's functions.
struct Plain {
  std::size_t purpose;
  double ratio;
};
Plain plain(const DemandParams& d, const std::vector<PurposeRecord>& table, double income, double typical,
            std::uint32_t sequence, bool urgent) {
  const RandomBlock b = kDemand.block(kStep, RequestId(kRegion, sequence).packed);
  double sum = 0;
  for (const auto& p : table) sum += p.share;
  std::size_t purpose = 0;
  for (double below = table[0].share / sum; uniform_open(b[0]) > below; below += table[++purpose].share / sum) {
  }
  const double z0 = math::normal_quantile(d.served_at_baseline);
  const double sigma = std::exp(-z0 * z0 / 2) / std::sqrt(2 * std::numbers::pi) / (d.served_at_baseline * -d.elasticity);
  const double delta = table[purpose].wtp_shift + (urgent ? d.urgent_shift : 0);
  return {purpose, std::exp(sigma * z0) * std::pow(income / typical, d.income_elasticity) *
                       std::exp(delta + sigma * math::normal_quantile(uniform_open(b[1], b[2])))};
}

TEST(Willingness, EveryRequestIsAsThePageSays) {
  auto table = purposes();
  table[0].wtp_shift = 1.5;
  table[7].wtp_shift = -2;
  const DemandParams d{.served_at_baseline = 0.7, .elasticity = -1.3, .income_elasticity = 0.9, .urgent_shift = 0.25};
  const auto q = drawn(Willingness(d, table, 900, 7000), rows(3000, true));
  std::size_t mutants_caught = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const Plain p = plain(d, table, 900, 7000, q.sequence[i], q.urgent[i] != 0);
    ASSERT_EQ(static_cast<std::size_t>(q.purpose[i]), p.purpose) << i;
    ASSERT_NEAR(q.wtp_ratio[i], p.ratio, 1e-12 * p.ratio) << i;
    const Plain calm = plain(d, table, 900, 7000, q.sequence[i], false);
    mutants_caught += std::abs(q.wtp_ratio[i] - calm.ratio) > 1e-12 * calm.ratio;
  }
  EXPECT_EQ(mutants_caught, 600u) << "urgency forgotten: every fifth request is wrong";
}

TEST(Willingness, UrgencyAndPurposeShiftTheLogarithm) {
  auto shifted = purposes();
  for (auto& p : shifted) p.wtp_shift = -0.75;
  RequestColumns urgent = rows(1000);
  std::fill(urgent.urgent.begin(), urgent.urgent.end(), std::uint8_t{1});
  const Willingness w({}, purposes(), 1, 1);
  const auto calm = drawn(w, 1000), hurried = drawn(w, urgent), less = drawn(Willingness({}, shifted, 1, 1), 1000);
  EXPECT_EQ(calm.purpose, hurried.purpose);
  EXPECT_EQ(calm.purpose, less.purpose);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_NEAR(std::log(hurried.wtp_ratio[i] / calm.wtp_ratio[i]), 0.5, 1e-13);
    EXPECT_NEAR(std::log(less.wtp_ratio[i] / calm.wtp_ratio[i]), -0.75, 1e-13);
  }
}

// ---------------------------------------------------------------- distribution

/// √n times the largest distance between the empirical distribution of ln ratio and N(mean, sd²).
double kolmogorov(std::vector<double> log_ratio, double mean, double sd) {
  std::sort(log_ratio.begin(), log_ratio.end());
  const auto n = static_cast<double>(log_ratio.size());
  double largest = 0;
  for (std::size_t i = 0; i < log_ratio.size(); ++i) {
    const double f = phi_cdf((log_ratio[i] - mean) / sd);
    largest = std::max({largest, f - static_cast<double>(i) / n, (static_cast<double>(i) + 1) / n - f});
  }
  return largest * std::sqrt(n);
}
constexpr double kOneInAThousand = 1.95;  // quantile 0.999 of Kolmogorov's distribution

std::vector<double> logarithms(const RequestColumns& q) {
  std::vector<double> out;
  for (const double x : q.wtp_ratio) out.push_back(std::log(x));
  return out;
}

TEST(Willingness, IsLogNormalAroundWhatIncomeSays) {
  constexpr std::size_t n = 100000;
  const double sigma = 0.4999320007;
  for (const double income : {500.0, 8000.0, 60000.0}) {
    const double mean = 0.4207533872 + 0.4 * std::log(income / 8000);
    const auto x = logarithms(drawn(Willingness({}, purposes(), income, 8000), n));
    double sum = 0, squares = 0;
    for (const double v : x) sum += v;
    for (const double v : x) squares += (v - sum / n) * (v - sum / n);
    EXPECT_NEAR(sum / n, mean, 4 * sigma / std::sqrt(n)) << income;
    EXPECT_NEAR(std::sqrt(squares / (n - 1)), sigma, 4 * sigma / std::sqrt(2.0 * n)) << income;
    EXPECT_LT(kolmogorov(x, mean, sigma), kOneInAThousand) << income;
    EXPECT_GT(kolmogorov(x, mean + 0.01, sigma), kOneInAThousand) << "a shift of 1 %";
    EXPECT_GT(kolmogorov(x, mean, 1.03 * sigma), kOneInAThousand) << "a spread wider by 3 %";
    EXPECT_GT(kolmogorov(x, mean, 0.8 * sigma), kOneInAThousand) << "s0 forgotten in the denominator";
  }
}

TEST(Willingness, DoesNotDependOnThePurpose) {
  const auto q = drawn(Willingness({}, purposes(), 1, 1), 200000);
  for (std::size_t p = 0; p < kPurposes; ++p) {
    std::vector<double> x;
    for (std::size_t i = 0; i < q.size(); ++i)
      if (static_cast<std::size_t>(q.purpose[i]) == p) x.push_back(std::log(q.wtp_ratio[i]));
    EXPECT_LT(kolmogorov(x, 0.4207533872, 0.4999320007), kOneInAThousand) << p;
  }
  // Mutant: z from the word that gave the purpose. Each purpose then has a band of its own.
  std::vector<double> tied;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const RandomBlock b = kDemand.block(kStep, RequestId(kRegion, i).packed);
    if (uniform_open(b[0]) < 0.05) tied.push_back(0.4207533872 + 0.4999320007 * math::normal_quantile(uniform_open(b[0])));
  }
  EXPECT_GT(kolmogorov(tied, 0.4207533872, 0.4999320007), kOneInAThousand);
}

// ---------------------------------------------------------------- purposes

std::array<double, kPurposes> counts(const std::vector<PurposeRecord>& table, std::size_t n) {
  std::array<double, kPurposes> count{};
  for (const Purpose p : drawn(Willingness({}, table, 1, 1), n).purpose) ++count[static_cast<std::size_t>(p)];
  return count;
}
double chi_squared(const std::array<double, kPurposes>& count, const std::vector<PurposeRecord>& table) {
  const double n = std::accumulate(count.begin(), count.end(), 0.0);
  double sum = 0, x = 0;
  for (const auto& p : table) sum += p.share;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    const double expected = n * table[p].share / sum;
    if (expected > 0) x += (count[p] - expected) * (count[p] - expected) / expected;
  }
  return x;
}
constexpr double kChi8 = 26.12;  // quantile 0.999 of χ² with 8 degrees of freedom; fewer with fewer purposes

TEST(Willingness, PurposesComeByTheirShares) {
  constexpr std::size_t n = 200000;
  const auto count = counts(purposes(), n);
  EXPECT_LT(chi_squared(count, purposes()), kChi8);
  auto slightly = purposes();
  slightly[6].share = 0.41;
  EXPECT_GT(chi_squared(count, slightly), kChi8) << "0.41 for 0.40";
  auto doubled = purposes();
  for (auto& p : doubled) p.share *= 2;
  EXPECT_EQ(counts(doubled, n), count) << "weights, not shares";
}

TEST(Willingness, AShareOfZeroIsNeverDrawn) {
  const std::vector<std::array<double, kPurposes>> cases{
      {0, .1, .2, .1, .1, .1, .2, .1, .1},  // first
      {.1, .1, .2, .1, .1, .1, .2, .1, 0},  // last
      {.1, .1, .2, 0, 0, .1, .2, .1, .1},   // middle
      {0, 0, 1, 0, 3, 0, 0, 0, 0},          {0, 0, 0, 0, 0, 0, 0, 0, 7}, {7, 0, 0, 0, 0, 0, 0, 0, 0},
      {1e-300, 0, 1e9, 0, 0, 0, 0, 0, 0},   // the first is as good as none
  };
  for (const auto& share : cases) {
    const auto count = counts(with_shares(share), 60000);
    for (std::size_t p = 0; p < kPurposes; ++p) {
      EXPECT_TRUE(share[p] > 0 || count[p] == 0) << p;
      EXPECT_TRUE(share[p] < 0.01 || count[p] > 1000) << p;
    }
    EXPECT_LT(chi_squared(count, with_shares(share)), kChi8);
  }
  // Mutant: the next purpose takes the place of one without a share.
  auto moved = counts(with_shares(cases[0]), 60000);
  std::swap(moved[0], moved[1]);
  EXPECT_GT(chi_squared(moved, with_shares(cases[0])), kChi8);
}

// ---------------------------------------------------------------- accepting share

TEST(Willingness, AcceptingShareIsTheShareThatAccepts) {
  auto table = purposes();
  table[1].wtp_shift = 0.8;
  table[8].wtp_shift = -1.2;
  const Willingness w({}, table, 3000, 8000);
  constexpr std::size_t n = 200000;
  const auto q = drawn(w, rows(n, true));
  for (const double price : {0.05, 0.4, 1.0, 1.7, 5.0}) {
    const double accept = static_cast<double>(std::count_if(q.wtp_ratio.begin(), q.wtp_ratio.end(), [&](double x) { return x >= price; })) / n;
    const double p = w.accepting_share(price, 0.2);
    EXPECT_NEAR(accept, p, 4 * std::sqrt(p * (1 - p) / n) + 1e-9) << price;
    if (price == 1.0) {
      EXPECT_GT(std::abs(accept - w.accepting_share(price, 0)), 4 * std::sqrt(p * (1 - p) / n)) << "urgency forgotten";
      EXPECT_GT(std::abs(accept - Willingness({}, purposes(), 3000, 8000).accepting_share(price, 0.2)),
                4 * std::sqrt(p * (1 - p) / n)) << "purposes forgotten";
    }
  }
}

TEST(Willingness, AcceptingShareAtItsEnds) {
  const Willingness w({}, purposes(), 1, 1);
  EXPECT_EQ(w.accepting_share(0, 0.3), 1);
  EXPECT_EQ(w.accepting_share(-1, 0.3), 1);
  EXPECT_NEAR(w.accepting_share(1e-30, 0.3), 1, 1e-15);
  EXPECT_NEAR(w.accepting_share(1e30, 0.3), 0, 1e-15);
  EXPECT_NEAR(w.accepting_share(std::numeric_limits<double>::infinity(), 0.3), 0, 1e-15);
  double before = 1;
  for (double price = 0.01; price < 100; price *= 1.01) {
    EXPECT_LE(w.accepting_share(price, 0.3), before);
    before = w.accepting_share(price, 0.3);
  }
}

// ---------------------------------------------------------------- keys

bool same(const RequestColumns& a, const RequestColumns& b) { return a.purpose == b.purpose && a.wtp_ratio == b.wtp_ratio; }

TEST(Willingness, PartsAreAsTheWhole) {
  const Willingness w({}, purposes(), 2, 3);
  const auto whole = drawn(w, rows(1500, true));
  for (const std::vector<std::size_t>& cuts : {std::vector<std::size_t>{1, 256, 257, 600}, {255, 511, 1499}, {700}}) {
    RequestColumns parts = rows(1500, true);
    std::size_t begin = 0;
    for (const std::size_t end : cuts) w.draw(kDemand, kStep, kRegion, std::exchange(begin, end), end, parts);
    w.draw(kDemand, kStep, kRegion, 3, 3, parts);  // nothing
    w.draw(kDemand, kStep, kRegion, begin, 1500, parts);
    EXPECT_TRUE(same(parts, whole));
  }
  RequestColumns some = rows(1500, true);
  w.draw(kDemand, kStep, kRegion, 300, 900, some);
  EXPECT_EQ(some.wtp_ratio[299], 0) << "rows outside are left alone";
  EXPECT_EQ(some.wtp_ratio[900], 0);
  EXPECT_EQ(some.wtp_ratio[899], whole.wtp_ratio[899]);
}

TEST(Willingness, GoesByNumberNotByRow) {
  const Willingness w({}, purposes(), 2, 3);
  const auto forward = drawn(w, 1000);
  RequestColumns q = rows(1000);
  std::reverse(q.sequence.begin(), q.sequence.end());
  const auto backward = drawn(w, q);
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(backward.wtp_ratio[i], forward.wtp_ratio[999 - i]);
    ASSERT_EQ(backward.purpose[i], forward.purpose[999 - i]);
  }
  EXPECT_FALSE(same(forward, backward));
  EXPECT_FALSE(same(forward, drawn(w, rows(1000), kStep + 1)));
  EXPECT_FALSE(same(forward, drawn(w, rows(1000), kStep, RegionId{4})));
}

TEST(Willingness, UnlimitedIsInfiniteAndPurposesStay) {
  const auto table = purposes();
  const Willingness w({.willingness = WillingnessKind::unlimited}, table, 2, 3);
  const auto q = drawn(w, 2000);
  for (const double x : q.wtp_ratio) ASSERT_EQ(x, std::numeric_limits<double>::infinity());
  EXPECT_EQ(q.purpose, drawn(Willingness({}, table, 2, 3), 2000).purpose);
  EXPECT_EQ(w.accepting_share(1e12, 0.5), 1);
}

}  // namespace
}  // namespace swarm::workload
