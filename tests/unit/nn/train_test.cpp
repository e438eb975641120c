#include "agents/nn/train.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

using Numbers = std::vector<double>;

/// What the textbook leaves out when it goes wrong.
enum class Fault { none, no_relu_mask, sum_instead_of_mean, label_ignored, bias_forgotten };

/// The network in double precision, plainly: canonical parameters, one sample at a time.
struct Textbook {
  MlpShape shape;
  Numbers parameters;

  std::vector<Numbers> activations(const float* x) const {
    std::vector<Numbers> a{Numbers(x, x + shape.widths[0])};
    const double* w = parameters.data();
    for (std::size_t l = 1; l < shape.widths.size(); ++l) {
      const std::size_t in = shape.widths[l - 1], out = shape.widths[l];
      Numbers y(w + in * out, w + in * out + out);
      for (std::size_t k = 0; k < in; ++k)
        for (std::size_t o = 0; o < out; ++o) y[o] += a.back()[k] * w[k * out + o];
      if (l + 1 < shape.widths.size())
        for (double& v : y) v = v > 0 ? v : 0;
      a.push_back(y);
      w += (in + 1) * out;
    }
    return a;
  }

  double loss(const std::vector<float>& x, const std::vector<std::uint8_t>& labels) const {
    double total = 0;
    for (std::size_t s = 0; s < labels.size(); ++s) {
      const Numbers z = activations(x.data() + s * shape.widths[0]).back();
      double sum = 0;
      for (const double v : z) sum += std::exp(v);
      total += std::log(sum) - z[labels[s]];
    }
    return total / static_cast<double>(labels.size());
  }

  Numbers gradient(const std::vector<float>& x, const std::vector<std::uint8_t>& labels, Fault fault) const {
    Numbers g(parameters.size());
    const double share = fault == Fault::sum_instead_of_mean ? 1.0 : 1.0 / static_cast<double>(labels.size());
    for (std::size_t s = 0; s < labels.size(); ++s) {
      const std::vector<Numbers> a = activations(x.data() + s * shape.widths[0]);
      Numbers delta = a.back();
      double sum = 0;
      for (double& v : delta) sum += v = std::exp(v);
      for (double& v : delta) v *= share / sum;
      if (fault != Fault::label_ignored) delta[labels[s]] -= share;
      std::size_t at = parameters.size();
      for (std::size_t l = shape.widths.size() - 1; l > 0; --l) {
        const std::size_t in = shape.widths[l - 1], out = shape.widths[l];
        at -= (in + 1) * out;
        Numbers before(in);
        for (std::size_t k = 0; k < in; ++k)
          for (std::size_t o = 0; o < out; ++o) {
            g[at + k * out + o] += a[l - 1][k] * delta[o];
            before[k] += parameters[at + k * out + o] * delta[o];
          }
        if (fault != Fault::bias_forgotten)
          for (std::size_t o = 0; o < out; ++o) g[at + in * out + o] += delta[o];
        if (fault != Fault::no_relu_mask)
          for (std::size_t k = 0; k < in; ++k)
            if (!(a[l - 1][k] > 0)) before[k] = 0;
        delta = before;
      }
    }
    return g;
  }
};

/// What one step of the trainer moved the parameters by, at rate 1 and without momentum.
Numbers trainer_gradient(const Model& start, const std::vector<float>& x,
                         const std::vector<std::uint8_t>& labels) {
  Model model = start;
  Trainer trainer(model, Sgd{.learning_rate = 1.0f, .momentum = 0.0f});
  trainer.step(x.data(), labels.data(), static_cast<std::uint32_t>(labels.size()));
  const std::vector<float> before = start.packed(), after = model.packed();
  Numbers g;
  for (std::size_t i = 0; i < before.size(); ++i)
    g.push_back(static_cast<double>(before[i]) - static_cast<double>(after[i]));
  return g;
}

/// Largest difference between a gradient and central differences of the loss.
double worst_error(Textbook net, const std::vector<float>& x, const std::vector<std::uint8_t>& labels,
                   const Numbers& gradient) {
  double worst = 0;
  constexpr double kStep = 1e-6;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double centre = net.parameters[i];
    net.parameters[i] = centre + kStep;
    const double up = net.loss(x, labels);
    net.parameters[i] = centre - kStep;
    const double down = net.loss(x, labels);
    net.parameters[i] = centre;
    worst = std::max(worst, std::fabs(gradient[i] - (up - down) / (2 * kStep)));
  }
  return worst;
}

TEST(Gradient, AgreesWithFiniteDifferencesAndFaultyOnesDoNot) {
  // fp32 keeps about 1e-7 of parameters near 1; a wrong term is of the order of the gradient itself, 1e-2.
  constexpr double kTolerance = 3e-6;
  const MlpShape shape{{5, 9, 7, 4}};
  const Model start = test::random_model(shape, 21);
  const std::vector<float> x = test::noise(11 * 5, 22), packed = start.packed();
  const std::vector<std::uint8_t> labels = test::classes(11, 4);
  const Textbook net{shape, Numbers(packed.begin(), packed.end())};
  EXPECT_LT(worst_error(net, x, labels, net.gradient(x, labels, Fault::none)), kTolerance);
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    EXPECT_LT(worst_error(net, x, labels, trainer_gradient(start, x, labels)), kTolerance) << enum_name(set);
  }
  for (const Fault fault :
       {Fault::no_relu_mask, Fault::sum_instead_of_mean, Fault::label_ignored, Fault::bias_forgotten})
    EXPECT_GT(worst_error(net, x, labels, net.gradient(x, labels, fault)), 100 * kTolerance)
        << "the check misses fault " << static_cast<int>(fault);
}

TEST(Trainer, OneStepByHand) {
  // One input 2, two classes, zero weights: logits (0, 0), p = (½, ½), loss ln 2; label 1 gives δ = (½, −½).
  // Step 1 at rate 0.1: w = −0.1·2·δ = (−0.1, 0.1), b = −0.1·δ = (−0.05, 0.05).
  Model model(MlpShape{{1, 2}});
  Trainer trainer(model, Sgd{.learning_rate = 0.1f, .momentum = 0.5f});
  const float x = 2.0f;
  const std::uint8_t label = 1;
  EXPECT_FLOAT_EQ(trainer.step(&x, &label, 1), 0.69314718f);
  EXPECT_FLOAT_EQ(model.weights(0)[0], -0.1f);
  EXPECT_FLOAT_EQ(model.weights(0)[1], 0.1f);
  EXPECT_FLOAT_EQ(model.bias(0)[1], 0.05f);
  // Step 2: logits (−0.25, 0.25), p₀ = 1/(1+e^½) = 0.3775407, δ = (p₀, −p₀); loss = −ln(1 − p₀) = 0.4740770.
  // velocity of w₁ = ½·(−1) + 2·(−p₀) = −1.2550814, so w₁ = 0.1 + 0.1·1.2550814.
  EXPECT_FLOAT_EQ(trainer.step(&x, &label, 1), 0.4740770f);
  EXPECT_FLOAT_EQ(model.weights(0)[1], 0.22550814f);
  // Step 3 at rate 0 changes nothing.
  trainer.set_learning_rate(0.0f);
  trainer.step(&x, &label, 1);
  EXPECT_FLOAT_EQ(model.weights(0)[1], 0.22550814f);
}

/// Two noisy crossed blobs: class = whether the signs of both coordinates differ.
double xor_accuracy(const MlpShape& shape) {
  constexpr std::uint32_t kBatch = 32, kSteps = 300, kTest = 512;
  Model model(shape);
  initialise(model, Random(7, Stream::weight_init), 1);
  Trainer trainer(model, {});
  const auto sample = [](std::uint64_t entity, std::uint32_t n, std::vector<float>& x,
                         std::vector<std::uint8_t>& y) {
    const std::vector<float> raw = test::noise(n * 3, entity);
    x.clear();
    y.clear();
    for (std::uint32_t i = 0; i < n; ++i) {
      const float a = raw[3 * i] > 0 ? 1.0f : -1.0f, b = raw[3 * i + 1] > 0 ? 1.0f : -1.0f;
      x.push_back(a + 0.3f * raw[3 * i + 2]);
      x.push_back(b - 0.3f * raw[3 * i + 2]);
      y.push_back(a * b < 0 ? 1 : 0);
    }
  };
  std::vector<float> x;
  std::vector<std::uint8_t> y;
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    sample(100 + step, kBatch, x, y);
    trainer.step(x.data(), y.data(), kBatch);
  }
  sample(99, kTest, x, y);
  std::vector<float> logits(kTest * 2);
  forward(model, x.data(), logits.data(), kTest);
  std::uint32_t right = 0;
  for (std::uint32_t i = 0; i < kTest; ++i) right += argmax(logits.data() + 2 * i, 2) == y[i];
  return static_cast<double>(right) / kTest;
}

TEST(Trainer, LearnsExclusiveOrAndALineCannot) {
  EXPECT_GE(xor_accuracy({{2, 16, 2}}), 0.99);
  EXPECT_LE(xor_accuracy({{2, 2}}), 0.8) << "the problem is too easy to prove anything";
}

TEST(Trainer, EveryInstructionSetGivesTheSameBits) {
  for (const MlpShape& shape : test::awkward_shapes()) {
    std::vector<std::vector<float>> results;
    std::vector<float> losses;
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      Model model = test::random_model(shape, 3);
      Trainer trainer(model, {});
      float loss = 0;
      for (const std::uint32_t n : {1u, 3u, 17u, 64u, 31u, 8u}) {
        const std::vector<float> x = test::noise(n * shape.widths.front(), n);
        const std::vector<std::uint8_t> labels = test::classes(n, shape.widths.back());
        loss = trainer.step(x.data(), labels.data(), n);
      }
      losses.push_back(loss);
      results.emplace_back(model.data().begin(), model.data().end());
    }
    for (std::size_t i = 1; i < results.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(losses[i]), std::bit_cast<std::uint32_t>(losses[0]));
      for (std::size_t p = 0; p < results[0].size(); ++p)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(results[i][p]), std::bit_cast<std::uint32_t>(results[0][p]))
            << p;
    }
  }
}

TEST(Trainer, KeepsPaddingZero) {
  Model model = test::random_model({{5, 33, 3}}, 3);
  Trainer trainer(model, {});
  for (std::uint32_t step = 0; step < 5; ++step) {
    const std::vector<float> x = test::noise(9 * 5, step);
    trainer.step(x.data(), test::classes(9, 3).data(), 9);
  }
  const Model rebuilt = Model::unpack(model.architecture(), model.packed());
  EXPECT_TRUE(std::equal(model.data().begin(), model.data().end(), rebuilt.data().begin()));
}

TEST(Trainer, SurvivesLogitsThatWouldOverflowAnExponential) {
  const Model start = Model::unpack(MlpShape{{1, 2}}, std::vector<float>{500, -500, 0, 0});
  Model model = start;
  Trainer trainer(model, Sgd{.learning_rate = 0.0f, .momentum = 0.0f});
  const float x = 1.0f;
  const std::uint8_t wrong = 1;
  EXPECT_FLOAT_EQ(trainer.step(&x, &wrong, 1), 1000.0f);
}

}  // namespace
}  // namespace swarm::nn
