#pragma once
#include <optional>
#include <string>
#include <vector>

#include "agents/nn/architecture.hpp"
#include "sim/io/onnx_view.hpp"

/// Subgraphs that stand for one layer or activation.
namespace swarm::io {

/// x·½·(1 + erf(x/√2)) in any order of its factors, from `x`. The value that it yields, or nullopt if it is not there.
std::optional<std::string> match_gelu(const OnnxView& view, const std::string& x);

struct OnnxAttention {
  nn::Attention layer;
  /// Weights [width][width], row-major, and bias [width] of queries, keys, values and output.
  std::vector<std::vector<float>> parameters;
  std::string result;
};

/// Multi-head self-attention over x [batch][rows][width], as write_onnx writes it or with separate projections for
/// queries, keys and values. nullopt, with the reason in `why_not`, if it is not there.
std::optional<OnnxAttention> match_attention(const OnnxView& view, const std::string& x, nn::Extent extent,
                                             std::string& why_not);

}  // namespace swarm::io
