#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agents/nn/isa/sparse.hpp"
#include "agents/nn/model.hpp"

/// Matrices of which only the weights that are not zero are stored and multiplied.
///
/// A row's outputs depend on the matrix and the row alone, in every bit. For finite numbers they equal those of the dense
/// matrix, except that a zero's sign may differ (bias −0 plus left-out terms of +0); a zero weight does not turn an
/// infinite input into NaN here.
///
/// Rows fill the vector lanes, so one row costs as much as a vector of them: with half of the weights zero the dense
/// kernels are faster for fewer rows than two vectors hold (bench/nn_sparse.cpp measures where).
namespace swarm {
namespace nn {

/// One matrix' nonzero weights (±0 is left out, NaN is not) and all its biases.
class SparseLayer {
 public:
  /// Packs block b. Throws ModelError for 2³² weights or more.
  SparseLayer(const Model& model, std::size_t b);

  std::size_t nonzeros() const { return nonzeros_; }
  /// Everything the kernel reads: groups, values, indices [B].
  std::size_t bytes() const;
  std::span<const isa::SparseGroup> groups() const { return groups_; }
  /// isa::kSparseGroup for each step of each group.
  std::span<const float> values() const { return values_; }
  /// Of the values, in 16 bits, or from 65,536 inputs on in 32; the other is empty.
  std::span<const std::uint16_t> narrow() const { return narrow_; }
  std::span<const std::uint32_t> wide() const { return wide_; }

 private:
  std::size_t nonzeros_ = 0;
  std::vector<isa::SparseGroup> groups_;
  AlignedFloats values_;
  std::vector<std::uint16_t> narrow_;
  std::vector<std::uint32_t> wide_;
};

}  // namespace nn
}  // namespace swarm
