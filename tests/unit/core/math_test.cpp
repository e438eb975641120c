#include "sim/core/math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include "sim/core/hash.hpp"
#include "sim/core/rng.hpp"

namespace {

using namespace swarm;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kTiniest = 0x1p-1074;
constexpr int kArguments = 12000;

/// Distance in units in the last place of `want` (of 2^-1074 if that is subnormal).
double ulp_error(double got, long double want) {
  const double rounded = static_cast<double>(want);
  if (std::isnan(got) || std::isnan(rounded)) return std::isnan(got) == std::isnan(rounded) ? 0 : kInf;
  if (std::isinf(got) || std::isinf(rounded)) return got == rounded ? 0 : kInf;
  int exponent = 0;
  std::frexp(want, &exponent);
  return static_cast<double>(std::fabs(got - want) / std::ldexp(1.0L, std::max(exponent, -1021) - 53));
}

double ulp_error(float got, double want) {
  const float rounded = static_cast<float>(want);
  if (std::isinf(got) || std::isinf(rounded)) return got == rounded ? 0 : kInf;
  int exponent = 0;
  std::frexp(want, &exponent);
  return std::fabs(static_cast<double>(got) - want) / std::ldexp(1.0, std::max(exponent, -125) - 24);
}

/// Even numbers walk densely from low to high, odd ones are drawn between them.
std::vector<double> arguments(double low, double high) {
  RandomSequence random(Random(7, Stream::experiment), 0, 0);
  std::vector<double> x(kArguments);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = i % 2 == 0 ? (static_cast<double>(i) + 0.5) / kArguments : random.uniform();
    x[i] = low + (high - low) * u;
  }
  return x;
}

/// Random bit patterns: every exponent, both signs.
std::vector<double> any_finite() {
  RandomSequence random(Random(8, Stream::experiment), 0, 0);
  std::vector<double> x;
  while (x.size() < kArguments) {
    const std::uint64_t high = random.word();
    const double value = std::bit_cast<double>((high << 32) | random.word());
    if (std::isfinite(value)) x.push_back(value);
  }
  return x;
}

using Function = std::function<double(double)>;
using Truth = std::function<long double(long double)>;

double worst(const Function& f, const Truth& truth, const std::vector<double>& x) {
  double most = 0;
  for (double v : x) most = std::max(most, ulp_error(f(v), truth(v)));
  return most;
}

TEST(Math, ExpIsWithinItsError) {
  const auto f = [](double x) { return math::exp(x); };
  const auto truth = [](long double x) { return std::exp(x); };
  for (const auto& [low, high] : {std::pair{-1.0, 1.0}, {-708.0, 709.7}, {-746.0, -707.0}, {-1e-5, 1e-5}})
    EXPECT_LE(worst(f, truth, arguments(low, high)), 0.9) << low << " " << high;
  EXPECT_LE(worst(f, truth, any_finite()), 0.9);
  // the mutant reduces its argument with ln 2 in one double instead of two
  const auto mutant = [](double x) {
    const double n = std::nearbyint(x * std::numbers::log2e);
    return std::ldexp(std::exp(x - n * std::numbers::ln2), static_cast<int>(n));
  };
  EXPECT_GT(worst(mutant, truth, arguments(-708.0, 709.7)), 0.9);
}

TEST(Math, LogIsWithinItsError) {
  const auto f = [](double x) { return math::log(x); };
  const auto truth = [](long double x) { return std::log(x); };
  for (const auto& [low, high] : {std::pair{0.5, 2.0}, {0.99, 1.01}, {kTiniest, 1e-307}, {1.0, 1e300}})
    EXPECT_LE(worst(f, truth, arguments(low, high)), 0.9) << low << " " << high;
  EXPECT_LE(worst(f, truth, any_finite()), 0.9);
  const auto mutant = [](double x) { return 2 * std::log(std::sqrt(x)); };  // loses digits near 1
  EXPECT_GT(worst(mutant, truth, arguments(0.99, 1.01)), 0.9);
}

TEST(Math, TanhIsWithinItsError) {
  const auto f = [](double x) { return math::tanh(x); };
  const auto truth = [](long double x) { return std::tanh(x); };
  for (const auto& [low, high] : {std::pair{-1.0, 1.0}, {0.0, 0.01}, {-25.0, 25.0}})
    EXPECT_LE(worst(f, truth, arguments(low, high)), 0.9) << low << " " << high;
  EXPECT_LE(worst(f, truth, any_finite()), 0.9);
  const auto mutant = [](double x) { return 1 - 2 / (std::exp(2 * x) + 1); };
  EXPECT_GT(worst(mutant, truth, arguments(0.0, 0.01)), 0.9);
}

TEST(Math, SineAndCosineAreWithinTheirError) {
  const auto f = [](double x) { return math::sin(x); };
  const auto g = [](double x) { return math::cos(x); };
  const auto sine = [](long double x) { return std::sin(x); };
  const auto cosine = [](long double x) { return std::cos(x); };
  for (const auto& [low, high] :
       {std::pair{-1.0, 1.0}, {-10.0, 10.0}, {-1e5, 1e5}, {-2e9, 2e9}, {1e9, 1e19}}) {
    EXPECT_LE(worst(f, sine, arguments(low, high)), 0.9) << low << " " << high;
    EXPECT_LE(worst(g, cosine, arguments(low, high)), 0.9) << low << " " << high;
  }
  EXPECT_LE(worst(f, sine, any_finite()), 0.9);
  EXPECT_LE(worst(g, cosine, any_finite()), 0.9);
  const auto mutant = [](double v) {  // π/2 in one double
    const double n = std::nearbyint(v / (std::numbers::pi / 2));
    const double r = v - n * (std::numbers::pi / 2);
    const int quadrant = static_cast<int>(static_cast<long long>(n) & 3);
    const double s = quadrant % 2 == 0 ? std::sin(r) : std::cos(r);
    return quadrant >= 2 ? -s : s;
  };
  EXPECT_GT(worst(mutant, sine, arguments(-1e5, 1e5)), 0.9);
}

// Values from 300-digit arithmetic (mpmath); the third argument is the double nearest to a multiple of π/2.
TEST(Math, SineOfHugeArguments) {
  EXPECT_LE(ulp_error(math::sin(1e22), -0.8522008497671888017727L), 1);
  EXPECT_LE(ulp_error(math::sin(0x1.fffffffffffffp+1023), 0.004961954789184061790503L), 1);
  EXPECT_LE(ulp_error(math::cos(0x1.6ac5b262ca1ffp+849), -4.687165924254627611123e-19L), 1);
  EXPECT_LE(ulp_error(math::sin(0x1p1000), -0.15920170308624243824L), 1);
  EXPECT_LE(ulp_error(math::cos(0x1p1000), 0.9872460775989134842399L), 1);
}

TEST(Math, ErfIsWithinItsError) {
  const auto f = [](double x) { return math::erf(x); };
  const auto truth = [](long double x) { return std::erf(x); };
  for (const auto& [low, high] : {std::pair{-1.0, 1.0}, {-6.5, 6.5}, {0.9, 1.1}, {-1e-8, 1e-8}})
    EXPECT_LE(worst(f, truth, arguments(low, high)), 1.3) << low << " " << high;
  EXPECT_LE(worst(f, truth, any_finite()), 1.3);
  const auto mutant = [](double x) { return 1 - std::erfc(x); };
  EXPECT_GT(worst(mutant, truth, arguments(-1.0, 1.0)), 1.3);
}

long double normal_cdf_truth(long double x) {
  return 0.5L * std::erfc(-x / std::sqrt(2.0L));
}

TEST(Math, NormalCdfIsWithinItsError) {
  const auto f = [](double x) { return math::normal_cdf(x); };
  for (const auto& [low, high] : {std::pair{-1.0, 1.0}, {-10.0, 10.0}, {-38.6, 0.0}})
    EXPECT_LE(worst(f, normal_cdf_truth, arguments(low, high)), 5) << low << " " << high;
  // the mutant squares before it knows the rounding of the square
  const auto mutant = [](double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); };
  EXPECT_GT(worst(mutant, normal_cdf_truth, arguments(-38.6, 0.0)), 5);
}

/// Newton's steps of second order from x towards the quantile of min(p, 1 − p).
double quantile_relative_error(double p, double x) {
  const long double tail = p > 0.5 ? 1 - static_cast<long double>(p) : static_cast<long double>(p);
  long double t = p > 0.5 ? -x : x;
  for (int i = 0; i < 2; ++i) {
    const long double density = std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi_v<long double>);
    const long double h = (normal_cdf_truth(t) - tail) / density;
    t -= h / (1 + h * t / 2);
  }
  const long double truth = p > 0.5 ? -t : t;
  return static_cast<double>(std::fabs((x - truth) / truth));
}

double worst_quantile(const Function& f) {
  RandomSequence random(Random(9, Stream::experiment), 0, 0);
  double most = 0;
  for (int i = 0; i < 8000; ++i) {
    const double u = random.uniform();
    for (double p : {u, std::ldexp(u, -(i % 1070)), 1 - std::ldexp(u, -(i % 52))})
      if (p > 0 && p < 1) most = std::max(most, quantile_relative_error(p, f(p)));
  }
  return most;
}

TEST(Math, NormalQuantileIsWithinItsError) {
  EXPECT_LE(worst_quantile([](double p) { return math::normal_quantile(p); }), 1e-15);
  // The last argument of the uniform grid, 1 − 2⁻⁵³, is 8.2095 standard deviations up.
  EXPECT_NEAR(math::normal_quantile(1 - 0x1p-53), 8.20953615160139, 1e-13);
  EXPECT_EQ(math::normal_quantile(0.5), 0.0);
  // the mutant has the rounding of 1 − p in its lower tail
  EXPECT_GT(worst_quantile([](double p) { return -math::normal_quantile(1 - p); }), 1e-15);
}

TEST(Math, PowIsWithinItsError) {
  RandomSequence random(Random(10, Stream::experiment), 0, 0);
  double most = 0, naive = 0;
  for (int i = 0; i < 40000; ++i) {
    const double spread = i % 3 == 0 ? 0.01 : i % 3 == 1 ? 3 : 700;
    const double x = std::exp(spread * (2 * random.uniform() - 1));
    const double u = 2 * random.uniform() - 1;
    const double y = i % 2 == 0 ? 10 * u : 745 * u / std::fabs(std::log(x));
    const long double truth = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    most = std::max(most, ulp_error(math::pow(x, y), truth));
    naive = std::max(naive, ulp_error(math::exp(y * math::log(x)), truth));
  }
  EXPECT_LE(most, 1.5);
  EXPECT_GT(naive, 100);  // what the extra care is for
}

TEST(Math, SinglePrecisionIsWithinItsError) {
  double exp_worst = 0, tanh_worst = 0, mutant_worst = 0;
  for (std::uint64_t bits = 0; bits < 0x1'0000'0000; bits += 65521) {
    const float x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!std::isfinite(x)) continue;
    exp_worst = std::max(exp_worst, ulp_error(math::exp(x), std::exp(static_cast<double>(x))));
    tanh_worst = std::max(tanh_worst, ulp_error(math::tanh(x), std::tanh(static_cast<double>(x))));
  }
  for (int i = 0; i < 40000; ++i) {
    const float x = -104.0f + 0.005f * static_cast<float>(i);
    exp_worst = std::max(exp_worst, ulp_error(math::exp(x), std::exp(static_cast<double>(x))));
    const float y = 0.0005f * static_cast<float>(i);
    tanh_worst = std::max(tanh_worst, ulp_error(math::tanh(y), std::tanh(static_cast<double>(y))));
    const float e = math::exp(2 * y);
    mutant_worst = std::max(mutant_worst, ulp_error((e - 1) / (e + 1), std::tanh(static_cast<double>(y))));
  }
  EXPECT_LE(exp_worst, 1.0);
  EXPECT_LE(tanh_worst, 0.9);
  EXPECT_GT(mutant_worst, 0.9);
}

TEST(Math, SpecialValues) {
  EXPECT_EQ(math::exp(0.0), 1.0);
  EXPECT_EQ(math::exp(kInf), kInf);
  EXPECT_EQ(math::exp(1e300), kInf);
  EXPECT_EQ(math::exp(-kInf), 0.0);
  EXPECT_TRUE(std::isfinite(math::exp(709.782712893384)));
  EXPECT_EQ(math::exp(709.7827128933841), kInf);
  EXPECT_EQ(math::exp(-745.13), kTiniest);
  EXPECT_EQ(math::exp(-745.14), 0.0);
  EXPECT_EQ(math::log(1.0), 0.0);
  EXPECT_EQ(math::log(0.0), -kInf);
  EXPECT_EQ(math::log(-0.0), -kInf);
  EXPECT_EQ(math::log(kInf), kInf);
  EXPECT_TRUE(std::isnan(math::log(-1.0)));
  EXPECT_TRUE(std::isnan(math::log(-kInf)));
  EXPECT_EQ(math::tanh(kInf), 1.0);
  EXPECT_EQ(math::tanh(-kInf), -1.0);
  EXPECT_EQ(math::erf(kInf), 1.0);
  EXPECT_EQ(math::erf(-kInf), -1.0);
  EXPECT_EQ(math::cos(0.0), 1.0);
  EXPECT_TRUE(std::isnan(math::sin(kInf)));
  EXPECT_TRUE(std::isnan(math::cos(-kInf)));
  EXPECT_EQ(math::normal_cdf(0.0), 0.5);
  EXPECT_EQ(math::normal_cdf(-kInf), 0.0);
  EXPECT_EQ(math::normal_cdf(kInf), 1.0);
  EXPECT_EQ(math::normal_quantile(0.0), -kInf);
  EXPECT_EQ(math::normal_quantile(1.0), kInf);
  for (double p : {-1e-300, 1.0000000000000002, kInf, -kInf})
    EXPECT_TRUE(std::isnan(math::normal_quantile(p)));
  for (auto f : {math::sin, math::erf, static_cast<double (*)(double)>(math::tanh)}) {
    EXPECT_TRUE(std::signbit(f(-0.0)));
    EXPECT_EQ(f(kTiniest), kTiniest);
  }
  for (Function f :
       {Function(math::sin), Function(math::cos), Function(math::erf), Function(math::normal_cdf)})
    EXPECT_TRUE(std::isnan(f(kNaN)));
  EXPECT_TRUE(std::isnan(math::exp(kNaN)) && std::isnan(math::log(kNaN)) && std::isnan(math::tanh(kNaN)) &&
              std::isnan(math::normal_quantile(kNaN)));
}

TEST(Math, SpecialValuesOfPow) {
  EXPECT_EQ(math::pow(1.0, kInf), 1.0);
  EXPECT_EQ(math::pow(kNaN, 0.0), 1.0);
  EXPECT_EQ(math::pow(0.0, 2.0), 0.0);
  EXPECT_EQ(math::pow(0.0, -2.0), kInf);
  EXPECT_EQ(math::pow(kInf, 0.5), kInf);
  EXPECT_EQ(math::pow(kInf, -0.5), 0.0);
  EXPECT_EQ(math::pow(0.5, kInf), 0.0);
  EXPECT_EQ(math::pow(2.0, kInf), kInf);
  EXPECT_EQ(math::pow(2.0, -kInf), 0.0);
  EXPECT_EQ(math::pow(2.0, 1e300), kInf);
  EXPECT_EQ(math::pow(2.0, 10.0), 1024.0);
  EXPECT_EQ(math::pow(2.0, -1074.0), kTiniest);
  EXPECT_TRUE(std::isnan(math::pow(-1.0, 2.0)));
  EXPECT_TRUE(std::isnan(math::pow(kNaN, 1.0)));
  EXPECT_TRUE(std::isnan(math::pow(2.0, kNaN)));
}

TEST(Math, SpecialValuesInSinglePrecision) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(math::exp(inf), inf);
  EXPECT_EQ(math::exp(-inf), 0.0f);
  EXPECT_EQ(math::exp(0.0f), 1.0f);
  EXPECT_EQ(math::tanh(inf), 1.0f);
  EXPECT_EQ(math::tanh(-inf), -1.0f);
  EXPECT_TRUE(std::signbit(math::tanh(-0.0f)));
  EXPECT_EQ(math::tanh(0x1p-149f), 0x1p-149f);
  EXPECT_TRUE(std::isnan(math::exp(std::nanf(""))) && std::isnan(math::tanh(std::nanf(""))));
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         hash128(a.data(), a.size() * sizeof(T)) == hash128(b.data(), b.size() * sizeof(T));
}

/// All lengths from 0 on, so that every remainder occurs, with odd values at every place in a register.
template <class T, class Array, class Single>
bool arrays_match(const Array& array, const Single& single, const std::vector<T>& pool) {
  for (std::size_t n = 0; n < 40; ++n)
    for (std::size_t shift = 0; shift < 9; ++shift) {
      std::vector<T> in(n), out(n), want(n);
      for (std::size_t i = 0; i < n; ++i) in[i] = pool[(i * 7 + shift * 31 + n) % pool.size()];
      for (std::size_t i = 0; i < n; ++i) want[i] = single(in[i]);
      array(std::span<const T>(in), std::span<T>(out));
      if (!same_bits(out, want)) return false;
      array(std::span<const T>(in), std::span<T>(in));  // in place
      if (!same_bits(in, want)) return false;
    }
  return true;
}

template <class T>
std::vector<T> pool_of_values() {
  std::vector<T> pool{T(0),     -T(0),   T(1),  T(-1), T(0.5), std::numeric_limits<T>::infinity(),
                      T(1e-40), T(-800), T(800)};
  for (double x : arguments(-3, 3)) pool.push_back(static_cast<T>(x));
  for (double x : arguments(0, 1)) pool.push_back(static_cast<T>(x));
  return pool;
}

TEST(Math, ArraysHaveTheBitsOfSingleValues) {
  const auto doubles = pool_of_values<double>();
  const auto floats = pool_of_values<float>();
  const auto exp_array = [](auto in, auto out) { math::exp(in, out); };
  const auto log_array = [](auto in, auto out) { math::log(in, out); };
  const auto tanh_array = [](auto in, auto out) { math::tanh(in, out); };
  const auto quantile_array = [](auto in, auto out) { math::normal_quantile(in, out); };
  EXPECT_TRUE(arrays_match(
      exp_array, [](double x) { return math::exp(x); }, doubles));
  EXPECT_TRUE(arrays_match(
      log_array, [](double x) { return math::log(x); }, doubles));
  EXPECT_TRUE(arrays_match(
      quantile_array, [](double x) { return math::normal_quantile(x); }, doubles));
  EXPECT_TRUE(arrays_match(
      exp_array, [](float x) { return math::exp(x); }, floats));
  EXPECT_TRUE(arrays_match(
      tanh_array, [](float x) { return math::tanh(x); }, floats));
  // libm agrees to the last place but not to the last bit
  EXPECT_FALSE(arrays_match(
      exp_array, [](double x) { return std::exp(x); }, doubles));
}

// The bits themselves: whatever compiler, optimisation or machine built this, they must not move.
TEST(Math, BitsAreFixed) {
  std::vector<double> results;
  for (double x : arguments(-30, 30)) {
    const double size = std::fabs(x);
    for (double value :
         {math::exp(x), math::log(size), math::tanh(x), math::sin(x), math::cos(x), math::erf(x),
          math::normal_cdf(x), math::pow(size, 1.7), math::normal_quantile(size / 30)})
      results.push_back(value);
    results.push_back(math::exp(static_cast<float>(x)));
    results.push_back(math::tanh(static_cast<float>(x)));
  }
  EXPECT_EQ(hash128(results.data(), results.size() * sizeof(double)).hex(),
            "0da07f9d76af7d1d6b2e6d4ec1cb7091");
}

}  // namespace
