#include "agents/nn/convert.hpp"

#include <vector>

#include "agents/nn/half.hpp"
#include "agents/nn/quantise.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

/// Weights by row and column, without padding.
template <class F>
void for_each_weight(const Model& model, std::size_t b, F&& visit) {
  for (std::size_t i = 0; i < model.rows(b); ++i)
    for (std::size_t o = 0; o < model.columns(b); ++o) visit(i, o);
}

void round_to_integers(Model& model, std::size_t b, IntegerFormat format) {
  std::vector<float> weights;
  for_each_weight(model, b, [&](std::size_t i, std::size_t o) { weights.push_back(model.weight(b, i, o)); });
  const IntegerWeights integers = quantise_weights(weights, model.rows(b), model.columns(b), format);
  for_each_weight(model, b, [&](std::size_t i, std::size_t o) {
    model.weight(b, i, o) = integers.scale[o] * static_cast<float>(integers.values[i * model.columns(b) + o]);
  });
}

}  // namespace

Model rounded(const Model& model, Format format) {
  Model out = model;
  for (std::size_t b = 0; b < out.blocks(); ++b) {
    if (!out.is_matrix(b)) continue;
    switch (format) {
      case Format::fp32:
        break;
      case Format::bf16:
      case Format::bf16_dot:
        for (float& w : out.weights(b)) w = from_bf16(to_bf16(w));
        break;
      case Format::fp16:
        for (float& w : out.weights(b)) w = from_fp16(to_fp16(w));
        break;
      case Format::int8:
        round_to_integers(out, b, IntegerFormat::int8);
        break;
      case Format::int4:
        round_to_integers(out, b, IntegerFormat::int4);
        break;
    }
  }
  return out;
}

ConversionError conversion_error(const Model& before, const Model& after) {
  EXPECT(before.architecture() == after.architecture());
  ConversionErrorSum error;
  for (std::size_t b = 0; b < before.blocks(); ++b)
    if (before.is_matrix(b))
      for_each_weight(before, b, [&](std::size_t i, std::size_t o) {
        error.add(before.weight(b, i, o), static_cast<double>(after.weight(b, i, o)));
      });
  return error.result();
}

}  // namespace nn
}  // namespace swarm
