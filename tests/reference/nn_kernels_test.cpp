#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "agents/nn/train.hpp"
#include "sim/core/math.hpp"
#include "tests/unit/nn/nets.hpp"

// The fast kernels against three plain loops (every bit) and against Eigen in double precision (rounding).
namespace swarm::nn {
namespace {

/// How a sum is formed. Only `fused` keeps the kernels' contract; the others are near misses it must tell
/// apart.
enum class Sum { fused, rounded_twice, backwards, bias_last };

float dot(Sum sum, float bias, const float* x, std::size_t x_step, const float* w, std::size_t w_step,
          std::size_t n) {
  float acc = sum == Sum::bias_last ? 0.0f : bias;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t k = sum == Sum::backwards ? n - 1 - i : i;
    const float a = x[k * x_step], b = w[k * w_step];
    acc = sum == Sum::rounded_twice ? a * b + acc : std::fma(a, b, acc);
  }
  return sum == Sum::bias_last ? acc + bias : acc;
}

/// A network as canonical numbers, layer by layer, with the state of its training.
struct Naive {
  struct Layer {
    std::size_t in, out;
    std::vector<float> weights, bias, weight_velocity, bias_velocity;
  };
  std::vector<Layer> layers;
  Sum sum = Sum::fused;

  explicit Naive(const Model& model) {
    for (std::size_t l = 0; l < model.blocks(); ++l) {
      Layer layer{model.rows(l), model.columns(l), {}, {}, {}, {}};
      for (std::size_t i = 0; i < layer.in; ++i)
        for (std::size_t o = 0; o < layer.out; ++o)
          layer.weights.push_back(model.weight(l, i, o));
      layer.bias.assign(model.bias(l).begin(),
                        model.bias(l).begin() + static_cast<std::ptrdiff_t>(layer.out));
      layer.weight_velocity.assign(layer.weights.size(), 0.0f);
      layer.bias_velocity.assign(layer.out, 0.0f);
      layers.push_back(layer);
    }
  }

  /// Inputs and the outputs of each layer, samples × width.
  std::vector<std::vector<float>> forward(const std::vector<float>& x, std::size_t n) const {
    std::vector<std::vector<float>> a{x};
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const Layer& layer = layers[l];
      std::vector<float> y;
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t o = 0; o < layer.out; ++o) {
          const float v = dot(sum, layer.bias[o], a.back().data() + s * layer.in, 1, layer.weights.data() + o,
                              layer.out, layer.in);
          y.push_back(l + 1 < layers.size() && v < 0 ? 0.0f : v);
        }
      a.push_back(y);
    }
    return a;
  }

  void step(const std::vector<float>& x, const std::vector<std::uint8_t>& labels, Sgd sgd) {
    const std::size_t n = labels.size();
    const auto a = forward(x, n);
    std::vector<float> delta = a.back();
    const std::size_t classes = layers.back().out;
    for (std::size_t s = 0; s < n; ++s) {
      float* row = delta.data() + s * classes;
      const float largest = *std::max_element(row, row + classes);
      float total = 0;
      for (std::size_t c = 0; c < classes; ++c) total += row[c] = math::exp(row[c] - largest);
      for (std::size_t c = 0; c < classes; ++c)
        row[c] = (row[c] / total - (c == labels[s] ? 1.0f : 0.0f)) * (1.0f / static_cast<float>(n));
    }
    for (std::size_t l = layers.size(); l-- > 0;) {
      Layer& layer = layers[l];
      std::vector<float> before(n * layer.in);
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t i = 0; i < layer.in; ++i)
          if (a[l][s * layer.in + i] > 0)
            before[s * layer.in + i] = dot(sum, 0.0f, delta.data() + s * layer.out, 1,
                                           layer.weights.data() + i * layer.out, 1, layer.out);
      const auto descend = [&](float& parameter, float& velocity, float gradient) {
        velocity = std::fma(sgd.momentum, velocity, gradient);
        parameter = std::fma(-sgd.learning_rate, velocity, parameter);
      };
      for (std::size_t o = 0; o < layer.out; ++o) {
        for (std::size_t i = 0; i < layer.in; ++i)
          descend(layer.weights[i * layer.out + o], layer.weight_velocity[i * layer.out + o],
                  dot(sum, 0.0f, a[l].data() + i, layer.in, delta.data() + o, layer.out, n));
        const float one = 1.0f;
        descend(layer.bias[o], layer.bias_velocity[o],
                dot(sum, 0.0f, &one, 0, delta.data() + o, layer.out, n));
      }
      delta = before;
    }
  }

  std::vector<float> packed() const {
    std::vector<float> out;
    for (const Layer& layer : layers) {
      out.insert(out.end(), layer.weights.begin(), layer.weights.end());
      out.insert(out.end(), layer.bias.begin(), layer.bias.end());
    }
    return out;
  }
};

std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

TEST(NnForward, EqualsThePlainLoopsBitForBit) {
  for (const MlpShape& shape : test::awkward_shapes()) {
    const Model model = test::random_model(shape, 11);
    const Naive naive(model);
    for (const std::uint32_t n : {1u, 2u, 7u, 8u, 13u, 64u, 70u}) {
      const std::vector<float> x = test::noise(n * shape.widths.front(), 12);
      const std::vector<float> expected = naive.forward(x, n).back();
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        std::vector<float> y(n * shape.widths.back());
        forward(model, x.data(), y.data(), n);
        ASSERT_EQ(different_bits(y, expected), 0u) << enum_name(set) << ", batch of " << n;
      }
    }
  }
}

TEST(NnForward, TheBitCheckCatchesOtherSums) {
  const Model model = test::random_model({{64, 128, 64, 10}}, 11);
  const std::vector<float> x = test::noise(32 * 64, 12);
  std::vector<float> y(32 * 10);
  forward(model, x.data(), y.data(), 32);
  for (const Sum sum : {Sum::rounded_twice, Sum::backwards, Sum::bias_last}) {
    Naive mutant(model);
    mutant.sum = sum;
    EXPECT_GT(different_bits(y, mutant.forward(x, 32).back()), 100u);
  }
}

TEST(NnTraining, EqualsThePlainLoopsBitForBit) {
  for (const MlpShape& shape : test::awkward_shapes()) {
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      Model model = test::random_model(shape, 11);
      Naive naive(model);
      const Sgd sgd;
      Trainer trainer(model, sgd);
      for (const std::uint32_t n : {3u, 32u, 17u, 1u}) {
        const std::vector<float> x = test::noise(n * shape.widths.front(), n);
        const std::vector<std::uint8_t> labels = test::classes(n, shape.widths.back());
        trainer.step(x.data(), labels.data(), n);
        naive.step(x, labels, sgd);
        ASSERT_EQ(different_bits(model.packed(), naive.packed()), 0u) << enum_name(set) << ", batch of " << n;
      }
    }
  }
}

TEST(NnTraining, TheBitCheckCatchesOtherSums) {
  const MlpShape shape{{64, 128, 64, 10}};
  Model model = test::random_model(shape, 11);
  Naive mutant(model);
  mutant.sum = Sum::rounded_twice;
  Trainer trainer(model, {});
  const std::vector<float> x = test::noise(32 * 64, 1);
  const std::vector<std::uint8_t> labels = test::classes(32, 10);
  trainer.step(x.data(), labels.data(), 32);
  mutant.step(x, labels, {});
  EXPECT_GT(different_bits(model.packed(), mutant.packed()), 100u);
}

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// One layer's parameters in double precision.
Matrix weights_of(const Model& model, std::size_t l) {
  const auto in = static_cast<Eigen::Index>(model.rows(l)),
             out = static_cast<Eigen::Index>(model.columns(l));
  Matrix w(in, out);
  for (Eigen::Index i = 0; i < in; ++i)
    for (Eigen::Index o = 0; o < out; ++o)
      w(i, o) = static_cast<double>(model.weight(l, static_cast<std::size_t>(i), static_cast<std::size_t>(o)));
  return w;
}

Eigen::RowVectorXd bias_of(const Model& model, std::size_t l) {
  return Eigen::Map<const Eigen::RowVectorXf>(model.bias(l).data(),
                                              static_cast<Eigen::Index>(model.columns(l)))
      .cast<double>();
}

std::vector<Matrix> eigen_forward(const Model& model, const std::vector<float>& x, Eigen::Index n) {
  std::vector<Matrix> a{Eigen::Map<const Eigen::Matrix<float, -1, -1, Eigen::RowMajor>>(
                            x.data(), n, static_cast<Eigen::Index>(model.rows(0)))
                            .cast<double>()};
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    Matrix y = (a.back() * weights_of(model, l)).rowwise() + bias_of(model, l);
    if (l + 1 < model.blocks()) y = y.cwiseMax(0.0);
    a.push_back(y);
  }
  return a;
}

TEST(NnForward, AgreesWithEigen) {
  const MlpShape shape{{64, 128, 64, 10}};
  const Model model = test::random_model(shape, 11);
  const std::vector<float> x = test::noise(32 * 64, 12);
  const Matrix expected = eigen_forward(model, x, 32).back();
  std::vector<float> y(32 * 10);
  forward(model, x.data(), y.data(), 32);
  for (Eigen::Index i = 0; i < 320; ++i)
    EXPECT_NEAR(static_cast<double>(y[static_cast<std::size_t>(i)]), expected.data()[i], 3e-6);
}

TEST(NnTraining, GradientAgreesWithEigen) {
  const MlpShape shape{{64, 128, 64, 10}};
  const Model start = test::random_model(shape, 11);
  const std::vector<float> x = test::noise(32 * 64, 12);
  const std::vector<std::uint8_t> labels = test::classes(32, 10);
  const std::vector<Matrix> a = eigen_forward(start, x, 32);
  Matrix delta = a.back().array().exp();
  delta.array().colwise() /= delta.rowwise().sum().array().eval();
  for (Eigen::Index s = 0; s < 32; ++s) delta(s, labels[static_cast<std::size_t>(s)]) -= 1.0;
  delta /= 32.0;

  Model moved = start;
  Trainer trainer(moved, Sgd{.learning_rate = 1.0f, .momentum = 0.0f});
  trainer.step(x.data(), labels.data(), 32);
  for (std::size_t l = start.blocks(); l-- > 0;) {
    const Matrix gradient = a[l].transpose() * delta;
    const Matrix measured = weights_of(start, l) - weights_of(moved, l);
    EXPECT_LT((gradient - measured).cwiseAbs().maxCoeff(), 1e-6) << "layer " << l;
    EXPECT_GT(gradient.cwiseAbs().maxCoeff(), 1e-2) << "too small to tell a wrong gradient from a right one";
    EXPECT_LT((delta.colwise().sum() - (bias_of(start, l) - bias_of(moved, l))).cwiseAbs().maxCoeff(), 1e-6);
    const Matrix before = delta * weights_of(start, l).transpose();
    delta = (a[l].array() > 0.0).select(before, 0.0);
  }
}

}  // namespace
}  // namespace swarm::nn
