#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "agents/nn/conv.hpp"
#include "tests/unit/nn/nets.hpp"

/// Convolution in plain loops on ONNX's layouts: the reference of the fast one.
namespace swarm::nn::test {

/// What goes wrong in a mutant; none keeps the contract of agents/nn/conv.hpp.
enum class ConvFault {
  none,
  padding_off_by_one,
  taps_backwards,
  channels_first,
  rounded_twice,
  bias_last,
  dilation_ignored
};

/// Numbers of type Real: float for the very bits, double for the mathematics.
template <class Real>
struct NaiveConv {
  ConvShape shape;
  std::vector<Real> w;  // [out][in of group][tap]
  std::vector<Real> b;
  ConvFault fault = ConvFault::none;

  std::size_t in() const { return shape.in_channels / shape.group; }
  std::size_t out() const { return shape.out_channels / shape.group; }
  std::size_t at(std::size_t o, std::size_t i, std::size_t k) const {
    return (o * in() + i) * shape.kernel + k;
  }
  /// Input position of a tap, negative or beyond the end in the padding.
  std::ptrdiff_t position(std::size_t p, std::size_t k) const {
    const std::size_t dilation = fault == ConvFault::dilation_ignored ? 1 : shape.dilation;
    const std::size_t pad = shape.pad_left + (fault == ConvFault::padding_off_by_one ? 1 : 0);
    return static_cast<std::ptrdiff_t>(p * shape.stride + k * dilation) - static_cast<std::ptrdiff_t>(pad);
  }

  /// x: samples × length × in channels, without gaps.
  std::vector<Real> forward(const std::vector<Real>& x, std::size_t samples, std::size_t length) const {
    std::vector<Real> y;
    const std::size_t positions = output_length(shape, length);
    for (std::size_t s = 0; s < samples; ++s)
      for (std::size_t p = 0; p < positions; ++p)
        for (std::size_t o = 0; o < shape.out_channels; ++o)
          y.push_back(sum(x.data() + s * length * shape.in_channels, length, p, o));
    return y;
  }

  Real sum(const Real* x, std::size_t length, std::size_t p, std::size_t o) const {
    Real acc = fault == ConvFault::bias_last ? Real{0} : b[o];
    for (std::size_t n = 0; n < shape.kernel * in(); ++n) {
      const std::size_t m = fault == ConvFault::taps_backwards ? shape.kernel * in() - 1 - n : n;
      const std::size_t k = fault == ConvFault::channels_first ? m % shape.kernel : m / in();
      const std::size_t i = fault == ConvFault::channels_first ? m / shape.kernel : m % in();
      const std::ptrdiff_t t = position(p, k);
      if (t < 0 || t >= static_cast<std::ptrdiff_t>(length)) continue;
      const Real a = x[static_cast<std::size_t>(t) * shape.in_channels + o / out() * in() + i],
                 c = w[at(o, i, k)];
      acc = fault == ConvFault::rounded_twice ? acc + a * c : std::fma(a, c, acc);
    }
    return fault == ConvFault::bias_last ? acc + b[o] : acc;
  }

  struct Gradient {
    std::vector<Real> w, b, x;
  };
  Gradient backward(const std::vector<Real>& x, const std::vector<Real>& delta, std::size_t samples,
                    std::size_t length) const {
    Gradient g{std::vector<Real>(w.size()), std::vector<Real>(b.size()), std::vector<Real>(x.size())};
    const std::size_t positions = output_length(shape, length), channels = shape.in_channels;
    for (std::size_t row = 0; row < samples * positions; ++row) {
      const Real* d = delta.data() + row * shape.out_channels;
      const std::size_t sample = row / positions * length * channels;
      for (std::size_t o = 0; o < shape.out_channels; ++o) g.b[o] += d[o];
      for (std::size_t k = 0; k < shape.kernel; ++k) {
        const std::ptrdiff_t t = position(row % positions, k);
        if (t < 0 || t >= static_cast<std::ptrdiff_t>(length)) continue;
        for (std::size_t c = 0; c < channels; ++c) {
          const std::size_t group = c / in(), i = c % in(),
                            to = sample + static_cast<std::size_t>(t) * channels + c;
          Real term{0};
          for (std::size_t o = group * out(); o < (group + 1) * out(); ++o) {
            g.w[at(o, i, k)] = std::fma(x[to], d[o], g.w[at(o, i, k)]);
            term = std::fma(d[o], w[at(o, i, k)], term);
          }
          g.x[to] = shape.depthwise() ? std::fma(d[c], w[at(c, 0, k)], g.x[to]) : g.x[to] + term;
        }
      }
    }
    return g;
  }
};

/// A shape with numbers, laid out for the fast code.
struct ConvCase {
  ConvShape shape;
  std::size_t samples, length, x_stride;
  std::vector<float> x, w, b;  // without gaps, as NaiveConv has them
  AlignedFloats parameters;

  ConvCase(const ConvShape& of, std::size_t n, std::size_t positions, std::size_t stride,
           std::uint64_t entity)
      : shape(of), samples(n), length(positions), x_stride(stride), parameters(conv_parameters(of)) {
    x = noise(n * positions * of.in_channels, entity);
    w = noise(of.out_channels * (of.in_channels / of.group) * of.kernel, entity + 1);
    b = noise(of.out_channels, entity + 2);
    fill_parameters();
  }

  template <class Real>
  NaiveConv<Real> naive(ConvFault fault = ConvFault::none) const {
    return {shape, std::vector<Real>(w.begin(), w.end()), std::vector<Real>(b.begin(), b.end()), fault};
  }
  std::size_t positions() const { return output_length(shape, length); }

  void fill_parameters() {
    const NaiveConv<float> plain{shape, w, b};
    for (std::size_t o = 0; o < shape.out_channels; ++o) {
      parameters[conv_bias_index(shape, o)] = b[o];
      for (std::size_t i = 0; i < plain.in(); ++i)
        for (std::size_t k = 0; k < shape.kernel; ++k)
          parameters[conv_weight_index(shape, o, i, k)] = w[plain.at(o, i, k)];
    }
  }

  /// Rows of `channels` numbers with `stride` floats from one to the next.
  static AlignedFloats spread(const std::vector<float>& rows, std::size_t channels, std::size_t stride) {
    AlignedFloats out(rows.size() / channels * stride);
    for (std::size_t i = 0; i < rows.size(); ++i) out[i / channels * stride + i % channels] = rows[i];
    return out;
  }
  /// The inverse, which also counts what is not +0 between rows.
  static std::vector<float> gather(const AlignedFloats& from, std::size_t channels, std::size_t& dirty) {
    const std::size_t stride = padded(channels);
    std::vector<float> out;
    for (std::size_t i = 0; i < from.size(); ++i)
      if (i % stride < channels)
        out.push_back(from[i]);
      else
        dirty += std::bit_cast<std::uint32_t>(from[i]) != 0;
    return out;
  }

  std::vector<float> forward(std::size_t& dirty, Activation activation = Activation::none) const {
    const AlignedFloats rows = spread(x, shape.in_channels, x_stride);
    AlignedFloats y(samples * positions() * padded(shape.out_channels), 77.0f), scratch(conv_scratch(shape));
    conv_forward(shape, {rows.data(), x_stride, parameters.data(), y.data(), samples, length, activation,
                         scratch.data()});
    return gather(y, shape.out_channels, dirty);
  }

  NaiveConv<float>::Gradient backward(const std::vector<float>& delta, std::size_t& dirty) const {
    const AlignedFloats rows = spread(x, shape.in_channels, x_stride);
    const AlignedFloats d = spread(delta, shape.out_channels, padded(shape.out_channels));
    AlignedFloats g(parameters.size(), 77.0f), dx(samples * length * padded(shape.in_channels), 77.0f);
    AlignedFloats scratch(conv_backward_scratch(shape));
    conv_backward(shape, {rows.data(), x_stride, parameters.data(), d.data(), g.data(), dx.data(), samples,
                          length, scratch.data()});
    const NaiveConv<float> plain{shape, w, b};
    NaiveConv<float>::Gradient out{w, b, gather(dx, shape.in_channels, dirty)};
    AlignedFloats rest = g;
    for (std::size_t o = 0; o < shape.out_channels; ++o) {
      out.b[o] = std::exchange(rest[conv_bias_index(shape, o)], 0.0f);
      for (std::size_t i = 0; i < plain.in(); ++i)
        for (std::size_t k = 0; k < shape.kernel; ++k)
          out.w[plain.at(o, i, k)] = std::exchange(rest[conv_weight_index(shape, o, i, k)], 0.0f);
    }
    for (const float value : rest) dirty += std::bit_cast<std::uint32_t>(value) != 0;
    return out;
  }
};

inline std::size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t count = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  return count;
}

/// Small random shapes that fit their inputs; about a third are depthwise.
inline ConvCase random_conv(std::uint64_t entity) {
  const Random random(17, Stream::experiment);
  for (std::uint32_t draw = 0;; draw += 4) {
    const RandomBlock a = random.block(1, entity, draw), b = random.block(1, entity, draw + 1),
                      c = random.block(1, entity, draw + 2);
    ConvShape shape;
    const std::uint32_t kind = a[0] % 3;
    shape.group = kind == 0 ? 1 : 1 + a[1] % (kind == 1 ? 5 : 70);
    shape.in_channels = shape.group * (kind == 2 ? 1 : 1 + a[2] % 20);
    shape.out_channels = shape.group * (kind == 2 ? 1 : 1 + a[3] % (kind == 0 ? 80 : 20));
    shape.kernel = 1 + b[0] % 7;
    shape.stride = 1 + b[1] % 3;
    shape.dilation = 1 + b[2] % 3;
    shape.pad_left = b[3] % 5;
    shape.pad_right = c[0] % 5;
    const std::size_t length = 1 + c[1] % 23, samples = 1 + c[2] % 4, stride = padded(shape.in_channels);
    if (length + shape.pad_left + shape.pad_right < (shape.kernel - 1) * shape.dilation + 1) continue;
    const std::size_t x_stride =
        shape.depthwise() || c[3] % 2 == 0 ? stride + c[3] % 3 * 16 : shape.in_channels;
    return {shape, samples, length, x_stride, 10 * entity};
  }
}

}  // namespace swarm::nn::test
