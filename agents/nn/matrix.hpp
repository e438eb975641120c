#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/nn/integer_layer.hpp"
#include "agents/nn/isa/bf16_dot.hpp"
#include "agents/nn/isa/sparse.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/numerics.hpp"
#include "agents/nn/slabs.hpp"

/// Matrices in the forms that kernels read, one after the other in a packed network. Every part of a form lies on a
/// 64-byte boundary.
namespace swarm {
namespace nn {

using AlignedBytes = std::vector<std::byte, SlabAllocator<std::byte>>;

/// A matrix [in][out] with its bias.
struct Matrix {
  Numerics numerics;
  std::size_t in, out;

  /// Outputs with padding.
  std::size_t width() const { return padded(out); }
  /// Of the packed form, padding included [B]. A sparse one depends on its zeros.
  std::size_t packed_bytes() const;
  /// What the kernel reads of it, padding not counted [B]. A sparse one likewise.
  std::size_t read_bytes() const;
};

/// Appends block b of the model. Range: of the rows that it will multiply, where numerics are calibrated. Throws
/// ModelError for weights that the format cannot hold (integers: not finite).
void append_matrix(const Model& model, std::size_t b, const Numerics& numerics, const Affine* range, AlignedBytes& packed);
/// Appends numbers, then zeros up to the next boundary.
void append(const void* from, std::size_t bytes, AlignedBytes& packed);

/// Weights in panels and a bias per output.
template <class Weight>
struct PanelView {
  const Weight* weights;
  const float* bias;
};

/// Appended parts, as the kernel takes them.
struct SparseView {
  std::size_t nonzeros;
  std::size_t bytes;  ///< that the kernel reads
  const isa::SparseGroup* groups;
  const float* values;
  const std::uint16_t* narrow;  ///< or null
  const std::uint32_t* wide;    ///< or null
};

/// The views of what lies at `at`; the matrix must be of that format.
PanelView<float> float_view(const Matrix& matrix, const std::byte* at);
PanelView<std::uint16_t> half_view(const Matrix& matrix, const std::byte* at);
PanelView<isa::Bf16Pair> pair_view(const Matrix& matrix, const std::byte* at);
IntegerView integer_view(const Matrix& matrix, const std::byte* at);
SparseView sparse_view(const std::byte* at);

}  // namespace nn
}  // namespace swarm
