#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "agents/nn/model.hpp"
#include "tests/unit/nn/nets.hpp"

/// Networks in training for the tests: each kind of layer first, last and between, at odd sizes on both sides of a line
/// of floats, every activation, and every option of attention.
namespace swarm::nn::test {

inline std::vector<Architecture> trainable_architectures() {
  constexpr Activation kRelu = Activation::relu, kTanh = Activation::tanh, kSigmoid = Activation::sigmoid,
                       kGelu = Activation::gelu;
  return {
      {{16, 4}, {DepthwiseConv{5, 2, 1, 2, 2, kRelu}, Linear{12, kGelu}, MeanRows{}, Linear{3}}},
      {{9, 7}, {Linear{20, kSigmoid}, DepthwiseConv{3, 1, 2, 2, 1, kTanh}, Flatten{}, Linear{4}}},
      {{33, 1}, {DepthwiseConv{4, 3, 1, 1, 0, kRelu}, Flatten{}, Linear{7}}},
      {{8, 18},
       {DepthwiseConv{3, 1, 1, 1, 1, kGelu}, Linear{10, kRelu}, DepthwiseConv{2, 2, 1, 0, 0, kSigmoid}, LayerNorm{},
        MeanRows{}, Linear{3}}},
      {{5, 16}, {DepthwiseConv{2, 1, 1, 0, 0, Activation::none}, MeanRows{}}},
      {{7, 1}, {Embedding{50, 8}, Positions{}, Attention{2, 0, false, true}, LayerNorm{}, Flatten{}, Linear{5}}},
      {{6, 1},
       {Embedding{11, 12}, Positions{}, LayerNorm{}, Attention{3, 0, true, true}, Linear{12, kGelu},
        Attention{2, 3, false, false}, Linear{4}}},
      {{12, 66}, {Attention{3, 4, true, false}, MeanRows{}}},
      {{5, 17}, {LayerNorm{0.1f}, Attention{1, 2, false, true}, Linear{3, kRelu}, MeanRows{}}},
      {{6, 20}, {Positions{}, Linear{70, kTanh}, Softmax{}, Linear{3}, MeanRows{}}},
      {{9, 3}, {Flatten{}, Linear{9, kGelu}, LayerNorm{1e-3f}, Linear{4, kRelu}}},
      {{4, 1}, {Embedding{5, 9}}},
      {{3, 5}, {Softmax{}, Linear{17}, Positions{}, Flatten{}, Linear{3, kSigmoid}}},
      {{1, 10},
       {Linear{16, kTanh}, Linear{17, kSigmoid}, Linear{15, kGelu}, Linear{16, kRelu}, Linear{9}, Linear{4, kTanh}}},
      {{9, 3}, {Linear{5, kTanh}, DepthwiseConv{3, 1, 1, 1, 1, kRelu}, Linear{4}, MeanRows{}}},
  };
}

/// Random parameters of a size that keeps signals near 1.
inline Model filled(const Architecture& architecture, std::uint64_t entity) {
  Model model(architecture);
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    const auto values = noise((model.rows(b) + 1) * model.columns(b), entity + b);
    const float size = 1.5f / std::sqrt(static_cast<float>(model.rows(b)));
    for (std::size_t r = 0; r < model.rows(b); ++r)
      for (std::size_t c = 0; c < model.columns(b); ++c)
        model.weight(b, r, c) = size * values[r * model.columns(b) + c];
    for (std::size_t c = 0; !model.bias(b).empty() && c < model.columns(b); ++c)
      model.bias(b)[c] = 0.5f * values[model.rows(b) * model.columns(b) + c];
  }
  return model;
}

/// n samples: noise, or words for an embedding.
inline std::vector<float> inputs_of(const Architecture& a, std::size_t n, std::uint64_t entity) {
  std::vector<float> x = noise(n * a.input.size(), entity);
  if (const auto* words = std::get_if<Embedding>(&a.layers[0]))
    for (float& v : x) v = std::floor((v + 1) / 2 * static_cast<float>(words->vocabulary) * 0.9999f);
  return x;
}

}  // namespace swarm::nn::test
