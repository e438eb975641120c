#include "agents/nn/rows.hpp"

#include <algorithm>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

template <class A, class B>
bool same_shape(const Rows<A>& a, const Rows<B>& b) {
  return a.rows == b.rows && a.width == b.width && a.stride >= a.width && b.stride >= b.width;
}

template <class T>
T* or_null(std::span<T> values) {
  return values.empty() ? nullptr : values.data();
}

}  // namespace

void softmax(Rows<const float> x, Rows<float> y, const SoftmaxMask& mask) {
  EXPECT(same_shape(x, y));
  EXPECT(mask.lengths.empty() || mask.lengths.size() == x.rows);
  EXPECT(
      std::all_of(mask.lengths.begin(), mask.lengths.end(), [&](std::uint32_t n) { return n <= x.width; }));
  EXPECT(mask.allowed.empty() || mask.allowed.size() == x.rows * x.width);
  kernels_of(active_isa())
      .rows.softmax({.x = x.data,
                     .x_stride = x.stride,
                     .y = y.data,
                     .y_stride = y.stride,
                     .rows = x.rows,
                     .width = x.width,
                     .lengths = or_null(mask.lengths),
                     .allowed = or_null(mask.allowed),
                     .allowed_stride = x.width});
}

void softmax_gradient(Rows<const float> y, Rows<const float> delta, Rows<float> gradient) {
  EXPECT(same_shape(y, delta) && same_shape(y, gradient));
  kernels_of(active_isa())
      .rows.softmax_gradient({.y = y.data,
                              .y_stride = y.stride,
                              .delta = delta.data,
                              .delta_stride = delta.stride,
                              .gradient = gradient.data,
                              .gradient_stride = gradient.stride,
                              .rows = y.rows,
                              .width = y.width});
}

void layer_norm(Rows<const float> x, const NormParameters& norm, Rows<float> y, const NormMoments& moments) {
  EXPECT(same_shape(x, y));
  EXPECT(norm.gain.size() == x.width && norm.bias.size() == x.width && norm.epsilon > 0.0f);
  EXPECT(moments.means.empty() || moments.means.size() == x.rows);
  EXPECT(moments.scales.empty() || moments.scales.size() == x.rows);
  kernels_of(active_isa())
      .rows.norm({.x = x.data,
                  .x_stride = x.stride,
                  .gain = norm.gain.data(),
                  .bias = norm.bias.data(),
                  .y = y.data,
                  .y_stride = y.stride,
                  .means = or_null(moments.means),
                  .scales = or_null(moments.scales),
                  .rows = x.rows,
                  .width = x.width,
                  .epsilon = norm.epsilon});
}

void layer_norm_gradient(Rows<const float> x, const NormParameters& norm, const NormMoments& moments,
                         Rows<const float> delta, const LayerNormGradient& out) {
  EXPECT(same_shape(x, delta) && same_shape(x, out.gradient));
  EXPECT(norm.gain.size() == x.width && out.gain.size() == x.width && out.bias.size() == x.width);
  EXPECT(moments.means.size() == x.rows && moments.scales.size() == x.rows);
  kernels_of(active_isa())
      .rows.norm_gradient({.x = x.data,
                           .x_stride = x.stride,
                           .means = moments.means.data(),
                           .scales = moments.scales.data(),
                           .gain = norm.gain.data(),
                           .delta = delta.data,
                           .delta_stride = delta.stride,
                           .gradient = out.gradient.data,
                           .gradient_stride = out.gradient.stride,
                           .gain_gradient = out.gain.data(),
                           .bias_gradient = out.bias.data(),
                           .rows = x.rows,
                           .width = x.width});
}

}  // namespace nn
}  // namespace swarm
