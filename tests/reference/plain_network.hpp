#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "agents/nn/architecture.hpp"

/// Networks of every kind of layer and their loss by plain loops in double precision, one sample at a time. Parameters
/// are doubles, so that differences of the loss can be taken.
namespace swarm::nn::test {

using Numbers = std::vector<double>;

/// What may go wrong; a test must tell each from the network.
enum class Fault {
  none,
  no_activation,
  gelu_by_tanh,
  no_padding,
  no_residual,
  causal_ignored,
  all_keys,
  scores_unscaled,
  no_gain,
  no_offset,
  epsilon_ignored,
  next_word,
  positions_of_first_row,
  flattened_by_column,
  sum_of_rows,
  softmax_over_all,
  sum_of_samples,
  label_ignored,
  no_temperature_square,
  teacher_at_temperature_1,
  divergence_reversed,
  share_of_labels,
};
inline constexpr int kFaults = static_cast<int>(Fault::share_of_labels);

inline double activated(Activation f, double a, Fault fault) {
  switch (fault == Fault::no_activation ? Activation::none : f) {
    case Activation::none:
      return a;
    case Activation::relu:
      return a < 0 ? 0 : a;
    case Activation::tanh:
      return std::tanh(a);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-a));
    case Activation::gelu:
      if (fault == Fault::gelu_by_tanh)
        return 0.5 * a * (1 + std::tanh(std::sqrt(2 / M_PI) * (a + 0.044715 * a * a * a)));
      return 0.5 * a * std::erfc(-a / std::sqrt(2.0));
  }
  return a;
}

/// What a network should answer: agents/nn/loss.hpp, for one sample, rows after rows.
struct PlainTargets {
  std::vector<std::uint8_t> labels;
  Numbers teacher = {};
  double temperature = 1;
  double share = 0;
};

/// log(e^(z_c/T) / Σ e^(z/T)) of one row.
inline Numbers log_shares(const double* z, std::size_t n, double temperature) {
  Numbers y(n);
  double sum = 0;
  for (std::size_t c = 0; c < n; ++c) sum += std::exp(z[c] / temperature);
  for (std::size_t c = 0; c < n; ++c) y[c] = z[c] / temperature - std::log(sum);
  return y;
}

inline double plain_loss(const double* logits, std::size_t classes, const PlainTargets& t, std::size_t row,
                         Fault fault) {
  const double temperature = t.temperature, share = fault == Fault::share_of_labels ? 1 - t.share : t.share;
  double loss = 0;
  if (t.share < 1)
    loss -= (1 - share) * log_shares(logits, classes, 1)[fault == Fault::label_ignored ? 0 : t.labels[row]];
  if (t.share > 0) {
    Numbers q = log_shares(logits, classes, temperature);
    Numbers p = log_shares(t.teacher.data() + row * classes, classes,
                           fault == Fault::teacher_at_temperature_1 ? 1 : temperature);
    if (fault == Fault::divergence_reversed) std::swap(p, q);
    const double square = fault == Fault::no_temperature_square ? 1 : temperature * temperature;
    for (std::size_t c = 0; c < classes; ++c) loss += share * square * std::exp(p[c]) * (p[c] - q[c]);
  }
  return loss;
}

/// One sample through one layer, whose parameters are w: block after block, each the weights row by row, then the bias.
struct PlainLayer {
  const double* w;
  Extent in, out;
  const Numbers& x;
  Fault fault;

  Numbers linear(const double* block, const Numbers& v, std::size_t rows, std::size_t from, std::size_t to) const {
    Numbers y(rows * to);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t o = 0; o < to; ++o) {
        double acc = block[from * to + o];
        for (std::size_t i = 0; i < from; ++i) acc += v[r * from + i] * block[i * to + o];
        y[r * to + o] = acc;
      }
    return y;
  }

  Numbers operator()(const Linear& layer) const {
    Numbers y = linear(w, x, in.rows, in.width, out.width);
    for (double& v : y) v = activated(layer.activation, v, fault);
    return y;
  }

  Numbers operator()(const DepthwiseConv& layer) const {
    Numbers y(out.size());
    for (std::size_t p = 0; p < out.rows; ++p)
      for (std::size_t c = 0; c < in.width; ++c) {
        double acc = w[layer.kernel * in.width + c];
        for (std::size_t t = 0; t < layer.kernel; ++t) {
          const auto at = static_cast<std::ptrdiff_t>(p * layer.stride + t * layer.dilation) -
                          static_cast<std::ptrdiff_t>(fault == Fault::no_padding ? 0 : layer.pad_before);
          if (at >= 0 && at < static_cast<std::ptrdiff_t>(in.rows))
            acc += x[static_cast<std::size_t>(at) * in.width + c] * w[t * in.width + c];
        }
        y[p * in.width + c] = activated(layer.activation, acc, fault);
      }
    return y;
  }

  Numbers operator()(const Attention& layer) const {
    const std::size_t rows = in.rows, width = in.width, depth = width / layer.heads, block = (width + 1) * width;
    const Numbers q = linear(w, x, rows, width, width), k = linear(w + block, x, rows, width, width),
                  v = linear(w + 2 * block, x, rows, width, width);
    const double scale = fault == Fault::scores_unscaled ? 1 : 1 / std::sqrt(static_cast<double>(depth));
    Numbers context(rows * width);
    for (std::size_t h = 0; h < layer.heads; ++h)
      for (std::size_t i = 0; i < rows; ++i) {
        std::vector<std::pair<double, std::size_t>> scores;
        for (std::size_t j = 0; j < (layer.causal && fault != Fault::causal_ignored ? i + 1 : rows); ++j) {
          double s = 0;
          for (std::size_t d = h * depth; d < (h + 1) * depth; ++d) s += q[i * width + d] * k[j * width + d];
          scores.emplace_back(-s * scale, j);
        }
        std::sort(scores.begin(), scores.end());
        if (layer.top_keys > 0 && scores.size() > layer.top_keys && fault != Fault::all_keys)
          scores.resize(layer.top_keys);
        double total = 0;
        for (auto& [s, j] : scores) total += s = std::exp(-s);
        for (const auto& [s, j] : scores)
          for (std::size_t d = h * depth; d < (h + 1) * depth; ++d)
            context[i * width + d] += s / total * v[j * width + d];
      }
    Numbers y = linear(w + 3 * block, context, rows, width, width);
    if (layer.residual && fault != Fault::no_residual)
      for (std::size_t i = 0; i < y.size(); ++i) y[i] += x[i];
    return y;
  }

  Numbers operator()(const LayerNorm& layer) const {
    Numbers y(x.size());
    const std::size_t n = in.width;
    const double epsilon = fault == Fault::epsilon_ignored ? 0 : static_cast<double>(layer.epsilon);
    for (std::size_t r = 0; r < in.rows; ++r) {
      double mean = 0, variance = 0;
      for (std::size_t c = 0; c < n; ++c) mean += x[r * n + c] / static_cast<double>(n);
      for (std::size_t c = 0; c < n; ++c)
        variance += (x[r * n + c] - mean) * (x[r * n + c] - mean) / static_cast<double>(n);
      for (std::size_t c = 0; c < n; ++c)
        y[r * n + c] =
            (x[r * n + c] - mean) / std::sqrt(variance + epsilon) * (fault == Fault::no_gain ? 1 : w[c]) +
            (fault == Fault::no_offset ? 0 : w[n + c]);
    }
    return y;
  }

  Numbers operator()(const Embedding& layer) const {
    Numbers y;
    for (const double id : x) {
      const double* row =
          w + (static_cast<std::size_t>(id) + (fault == Fault::next_word ? 1 : 0)) % layer.vocabulary * layer.width;
      y.insert(y.end(), row, row + layer.width);
    }
    return y;
  }

  Numbers operator()(const Positions&) const {
    Numbers y = x;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += w[fault == Fault::positions_of_first_row ? i % in.width : i];
    return y;
  }

  Numbers operator()(const Flatten&) const {
    if (fault != Fault::flattened_by_column) return x;
    Numbers y;
    for (std::size_t c = 0; c < in.width; ++c)
      for (std::size_t r = 0; r < in.rows; ++r) y.push_back(x[r * in.width + c]);
    return y;
  }

  Numbers operator()(const MeanRows&) const {
    Numbers y(in.width);
    const double count = fault == Fault::sum_of_rows ? 1.0 : static_cast<double>(in.rows);
    for (std::size_t i = 0; i < x.size(); ++i) y[i % in.width] += x[i] / count;
    return y;
  }

  Numbers operator()(const Softmax&) const {
    Numbers y;
    const std::size_t n = fault == Fault::softmax_over_all ? in.size() : in.width;
    for (std::size_t first = 0; first < x.size(); first += n)
      for (const double v : log_shares(x.data() + first, n, 1)) y.push_back(std::exp(v));
    return y;
  }
};

/// A network with its parameters in canonical order (Model::packed).
struct PlainNetwork {
  Architecture architecture;
  Numbers parameters;
  Fault fault = Fault::none;

  Numbers logits(Numbers x) const {
    const std::vector<Extent> extents = architecture.extents();
    const std::vector<Block> blocks = architecture.blocks();
    const double* w = parameters.data();
    auto block = blocks.begin();
    for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
      x = std::visit(PlainLayer{w, extents[l], extents[l + 1], x, fault}, architecture.layers[l]);
      for (std::size_t owned = block_count(architecture.layers[l]); owned > 0; --owned) w += (block++)->parameters();
    }
    return x;
  }

  /// Mean over samples and rows; samples holds the inputs one after the other, targets those of all rows.
  double loss(const std::vector<Numbers>& samples, const PlainTargets& targets) const {
    const Extent out = architecture.extents().back();
    double sum = 0;
    std::size_t row = 0;
    for (const Numbers& x : samples) {
      const Numbers z = logits(x);
      for (std::size_t r = 0; r < out.rows; ++r)
        sum += plain_loss(z.data() + r * out.width, out.width, targets, row++, fault);
    }
    return fault == Fault::sum_of_samples ? sum : sum / static_cast<double>(row);
  }
};

}  // namespace swarm::nn::test
