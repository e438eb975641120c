#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "agents/nn/convert.hpp"
#include "agents/nn/infer.hpp"
#include "agents/nn/network.hpp"
#include "agents/nn/prune.hpp"
#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

// Whole networks of every kind of layer in every numeric format against the same layers one by one: every bit. Single
// layers are compared with plain loops elsewhere.
namespace swarm::nn {
namespace {

using Floats = std::vector<float>;

/// What may go wrong between layers in a format.
enum class Fault { none, not_rounded, range_of_next, one_range, no_activation, projections_swapped };

std::vector<Numerics> all_numerics() {
  std::vector<Numerics> all{{Format::fp32},
                            {Format::fp32, true},
                            {Format::bf16},
                            {Format::fp16},
                            {Format::int8},
                            {Format::int4},
                            {.format = Format::int8, .calibrated = true},
                            {.format = Format::int4, .calibrated = true}};
  if (bf16_dot_supported()) all.push_back({Format::bf16_dot});
  return all;
}

std::string text(const Numerics& n) {
  return std::string(enum_name(n.format)) + (n.sparse ? " sparse" : "") + (n.calibrated ? " calibrated" : "");
}

/// Linear layers alone, in pairs, behind and before others, over several rows; widths on both sides of a panel.
std::vector<Architecture> architectures() {
  constexpr Activation kRelu = Activation::relu, kTanh = Activation::tanh, kGelu = Activation::gelu;
  return {
      MlpShape{{64, 128, 64, 10}},
      {{1, 33}, {Linear{7, kTanh}, Linear{100, kGelu}, Linear{3, Activation::sigmoid}}},
      {{16, 4}, {DepthwiseConv{5, 2, 1, 2, 2, kRelu}, Linear{12, kGelu}, MeanRows{}, Linear{20, kRelu}, Linear{3}}},
      {{7, 1}, {Embedding{50, 8}, Positions{}, Attention{2, 3, false, true}, LayerNorm{}, Linear{30, kRelu}, Linear{8}, Flatten{}, Linear{5}}},
      {{12, 66}, {Attention{3, 0, true, false}, MeanRows{}}},
      {{70, 9}, {Linear{65, kRelu}, Linear{9, kTanh}, Softmax{}}},
  };
}

/// Random parameters of a size that keeps signals near 1; half of the weights zero for sparse numerics.
Model filled(const Architecture& architecture, std::uint64_t entity, bool with_zeros) {
  Model model(architecture);
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    const auto values = test::noise((model.rows(b) + 1) * model.columns(b), entity + b);
    const float size = 1.5f / std::sqrt(static_cast<float>(model.rows(b)));
    for (std::size_t r = 0; r < model.rows(b); ++r)
      for (std::size_t c = 0; c < model.columns(b); ++c) {
        const float w = size * values[r * model.columns(b) + c];
        model.weight(b, r, c) = with_zeros && model.is_matrix(b) && w < 0 ? 0.0f : w;
      }
    for (std::size_t c = 0; !model.bias(b).empty() && c < model.columns(b); ++c)
      model.bias(b)[c] = 0.5f * values[model.rows(b) * model.columns(b) + c];
  }
  return model;
}

Floats inputs_of(const Architecture& a, std::size_t n, std::uint64_t entity) {
  Floats x = test::noise(n * a.input.size(), entity);
  if (const auto* words = std::get_if<Embedding>(&a.layers[0]))
    for (float& v : x) v = std::floor((v + 1) / 2 * static_cast<float>(words->vocabulary) * 0.9999f);
  return x;
}

Floats whole(const Model& model, const Numerics& numerics, std::span<const Affine> ranges, const Floats& x, std::uint32_t n) {
  Floats y(n * model.output().size(), 77.0f);
  Scratch scratch;
  PackedModel(model, numerics, ranges).run(x.data(), y.data(), n, scratch);
  return y;
}

/// Layer by layer, each a network or a matrix of its own.
class Parts {
 public:
  Parts(const Model& model, const Numerics& numerics, std::span<const Affine> ranges, Fault fault)
      : model_(model), numerics_(numerics), ranges_(ranges), fault_(fault) {}

  Floats run(Floats x, std::size_t n) {
    const auto extents = model_.architecture().extents();
    for (std::size_t l = 0; l < model_.architecture().layers.size(); ++l) {
      const Layer& layer = model_.architecture().layers[l];
      if (const auto* linear = std::get_if<Linear>(&layer))
        x = multiply(x, n * extents[l].rows, fault_ == Fault::no_activation ? Activation::none : linear->activation);
      else if (const auto* attention = std::get_if<Attention>(&layer))
        x = attend(*attention, extents[l], x, n);
      else
        x = other(layer, extents[l], extents[l + 1], x, n);
    }
    return x;
  }

 private:
  /// Rows times block_ and the next matrix' range.
  Floats multiply(const Floats& x, std::size_t rows, Activation activation) {
    const std::size_t b = block_++, m = matrix_++, in = model_.rows(b), out = model_.columns(b);
    if (numerics_.integers()) return integers(b, m, x, rows, activation);
    Model one({{1, static_cast<std::uint32_t>(in)}, {Linear{static_cast<std::uint32_t>(out), activation}}});
    std::copy(model_.weights(b).begin(), model_.weights(b).end(), one.weights(0).begin());
    std::copy(model_.bias(b).begin(), model_.bias(b).end(), one.bias(0).begin());
    // The rounded weights in fp32 are what 16 bits must be equal to.
    if (numerics_.format == Format::bf16 || numerics_.format == Format::fp16)
      return whole(fault_ == Fault::not_rounded ? one : rounded(one, numerics_.format), {}, {}, x, static_cast<std::uint32_t>(rows));
    if (fault_ == Fault::not_rounded && numerics_.format == Format::bf16_dot) return whole(one, {}, {}, x, static_cast<std::uint32_t>(rows));
    return whole(one, numerics_, {}, x, static_cast<std::uint32_t>(rows));
  }

  Floats integers(std::size_t b, std::size_t m, const Floats& x, std::size_t rows, Activation activation) {
    const std::size_t in = model_.rows(b), out = model_.columns(b);
    Floats weights;
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o) weights.push_back(model_.weight(b, i, o));
    IntegerLayer layer(
        quantise_weights(weights, in, out, numerics_.format == Format::int8 ? IntegerFormat::int8 : IntegerFormat::int4),
        model_.bias(b).first(out));
    const std::size_t stride = padded(in);
    std::vector<std::uint8_t> q(rows * stride + 64);
    Floats scales(rows), y(rows * out);
    std::vector<std::int32_t> zero_points(rows);
    ByteRows bytes{q.data(), stride, rows};
    if (numerics_.calibrated) {
      const std::size_t used = fault_ == Fault::range_of_next ? (m + 1) % ranges_.size() : m;
      layer.calibrate(ranges_[used]);
      quantise_rows(x.data(), in, rows, in, ranges_[used], q.data(), stride);
    } else {
      quantise_rows(x.data(), in, rows, in, q.data(), stride, scales.data(), zero_points.data());
      if (fault_ == Fault::one_range) {
        const Affine all = affine_of(x);
        quantise_rows(x.data(), in, rows, in, all, q.data(), stride);
        std::fill(scales.begin(), scales.end(), all.scale);
        std::fill(zero_points.begin(), zero_points.end(), all.zero_point);
      }
      bytes.scale = scales.data();
      bytes.zero_point = zero_points.data();
    }
    forward(layer, bytes, activation, y.data(), out, out);
    return y;
  }

  Floats attend(const Attention& layer, const Extent& in, const Floats& x, std::size_t n) {
    const std::size_t width = padded(in.width), first_block = block_, first_matrix = matrix_;
    AttentionWorkspace workspace(attention_shape(layer, in));
    AlignedFloats y(n * in.rows * width);
    attention_forward({.x = x.data(), .x_stride = in.width, .parameters = nullptr, .lengths = nullptr, .y = y.data(), .samples = n}, workspace,
                      [&](Projection which, const float* from, std::size_t stride, float* to, std::size_t rows) {
                        auto index = static_cast<std::size_t>(which);
                        if (fault_ == Fault::projections_swapped && index < 2) index = 1 - index;
                        block_ = first_block + index;
                        matrix_ = first_matrix + index;
                        Floats packed;
                        for (std::size_t r = 0; r < rows; ++r) packed.insert(packed.end(), from + r * stride, from + r * stride + in.width);
                        const Floats product = multiply(packed, rows, Activation::none);
                        for (std::size_t r = 0; r < rows; ++r) std::copy_n(&product[r * in.width], in.width, to + r * width);
                      });
    block_ = first_block + 4;
    matrix_ = first_matrix + 4;
    Floats out;
    for (std::size_t r = 0; r < n * in.rows; ++r)
      for (std::size_t c = 0; c < in.width; ++c) out.push_back(y[r * width + c] + (layer.residual ? x[r * in.width + c] : 0.0f));
    return out;
  }

  /// What has no matrix, in fp32. A network needs parameters, so places of zero go before a layer that has none.
  Floats other(const Layer& layer, const Extent& in, const Extent&, const Floats& x, std::size_t n) {
    const bool bare = block_count(layer) == 0;
    Architecture architecture{in, {layer}};
    if (bare) architecture.layers.insert(architecture.layers.begin(), Positions{});
    Model one(architecture);
    if (!bare) {
      std::copy(model_.weights(block_).begin(), model_.weights(block_).end(), one.weights(0).begin());
      std::copy(model_.bias(block_).begin(), model_.bias(block_).end(), one.bias(0).begin());
      ++block_;
    }
    return whole(one, {}, {}, x, static_cast<std::uint32_t>(n));
  }

  const Model& model_;
  Numerics numerics_;
  std::span<const Affine> ranges_;
  Fault fault_;
  std::size_t block_ = 0, matrix_ = 0;
};

/// Numbers that differ; +0 and −0 are equal, as zero terms are left out of sparse sums.
std::size_t different(const Floats& a, const Floats& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) count += a[i] == b[i] ? 0 : 1;
  return count;
}

std::vector<Affine> ranges_of(const Model& model, const Numerics& numerics, const Floats& x, std::uint32_t n) {
  return numerics.calibrated ? calibrate(model, x.data(), n) : std::vector<Affine>{};
}

TEST(NnNumerics, NetworksEqualTheirLayersOneByOne) {
  constexpr std::uint32_t n = 70;
  std::uint64_t entity = 0;
  for (const Architecture& a : architectures())
    for (const Numerics& numerics : all_numerics()) {
      const Model model = filled(a, entity += 100, numerics.sparse);
      const Floats x = inputs_of(a, n, entity);
      const auto ranges = ranges_of(model, numerics, x, 20);  // of some, so that others saturate
      for (const Isa set : test::supported_sets()) {
        const test::Forced forced(set);
        const Floats y = whole(model, numerics, ranges, x, n);
        EXPECT_EQ(different(y, Parts(model, numerics, ranges, Fault::none).run(x, n)), 0u)
            << text(numerics) << ", " << enum_name(set) << ", architecture " << entity;
        EXPECT_GT(*std::max_element(y.begin(), y.end()), *std::min_element(y.begin(), y.end()) + 1e-3f);
      }
    }
}

TEST(NnNumerics, MutantsAreFound) {
  for (const Fault fault : {Fault::not_rounded, Fault::range_of_next, Fault::one_range, Fault::no_activation, Fault::projections_swapped}) {
    std::size_t found = 0;
    for (const Architecture& a : architectures())
      for (const Numerics& numerics : all_numerics()) {
        const Model model = filled(a, 100, numerics.sparse);
        const Floats x = inputs_of(a, 9, 100);
        const auto ranges = ranges_of(model, numerics, x, 9);
        found += different(whole(model, numerics, ranges, x, 9), Parts(model, numerics, ranges, fault).run(x, 9)) > 0;
      }
    EXPECT_GE(found, 6u) << static_cast<int>(fault);
  }
}

// Alone, in any batch, in a store beside models of other numerics, and on every instruction set: the same bits.
TEST(NnNumerics, ASampleDependsOnItselfAlone) {
  constexpr std::uint32_t kSamples = 130;
  for (const Architecture& a : architectures()) {
    const std::size_t in = a.input.size(), out = a.extents().back().size();
    const Floats x = inputs_of(a, kSamples, 5);
    for (const Isa set : test::supported_sets()) {
      WeightStore store;
      std::vector<Group> groups;
      const auto numerics = all_numerics();
      std::vector<Floats> together(numerics.size(), Floats(kSamples * out)), alone = together;
      for (std::size_t k = 0; k < numerics.size(); ++k) {
        const Model model = filled(a, 300 + k, numerics[k].sparse);
        const auto ranges = ranges_of(model, numerics[k], x, 40);
        const PackedModel packed(model, numerics[k], ranges);
        Scratch scratch;
        {
          // What the processor itself rounds has but one instruction.
          const test::Forced forced(numerics[k].format == Format::bf16_dot ? set : Isa::portable);
          for (std::uint32_t s = 0; s < kSamples; ++s) packed.run(x.data() + s * in, alone[k].data() + s * out, 1, scratch);
        }
        groups.push_back({store.add(model, numerics[k], ranges), x.data(), together[k].data(), kSamples});
      }
      const test::Forced forced(set);
      const WorkCount work = infer_groups(store, groups);
      WorkCount expected;
      for (std::size_t k = 0; k < numerics.size(); ++k) {
        std::size_t bits = 0;
        for (std::size_t i = 0; i < alone[k].size(); ++i)
          bits += std::bit_cast<std::uint32_t>(alone[k][i]) != std::bit_cast<std::uint32_t>(together[k][i]);
        EXPECT_EQ(bits, 0u) << text(numerics[k]) << ", " << enum_name(set);
        expected += store.ready(groups[k].model).cost().of(kSamples);
      }
      EXPECT_EQ(work, expected);
    }
  }
}

// Each row between two matrices was rounded to 8 or 4 bits: outputs of int8 stay near, those of int4 less so.
TEST(NnNumerics, IntegersStayNearFloats) {
  const Model model = filled(architectures()[0], 7, false);
  const Floats x = inputs_of(model.architecture(), 200, 8), exact = whole(model, {}, {}, x, 200);
  const auto relative = [&](const Numerics& numerics) {
    const Floats y = whole(model, numerics, ranges_of(model, numerics, x, 200), x, 200);
    double off = 0, size = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      off += std::pow(static_cast<double>(y[i] - exact[i]), 2);
      size += std::pow(static_cast<double>(exact[i]), 2);
    }
    return std::sqrt(off / size);
  };
  const double dynamic = relative({Format::int8}), fixed = relative({.format = Format::int8, .calibrated = true}),
               four = relative({Format::int4}), half = relative({Format::fp16}), brain = relative({Format::bf16});
  EXPECT_LT(half, brain);
  EXPECT_LT(brain, dynamic);
  EXPECT_LT(dynamic, fixed);
  EXPECT_LT(fixed, four);
  EXPECT_LT(dynamic, 0.02);
  EXPECT_LT(four, 0.3);
}

}  // namespace
}  // namespace swarm::nn
