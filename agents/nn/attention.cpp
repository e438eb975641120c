#include "agents/nn/attention.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "agents/nn/attention_steps.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "agents/nn/rows.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {

using namespace attention_detail;

namespace {

/// Whole numbers in the order of the scores: equal for equal scores of either sign of zero, least for NaN and
/// −∞.
void rank(const float* scores, std::size_t n, std::int32_t* ranks) {
  for (std::size_t j = 0; j < n; ++j) {
    const float score = scores[j] == scores[j] ? scores[j] + 0.0f : -std::numeric_limits<float>::infinity();
    const std::int32_t bits = std::bit_cast<std::int32_t>(score);
    ranks[j] = bits ^ ((bits >> 31) & std::numeric_limits<std::int32_t>::max());
  }
}

/// Lists the indices of the k largest scores, the first among equals, ascending. 1 ≤ k ≤ n; ranks has room
/// for n, kept for k + 1. Bisection instead of sorting, because its counts run in vectors and its branches do
/// not depend on data.
void select_largest(const float* scores, std::size_t n, std::size_t k, std::int32_t* ranks,
                    std::uint32_t* kept) {
  rank(scores, n, ranks);
  const auto wanted = static_cast<std::int32_t>(k);
  const auto at_least = [&](std::int32_t bound) {
    std::int32_t count = 0;
    for (std::size_t j = 0; j < n; ++j) count += ranks[j] >= bound ? 1 : 0;
    return count;
  };
  // The largest bound that k ranks reach, or one that exactly k do.
  std::int64_t bound = std::numeric_limits<std::int32_t>::min(),
               most = std::numeric_limits<std::int32_t>::max();
  while (bound < most) {
    const std::int64_t middle = bound + (most - bound + 1) / 2;
    const std::int32_t count = at_least(static_cast<std::int32_t>(middle));
    bound = count >= wanted ? middle : bound;
    most = count == wanted ? middle : count > wanted ? most : middle - 1;
  }
  const auto least = static_cast<std::int32_t>(bound);
  std::int32_t equals = wanted;  // how many of those at the bound are kept
  for (std::size_t j = 0; j < n; ++j) equals -= ranks[j] > least ? 1 : 0;
  std::size_t found = 0;
  for (std::size_t j = 0; j < n; ++j) {
    const bool equal = ranks[j] == least && equals > 0;
    equals -= equal ? 1 : 0;
    kept[found] = static_cast<std::uint32_t>(j);
    found += (ranks[j] > least || equal) ? 1 : 0;
  }
}

/// Attention of one head of one sample.
class Head {
 public:
  Head(const AttentionShape& shape, AttentionWorkspace& workspace, const isa::Kernels& kernels, Place place)
      : shape_(shape), workspace_(workspace), kernels_(kernels), place_(place) {}

  void run() {
    const std::size_t keys = place_.keys, stride = padded(shape_.tokens);
    kernels_.attention.transpose({.from = workspace_.k.data() + place_.rows,
                                  .from_stride = padded(shape_.width),
                                  .to = workspace_.across.data(),
                                  .rows = keys,
                                  .columns = shape_.depth(),
                                  .width = stride});
    kernels_.attention.scores({.q = workspace_.q.data() + place_.rows,
                               .q_stride = padded(shape_.width),
                               .keys = workspace_.across.data(),
                               .y = workspace_.weights.data() + place_.weights,
                               .stride = stride,
                               .queries = shape_.tokens,
                               .depth = shape_.depth(),
                               .width = padded(keys),
                               .scale = scale_of(shape_)});
    for (std::size_t i = 0; i < shape_.tokens; ++i) {
      const std::size_t seen = seen_by(shape_, keys, i);
      float* row = workspace_.weights.data() + place_.weights + i * stride;
      if (shape_.top_k == 0 || shape_.top_k >= seen) {
        if (seen > 0) softmax(row, seen);
        std::fill(row + seen, row + shape_.tokens, 0.0f);
        if (shape_.top_k > 0) mix(i, 1, seen, false);
      } else {
        keep_largest(row, seen);
        mix_kept(i);
      }
    }
    if (shape_.top_k == 0) mix(0, shape_.tokens, keys, shape_.causal);
  }

 private:
  /// Softmax over the top k; all other weights become zero.
  void keep_largest(float* row, std::size_t seen) {
    float* best = workspace_.best.data();
    const std::uint32_t* kept = workspace_.keys.data();
    select_largest(row, seen, shape_.top_k, workspace_.ranks.data(), workspace_.keys.data());
    for (std::size_t m = 0; m < shape_.top_k; ++m) best[m] = row[kept[m]];
    softmax(best, shape_.top_k);
    std::fill_n(row, shape_.tokens, 0.0f);
    for (std::size_t m = 0; m < shape_.top_k; ++m) row[kept[m]] = best[m];
  }
  void mix_kept(std::size_t query) {
    const std::size_t width = padded(shape_.width);
    kernels_.attention.mix_kept(
        {.weights = workspace_.weights.data() + place_.weights + query * padded(shape_.tokens),
         .kept = workspace_.keys.data(),
         .count = shape_.top_k,
         .v = workspace_.v.data() + place_.rows,
         .v_stride = width,
         .y = workspace_.context.data() + place_.rows + query * width,
         .depth = shape_.depth()});
  }
  void mix(std::size_t first, std::size_t queries, std::size_t keys, bool causal) {
    const std::size_t width = padded(shape_.width), stride = padded(shape_.tokens);
    kernels_.attention.mix({.weights = workspace_.weights.data() + place_.weights + first * stride,
                            .weight_stride = stride,
                            .v = workspace_.v.data() + place_.rows,
                            .v_stride = width,
                            .y = workspace_.context.data() + place_.rows + first * width,
                            .y_stride = width,
                            .queries = queries,
                            .keys = keys,
                            .depth = shape_.depth(),
                            .causal = causal});
  }

  const AttentionShape& shape_;
  AttentionWorkspace& workspace_;
  const isa::Kernels& kernels_;
  Place place_;
};

/// y = x·W + b for rows of tokens.
void project(const isa::Kernels& kernels, const AttentionShape& shape, const float* parameters,
             Projection projection, const float* x, std::size_t x_stride, float* y, std::size_t rows) {
  const std::size_t width = padded(shape.width);
  kernels.dense.forward({.x = x,
                         .x_stride = x_stride,
                         .weights = parameters + attention_weights_at(shape, projection),
                         .bias = parameters + attention_bias_at(shape, projection),
                         .y = y,
                         .y_stride = width,
                         .rows = rows,
                         .in = shape.width,
                         .width = width,
                         .columns = width,
                         .activation = Activation::none,
                         .ahead = 0});
}

}  // namespace

void attention_detail::softmax(float* row, std::size_t n) {
  nn::softmax(Rows<const float>::packed(row, 1, n), Rows<float>::packed(row, 1, n));
}

AttentionWorkspace::AttentionWorkspace(const AttentionShape& for_shape, std::size_t keep)
    : shape(for_shape),
      kept(keep),
      best(shape.top_k),
      ranks(shape.tokens),
      keys(std::size_t{shape.top_k} + 1) {
  check(shape);
  const std::size_t row = padded(shape.width), matrix = shape.tokens * padded(shape.tokens);
  const std::size_t few = samples_at_a_time(shape), rows = std::max(kept, few) * shape.tokens * row;
  for (AlignedFloats* part : {&q, &k, &v})
    part->assign(rows + kPadFloats, 0.0f);  // read beyond the last head
  context.assign(rows, 0.0f);               // its padding stays zero
  weights.assign(matrix * std::max<std::size_t>(kept * shape.heads, 1), 0.0f);
  across.assign(shape.depth() * padded(shape.tokens), 0.0f);
  if (kept == 0) return;
  for (AlignedFloats* part : {&d_q, &d_k, &d_v, &d_context, &d_x})
    part->assign(few * shape.tokens * row + kPadFloats, 0.0f);
  d_weights.assign(matrix, 0.0f);
  transposed.assign(4 * shape.width * row, 0.0f);
}

AttentionShape attention_shape(const Attention& layer, const Extent& in) {
  return {.tokens = in.rows, .width = in.width, .heads = layer.heads, .top_k = layer.top_keys, .causal = layer.causal};
}

void check(const AttentionShape& shape) {
  if (shape.tokens == 0 || shape.width == 0 || shape.heads == 0)
    throw ModelError("attention's tokens, width and heads must be at least 1");
  if (shape.width % shape.heads != 0)
    throw ModelError(fmt::format("{} heads do not divide a width of {}", shape.heads, shape.width));
}

std::size_t attention_weights_at(const AttentionShape& shape, Projection projection) {
  return static_cast<std::size_t>(projection) * (std::size_t{shape.width} + 1) * padded(shape.width);
}

std::size_t attention_bias_at(const AttentionShape& shape, Projection projection) {
  return attention_weights_at(shape, projection) + shape.width * padded(shape.width);
}

std::size_t attention_parameters(const AttentionShape& shape) {
  return 4 * (std::size_t{shape.width} + 1) * padded(shape.width);
}

void attention_forward(const AttentionForward& job, AttentionWorkspace& workspace) {
  const isa::Kernels& kernels = kernels_of(active_isa());
  const auto by_floats = [&](Projection projection, const float* x, std::size_t x_stride, float* y, std::size_t rows) {
    project(kernels, workspace.shape, job.parameters, projection, x, x_stride, y, rows);
  };
  attention_forward(job, workspace, std::ref(by_floats));
}

void attention_forward(const AttentionForward& job, AttentionWorkspace& workspace, const Project& project) {
  const AttentionShape& shape = workspace.shape;
  EXPECT(job.x_stride >= shape.width);
  EXPECT(workspace.kept == 0 || job.samples <= workspace.kept);
  const isa::Kernels& kernels = kernels_of(active_isa());
  const std::size_t few = samples_at_a_time(shape), sample_floats = shape.tokens * padded(shape.width);
  for (std::size_t first = 0; first < job.samples; first += few) {
    const std::size_t count = std::min(few, job.samples - first), rows = count * shape.tokens;
    const std::size_t at = workspace.kept > 0 ? first * sample_floats : 0;
    const float* x = job.x + first * shape.tokens * job.x_stride;
    project(Projection::query, x, job.x_stride, workspace.q.data() + at, rows);
    project(Projection::key, x, job.x_stride, workspace.k.data() + at, rows);
    project(Projection::value, x, job.x_stride, workspace.v.data() + at, rows);
    for (std::size_t s = 0; s < count; ++s)
      for (std::size_t head = 0; head < shape.heads; ++head)
        Head(shape, workspace, kernels,
             {.rows = at + s * sample_floats + head * shape.depth(),
              .weights = workspace.kept > 0 ? weights_of(shape, first + s, head) : 0,
              .keys = keys_of(shape, job.lengths, first + s)})
            .run();
    project(Projection::output, workspace.context.data() + at, padded(shape.width), job.y + first * sample_floats, rows);
  }
}

WorkCount attention_cost(const AttentionShape& shape, std::uint64_t samples,
                         std::span<const std::uint32_t> lengths) {
  const std::uint64_t tokens = shape.tokens, width = shape.width;
  WorkCount work{0, sizeof(float) * 4 * (width + 1) * width};
  for (std::uint64_t s = 0; s < samples; ++s) {
    const std::uint64_t keys = keys_of(shape, lengths.empty() ? nullptr : lengths.data(), s);
    std::uint64_t seen = 0, kept = 0;
    for (std::size_t i = 0; i < tokens; ++i) {
      const std::uint64_t n = seen_by(shape, keys, i);
      seen += n;
      kept += shape.top_k == 0 ? n : std::min<std::uint64_t>(n, shape.top_k);
    }
    work.macs += 4 * tokens * width * width + tokens * keys * width + kept * width;
    const std::uint64_t projections = 3 * 2 * tokens * width,
                        scores = (tokens + keys) * width + tokens * keys * shape.heads;
    const std::uint64_t softmax = (seen + kept) * shape.heads,
                        mix = kept * shape.heads + (keys + tokens) * width;
    work.bytes += sizeof(float) * (projections + scores + softmax + mix + 2 * tokens * width);
  }
  return work;
}

}  // namespace nn
}  // namespace swarm
