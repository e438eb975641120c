#pragma once
#include <cstddef>
#include <cstdint>

#include "agents/nn/activation.hpp"

/// Linear layers of which only the weights that are not zero are stored and multiplied.
///
/// Vector lanes run over samples, so activations lie transposed: [neuron][sample]. Each output starts from
/// its bias and takes one fused multiply-add per nonzero weight, in ascending order of the input: the sum of
/// the dense kernel with the zero terms left out.
namespace swarm {
namespace nn {
namespace isa {

/// Outputs whose sums may be formed side by side, to hide the latency of multiply-adds.
inline constexpr std::size_t kSparseGroup = 8;

/// Eight outputs and where their sums begin. Step j of a group holds the j-th nonzero of each of them. Where
/// an output has fewer than the group has steps, it takes a weight of −0 and the row of zeros after the
/// inputs: adding their product, −0, leaves every number as it is.
struct SparseGroup {
  std::uint32_t output[kSparseGroup];
  float bias[kSparseGroup];
  std::uint32_t steps;
};

/// y[o][s] = f(bias[o] + Σ_k weight[k][o]·x[k][s]) over the nonzeros, for each s < samples. Lanes up to the
/// next whole vector are written too.
struct SparseForward {
  const float* x;             ///< (in + 1) × stride; row `in` is +0
  float* y;                   ///< outputs × stride
  unsigned stride_log2;       ///< of floats from row to row; a row holds whole vectors
  std::size_t samples;        ///< at most the stride
  const SparseGroup* groups;  ///< ⌈outputs / kSparseGroup⌉
  std::size_t outputs;
  const float* values;          ///< steps × kSparseGroup of all groups, one after the other
  const std::uint16_t* narrow;  ///< the row of x for each value; null if rows need 32 bits:
  const std::uint32_t* wide;
  Activation activation;  ///< f
};

/// to[c·to_stride + r] = from[r·from_stride + c].
struct SampleTranspose {
  const float* from;  ///< rows × columns
  std::size_t from_stride;
  std::size_t rows;
  std::size_t columns;
  float* to;
  std::size_t to_stride;
};

struct SparseKernels {
  void (*forward)(const SparseForward& job);
  void (*transpose)(const SampleTranspose& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
