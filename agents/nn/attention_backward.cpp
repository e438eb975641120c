#include <algorithm>
#include <cmath>
#include <utility>

#include "agents/nn/attention.hpp"
#include "agents/nn/attention_steps.hpp"
#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {

using namespace attention_detail;

namespace {

/// d loss / d score from weights a and d loss / d weight g, in place of g: a·(g − Σ a·g)·scale.
void softmax_gradient(const float* a, float* g, std::size_t n, float scale) {
  float part[kParts] = {};
  const std::size_t whole = n / kParts * kParts;
  for (std::size_t j = 0; j < whole; j += kParts)
    for (std::size_t i = 0; i < kParts; ++i) part[i] = std::fma(a[j + i], g[j + i], part[i]);
  for (std::size_t i = 0; i < n - whole; ++i) part[i] = std::fma(a[whole + i], g[whole + i], part[i]);
  const float sum = total(part);
  for (std::size_t j = 0; j < n; ++j) g[j] = a[j] * (g[j] - sum) * scale;
}

/// One call of attention_backward, a few samples at a time.
class Backward {
 public:
  Backward(const AttentionBackward& job, AttentionWorkspace& workspace)
      : job_(job), shape_(workspace.shape), w_(workspace) {}

  void run() {
    if (job_.samples == 0) std::fill_n(job_.parameter_gradient, attention_parameters(shape_), 0.0f);
    const std::size_t few = samples_at_a_time(shape_);
    for (const Projection p : {Projection::query, Projection::key, Projection::value, Projection::output})
      kernels_.dense.transpose({.weights = job_.parameters + attention_weights_at(shape_, p),
                                .rows = shape_.width,
                                .columns = shape_.width,
                                .transposed = w_.transposed.data() + transposed_at(p),
                                .width = width_});
    for (std::size_t first = 0; first < job_.samples; first += few)
      run_samples(first, std::min(few, job_.samples - first));
  }

 private:
  std::size_t transposed_at(Projection p) const {
    return static_cast<std::size_t>(p) * shape_.width * width_;
  }

  void run_samples(std::size_t first, std::size_t count) {
    const std::size_t rows = count * shape_.tokens, at = first * shape_.tokens * width_;
    const bool go_on = first > 0;
    parameters(Projection::output, w_.context.data() + at, width_, job_.delta + at, rows, go_on);
    inputs(Projection::output, job_.delta + at, w_.d_context.data(), rows);
    for (AlignedFloats* part : {&w_.d_q, &w_.d_k, &w_.d_v}) std::fill_n(part->begin(), rows * width_, 0.0f);
    for (std::size_t s = 0; s < count; ++s)
      for (std::size_t head = 0; head < shape_.heads; ++head)
        run_head({.rows = at + s * shape_.tokens * width_ + head * shape_.depth(),
                  .weights = weights_of(shape_, first + s, head),
                  .keys = keys_of(shape_, job_.lengths, first + s)},
                 s * shape_.tokens * width_ + head * shape_.depth());
    const float* x = job_.x + first * shape_.tokens * job_.x_stride;
    parameters(Projection::query, x, job_.x_stride, w_.d_q.data(), rows, go_on);
    parameters(Projection::key, x, job_.x_stride, w_.d_k.data(), rows, go_on);
    parameters(Projection::value, x, job_.x_stride, w_.d_v.data(), rows, go_on);
    if (job_.input_gradient == nullptr) return;
    float* gradient = job_.input_gradient + at;
    inputs(Projection::query, w_.d_q.data(), gradient, rows);
    for (const auto& [p, delta] :
         {std::pair{Projection::key, &w_.d_k}, std::pair{Projection::value, &w_.d_v}}) {
      inputs(p, delta->data(), w_.d_x.data(), rows);
      for (std::size_t i = 0; i < rows * width_; ++i) gradient[i] += w_.d_x[i];
    }
  }

  /// place: in what the forward pass has kept; d: in the gradients of these few samples.
  void run_head(const Place& place, std::size_t d) {
    const std::size_t stride = padded(shape_.tokens), tokens = shape_.tokens, depth = shape_.depth();
    const float* weights = w_.weights.data() + place.weights;
    kernels_.attention.transpose({.from = w_.v.data() + place.rows,
                                  .from_stride = width_,
                                  .to = w_.across.data(),
                                  .rows = place.keys,
                                  .columns = depth,
                                  .width = stride});
    kernels_.attention.scores({.q = w_.d_context.data() + d,
                               .q_stride = width_,
                               .keys = w_.across.data(),
                               .y = w_.d_weights.data(),
                               .stride = stride,
                               .queries = tokens,
                               .depth = depth,
                               .width = padded(place.keys),
                               .scale = 1.0f});
    for (std::size_t i = 0; i < tokens; ++i) {
      const std::size_t seen = seen_by(shape_, place.keys, i);
      float* row = w_.d_weights.data() + i * stride;
      softmax_gradient(weights + i * stride, row, seen, scale_of(shape_));
      std::fill(row + seen, row + tokens, 0.0f);
    }
    mix_across(weights, w_.d_context.data() + d, w_.d_v.data() + d, place.keys);
    mix_across(w_.d_weights.data(), w_.q.data() + place.rows, w_.d_k.data() + d, place.keys);
    kernels_.attention.mix({.weights = w_.d_weights.data(),
                            .weight_stride = stride,
                            .v = w_.k.data() + place.rows,
                            .v_stride = width_,
                            .y = w_.d_q.data() + d,
                            .y_stride = width_,
                            .queries = tokens,
                            .keys = place.keys,
                            .depth = depth,
                            .causal = shape_.causal});
  }

  void mix_across(const float* weights, const float* v, float* y, std::size_t keys) const {
    kernels_.attention.mix_across({.weights = weights,
                                   .weight_stride = padded(shape_.tokens),
                                   .v = v,
                                   .v_stride = width_,
                                   .y = y,
                                   .y_stride = width_,
                                   .queries = shape_.tokens,
                                   .keys = keys,
                                   .depth = shape_.depth()});
  }
  void parameters(Projection p, const float* x, std::size_t x_stride, const float* delta, std::size_t rows,
                  bool go_on) {
    kernels_.dense.gradient({.x = x,
                             .x_stride = x_stride,
                             .delta = delta,
                             .delta_stride = width_,
                             .weights = job_.parameter_gradient + attention_weights_at(shape_, p),
                             .bias = job_.parameter_gradient + attention_bias_at(shape_, p),
                             .samples = rows,
                             .in = shape_.width,
                             .width = width_,
                             .go_on = go_on});
  }
  void inputs(Projection p, const float* delta, float* gradient, std::size_t rows) {
    kernels_.dense.input_gradient({.delta = delta,
                                   .delta_stride = width_,
                                   .transposed = w_.transposed.data() + transposed_at(p),
                                   .activation = nullptr,
                                   .gradient = gradient,
                                   .rows = rows,
                                   .out = shape_.width,
                                   .width = width_});
  }

  const AttentionBackward& job_;
  const AttentionShape& shape_;
  AttentionWorkspace& w_;
  const isa::Kernels& kernels_ = kernels_of(active_isa());
  std::size_t width_ = padded(shape_.width);
};

}  // namespace

void attention_backward(const AttentionBackward& job, AttentionWorkspace& workspace) {
  EXPECT(job.samples <= workspace.kept);
  Backward(job, workspace).run();
}

}  // namespace nn
}  // namespace swarm
