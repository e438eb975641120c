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

/// Squared L2 norm of one neuron's incoming weights and bias, as a number that orders NaN above infinity.
std::uint64_t squared_norm(const Model& model, std::size_t l, std::size_t neuron) {
  double sum = 0;
  for (std::size_t i = 0; i < model.rows(l); ++i) {
    const auto w = static_cast<double>(model.weight(l, i, neuron));
    sum += w * w;
  }
  const auto b = static_cast<double>(model.bias(l)[neuron]);
  return std::bit_cast<std::uint64_t>(sum + b * b) & ~(std::uint64_t{1} << 63);
}

/// The neurons of hidden layer l that stay, ascending.
std::vector<std::uint32_t> neurons_to_keep(const Model& model, std::size_t l, double share) {
  const std::size_t n = model.columns(l), gone = std::min(pruned_count(share, n), n - 1);
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

}  // namespace

ConversionError prune_weights(Model& model, double share) {
  check_share(share);
  mlp_shape(model.architecture());  // refuses other networks, whose tables and gains must stay
  ConversionErrorSum error;
  std::vector<std::uint64_t> keys;  // magnitude, then index: no two are equal
  for (std::size_t l = 0; l < model.blocks(); ++l) {
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

NeuronPruning prune_neurons(const Model& model, double share) {
  check_share(share);
  std::vector<std::vector<std::uint32_t>> stays{all_of(model.rows(0))};
  MlpShape shape{{mlp_shape(model.architecture()).widths.front()}};
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    stays.push_back(l + 1 < model.blocks() ? neurons_to_keep(model, l, share) : all_of(model.columns(l)));
    shape.widths.push_back(static_cast<std::uint32_t>(stays.back().size()));
  }
  Model smaller(std::move(shape));
  ConversionErrorSum error;
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    std::vector<char> column(model.columns(l), 0), row(model.rows(l), 0);
    for (const std::uint32_t o : stays[l + 1]) column[o] = 1;
    for (const std::uint32_t i : stays[l]) row[i] = 1;
    for (std::size_t i = 0; i < model.rows(l); ++i)
      for (std::size_t o = 0; o < model.columns(l); ++o) {
        const float w = model.weight(l, i, o);
        error.add(w, row[i] != 0 && column[o] != 0 ? w : 0.0f);
      }
    for (std::size_t o = 0; o < stays[l + 1].size(); ++o) {
      smaller.bias(l)[o] = model.bias(l)[stays[l + 1][o]];
      for (std::size_t i = 0; i < stays[l].size(); ++i)
        smaller.weight(l, i, o) = model.weight(l, stays[l][i], stays[l + 1][o]);
    }
  }
  stays.erase(stays.begin());
  stays.pop_back();
  return {std::move(smaller), std::move(stays), error.result()};
}

}  // namespace nn
}  // namespace swarm
