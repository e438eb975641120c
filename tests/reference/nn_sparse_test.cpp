#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "agents/nn/network.hpp"
#include "agents/nn/prune.hpp"
#include "tests/unit/nn/nets.hpp"

// Sparse networks against plain loops over the nonzeros (every bit) and against the dense kernels.
namespace swarm::nn {
namespace {

/// How the loops treat the nonzeros. Only `exact` is right; the others are near misses the check must tell
/// apart.
enum class Fault { none, one_dropped, index_off_by_one, backwards, rounded_twice, bias_last };

/// inputs: n × in; the outputs of the whole network.
std::vector<float> plain(const Model& model, std::vector<float> a, std::size_t n, Fault fault = Fault::none) {
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const std::size_t in = model.rows(l), out = model.columns(l);
    std::vector<float> y(n * out);
    for (std::size_t o = 0; o < out; ++o) {
      std::vector<std::pair<std::size_t, float>> nonzeros;
      for (std::size_t k = 0; k < in; ++k)
        if (model.weight(l, k, o) != 0.0f) nonzeros.emplace_back(k, model.weight(l, k, o));
      if (fault == Fault::one_dropped && l == 0 && o == 0) nonzeros.pop_back();
      if (fault == Fault::index_off_by_one && l == 0 && o == 0)
        nonzeros[0].first = (nonzeros[0].first + 1) % in;
      if (fault == Fault::backwards) nonzeros = {nonzeros.rbegin(), nonzeros.rend()};
      for (std::size_t s = 0; s < n; ++s) {
        float acc = fault == Fault::bias_last ? 0.0f : model.bias(l)[o];
        for (const auto& [k, w] : nonzeros)
          acc = fault == Fault::rounded_twice ? w * a[s * in + k] + acc : std::fma(w, a[s * in + k], acc);
        if (fault == Fault::bias_last) acc += model.bias(l)[o];
        y[s * out + o] = l + 1 < model.blocks() && acc < 0 ? 0.0f : acc;
      }
    }
    a = y;
  }
  return a;
}

constexpr Numerics kSparse{Format::fp32, true};

std::vector<float> fast(const PackedModel& model, const std::vector<float>& x, std::size_t n) {
  thread_local Scratch scratch;
  std::vector<float> y(n * model.network().output_size(), 77.0f);
  model.run(x.data(), y.data(), static_cast<std::uint32_t>(n), scratch);
  return y;
}

std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

/// Draws for the shapes below.
class Dice {
 public:
  explicit Dice(std::uint64_t entity) : entity_(entity) {}
  /// From 1 to n.
  std::uint32_t roll(std::uint32_t n) { return 1 + random_.block(9, entity_, draw_++)[0] % n; }
  /// Mostly small, sometimes odd ones that matter, now and then up to `widest`.
  std::uint32_t width(std::uint32_t widest) {
    const std::uint32_t kind = roll(20);
    if (kind == 1) return roll(widest);
    if (kind <= 4) return std::array{7u, 33u, 100u, 64u}[roll(4) - 1];
    return roll(40);
  }

 private:
  Random random_{7, Stream::experiment};
  std::uint64_t entity_;
  std::uint32_t draw_ = 0;
};

/// A network in which each layer's weights of one and the same share are zero.
Model sparse_model(const MlpShape& shape, double share, std::uint64_t entity) {
  Model model = test::random_model(shape, entity);
  prune_weights(model, share);
  return model;
}

TEST(NnSparse, EqualsThePlainLoopsBitForBitOnThousandsOfShapes) {
  constexpr std::array<double, 5> kShares{0.0, 0.5, 1.0, 0.9, 0.3};
  for (std::uint64_t trial = 0; trial < 3000; ++trial) {
    Dice dice(trial);
    MlpShape shape{{dice.width(512), dice.width(512)}};
    for (std::uint32_t more = dice.roll(3); more > 1; --more) shape.widths.push_back(dice.width(100));
    const std::uint32_t n = trial % 4 == 0 ? dice.roll(70) : dice.roll(18);
    Model model = sparse_model(shape, kShares[trial % kShares.size()], trial);
    if (trial % 3 == 0)  // shows whether filling a group's shorter outputs adds anything
      for (std::size_t o = 0; o < model.columns(0); o += 2) model.bias(0)[o] = -0.0f;
    const std::vector<float> x = test::noise(n * shape.widths.front(), trial);
    const std::vector<float> expected = plain(model, x, n);
    const PackedModel sparse(model, kSparse);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      ASSERT_EQ(different_bits(fast(sparse, x, n), expected), 0u)
          << enum_name(set) << ", trial " << trial << ", batch of " << n;
    }
  }
}

TEST(NnSparse, ASampleDoesNotSeeItsBatch) {
  for (const double share : {0.0, 0.5, 0.9}) {
    const Model original = sparse_model({{33, 100, 7}}, share, 5);
    const PackedModel model(original, kSparse);
    const std::vector<float> x = test::noise(140 * 33, 6);
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      const std::vector<float> all = fast(model, x, 140);
      for (std::size_t n = 1; n <= 140; ++n) {
        const std::vector<float> first = fast(model, x, n);
        ASSERT_EQ(different_bits(first, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(7 * n)}), 0u)
            << n;
      }
    }
  }
}

TEST(NnSparse, EqualsTheDenseKernelsExceptForTheSignOfZero) {
  std::size_t zeros = 0;
  for (std::uint64_t trial = 0; trial < 500; ++trial) {
    Dice dice(10'000 + trial);
    const MlpShape shape{{dice.width(300), dice.width(300), dice.width(100)}};
    const std::uint32_t n = dice.roll(70);
    Model model = sparse_model(shape, trial % 3 == 0 ? 0.97 : 0.5, trial);
    if (trial % 5 == 0) model.bias(1)[0] = -0.0f;
    const std::vector<float> x = test::noise(n * shape.widths.front(), trial);
    std::vector<float> dense(n * shape.widths.back());
    forward(model, x.data(), dense.data(), n);
    const std::vector<float> y = fast(PackedModel(model, kSparse), x, n);
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_EQ(y[i], dense[i]) << "trial " << trial;  // +0 and −0 are equal
      if (y[i] == 0.0f) {
        ++zeros;
        continue;
      }
      ASSERT_EQ(std::bit_cast<std::uint32_t>(y[i]), std::bit_cast<std::uint32_t>(dense[i]));
    }
  }
  EXPECT_GT(zeros, 0u) << "the exception was never met";
}

TEST(NnSparse, TheBitCheckCatchesWrongSums) {
  const Model model = sparse_model({{64, 128, 64, 10}}, 0.5, 11);
  const std::vector<float> x = test::noise(32 * 64, 12);
  const std::vector<float> y = fast(PackedModel(model, kSparse), x, 32);
  for (const Fault fault : {Fault::one_dropped, Fault::index_off_by_one, Fault::backwards,
                            Fault::rounded_twice, Fault::bias_last})
    EXPECT_GT(different_bits(y, plain(model, x, 32, fault)), 30u) << static_cast<int>(fault);
}

// A layer of one output alone, so that a fault of a single term cannot hide behind others.
TEST(NnSparse, TheBitCheckCatchesASingleTerm) {
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    const Model model = sparse_model({{33, 9}}, 0.5, trial);
    const std::vector<float> x = test::noise(33, trial + 1);
    const std::vector<float> y = fast(PackedModel(model, kSparse), x, 1);
    for (const Fault fault : {Fault::one_dropped, Fault::index_off_by_one})
      EXPECT_EQ(different_bits(y, plain(model, x, 1, fault)), 1u) << trial;
  }
}

}  // namespace
}  // namespace swarm::nn
