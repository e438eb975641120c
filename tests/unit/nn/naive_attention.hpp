#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "agents/nn/attention.hpp"
#include "agents/nn/elementwise.hpp"
#include "tests/unit/nn/nets.hpp"

/// Attention in plain loops: the reference of the fast one.
namespace swarm::nn::test {

/// What goes wrong in a mutant; none keeps the contract of agents/nn/attention.hpp.
enum class AttentionFault {
  none,
  causal_ignored,
  causal_off_by_one,
  length_ignored,
  scale_forgotten,
  keys_descending,
  last_of_equals,
  top_k_ignored,
  softmax_before_top_k,
  sum_in_one_part,
  heads_interleaved,
  jacobian_without_second_term,
  scale_forgotten_backward,
  value_path_forgotten,
  key_path_forgotten,
};

/// Numbers of type Real: float for the very bits, double for the mathematics.
template <class Real>
struct NaiveAttention {
  using Numbers = std::vector<Real>;
  AttentionShape shape;
  Numbers w[4], b[4];  // of the projections, [in][out]
  AttentionFault fault = AttentionFault::none;

  struct Sample {
    Numbers q, k, v, context, weights, y;  // weights: [head][query][key]
    std::vector<bool> kept;
  };
  struct Gradient {
    Numbers w[4], b[4], x;
  };

  std::size_t width() const { return shape.width; }
  std::size_t channel(std::size_t head, std::size_t c) const {
    return fault == AttentionFault::heads_interleaved ? c * shape.heads + head : head * shape.depth() + c;
  }
  Real scale() const {
    if (fault == AttentionFault::scale_forgotten) return Real{1};
    return static_cast<Real>(static_cast<float>(1.0 / std::sqrt(static_cast<double>(shape.depth()))));
  }

  Numbers project(std::size_t p, const Real* x) const {
    Numbers y;
    for (std::size_t t = 0; t < shape.tokens; ++t)
      for (std::size_t o = 0; o < width(); ++o) {
        Real acc = b[p][o];
        for (std::size_t i = 0; i < width(); ++i)
          acc = std::fma(x[t * width() + i], w[p][i * width() + o], acc);
        y.push_back(acc);
      }
    return y;
  }

  /// Σ in 16 parts, or in one.
  template <class Term>
  Real parted(std::size_t n, const Term& term) const {
    const std::size_t parts = fault == AttentionFault::sum_in_one_part ? 1 : 16;
    Numbers part(16);
    for (std::size_t j = 0; j < n; ++j) part[j % parts] = term(j, part[j % parts]);
    for (std::size_t half = 8; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) part[i] += part[i + half];
    return part[0];
  }

  void softmax(Numbers& s) const {
    const Real largest = *std::max_element(s.begin(), s.end());
    for (Real& v : s) {
      if constexpr (std::is_same_v<Real, float>)
        v -= largest;
      else
        v = std::exp(v - largest);
    }
    if constexpr (std::is_same_v<Real, float>) exponential(s, s);
    const Real sum = parted(s.size(), [&](std::size_t j, Real part) { return part + s[j]; });
    for (Real& v : s) v *= 1 / sum;
  }

  std::size_t seen(std::size_t keys, std::size_t i) const {
    if (!shape.causal || fault == AttentionFault::causal_ignored) return keys;
    return std::min(keys, i + (fault == AttentionFault::causal_off_by_one ? 0 : 1));
  }

  /// Indices of the keys that a query keeps, ascending.
  std::vector<std::size_t> keep(const Numbers& scores) const {
    std::vector<std::size_t> order(scores.size());
    for (std::size_t j = 0; j < order.size(); ++j) order[j] = j;
    if (shape.top_k == 0 || shape.top_k >= scores.size() || fault == AttentionFault::top_k_ignored)
      return order;
    if (fault == AttentionFault::last_of_equals) std::reverse(order.begin(), order.end());
    const auto rank = [&](std::size_t j) {
      return scores[j] == scores[j] ? scores[j] : -std::numeric_limits<Real>::infinity();
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t p, std::size_t q) { return rank(p) > rank(q); });
    order.resize(shape.top_k);
    std::sort(order.begin(), order.end());
    return order;
  }

  void query(Sample& a, std::size_t keys, std::size_t head, std::size_t i) const {
    Numbers scores;
    for (std::size_t j = 0; j < seen(keys, i); ++j) {
      Real acc{0};
      for (std::size_t c = 0; c < shape.depth(); ++c)
        acc = std::fma(a.q[i * width() + channel(head, c)], a.k[j * width() + channel(head, c)], acc);
      scores.push_back(acc * scale());
    }
    if (scores.empty()) return;
    std::vector<std::size_t> kept = keep(scores);
    if (fault == AttentionFault::softmax_before_top_k) softmax(scores);
    Numbers some;
    for (const std::size_t j : kept) some.push_back(scores[j]);
    if (fault != AttentionFault::softmax_before_top_k) softmax(some);
    if (fault == AttentionFault::keys_descending) {
      std::reverse(kept.begin(), kept.end());
      std::reverse(some.begin(), some.end());
    }
    for (std::size_t m = 0; m < kept.size(); ++m) {
      const std::size_t at = (head * shape.tokens + i) * shape.tokens + kept[m];
      a.weights[at] = some[m];
      a.kept[at] = true;
      for (std::size_t c = 0; c < shape.depth(); ++c) {
        Real& to = a.context[i * width() + channel(head, c)];
        to = std::fma(some[m], a.v[kept[m] * width() + channel(head, c)], to);
      }
    }
  }

  /// One sample, tokens × width.
  Sample forward(const Real* x, std::size_t length) const {
    Sample a{project(0, x), project(1, x), project(2, x), {}, {}, {}, {}};
    const std::size_t tokens = shape.tokens;
    a.context.resize(tokens * width());
    a.weights.resize(shape.heads * tokens * tokens);
    a.kept.resize(a.weights.size());
    const std::size_t keys = fault == AttentionFault::length_ignored ? tokens : std::min(length, tokens);
    for (std::size_t head = 0; head < shape.heads; ++head)
      for (std::size_t i = 0; i < tokens; ++i) query(a, keys, head, i);
    a.y = project(3, a.context.data());
    return a;
  }

  Gradient zero_gradient(std::size_t samples) const {
    Gradient g;
    for (std::size_t p = 0; p < 4; ++p) {
      g.w[p].resize(w[p].size());
      g.b[p].resize(b[p].size());
    }
    g.x.resize(samples * shape.tokens * width());
    return g;
  }

  /// Adds a projection's gradients of its parameters and returns those of its input.
  Numbers back_project(std::size_t p, const Real* x, const Real* delta, Gradient& g) const {
    Numbers dx(shape.tokens * width());
    for (std::size_t t = 0; t < shape.tokens; ++t)
      for (std::size_t o = 0; o < width(); ++o) {
        const Real d = delta[t * width() + o];
        g.b[p][o] += d;
        for (std::size_t i = 0; i < width(); ++i) {
          g.w[p][i * width() + o] = std::fma(x[t * width() + i], d, g.w[p][i * width() + o]);
          dx[t * width() + i] = std::fma(d, w[p][i * width() + o], dx[t * width() + i]);
        }
      }
    return dx;
  }

  /// Adds one sample's gradients; dx: its part of g.x.
  void backward(const Real* x, std::size_t length, const Real* delta, Gradient& g, Real* dx) const {
    const Sample a = forward(x, length);
    const Numbers dc = back_project(3, a.context.data(), delta, g);
    Numbers dq(a.q.size()), dk(a.q.size()), dv(a.q.size());
    const std::size_t tokens = shape.tokens;
    for (std::size_t head = 0; head < shape.heads; ++head)
      for (std::size_t i = 0; i < tokens; ++i) {
        const std::size_t n = seen(std::min(length, tokens), i), row = (head * tokens + i) * tokens;
        Numbers d(n);
        for (std::size_t j = 0; j < n; ++j)
          for (std::size_t c = head * shape.depth(); c < (head + 1) * shape.depth(); ++c) {
            d[j] = std::fma(dc[i * width() + c], a.v[j * width() + c], d[j]);
            dv[j * width() + c] = std::fma(a.weights[row + j], dc[i * width() + c], dv[j * width() + c]);
          }
        Real mean =
            parted(n, [&](std::size_t j, Real part) { return std::fma(a.weights[row + j], d[j], part); });
        if (fault == AttentionFault::jacobian_without_second_term) mean = Real{0};
        for (std::size_t j = 0; j < n; ++j) {
          d[j] = a.weights[row + j] * (d[j] - mean) *
                 (fault == AttentionFault::scale_forgotten_backward ? Real{1} : scale());
          for (std::size_t c = head * shape.depth(); c < (head + 1) * shape.depth(); ++c) {
            dq[i * width() + c] = std::fma(d[j], a.k[j * width() + c], dq[i * width() + c]);
            dk[j * width() + c] = std::fma(d[j], a.q[i * width() + c], dk[j * width() + c]);
          }
        }
      }
    if (fault == AttentionFault::value_path_forgotten) std::fill(dv.begin(), dv.end(), Real{0});
    if (fault == AttentionFault::key_path_forgotten) std::fill(dk.begin(), dk.end(), Real{0});
    const Numbers xq = back_project(0, x, dq.data(), g), xk = back_project(1, x, dk.data(), g),
                  xv = back_project(2, x, dv.data(), g);
    for (std::size_t i = 0; i < xq.size(); ++i) dx[i] = xq[i] + xk[i] + xv[i];
  }
};

/// A shape with numbers, laid out for the fast code.
struct AttentionCase {
  AttentionShape shape;
  std::size_t samples, x_stride;
  std::vector<std::uint32_t> lengths;  // empty: all
  std::vector<float> x;                // without gaps
  std::vector<float> w[4], b[4];

  /// Weights of size 2/√width, so that scores differ enough for softmax to matter.
  AttentionCase(const AttentionShape& of, std::size_t n, std::uint64_t entity)
      : shape(of), samples(n), x_stride(padded(of.width)), x(noise(n * of.tokens * of.width, entity)) {
    const float size = 2.0f / std::sqrt(static_cast<float>(shape.width));
    for (std::size_t p = 0; p < 4; ++p) {
      w[p] = noise(shape.width * shape.width, entity + 1 + p);
      for (float& value : w[p]) value *= size;
      b[p] = noise(shape.width, entity + 5 + p);
    }
  }
  std::size_t sample_floats() const { return shape.tokens * shape.width; }
  std::size_t length(std::size_t s) const { return lengths.empty() ? shape.tokens : lengths[s]; }

  template <class Real>
  NaiveAttention<Real> naive(AttentionFault fault = AttentionFault::none) const {
    NaiveAttention<Real> out{shape, {}, {}, fault};
    for (std::size_t p = 0; p < 4; ++p) {
      out.w[p].assign(w[p].begin(), w[p].end());
      out.b[p].assign(b[p].begin(), b[p].end());
    }
    return out;
  }
  template <class Real>
  std::vector<Real> naive_forward(AttentionFault fault = AttentionFault::none) const {
    const NaiveAttention<Real> net = naive<Real>(fault);
    const std::vector<Real> from(x.begin(), x.end());
    std::vector<Real> out;
    for (std::size_t s = 0; s < samples; ++s) {
      const auto y = net.forward(from.data() + s * sample_floats(), length(s)).y;
      out.insert(out.end(), y.begin(), y.end());
    }
    return out;
  }
  /// Gradients as one list: per projection weights and bias, then the input.
  template <class Real>
  std::vector<Real> naive_backward(const std::vector<float>& delta,
                                   AttentionFault fault = AttentionFault::none) const {
    const NaiveAttention<Real> net = naive<Real>(fault);
    const std::vector<Real> from(x.begin(), x.end()), d(delta.begin(), delta.end());
    auto g = net.zero_gradient(samples);
    for (std::size_t s = 0; s < samples; ++s) {
      const std::size_t at = s * sample_floats();
      net.backward(from.data() + at, length(s), d.data() + at, g, g.x.data() + at);
    }
    std::vector<Real> out;
    for (std::size_t p = 0; p < 4; ++p) {
      out.insert(out.end(), g.w[p].begin(), g.w[p].end());
      out.insert(out.end(), g.b[p].begin(), g.b[p].end());
    }
    out.insert(out.end(), g.x.begin(), g.x.end());
    return out;
  }

  AlignedFloats parameters() const {
    AlignedFloats out(attention_parameters(shape));
    const std::size_t n = shape.width;
    for (std::size_t p = 0; p < 4; ++p) {
      for (std::size_t i = 0; i < n * n; ++i)
        out[attention_weights_at(shape, Projection(p)) + panel_index(n, padded(n), i / n, i % n)] = w[p][i];
      std::copy(b[p].begin(), b[p].end(),
                out.begin() + static_cast<std::ptrdiff_t>(attention_bias_at(shape, Projection(p))));
    }
    return out;
  }
  /// Rows of the width with `stride` floats from one to the next.
  AlignedFloats spread(const std::vector<float>& rows, std::size_t stride) const {
    AlignedFloats out(rows.size() / shape.width * stride);
    for (std::size_t i = 0; i < rows.size(); ++i) out[i / shape.width * stride + i % shape.width] = rows[i];
    return out;
  }
  /// The inverse, which also counts what is not zero between rows.
  void gather(const AlignedFloats& from, std::vector<float>& to, std::size_t& dirty) const {
    for (std::size_t i = 0; i < from.size(); ++i)
      if (i % padded(shape.width) < shape.width)
        to.push_back(from[i]);
      else
        dirty += from[i] != 0.0f;
  }
  const std::uint32_t* length_data() const { return lengths.empty() ? nullptr : lengths.data(); }

  std::vector<float> forward(std::size_t& dirty, std::size_t kept = 0) const {
    AttentionWorkspace workspace(shape, kept);
    const AlignedFloats rows = spread(x, x_stride), block = parameters();
    AlignedFloats y(samples * shape.tokens * padded(shape.width), 77.0f);
    attention_forward({rows.data(), x_stride, block.data(), length_data(), y.data(), samples}, workspace);
    std::vector<float> out;
    gather(y, out, dirty);
    return out;
  }
  std::vector<float> backward(const std::vector<float>& delta, std::size_t& dirty) const {
    AttentionWorkspace workspace(shape, std::max<std::size_t>(samples, 1));
    const AlignedFloats rows = spread(x, x_stride), block = parameters(),
                        d = spread(delta, padded(shape.width));
    AlignedFloats y(d.size()), g(block.size(), 77.0f), dx(d.size(), 77.0f);
    attention_forward({rows.data(), x_stride, block.data(), length_data(), y.data(), samples}, workspace);
    attention_backward(
        {rows.data(), x_stride, block.data(), length_data(), d.data(), g.data(), dx.data(), samples},
        workspace);
    std::vector<float> out;
    const std::size_t n = shape.width;
    for (std::size_t p = 0; p < 4; ++p) {
      for (std::size_t i = 0; i < n * n; ++i)
        out.push_back(
            g[attention_weights_at(shape, Projection(p)) + panel_index(n, padded(n), i / n, i % n)]);
      for (std::size_t o = 0; o < n; ++o) out.push_back(g[attention_bias_at(shape, Projection(p)) + o]);
    }
    gather(dx, out, dirty);
    return out;
  }
};

/// Small random shapes: odd widths, all kinds of masks, equal scores (every fourth case repeats its tokens).
inline AttentionCase random_attention(std::uint64_t entity) {
  const Random random(17, Stream::experiment);
  const RandomBlock a = random.block(2, entity, 0), b = random.block(2, entity, 1);
  AttentionShape shape;
  shape.tokens = 1 + a[0] % 40;
  shape.heads = 1 + a[1] % 5;
  shape.width = shape.heads * (1 + a[2] % (a[3] % 4 == 0 ? 24 : 9));
  shape.causal = b[0] % 2 == 0;
  shape.top_k = b[1] % 2 == 0 ? 0 : 1 + (b[1] / 2) % (shape.tokens + 1);
  AttentionCase c(shape, 1 + b[2] % 4, 10 * entity);
  if (b[3] % 2 == 0) c.x_stride = shape.width;
  if (b[3] / 2 % 2 == 0)
    for (std::size_t s = 0; s < c.samples; ++s)
      c.lengths.push_back(random.block(2, entity, static_cast<std::uint32_t>(2 + s))[0] % (shape.tokens + 2));
  if (entity % 4 == 0)
    for (std::size_t i = 0; i < c.x.size(); ++i)
      c.x[i] = c.x[i / shape.width % 3 * shape.width + i % shape.width];
  return c;
}

}  // namespace swarm::nn::test
