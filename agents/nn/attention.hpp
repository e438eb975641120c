#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agents/nn/cost.hpp"
#include "agents/nn/model.hpp"

/// Multi-head scaled dot-product attention of the tokens of a sample to one another (Vaswani et al. 2017),
/// forward and backward, with optional causal mask, masks of length, and top-k keys.
///
/// Activations are [sample][token][channel]; from token to token there are padded(width) floats, of which
/// those beyond the width are not read in inputs and zero in outputs (NaN where the token's are not finite).
/// Order of sums: projections as dense layers; a score is from zero one fused multiply-add per channel of the
/// head, ascending, times the float nearest to 1/√(width/heads); softmax of the kept keys as agents/nn/rows.hpp
/// has it; the weighted sum is from zero one fused multiply-add per kept key, ascending. A sample's outputs
/// depend on the parameters and the sample alone, on every instruction set. Keys that a mask leaves out are not
/// read into any sum, whatever they hold; NaN in a key that counts makes the whole row NaN. An empty batch does
/// nothing.
namespace swarm {
namespace nn {

struct AttentionShape {
  std::uint32_t tokens = 1;
  std::uint32_t width = 1;
  std::uint32_t heads = 1;  ///< divides the width
  std::uint32_t top_k = 0;  ///< a query keeps so many of its largest scores, the first among equals; 0 keeps
                            ///< all. NaN counts as −∞
  bool causal = false;  ///< token i sees tokens up to i

  std::size_t depth() const { return width / heads; }  ///< channels of a head
  friend bool operator==(const AttentionShape&, const AttentionShape&) = default;
};

/// Of a layer after `in`. Its parameters lie as four blocks of Model's.
AttentionShape attention_shape(const Attention& layer, const Extent& in);

/// Throws ModelError unless tokens, width and heads are at least 1 and the heads divide the width.
void check(const AttentionShape& shape);

enum class Projection : std::uint8_t { query, key, value, output };

/// Floats of a block of parameters: for each projection weights [width][padded width] in panels, then its
/// bias [padded width]. Padding must be zero. A block lies on a 64-byte boundary. Gradients are laid out
/// alike.
std::size_t attention_parameters(const AttentionShape& shape);
/// Where in the block a projection's weights and bias begin.
std::size_t attention_weights_at(const AttentionShape& shape, Projection projection);
std::size_t attention_bias_at(const AttentionShape& shape, Projection projection);

/// Memory for passes of one shape, made once. What it holds is the functions' own.
struct AttentionWorkspace {
  /// With kept = 0 for inference of any number of samples. With kept ≥ 1 for forward passes of up to so many
  /// samples that a backward pass may follow.
  explicit AttentionWorkspace(const AttentionShape& shape, std::size_t kept = 0);

  AttentionShape shape;
  std::size_t kept;
  AlignedFloats q, k, v, context;  // samples × tokens × padded width
  AlignedFloats weights;           // samples × heads × tokens × padded tokens; for inference one head
  AlignedFloats across;            // channels of a head × padded tokens: its keys or values, transposed
  std::vector<float> best;         // scores that a query keeps
  std::vector<std::int32_t> ranks;
  std::vector<std::uint32_t> keys;
  // Backward: gradients of the above, of a few samples at a time.
  AlignedFloats d_q, d_k, d_v, d_context, d_weights, d_x, transposed;
};

struct AttentionForward {
  const float* x;        ///< samples × tokens × width
  std::size_t x_stride;  ///< floats from token to token, at least the width
  const float* parameters;
  const std::uint32_t*
      lengths;  ///< per sample, how many of its first tokens are keys; null for all. All tokens query
  float* y;     ///< samples × tokens × padded width
  std::size_t samples;
};
/// A query that sees no key has zeros before the output projection, so it gives the output's bias.
void attention_forward(const AttentionForward& job, AttentionWorkspace& workspace);

/// Multiplies rows of tokens with a projection's matrix and adds its bias; rows of y are padded(width) apart.
using Project =
    std::function<void(Projection projection, const float* x, std::size_t x_stride, float* y, std::size_t rows)>;
/// The same with projections by the caller, who knows their numeric format; the job's parameters are not read.
void attention_forward(const AttentionForward& job, AttentionWorkspace& workspace, const Project& project);

/// Gradients of a loss. The keys that top-k has kept count as constant; weights of keys that a query does not
/// see or keep are zero. Sums over samples, tokens and keys ascend, from zero; biases by plain adds. d loss /
/// d weight is summed like softmax, by fused multiply-adds; tokens beyond the length take part in the
/// projections' gradients. The input's gradient adds the queries', keys' and values' parts, in this order.
struct AttentionBackward {
  const float* x;  ///< this and the next as in the forward pass
  std::size_t x_stride;
  const float* parameters;
  const std::uint32_t* lengths;
  const float* delta;         ///< d loss / d y, laid out as y, zero beyond the width
  float* parameter_gradient;  ///< overwritten
  float* input_gradient;      ///< samples × tokens × padded width, overwritten; null if nobody asks
  std::size_t samples;
};
/// The workspace is that of the forward pass of the same samples and has kept them.
void attention_backward(const AttentionBackward& job, AttentionWorkspace& workspace);

/// Work of a forward pass of the samples as one group. All scores between tokens and the keys within the
/// length are computed, whatever causal mask and top-k drop; the weighted sums run over kept keys alone.
/// Bytes: parameters once, and what each step (projections, scores, softmax, weighted sum, output) reads and
/// writes. No lengths: all keys.
WorkCount attention_cost(const AttentionShape& shape, std::uint64_t samples,
                         std::span<const std::uint32_t> lengths = {});

}  // namespace nn
}  // namespace swarm
