#include "agents/nn/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/parallel.hpp"
#include "tests/reference/plain_network.hpp"
#include "tests/unit/nn/nets.hpp"

// Whole networks of every kind of layer against plain loops in double precision.
namespace swarm::nn {
namespace {

using test::Fault;
using test::Numbers;

/// What may go wrong between layers; a test must tell each from the network.
constexpr Fault kForwardFaults[] = {
    Fault::no_activation, Fault::no_padding,     Fault::no_residual, Fault::causal_ignored, Fault::all_keys,
    Fault::scores_unscaled, Fault::no_gain,      Fault::no_offset,   Fault::next_word,      Fault::positions_of_first_row,
    Fault::flattened_by_column, Fault::sum_of_rows, Fault::softmax_over_all};

Numbers plain(const Model& model, Numbers x, Fault fault) {
  const std::vector<float> parameters = model.packed();
  return test::PlainNetwork{model.architecture(), Numbers(parameters.begin(), parameters.end()), fault}.logits(std::move(x));
}

/// Random parameters of a size that keeps signals near 1.
Model filled(const Architecture& architecture, std::uint64_t entity) {
  Model model(architecture);
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    const auto values = test::noise((model.rows(b) + 1) * model.columns(b), entity + b);
    const float size = 1.5f / std::sqrt(static_cast<float>(model.rows(b)));
    for (std::size_t r = 0; r < model.rows(b); ++r)
      for (std::size_t c = 0; c < model.columns(b); ++c) model.weight(b, r, c) = size * values[r * model.columns(b) + c];
    for (std::size_t c = 0; !model.bias(b).empty() && c < model.columns(b); ++c)
      model.bias(b)[c] = 0.5f * values[model.rows(b) * model.columns(b) + c];
  }
  return model;
}

/// Each kind of layer first, last and between, at odd sizes, with widths on both sides of a panel.
std::vector<Architecture> architectures() {
  constexpr Activation kRelu = Activation::relu, kTanh = Activation::tanh;
  return {
      {{16, 4}, {DepthwiseConv{5, 2, 1, 2, 2, kRelu}, Linear{12, Activation::gelu}, MeanRows{}, Linear{3}}},
      {{9, 7}, {Linear{20, Activation::sigmoid}, DepthwiseConv{3, 1, 2, 2, 1, kTanh}}},
      {{33, 1}, {DepthwiseConv{4, 3, 1, 1, 0, kTanh}, Flatten{}, Linear{7}}},
      {{7, 1}, {Embedding{50, 8}, Positions{}, Attention{2, 0, false, true}, LayerNorm{}, Flatten{}, Linear{5}, Softmax{}}},
      {{12, 66}, {Attention{3, 4, true, false}, MeanRows{}}},
      {{5, 17}, {LayerNorm{}, Attention{1, 2, false, true}}},
      {{6, 100}, {Positions{}, Linear{70, kTanh}, Softmax{}}},
      {{70, 3}, {Flatten{}, Linear{9}, LayerNorm{1e-3f}}},
      {{4, 1}, {Embedding{3, 90}}},
      {{3, 5}, {Positions{}, Flatten{}}},
      {{1, 10}, {Linear{16, kTanh}, Linear{4, kTanh}}},
  };
}

std::vector<float> inputs_of(const Architecture& a, std::size_t n, std::uint64_t entity) {
  std::vector<float> x = test::noise(n * a.input.size(), entity);
  if (const auto* words = std::get_if<Embedding>(&a.layers[0]))
    for (float& v : x) v = std::floor((v + 1) / 2 * static_cast<float>(words->vocabulary) * 0.9999f);
  return x;
}

/// Largest distance of any output from plain loops.
double distance(const Model& model, Fault fault) {
  const std::size_t n = 3, in = model.input().size(), out = model.output().size();
  const auto x = inputs_of(model.architecture(), n, 77);
  std::vector<float> y(n * out, -7.0f);
  forward(model, x.data(), y.data(), static_cast<std::uint32_t>(n));
  double worst = 0;
  for (std::size_t s = 0; s < n; ++s) {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(s * in);
    const Numbers right = plain(model, Numbers(first, first + static_cast<std::ptrdiff_t>(in)), fault);
    EXPECT_EQ(right.size(), out);
    for (std::size_t i = 0; i < out; ++i) worst = std::max(worst, std::abs(right[i] - static_cast<double>(y[s * out + i])));
  }
  return worst;
}

// Signals are near 1 and sums have at most 210 terms, each of one rounding of 2^-24: γ = 1.3e-5 per layer of sums. Behind a
// norm or softmax errors grow with the slope, which is below 10 here.
TEST(NnNetwork, AgreesWithPlainLoops) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    std::uint64_t entity = 0;
    for (const Architecture& a : architectures())
      EXPECT_LT(distance(filled(a, entity += 100), Fault::none), 1e-4) << enum_name(set) << ", architecture " << entity / 100;
  }
}

TEST(NnNetwork, MutantsAreFound) {
  for (const Fault fault : kForwardFaults) {
    double worst = 0;
    std::uint64_t entity = 0;
    for (const Architecture& a : architectures()) worst = std::max(worst, distance(filled(a, entity += 100), fault));
    EXPECT_GT(worst, 1e-2) << "fault " << static_cast<int>(fault);
  }
}

// Alone, in groups of every size, on any number of threads and on every instruction set: the same bits.
TEST(NnNetwork, ASampleDependsOnItselfAlone) {
  constexpr std::uint32_t kSamples = 130;
  std::uint64_t entity = 0;
  for (const Architecture& a : architectures()) {
    const Model model = filled(a, entity += 100);
    const std::size_t in = model.input().size(), out = model.output().size();
    const auto x = inputs_of(a, kSamples, 5);
    std::vector<float> alone(kSamples * out);
    {
      const test::Forced forced(Isa::portable);
      for (std::size_t s = 0; s < kSamples; ++s) forward(model, x.data() + s * in, alone.data() + s * out, 1);
    }
    for (const Isa set : test::supported_sets())
      for (const int threads : {1, 2}) {
        const test::Forced forced(set);
        const ThreadLimit limit(threads);
        WeightStore store;
        const ModelId id = store.add(model), twin = store.add(model);
        std::vector<float> y(kSamples * out, -7.0f);
        std::vector<Group> groups;
        for (std::uint32_t first = 0, n = 1; first < kSamples; first += n, n = std::min(2 * n + 1, kSamples - first))
          groups.push_back({groups.size() % 2 == 0 ? id : twin, x.data() + first * in, y.data() + first * out, n});
        limit.execute([&] { infer_groups(store, groups); });
        std::size_t different = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
          different += std::bit_cast<std::uint32_t>(y[i]) != std::bit_cast<std::uint32_t>(alone[i]);
        EXPECT_EQ(different, 0u) << enum_name(set) << ", architecture " << entity / 100 << ", threads " << threads;
      }
  }
}

TEST(NnNetwork, RefusesWhatIsNoWord) {
  const Model model = filled({{2, 1}, {Embedding{3, 4}}}, 1);
  std::vector<float> y(8);
  for (const float wrong : {-1.0f, 3.0f, 0.5f, 1e9f, std::nanf("")}) {
    const std::vector<float> x{1, wrong};
    EXPECT_THROW(forward(model, x.data(), y.data(), 1), ModelError) << wrong;
  }
  const std::vector<float> x{0, 2};
  forward(model, x.data(), y.data(), 1);
  EXPECT_EQ(y[4], model.weight(0, 2, 0));
}

TEST(NnNetwork, NoSamplesDoNothing) {
  for (const Architecture& a : architectures()) forward(filled(a, 1), nullptr, nullptr, 0);
}

// The tables of work: 16 positions to 8 by 5 taps of 4 channels, of which 2 + 1 lie outside: 8·5·4 − 3·4; then 8·4·12; 12·3.
TEST(NnNetwork, CountsWhatIsExecuted) {
  EXPECT_EQ(pass_cost(architectures()[0]).macs, 8u * 5u * 4u - 3u * 4u + 8u * 4u * 12u + 12u * 3u);
  // Attention over 12 tokens of 66: four projections, all scores; of the sums the 4 best of up to i keys.
  std::uint64_t kept = 0;
  for (std::uint64_t i = 1; i <= 12; ++i) kept += std::min<std::uint64_t>(i, 4);
  EXPECT_EQ(pass_cost(architectures()[4]).macs, 4u * 12u * 66u * 66u + 12u * 12u * 66u + kept * 66u);
}

}  // namespace
}  // namespace swarm::nn
