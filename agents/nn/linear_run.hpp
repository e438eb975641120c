#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agents/nn/matrix.hpp"

/// Linear layers that follow one another, in any numeric format.
namespace swarm {
namespace nn {

/// One of them and where its matrix lies.
struct LinearStep {
  Matrix matrix;
  Activation activation = Activation::none;
  /// Bytes from the begin of the packed network to the matrix; of a sparse one to a std::uint64_t that holds this.
  std::size_t at = 0;
};

/// The least and the greatest number seen; NaN is passed over.
struct Range {
  float low = 0, high = 0;  ///< always with 0 between them
};

/// What a thread works in: signals between layers as the format has them, and ranges of rows.
struct LinearScratch {
  AlignedBytes front, back;
  std::vector<float> scales;
  std::vector<std::int32_t> zero_points;

  /// Room for layers of at most so many inputs and outputs.
  void reserve(std::size_t widest);
};

struct LinearRun {
  std::span<const LinearStep> layers;  ///< all of the same numerics
  const std::byte* parameters;         ///< the packed network
  const float* x;                      ///< rows × inputs
  std::size_t x_stride;                ///< floats from row to row, here and below
  float* y;
  std::size_t y_stride;
  std::size_t columns;  ///< room in a row of y: outputs, or with padding, which may then be written
  std::size_t rows;
  std::intptr_t ahead = 0;  ///< bytes from this network's parameters to those worth prefetching, 0 for none
  Range* seen = nullptr;    ///< widened by the inputs of each layer, if set; fp32 only
};

/// The scratch must have room for the widest layer. A row's outputs depend on the row and the parameters alone.
void run_linear(const LinearRun& run, LinearScratch& scratch);

}  // namespace nn
}  // namespace swarm
