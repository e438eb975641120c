#include "sim/core/student_t.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include "sim/core/math.hpp"
#include "sim/core/rng.hpp"

namespace {

using namespace swarm;
using Values = std::vector<double>;
using Interval = std::function<MeanInterval(std::span<const double>)>;

// Any printed table of Student's t, upper tail 0.025, to four decimals; 0.05, 0.005 and 0.0005 likewise.
TEST(StudentT, AgreesWithPublishedTables) {
  struct Row {
    std::int64_t df;
    double t95, t975, t995, t9995;
  };
  for (const auto& [df, t95, t975, t995, t9995] : {Row{1, 6.3138, 12.7062, 63.6567, 636.6192},
                                                   {2, 2.9200, 4.3027, 9.9248, 31.5991},
                                                   {4, 2.1318, 2.7764, 4.6041, 8.6103},
                                                   {9, 1.8331, 2.2622, 3.2498, 4.7809},
                                                   {29, 1.6991, 2.0452, 2.7564, 3.6594},
                                                   {120, 1.6577, 1.9799, 2.6174, 3.3735}}) {
    EXPECT_NEAR(student_t_quantile(0.95, df), t95, 5.1e-5) << df;
    EXPECT_NEAR(student_t_quantile(0.975, df), t975, 5.1e-5) << df;
    EXPECT_NEAR(student_t_quantile(0.995, df), t995, 5.1e-5) << df;
    EXPECT_NEAR(student_t_quantile(0.9995, df), t9995, 5.1e-5) << df;
  }
}

// Closed forms: df 1 is Cauchy, tan(π(p − ½)); with u = 2p − 1, df 2 is u·√(2/(1 − u²)); df 4 is 2·√(q − 1) with
// q = cos(arccos(√a)/3)/√a and a = 4p(1 − p).
TEST(StudentT, AgreesWithClosedForms) {
  for (const double p : {0.001, 0.01, 0.2, 0.4999, 0.5001, 0.6, 0.9, 0.975, 0.999}) {
    const auto near = [&](std::int64_t df, double expected) {
      EXPECT_NEAR(student_t_quantile(p, df) / expected, 1, 1e-12) << p << " " << df;
    };
    near(1, std::tan(std::numbers::pi * (p - 0.5)));
    const double u = 2 * p - 1;
    near(2, u * std::sqrt(2 / (1 - u * u)));
    const double root = std::sqrt(4 * p * (1 - p));
    if (std::fabs(u) > 0.01)  // near the middle the formula itself loses digits
      near(4, (u < 0 ? -2 : 2) * std::sqrt(std::cos(std::acos(root) / 3) / root - 1));
  }
}

// Hill's expansion (Communications of the ACM 13, 1970): t = z + (z³ + z)/4ν + (5z⁵ + 16z³ + 3z)/96ν² + O(ν⁻³).
TEST(StudentT, TendsToTheNormal) {
  for (const std::int64_t df : {1000, 1001, 100000}) {
    const double z = math::normal_quantile(0.975), n = static_cast<double>(df);
    const double expected = z + (z * z * z + z) / (4 * n) + (5 * std::pow(z, 5) + 16 * std::pow(z, 3) + 3 * z) / (96 * n * n);
    EXPECT_NEAR(student_t_quantile(0.975, df), expected, 5 / (n * n * n) + 1e-12) << df;
  }
}

TEST(StudentT, IsSymmetricAndRefusesTheRest) {
  for (const std::int64_t df : {1, 2, 7, 30}) {
    EXPECT_EQ(student_t_quantile(0.25, df), -student_t_quantile(0.75, df));
    EXPECT_EQ(student_t_quantile(0.5, df), 0);
  }
  for (const double p : {0.0, 1.0, -0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) EXPECT_TRUE(std::isnan(student_t_quantile(p, 3)));
  EXPECT_TRUE(std::isnan(student_t_quantile(0.9, 0)));
}

/// 1, 2, 3, 4: mean 2.5, squares 2.25 + 0.25 + 0.25 + 2.25 = 5, s² = 5/3, s/√n = √(5/12) = 0.645497,
/// t(0.975, 3) = 3.182446, half width 2.054260.
bool is_interval_of_one_to_four(const Interval& interval) {
  const auto i = interval(Values{1, 2, 3, 4});
  return std::fabs(i.mean - 2.5) < 1e-12 && std::fabs(i.half_width - 2.054260) < 1e-6 && i.n == 4;
}

TEST(MeanIntervalOf, OneToFour) {
  EXPECT_TRUE(is_interval_of_one_to_four([](auto values) { return mean_interval(values, 0.95); }));
  // Mutants: variance over n; the normal quantile instead of t; n degrees of freedom.
  const auto with = [](double quantile, double divisor) {
    return [=](std::span<const double>) { return MeanInterval{2.5, quantile * std::sqrt(5 / divisor / 4), 4}; };
  };
  EXPECT_TRUE(is_interval_of_one_to_four(with(student_t_quantile(0.975, 3), 3)));
  EXPECT_FALSE(is_interval_of_one_to_four(with(student_t_quantile(0.975, 3), 4)));
  EXPECT_FALSE(is_interval_of_one_to_four(with(math::normal_quantile(0.975), 3)));
  EXPECT_FALSE(is_interval_of_one_to_four(with(student_t_quantile(0.975, 4), 3)));
}

TEST(MeanIntervalOf, FewOrEqualOrMissingValues) {
  const auto one = mean_interval(Values{7}, 0.95);
  EXPECT_EQ(one.mean, 7);
  EXPECT_TRUE(std::isnan(one.half_width));
  EXPECT_FALSE(one.excludes_zero());
  EXPECT_TRUE(std::isnan(mean_interval(Values{}, 0.95).mean));
  const auto equal = mean_interval(Values{7, 7, 7}, 0.95);
  EXPECT_EQ(equal.half_width, 0);
  EXPECT_TRUE(equal.excludes_zero());
  EXPECT_FALSE(mean_interval(Values{0, 0}, 0.95).excludes_zero());
  EXPECT_FALSE(mean_interval(Values{1, std::numeric_limits<double>::quiet_NaN()}, 0.95).excludes_zero());
  EXPECT_TRUE(mean_interval(Values{-1, -1.01, -0.99}, 0.95).excludes_zero());
}

// Of 20,000 samples of five normal variates the 95 % interval misses the true mean in 1,000 ± 31 (one standard error).
TEST(MeanIntervalOf, CoversTheMeanAsOftenAsItSays) {
  const Random random(5, Stream::experiment);
  int missed = 0, missed_by_normal = 0;
  for (std::uint32_t sample = 0; sample < 20000; ++sample) {
    RandomSequence words(random, sample, 0);
    Values values;
    for (int i = 0; i < 5; ++i) values.push_back(math::normal_quantile(words.uniform()));
    const auto i = mean_interval(values, 0.95);
    missed += i.excludes_zero();
    missed_by_normal += std::fabs(i.mean) > i.half_width / student_t_quantile(0.975, 4) * 1.959964;
  }
  EXPECT_NEAR(missed, 1000, 4 * 31);
  EXPECT_GT(missed_by_normal, 2000);  // an interval of normal quantiles would be far too narrow
}

}  // namespace
