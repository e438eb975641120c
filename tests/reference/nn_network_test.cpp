#include "agents/nn/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "agents/nn/infer.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/parallel.hpp"
#include "tests/unit/nn/nets.hpp"

// Whole networks of every kind of layer against plain loops in double precision.
namespace swarm::nn {
namespace {

using Numbers = std::vector<double>;

/// What may go wrong between layers; a test must tell each from the network.
enum class Fault {
  none,
  no_activation,
  no_padding,
  no_residual,
  causal_ignored,
  no_offset,
  positions_of_first_row,
  flattened_by_column,
  sum_of_rows,
  softmax_over_all,
  next_word,
};

double activated(Activation f, double a) {
  switch (f) {
    case Activation::none:
      return a;
    case Activation::relu:
      return a < 0 ? 0 : a;
    case Activation::tanh:
      return std::tanh(a);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-a));
    case Activation::gelu:
      return 0.5 * a * std::erfc(-a / std::sqrt(2.0));
  }
  return a;
}

/// One sample through one layer.
struct Plain {
  const Model& model;
  Fault fault;
  std::size_t b;  // block
  Extent in, out;
  Numbers x;

  double w(std::size_t block, std::size_t r, std::size_t c) const { return static_cast<double>(model.weight(block, r, c)); }
  double bias(std::size_t block, std::size_t c) const { return static_cast<double>(model.bias(block)[c]); }

  Numbers linear(std::size_t block, const Numbers& v, std::size_t rows) const {
    const std::size_t from = model.rows(block), to = model.columns(block);
    Numbers y(rows * to);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t o = 0; o < to; ++o) {
        double acc = bias(block, o);
        for (std::size_t i = 0; i < from; ++i) acc += v[r * from + i] * w(block, i, o);
        y[r * to + o] = acc;
      }
    return y;
  }

  Numbers operator()(const Linear& layer) const {
    Numbers y = linear(b, x, in.rows);
    if (fault != Fault::no_activation)
      for (double& v : y) v = activated(layer.activation, v);
    return y;
  }

  Numbers operator()(const DepthwiseConv& layer) const {
    Numbers y(out.size());
    for (std::size_t p = 0; p < out.rows; ++p)
      for (std::size_t c = 0; c < in.width; ++c) {
        double acc = bias(b, c);
        for (std::size_t t = 0; t < layer.kernel; ++t) {
          const auto at = static_cast<std::ptrdiff_t>(p * layer.stride + t * layer.dilation) -
                          static_cast<std::ptrdiff_t>(fault == Fault::no_padding ? 0 : layer.pad_before);
          if (at >= 0 && at < static_cast<std::ptrdiff_t>(in.rows))
            acc += x[static_cast<std::size_t>(at) * in.width + c] * w(b, t, c);
        }
        y[p * in.width + c] = activated(layer.activation, acc);
      }
    return y;
  }

  Numbers operator()(const Attention& layer) const {
    const std::size_t rows = in.rows, width = in.width, depth = width / layer.heads;
    const Numbers q = linear(b, x, rows), k = linear(b + 1, x, rows), v = linear(b + 2, x, rows);
    Numbers context(rows * width);
    for (std::size_t h = 0; h < layer.heads; ++h)
      for (std::size_t i = 0; i < rows; ++i) {
        std::vector<std::pair<double, std::size_t>> scores;
        for (std::size_t j = 0; j < (layer.causal && fault != Fault::causal_ignored ? i + 1 : rows); ++j) {
          double s = 0;
          for (std::size_t d = h * depth; d < (h + 1) * depth; ++d) s += q[i * width + d] * k[j * width + d];
          scores.emplace_back(-s / std::sqrt(static_cast<double>(depth)), j);
        }
        std::sort(scores.begin(), scores.end());
        if (layer.top_keys > 0 && scores.size() > layer.top_keys) scores.resize(layer.top_keys);
        double total = 0;
        for (auto& [s, j] : scores) total += s = std::exp(-s);
        for (const auto& [s, j] : scores)
          for (std::size_t d = h * depth; d < (h + 1) * depth; ++d) context[i * width + d] += s / total * v[j * width + d];
      }
    Numbers y = linear(b + 3, context, rows);
    if (layer.residual && fault != Fault::no_residual)
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += x[i];
    return y;
  }

  Numbers operator()(const LayerNorm& layer) const {
    Numbers y(x.size());
    const std::size_t n = in.width;
    for (std::size_t r = 0; r < in.rows; ++r) {
      double mean = 0, variance = 0;
      for (std::size_t c = 0; c < n; ++c) mean += x[r * n + c] / static_cast<double>(n);
      for (std::size_t c = 0; c < n; ++c) variance += (x[r * n + c] - mean) * (x[r * n + c] - mean) / static_cast<double>(n);
      for (std::size_t c = 0; c < n; ++c)
        y[r * n + c] = (x[r * n + c] - mean) / std::sqrt(variance + static_cast<double>(layer.epsilon)) * w(b, 0, c) +
                       (fault == Fault::no_offset ? 0 : bias(b, c));
    }
    return y;
  }

  Numbers operator()(const Embedding& layer) const {
    Numbers y;
    for (const double id : x)
      for (std::size_t c = 0; c < layer.width; ++c)
        y.push_back(w(b, (static_cast<std::size_t>(id) + (fault == Fault::next_word ? 1 : 0)) % layer.vocabulary, c));
    return y;
  }

  Numbers operator()(const Positions&) const {
    Numbers y = x;
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.width; ++c) y[r * in.width + c] += w(b, fault == Fault::positions_of_first_row ? 0 : r, c);
    return y;
  }

  Numbers operator()(const Flatten&) const {
    if (fault != Fault::flattened_by_column) return x;
    Numbers y;
    for (std::size_t c = 0; c < in.width; ++c)
      for (std::size_t r = 0; r < in.rows; ++r) y.push_back(x[r * in.width + c]);
    return y;
  }

  Numbers operator()(const MeanRows&) const {
    Numbers y(in.width);
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.width; ++c)
        y[c] += x[r * in.width + c] / (fault == Fault::sum_of_rows ? 1.0 : static_cast<double>(in.rows));
    return y;
  }

  Numbers operator()(const Softmax&) const {
    Numbers y = x;
    for (double& v : y) v = std::exp(v);
    const std::size_t n = fault == Fault::softmax_over_all ? in.size() : in.width;
    for (std::size_t first = 0; first < y.size(); first += n) {
      double total = 0;
      for (std::size_t c = 0; c < n; ++c) total += y[first + c];
      for (std::size_t c = 0; c < n; ++c) y[first + c] /= total;
    }
    return y;
  }
};

Numbers plain(const Model& model, Numbers x, Fault fault = Fault::none) {
  const auto extents = model.architecture().extents();
  std::size_t block = 0;
  for (std::size_t l = 0; l < model.architecture().layers.size(); ++l) {
    const Layer& layer = model.architecture().layers[l];
    x = std::visit(Plain{model, fault, block, extents[l], extents[l + 1], x}, layer);
    block += block_count(layer);
  }
  return x;
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
  for (int fault = 1; fault <= static_cast<int>(Fault::next_word); ++fault) {
    double worst = 0;
    std::uint64_t entity = 0;
    for (const Architecture& a : architectures())
      worst = std::max(worst, distance(filled(a, entity += 100), static_cast<Fault>(fault)));
    EXPECT_GT(worst, 1e-2) << "fault " << fault;
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
