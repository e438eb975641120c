#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "sim/core/math.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/moments.hpp"

namespace swarm::workload {
namespace {

const Random kRequest(42, Stream::request);
constexpr std::uint32_t kBank = 4096;

RequestColumns draw(const WorkloadParams& p, std::uint32_t count, std::uint32_t step = 3,
                    std::uint16_t region = 2, double step_s = 300) {
  RequestColumns out;
  synthesise(p, kRequest, step, RegionId{region}, count, step_s, kBank, out);
  return out;
}

/// Request `i` written out from its definition, one block at a time.
struct Plain {
  double offset;
  ProblemType type;
  float complexity;
  std::uint32_t tok_in, tok_out, bank_item;
  std::uint8_t urgent;
};

Plain plain_request(const WorkloadParams& p, std::uint32_t step, RegionId region, std::uint32_t i,
                    double step_s) {
  const std::uint64_t id = RequestId(region, i).packed;
  const RandomBlock b = kRequest.block(step, id, 0), t = kRequest.block(step, id, 1);
  const auto shares = type_shares(p);
  const double u = uniform_open(b[1]);
  std::size_t type = 0;
  for (double below = shares[0]; u > below && type < 3;) below += shares[++type];
  const auto alpha = static_cast<std::size_t>(p.complexity_alpha),
             beta = static_cast<std::size_t>(p.complexity_beta);
  std::vector<std::uint32_t> words;
  for (std::uint32_t k = 0; k < alpha + beta - 1; ++k)
    words.push_back(kRequest.block(step, id, 2 + k / 4)[k % 4]);
  std::sort(words.begin(), words.end());
  const auto tok = [&](double mean, double v) {
    const double x =
        math::exp(math::log(mean) - 0.5 * p.tok_sigma * p.tok_sigma + p.tok_sigma * math::normal_quantile(v));
    return static_cast<std::uint32_t>(std::clamp(std::floor(x + 0.5), 1.0, std::floor(p.tok_max)));
  };
  return {uniform_open(b[0]) * step_s,
          static_cast<ProblemType>(type),
          static_cast<float>(uniform_open(words[alpha - 1])),
          tok(p.tok_in_mean, uniform_open(t[0], t[1])),
          tok(p.tok_out_mean, uniform_open(t[2], t[3])),
          uniform_below(b[3], kBank),
          static_cast<std::uint8_t>(uniform_open(b[2]) < p.urgent_share)};
}

void expect_plain(const WorkloadParams& p, const RequestColumns& c, std::uint32_t step, RegionId region,
                  double step_s) {
  for (std::size_t row = 0; row < c.size(); ++row) {
    const Plain want = plain_request(p, step, region, c.sequence[row], step_s);
    ASSERT_EQ(c.offset_s[row], want.offset);
    ASSERT_EQ(c.type[row], want.type);
    ASSERT_EQ(c.complexity[row], want.complexity);
    ASSERT_EQ(c.tok_in[row], want.tok_in);
    ASSERT_EQ(c.tok_out[row], want.tok_out);
    ASSERT_EQ(c.bank_item[row], want.bank_item);
    ASSERT_EQ(c.urgent[row], want.urgent);
    ASSERT_EQ(c.deadline_s[row], want.urgent ? 30.0f : 300.0f);
  }
}

TEST(Synthesise, EqualsTheDefinitionRequestByRequest) {
  WorkloadParams p;
  expect_plain(p, draw(p, 1000), 3, RegionId{2}, 300);
  p.complexity_alpha = 16;  // 31 uniforms, eight blocks
  p.complexity_beta = 16;
  p.tok_max = 700;
  expect_plain(p, draw(p, 300, 9, 65000, 60), 9, RegionId{65000}, 60);
  p.complexity_alpha = p.complexity_beta = 1;
  expect_plain(p, draw(p, 257), 3, RegionId{2}, 300);
}

TEST(Synthesise, IsInOrderOfArrivalAndComplete) {
  for (std::uint32_t count : {0u, 1u, 2u, 31u, 32u, 33u, 255u, 256u, 257u, 5000u, 70001u}) {
    const RequestColumns c = draw(WorkloadParams{}, count);
    ASSERT_EQ(c.size(), count);
    std::vector<std::uint8_t> seen(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) {
        ASSERT_LE(c.offset_s[i - 1], c.offset_s[i]);
        if (c.offset_s[i - 1] == c.offset_s[i]) {
          ASSERT_LT(c.sequence[i - 1], c.sequence[i]);
        }
      }
      ASSERT_EQ(seen[c.sequence[i]]++, 0);
    }
  }
}

TEST(Synthesise, ContentDoesNotDependOnHowManyAreDrawn) {
  const WorkloadParams p;
  const RequestColumns few = draw(p, 100), many = draw(p, 20000);
  std::map<std::uint32_t, std::size_t> row;
  for (std::size_t i = 0; i < many.size(); ++i) row[many.sequence[i]] = i;
  for (std::size_t i = 0; i < few.size(); ++i) {
    const std::size_t j = row[few.sequence[i]];
    EXPECT_EQ(few.offset_s[i], many.offset_s[j]);
    EXPECT_EQ(few.type[i], many.type[j]);
    EXPECT_EQ(few.complexity[i], many.complexity[j]);
    EXPECT_EQ(few.tok_in[i], many.tok_in[j]);
    EXPECT_EQ(few.tok_out[i], many.tok_out[j]);
    EXPECT_EQ(few.bank_item[i], many.bank_item[j]);
    EXPECT_EQ(few.urgent[i], many.urgent[j]);
  }
}

TEST(Synthesise, StepsAndRegionsDiffer) {
  const WorkloadParams p;
  const RequestColumns a = draw(p, 1000), step = draw(p, 1000, 4), region = draw(p, 1000, 3, 3);
  std::size_t same = 0;
  for (std::size_t i = 0; i < 1000; ++i)
    same += (a.tok_in[i] == step.tok_in[i] && a.bank_item[i] == step.bank_item[i]) ||
            (a.tok_in[i] == region.tok_in[i] && a.bank_item[i] == region.bank_item[i]);
  EXPECT_LE(same, 2u);
}

double mean_of(const auto& column) {
  double sum = 0;
  for (const auto x : column) sum += static_cast<double>(x);
  return sum / static_cast<double>(column.size());
}

TEST(Synthesise, ComplexityIsBeta) {
  const std::uint32_t n = 100000;
  for (auto [a, b] : {std::pair{2, 2}, {1, 1}, {3, 1}, {1, 5}, {16, 16}}) {
    WorkloadParams p;
    p.complexity_alpha = a;
    p.complexity_beta = b;
    const RequestColumns c = draw(p, n);
    const double mean = static_cast<double>(a) / (a + b), variance = mean * (1 - mean) / (a + b + 1);
    const double error = std::sqrt(variance / n);
    EXPECT_NEAR(mean_of(c.complexity), mean, 4 * error) << a << " " << b;
    double square = 0;
    for (float k : c.complexity) square += (k - mean) * (k - mean) / n;
    EXPECT_NEAR(square, variance, 4 * variance * std::sqrt(2.0 / n));
    // Mutant: the next order statistic would be Beta(a + 1, b − 1), mean (a + 1)/(a + b).
    EXPECT_GT(std::abs(mean_of(c.complexity) - (a + 1.0) / (a + b)), 4 * error);
  }
}

TEST(Synthesise, SharesAreAsTold) {
  const std::uint32_t n = 200000;
  WorkloadParams p;
  p.vision = 1;  // 1 : 2 : 0 : 1, not normalised
  p.language = 2;
  p.reasoning = 0;
  p.memory = 1;
  const RequestColumns c = draw(p, n);
  const auto share = type_shares(p);
  for (std::size_t t = 0; t < kProblemTypes; ++t) {
    const auto found =
        static_cast<double>(std::count(c.type.begin(), c.type.end(), static_cast<ProblemType>(t))) / n;
    EXPECT_NEAR(found, share[t], 4 * std::sqrt(share[t] * (1 - share[t]) / n)) << t;
  }
  EXPECT_NEAR(mean_of(c.urgent), 0.2, 4 * std::sqrt(0.2 * 0.8 / n));
  EXPECT_NEAR(mean_of(c.offset_s), 150, 4 * 300 / std::sqrt(12.0 * n));
  EXPECT_NEAR(mean_of(c.bank_item), (kBank - 1) / 2.0, 4 * kBank / std::sqrt(12.0 * n));
  EXPECT_LT(*std::max_element(c.bank_item.begin(), c.bank_item.end()), kBank);
}

TEST(Synthesise, CertainSharesHaveNoExceptions) {
  WorkloadParams p;
  p.vision = p.language = p.memory = 0;
  p.urgent_share = 1;
  const RequestColumns c = draw(p, 50000);
  EXPECT_EQ(std::count(c.type.begin(), c.type.end(), ProblemType::reasoning), 50000);
  EXPECT_EQ(std::count(c.urgent.begin(), c.urgent.end(), 1), 50000);
  p.urgent_share = 0;
  const RequestColumns calm = draw(p, 50000);
  EXPECT_EQ(std::count(calm.urgent.begin(), calm.urgent.end(), 0), 50000);
}

TEST(Synthesise, TokHaveTheGivenArithmeticMean) {
  const std::uint32_t n = 400000;
  const WorkloadParams p;
  const RequestColumns c = draw(p, n);
  const TokMean expected = expected_tok(p);
  const double spread = std::sqrt(std::exp(p.tok_sigma * p.tok_sigma) - 1);  // coefficient of variation
  const double error_in = p.tok_in_mean * spread / std::sqrt(n),
               error_out = p.tok_out_mean * spread / std::sqrt(n);
  EXPECT_NEAR(mean_of(c.tok_in), expected.in, 4 * error_in);
  EXPECT_NEAR(mean_of(c.tok_out), expected.out, 4 * error_out);
  EXPECT_NEAR(expected.in, p.tok_in_mean, 1);
  // Mutant: μ = ln(mean), the median in place of the mean, is larger by exp(σ²/2) = 1.377.
  EXPECT_GT(p.tok_in_mean * (std::exp(0.32) - 1), 40 * error_in);
  EXPECT_EQ(draw(p, 1000).tok_capped, 0u);
}

TEST(Synthesise, CutsAndCountsLongOnes) {
  WorkloadParams p;
  p.tok_max = 500.7;  // whole tok: 500
  const RequestColumns cut = draw(p, 20000);
  p.tok_max = 1e7;
  const RequestColumns whole = draw(p, 20000);
  std::uint64_t above = 0;
  for (std::size_t i = 0; i < cut.size(); ++i) {
    ASSERT_EQ(cut.sequence[i], whole.sequence[i]);
    ASSERT_EQ(cut.tok_in[i], std::min(500u, whole.tok_in[i]));
    ASSERT_EQ(cut.tok_out[i], std::min(500u, whole.tok_out[i]));
    above += (whole.tok_in[i] > 500) + (whole.tok_out[i] > 500);
  }
  EXPECT_GT(above, 10000u);
  EXPECT_EQ(cut.tok_capped, above);
  EXPECT_EQ(whole.tok_capped, 0u);
  EXPECT_GE(*std::min_element(whole.tok_out.begin(), whole.tok_out.end()), 1u);
}

}  // namespace
}  // namespace swarm::workload
