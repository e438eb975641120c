#include "agents/nn/prune.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// How many of n go.
std::size_t pruned_count(double share, std::size_t n) {
  return std::min(n, static_cast<std::size_t>(share * static_cast<double>(n) + 0.5));
}

void check_share(double share) {
  if (!(share >= 0.0 && share <= 1.0))
    throw ModelError(fmt::format("cannot prune a share of {}: it must lie between 0 and 1", share));
}

/// Numbers that order floats by magnitude: NaN above infinity above all others.
std::uint32_t magnitude(float x) {
  return std::bit_cast<std::uint32_t>(x) & 0x7fffffffu;
}

/// Squared L2 norm of a neuron's incoming weights in block l and of its bias, as a number that orders NaN
/// above infinity.
std::uint64_t squared_norm(const Model& model, std::size_t l, std::size_t neuron) {
  double sum = 0;
  for (std::size_t i = 0; i < model.rows(l); ++i) {
    const auto w = static_cast<double>(model.weight(l, i, neuron));
    sum += w * w;
  }
  const auto b = static_cast<double>(model.bias(l)[neuron]);
  return std::bit_cast<std::uint64_t>(sum + b * b) & ~(std::uint64_t{1} << 63);
}

/// How many of a hidden layer's n neurons stay.
std::size_t kept_count(double share, std::size_t n) {
  return n - std::min(pruned_count(share, n), n - 1);
}

/// The neurons of hidden layer l that stay, ascending.
std::vector<std::uint32_t> neurons_to_keep(const Model& model, std::size_t l, double share) {
  const std::size_t n = model.columns(l), gone = n - kept_count(share, n);
  std::vector<std::uint64_t> norm(n);
  for (std::size_t o = 0; o < n; ++o) norm[o] = squared_norm(model, l, o);
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return norm[a] != norm[b] ? norm[a] < norm[b] : a < b; });
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(gone));
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<std::uint32_t> all_of(std::size_t n) {
  std::vector<std::uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

/// A layer whose outputs are hidden neurons: a linear one directly before another.
struct HiddenLayer {
  std::size_t layer, block;
};

std::vector<HiddenLayer> hidden_layers(const Architecture& architecture) {
  const auto linear = [&](std::size_t l) {
    return l < architecture.layers.size() && std::holds_alternative<Linear>(architecture.layers[l]);
  };
  std::vector<HiddenLayer> hidden;
  std::size_t block = 0;
  for (std::size_t l = 0; l < architecture.layers.size(); block += block_count(architecture.layers[l++]))
    if (linear(l) && linear(l + 1)) hidden.push_back({l, block});
  return hidden;
}

/// Of a block, the rows and columns that stay.
struct Stays {
  std::vector<std::uint32_t> rows, columns;
};

void copy_block(const Model& from, std::size_t b, const Stays& stays, Model& to) {
  for (std::size_t o = 0; o < stays.columns.size(); ++o) {
    if (!from.bias(b).empty()) to.bias(b)[o] = from.bias(b)[stays.columns[o]];
    for (std::size_t i = 0; i < stays.rows.size(); ++i)
      to.weight(b, i, o) = from.weight(b, stays.rows[i], stays.columns[o]);
  }
}

void add_error(const Model& from, std::size_t b, const Stays& stays, ConversionErrorSum& error) {
  std::vector<char> column(from.columns(b), 0), row(from.rows(b), 0);
  for (const std::uint32_t o : stays.columns) column[o] = 1;
  for (const std::uint32_t i : stays.rows) row[i] = 1;
  for (std::size_t i = 0; i < from.rows(b); ++i)
    for (std::size_t o = 0; o < from.columns(b); ++o) {
      const float w = from.weight(b, i, o);
      error.add(w, row[i] != 0 && column[o] != 0 ? w : 0.0f);
    }
}

}  // namespace

ConversionError prune_weights(Model& model, double share) {
  check_share(share);
  ConversionErrorSum error;
  std::vector<std::uint64_t> keys;  // magnitude, then index: no two are equal
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    if (!model.is_matrix(l)) continue;
    const std::size_t in = model.rows(l), out = model.columns(l), gone = pruned_count(share, in * out);
    keys.clear();
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o)
        keys.push_back(std::uint64_t{magnitude(model.weight(l, i, o))} << 32 | (i * out + o));
    if (gone < keys.size())
      std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(gone), keys.end());
    const std::uint64_t first_kept = gone < keys.size() ? keys[gone] : ~std::uint64_t{0};
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o) {
        float& w = model.weight(l, i, o);
        const float before = w;
        if ((std::uint64_t{magnitude(w)} << 32 | (i * out + o)) < first_kept) w = 0.0f;
        error.add(before, w);
      }
  }
  return error.result();
}

Architecture without_neurons(Architecture architecture, double share) {
  check_share(share);
  for (const HiddenLayer& hidden : hidden_layers(architecture)) {
    auto& linear = std::get<Linear>(architecture.layers[hidden.layer]);
    linear.outputs = static_cast<std::uint32_t>(kept_count(share, linear.outputs));
  }
  return architecture;
}

NeuronPruning prune_neurons(const Model& model, double share) {
  Model smaller(without_neurons(model.architecture(), share));
  std::vector<Stays> stays;
  for (std::size_t b = 0; b < model.blocks(); ++b)
    stays.push_back({all_of(model.rows(b)), all_of(model.columns(b))});
  std::vector<std::vector<std::uint32_t>> kept;
  for (const HiddenLayer& hidden : hidden_layers(model.architecture())) {
    kept.push_back(neurons_to_keep(model, hidden.block, share));
    stays[hidden.block].columns = stays[hidden.block + 1].rows = kept.back();
  }
  ConversionErrorSum error;
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    if (model.is_matrix(b)) add_error(model, b, stays[b], error);
    copy_block(model, b, stays[b], smaller);
  }
  return {std::move(smaller), std::move(kept), error.result()};
}

}  // namespace nn
}  // namespace swarm
