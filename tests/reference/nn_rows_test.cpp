#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <bit>
#include <cmath>

#include "agents/nn/elementwise.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/rows.hpp"
#include "tests/unit/nn/nets.hpp"

// Operations on rows against plain loops in the stated order (every bit), and against Eigen in double
// precision (rounding) over thousands of random shapes.
namespace swarm::nn {
namespace {

using Floats = std::vector<float>;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXd;
constexpr double kUlp = 0x1p-24;  // half a unit in the last place of 1

Rows<const float> read(const Floats& x, std::size_t width) {
  return Rows<const float>::packed(x.data(), x.size() / width, width);
}
Rows<float> write(Floats& x, std::size_t width) {
  return Rows<float>::packed(x.data(), x.size() / width, width);
}
Matrix wide(const Floats& x, std::size_t width) {
  using Single = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Single>(x.data(), static_cast<Eigen::Index>(x.size() / width),
                                  static_cast<Eigen::Index>(width))
      .cast<double>();
}

/// A shape and a set for case i, the same in every run.
struct Shape {
  std::size_t rows, width;
  Isa set;

  explicit Shape(std::uint32_t i) {
    const RandomBlock block = Random(7, Stream::experiment).block(1, i, 0);
    rows = 1 + block[0] % 4;
    width = 1 + block[1] % (i % 10 == 0 ? 1000 : 70);
    set = test::supported_sets()[i % test::supported_sets().size()];
  }
  Floats numbers(std::uint64_t entity, float size) const {
    Floats x = test::noise(rows * width, entity);
    for (float& v : x) v *= size;
    return x;
  }
};

/// The order in which a row is reduced. Only `sixteen` is the kernels'.
enum class Order { sixteen, ascending, neighbours };

/// Reduces f(part, i) over a row.
template <class Add, class Fold>
float reduce(Order order, float start, std::size_t n, Add add, Fold fold) {
  std::array<float, 16> part;
  part.fill(start);
  for (std::size_t i = 0; i < n; ++i) {
    float& p = part[order == Order::ascending ? 0 : i % 16];
    p = add(p, i);
  }
  if (order == Order::neighbours)
    for (std::size_t step = 1; step < 16; step *= 2)
      for (std::size_t i = 0; i < 16; i += 2 * step) part[i] = fold(part[i], part[i + step]);
  else
    for (std::size_t step = 8; step > 0; step /= 2)
      for (std::size_t i = 0; i < step; ++i) part[i] = fold(part[i], part[i + step]);
  return part[0];
}
float sum(float a, float b) {
  return a + b;
}

Floats plain_softmax(Order order, const Floats& x, std::size_t width) {
  Floats y(x.size());
  for (std::size_t at = 0; at < x.size(); at += width) {
    const float top = *std::max_element(x.begin() + static_cast<std::ptrdiff_t>(at),
                                        x.begin() + static_cast<std::ptrdiff_t>(at + width));
    for (std::size_t i = at; i < at + width; ++i) y[i] = x[i] - top;
    const std::span<float> row(&y[at], width);
    exponential(row, row);
    const float share =
        1.0f / reduce(
                   order, 0.0f, width, [&](float p, std::size_t i) { return p + row[i]; }, sum);
    for (float& v : row) v *= share;
  }
  return y;
}

Floats plain_norm(Order order, const Floats& x, std::size_t width, const Floats& gain, const Floats& bias) {
  Floats y(x.size());
  for (std::size_t at = 0; at < x.size(); at += width) {
    const float n = static_cast<float>(width), *row = &x[at];
    const float mean = reduce(
                           order, 0.0f, width, [&](float p, std::size_t i) { return p + row[i]; }, sum) /
                       n;
    const auto square = [&](float p, std::size_t i) { return std::fma(row[i] - mean, row[i] - mean, p); };
    const float scale = 1.0f / std::sqrt(reduce(order, 0.0f, width, square, sum) / n + 1e-5f);
    for (std::size_t i = 0; i < width; ++i) y[at + i] = std::fma((row[i] - mean) * scale, gain[i], bias[i]);
  }
  return y;
}

std::size_t different_bits(const Floats& a, const Floats& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

TEST(NnRows, EqualThePlainLoopsBitForBit) {
  std::array<std::size_t, 2> caught{};
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Shape shape(i);
    const test::Forced forced(shape.set);
    const Floats x = shape.numbers(i, 5.0f), gain = test::noise(shape.width, 1),
                 bias = test::noise(shape.width, 2);
    Floats soft(x.size()), normed(x.size());
    softmax(read(x, shape.width), write(soft, shape.width));
    layer_norm(read(x, shape.width), {.gain = gain, .bias = bias}, write(normed, shape.width));
    ASSERT_EQ(different_bits(soft, plain_softmax(Order::sixteen, x, shape.width)), 0u) << shape.width;
    ASSERT_EQ(different_bits(normed, plain_norm(Order::sixteen, x, shape.width, gain, bias)), 0u)
        << shape.width;
    for (const Order wrong : {Order::ascending, Order::neighbours}) {
      caught[0] += different_bits(soft, plain_softmax(wrong, x, shape.width)) > 0;
      caught[1] += different_bits(normed, plain_norm(wrong, x, shape.width, gain, bias)) > 0;
    }
  }
  EXPECT_GT(caught[0], 1000u);
  EXPECT_GT(caught[1], 1000u);
}

Matrix exact_softmax(const Matrix& x) {
  Matrix e = (x.colwise() - x.rowwise().maxCoeff().eval()).array().exp();
  e.array().colwise() /= e.rowwise().sum().array().eval();
  return e;
}

/// (value − mean)·scale and scale.
struct ExactNorm {
  Matrix h;
  Eigen::VectorXd scale;

  explicit ExactNorm(const Matrix& x) {
    const Matrix distance = x.colwise() - x.rowwise().mean().eval();
    scale = (distance.rowwise().squaredNorm().array() / static_cast<double>(x.cols()) +
             static_cast<double>(1e-5f))
                .rsqrt();
    h = distance.array().colwise() * scale.array();
  }
};

TEST(NnRows, AgreeWithEigen) {
  std::size_t caught_softmax = 0, caught_norm = 0;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    const Shape shape(i);
    const test::Forced forced(shape.set);
    const std::size_t width = shape.width;
    const double terms = static_cast<double>(width) / 16;
    const Floats x = shape.numbers(i, i % 2 == 0 ? 1.0f : 40.0f), gain = test::noise(width, 1),
                 bias = test::noise(width, 2);
    const Matrix exact = wide(x, width);
    Floats y(x.size());
    softmax(read(x, width), write(y, width));
    const Matrix soft = exact_softmax(exact),
                 depth = exact.rowwise().maxCoeff().replicate(1, exact.cols()) - exact;
    const Matrix soft_error = (wide(y, width) - soft).cwiseAbs();
    // the bound stated in rows.hpp
    const Eigen::ArrayXXd soft_allowed = soft.array() * (depth.array() + terms + 24) * kUlp + 0x1p-149;
    EXPECT_TRUE((soft_error.array() <= soft_allowed).all()) << "case " << i << ", width " << width;
    // a sum that misses its last element
    const Eigen::ArrayXd short_sum = 1 - soft.rightCols(1).array();
    caught_softmax +=
        ((wide(y, width).array() - soft.array().colwise() / short_sum).abs() > soft_allowed).any();

    layer_norm(read(x, width), {.gain = gain, .bias = bias}, write(y, width));
    const ExactNorm norm(exact);
    const Row g = wide(gain, width).row(0), b = wide(bias, width).row(0);
    const Matrix right = (norm.h.array().rowwise() * g.array()).rowwise() + b.array();
    // The mean is off by (terms + 6) roundings of the largest element, so every distance is, in units of
    // 1/scale. The variance has as many roundings again; half of them reach the scale. Four more steps
    // follow.
    const Eigen::ArrayXd reach = exact.cwiseAbs().rowwise().maxCoeff().array() * norm.scale.array();
    const Eigen::ArrayXXd distance = (norm.h.cwiseAbs().array().colwise() + reach) * (terms + 10) * kUlp;
    const Eigen::ArrayXXd allowed = (distance.rowwise() * g.cwiseAbs().array()) +
                                    2 * kUlp * (right.cwiseAbs().array().rowwise() + b.cwiseAbs().array());
    EXPECT_TRUE(((wide(y, width) - right).cwiseAbs().array() <= allowed).all())
        << "case " << i << ", width " << width;
    // the variance of a sample, divided by one less than the width
    const double less = std::sqrt(1 - 1 / static_cast<double>(width));
    const Matrix sample = ((less * norm.h.array()).rowwise() * g.array()).rowwise() + b.array();
    caught_norm += ((wide(y, width) - sample).cwiseAbs().array() > allowed).any();
  }
  EXPECT_GT(caught_softmax, 2500u);  // in the others the last element is too small to show
  EXPECT_GT(caught_norm, 3500u);
}

/// What a gradient leaves out when it goes wrong.
enum class Fault { none, no_mean, no_slope, no_sum, gain_forgotten };

/// Σ weights·f(x) along one row, whose gradient by x, gain and bias is taken by central differences.
double difference(const std::function<double(const Row&)>& f, const Row& x, Eigen::Index i) {
  Row above = x, below = x;
  const double h = 1e-5;
  above[i] += h;
  below[i] -= h;
  return (f(above) - f(below)) / (2 * h);
}

/// The formulas in double precision, for the mutants.
Row wrong_softmax_gradient(Fault fault, const Row& y, const Row& delta) {
  const double level = fault == Fault::no_sum ? 0 : delta.dot(y);
  return y.array() * (delta.array() - level);
}
Row wrong_norm_gradient(Fault fault, const ExactNorm& norm, const Row& gain, const Row& delta) {
  const Row h = norm.h.row(0);
  const Row g = fault == Fault::gain_forgotten ? delta : Row(delta.array() * gain.array());
  const double level = fault == Fault::no_mean ? 0 : g.mean();
  const double slope = fault == Fault::no_slope ? 0 : g.dot(h) / static_cast<double>(h.size());
  return norm.scale[0] * (g.array() - level - slope * h.array());
}

// The differences are good to 1e-9 (steps of 1e-5, third derivatives of order 1, scales below 20); the rest
// is single precision: sums of at most 100 terms of order 1, times scales.
constexpr double kGradientBound = 3e-5;

TEST(NnRows, SoftmaxGradientAgreesWithDifferences) {
  std::size_t caught = 0;
  for (std::uint32_t i = 1; i < 400; ++i) {
    const Shape shape(i);
    if (shape.width > 100) continue;
    const test::Forced forced(shape.set);
    const Floats x = test::noise(shape.width, i), delta = test::noise(shape.width, i + 1000);
    Floats y(x.size()), gradient(x.size());
    softmax(read(x, shape.width), write(y, shape.width));
    softmax_gradient(read(y, shape.width), read(delta, shape.width), write(gradient, shape.width));
    const Row at = wide(x, shape.width).row(0), d = wide(delta, shape.width).row(0);
    const auto loss = [&](const Row& v) { return exact_softmax(v).row(0).dot(d); };
    const Row wrong = wrong_softmax_gradient(Fault::no_sum, exact_softmax(at).row(0), d);
    const Row right = wrong_softmax_gradient(Fault::none, exact_softmax(at).row(0), d);
    bool seen = false;
    for (Eigen::Index c = 0; c < at.size(); ++c) {
      const double slope = difference(loss, at, c);
      EXPECT_NEAR(gradient[static_cast<std::size_t>(c)], slope, 1e-6);
      EXPECT_NEAR(right[c], slope, 1e-8);
      seen |= std::abs(wrong[c] - slope) > 1e-5;
    }
    caught += seen;
  }
  EXPECT_GT(caught, 300u);
}

TEST(NnRows, NormGradientAgreesWithDifferences) {
  std::array<std::size_t, 3> caught{};
  for (std::uint32_t i = 1; i < 400; ++i) {
    const Shape shape(i);
    const std::size_t width = shape.width;
    if (width > 100) continue;
    const test::Forced forced(shape.set);
    const Floats x = test::noise(width, i), delta = test::noise(width, i + 1000),
                 gain = test::noise(width, i + 2000);
    Floats y(width), gradient(width), of_gain(width), of_bias(width);
    float mean = 0, scale = 0;
    const NormParameters norm{.gain = gain, .bias = gain};
    const NormMoments moments{.means = {&mean, 1}, .scales = {&scale, 1}};
    layer_norm(read(x, width), norm, write(y, width), moments);
    layer_norm_gradient(read(x, width), norm, moments, read(delta, width),
                        {.gradient = write(gradient, width), .gain = of_gain, .bias = of_bias});
    const Row at = wide(x, width).row(0), d = wide(delta, width).row(0), g = wide(gain, width).row(0);
    const auto loss = [&](const Row& v) {
      return (ExactNorm(v).h.row(0).array() * g.array() * d.array()).sum();
    };
    const ExactNorm exact(at);
    const double size = std::max(1.0, exact.scale[0]);  // gradients are of this order
    const std::array<Fault, 3> faults{Fault::no_mean, Fault::no_slope, Fault::gain_forgotten};
    std::array<bool, 3> seen{};
    for (Eigen::Index c = 0; c < at.size(); ++c) {
      const auto s = static_cast<std::size_t>(c);
      const double slope = difference(loss, at, c);
      EXPECT_NEAR(gradient[s], slope, kGradientBound * size) << "width " << width;
      EXPECT_NEAR(of_gain[s], d[c] * exact.h(0, c), kGradientBound);
      EXPECT_EQ(of_bias[s], delta[s]);
      for (std::size_t f = 0; f < 3; ++f)
        seen[f] |=
            std::abs(wrong_norm_gradient(faults[f], exact, g, d)[c] - slope) > 10 * kGradientBound * size;
    }
    for (std::size_t f = 0; f < 3; ++f) caught[f] += seen[f];
  }
  for (const std::size_t count : caught) EXPECT_GT(count, 300u);
}

TEST(NnRows, CosinesAgreeWithEigen) {
  SelectionScratch scratch;
  std::size_t caught = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Shape shape(i);
    const test::Forced forced(shape.set);
    const std::size_t n = 1 + i % 40, k = std::min<std::size_t>(n, 5);
    const Floats keys = test::noise(n * shape.width, i), query = test::noise(shape.width, i + 1000);
    Floats inverse(n), cosines(k);
    std::vector<std::uint32_t> indices(k);
    inverse_norms(read(keys, shape.width), inverse);
    cosine_top_k(query, read(keys, shape.width), inverse, indices, cosines, scratch);
    const Matrix rows = wide(keys, shape.width).rowwise().normalized();
    const Eigen::VectorXd exact = rows * wide(query, shape.width).row(0).normalized().transpose();
    // a sum and two norms of width/16 + 4 roundings each, by Cauchy and Schwarz relative to 1, and four steps
    const double bound = (2 * (static_cast<double>(shape.width) / 16 + 4) + 6) * kUlp;
    for (std::size_t j = 0; j < k; ++j)
      EXPECT_NEAR(cosines[j], exact[indices[j]], bound) << "width " << shape.width;
    const double length = wide(keys, shape.width).row(indices[0]).norm();  // not divided by it
    caught += std::abs(static_cast<double>(cosines[0]) - exact[indices[0]] * length) > bound;
    // no key that was left out is better than the last one by more than two such errors
    for (std::size_t r = 0; r < n; ++r) {
      if (std::find(indices.begin(), indices.end(), r) != indices.end()) continue;
      EXPECT_LE(exact[static_cast<Eigen::Index>(r)], static_cast<double>(cosines[k - 1]) + 2 * bound);
    }
  }
  EXPECT_GT(caught, 950u);
}

}  // namespace
}  // namespace swarm::nn
