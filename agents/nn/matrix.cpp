#include "agents/nn/matrix.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "agents/nn/half.hpp"
#include "agents/nn/quantise.hpp"
#include "agents/nn/sparse_layer.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

constexpr std::size_t kLine = 64;

constexpr std::size_t lines(std::size_t bytes) {
  return (bytes + kLine - 1) / kLine * kLine;
}

/// Before the parts of a sparse matrix.
struct SparseHeader {
  std::uint64_t nonzeros, bytes, groups, values;
  std::uint64_t wide;  ///< 1 if indices have 32 bits
};

template <class T>
const T* part(const std::byte*& at, std::size_t count) {
  const T* const begin = reinterpret_cast<const T*>(at);
  at += lines(count * sizeof(T));
  return begin;
}

/// How the weights lie in memory: rows of `width` elements of so many bytes.
struct StoredWeights {
  std::size_t rows, element;
};

IntegerFormat integer_format(Format format) {
  return format == Format::int8 ? IntegerFormat::int8 : IntegerFormat::int4;
}

StoredWeights stored(const Matrix& m) {
  switch (m.numerics.format) {
    case Format::fp32:
      return {m.in, sizeof(float)};
    case Format::bf16:
    case Format::fp16:
      return {m.in, sizeof(std::uint16_t)};
    case Format::int8:
      return {(m.in + 3) / 4, sizeof(std::int32_t)};
    case Format::int4:
      return {(m.in + 7) / 8, sizeof(std::int32_t)};
    case Format::bf16_dot:
      return {(m.in + 1) / 2, sizeof(isa::Bf16Pair)};
  }
  return {};
}

/// Weights in row-major order without padding.
std::vector<float> unpadded(const Model& model, std::size_t b) {
  std::vector<float> weights;
  weights.reserve(model.rows(b) * model.columns(b));
  for (std::size_t i = 0; i < model.rows(b); ++i)
    for (std::size_t o = 0; o < model.columns(b); ++o) weights.push_back(model.weight(b, i, o));
  return weights;
}

void append_halves(const Model& model, std::size_t b, Format format, AlignedBytes& packed) {
  std::vector<std::uint16_t> halves;
  halves.reserve(model.weights(b).size());
  for (const float w : model.weights(b)) halves.push_back(format == Format::bf16 ? to_bf16(w) : to_fp16(w));
  append(halves.data(), halves.size() * sizeof(std::uint16_t), packed);
}

void append_pairs(const Model& model, std::size_t b, AlignedBytes& packed) {
  const std::size_t rows = (model.rows(b) + 1) / 2;
  std::vector<isa::Bf16Pair> pairs(rows * model.width(b), 0);
  for (std::size_t i = 0; i < model.rows(b); ++i)
    for (std::size_t o = 0; o < model.columns(b); ++o)
      pairs[panel_index(rows, model.width(b), i / 2, o)] |= isa::Bf16Pair{to_bf16(model.weight(b, i, o))} << 16 * (i % 2);
  append(pairs.data(), pairs.size() * sizeof(isa::Bf16Pair), packed);
}

/// Weights, then where sums start, scales and biases; with one range for all rows this range at the end.
void append_integers(const Model& model, std::size_t b, Format format, const Affine* range, AlignedBytes& packed) {
  const std::vector<float> weights = unpadded(model, b);
  IntegerLayer layer(quantise_weights(weights, model.rows(b), model.columns(b), integer_format(format)),
                     model.bias(b).first(model.columns(b)));
  if (range != nullptr) layer.calibrate(*range);
  const IntegerView view = layer;
  const std::size_t width = view.width();
  append(view.weights, view.groups() * width * sizeof(std::int32_t), packed);
  append(range != nullptr ? view.static_start : view.minus_sums, width * sizeof(std::int32_t), packed);
  append(range != nullptr ? view.static_scale : view.scale, width * sizeof(float), packed);
  append(view.bias, width * sizeof(float), packed);
  if (range != nullptr) append(range, sizeof(Affine), packed);
}

void append_nonzeros(const Model& model, std::size_t b, AlignedBytes& packed) {
  const SparseLayer layer(model, b);
  const SparseHeader header{layer.nonzeros(), layer.bytes(), layer.groups().size(), layer.values().size(),
                            layer.wide().empty() ? 0u : 1u};
  append(&header, sizeof header, packed);
  append(layer.groups().data(), layer.groups().size_bytes(), packed);
  append(layer.values().data(), layer.values().size_bytes(), packed);
  append(layer.narrow().data(), layer.narrow().size_bytes(), packed);
  append(layer.wide().data(), layer.wide().size_bytes(), packed);
}

}  // namespace

void append(const void* from, std::size_t bytes, AlignedBytes& packed) {
  const std::size_t at = packed.size();
  packed.resize(at + lines(bytes), std::byte{0});
  if (bytes > 0) std::memcpy(packed.data() + at, from, bytes);
}

void append_matrix(const Model& model, std::size_t b, const Numerics& numerics, const Affine* range, AlignedBytes& packed) {
  EXPECT((range != nullptr) == numerics.calibrated);
  if (numerics.sparse) return append_nonzeros(model, b, packed);
  switch (numerics.format) {
    case Format::int8:
    case Format::int4:
      return append_integers(model, b, numerics.format, range, packed);
    case Format::fp32:
      append(model.weights(b).data(), model.weights(b).size_bytes(), packed);
      break;
    case Format::bf16:
    case Format::fp16:
      append_halves(model, b, numerics.format, packed);
      break;
    case Format::bf16_dot:
      append_pairs(model, b, packed);
      break;
  }
  append(model.bias(b).data(), model.bias(b).size_bytes(), packed);
}

std::size_t Matrix::packed_bytes() const {
  EXPECT(!numerics.sparse);
  const StoredWeights weights = stored(*this);
  const std::size_t per_output = numerics.integers() ? 3 : 1;
  return lines(weights.rows * width() * weights.element) + per_output * width() * sizeof(float) +
         (numerics.calibrated ? kLine : 0);
}

std::size_t Matrix::read_bytes() const {
  EXPECT(!numerics.sparse);
  switch (numerics.format) {
    case Format::fp32:
      return sizeof(float) * (in + 1) * out;
    case Format::bf16:
    case Format::fp16:
    case Format::bf16_dot:
      return sizeof(std::uint16_t) * in * out + sizeof(float) * out;
    case Format::int8:
      return in * out + 3 * sizeof(float) * out;
    case Format::int4:
      return (in * out + 1) / 2 + 3 * sizeof(float) * out;
  }
  return 0;
}

PanelView<float> float_view(const Matrix& m, const std::byte* at) {
  const float* const weights = part<float>(at, m.in * m.width());
  return {weights, part<float>(at, m.width())};
}

PanelView<std::uint16_t> half_view(const Matrix& m, const std::byte* at) {
  const std::uint16_t* const weights = part<std::uint16_t>(at, m.in * m.width());
  return {weights, part<float>(at, m.width())};
}

PanelView<isa::Bf16Pair> pair_view(const Matrix& m, const std::byte* at) {
  const isa::Bf16Pair* const weights = part<isa::Bf16Pair>(at, (m.in + 1) / 2 * m.width());
  return {weights, part<float>(at, m.width())};
}

IntegerView integer_view(const Matrix& m, const std::byte* at) {
  IntegerView view{integer_format(m.numerics.format), m.in, m.out, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
  view.weights = part<std::int32_t>(at, view.groups() * m.width());
  const auto* start = part<std::int32_t>(at, m.width());
  const auto* scale = part<float>(at, m.width());
  view.bias = part<float>(at, m.width());
  if (m.numerics.calibrated) {
    view.static_start = start;
    view.static_scale = scale;
    view.input = part<Affine>(at, 1);
  } else {
    view.minus_sums = start;
    view.scale = scale;
  }
  return view;
}

SparseView sparse_view(const std::byte* at) {
  const SparseHeader& header = *part<SparseHeader>(at, 1);
  SparseView view{header.nonzeros, header.bytes, part<isa::SparseGroup>(at, header.groups), part<float>(at, header.values), nullptr, nullptr};
  if (header.wide != 0)
    view.wide = part<std::uint32_t>(at, header.values);
  else
    view.narrow = part<std::uint16_t>(at, header.values);
  return view;
}

}  // namespace nn
}  // namespace swarm
