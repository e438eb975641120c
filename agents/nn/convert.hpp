#pragma once
#include "agents/nn/conversion_error.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/numerics.hpp"

namespace swarm {
namespace nn {

/// The model with the weights of its matrices as a format holds them, converted back to fp32; biases, tables and gains stay.
/// Throws ModelError for weights that the format cannot hold (integers: not finite).
Model rounded(const Model& model, Format format);

/// How far the weights of the matrices of `before` are from those of `after`, a model of the same architecture.
ConversionError conversion_error(const Model& before, const Model& after);

}  // namespace nn
}  // namespace swarm
