#pragma once
#include <cstdint>
#include <vector>

#include "agents/nn/conversion_error.hpp"
#include "agents/nn/model.hpp"

/// Networks with less in them. Both ways are pure functions of the model's bits: the same on any machine.
namespace swarm {
namespace nn {

/// Unstructured pruning: in each matrix, the share of weights that is smallest in magnitude becomes +0; among
/// equals the one with the lower index [in][out] goes first. Biases, tables, gains and taps stay. Each matrix
/// loses the same share (Zhu & Gupta 2017, "To prune, or not to prune"), because one threshold for the whole
/// network would empty the layers that He initialisation gives the smallest weights, which are the widest. A
/// matrix of n weights loses ⌊share·n + ½⌋. Infinities are the largest numbers and NaN is larger still.
/// Throws ModelError unless 0 ≤ share ≤ 1.
ConversionError prune_weights(Model& model, double share);

/// A smaller network and what was taken from the larger one.
struct NeuronPruning {
  Model model;
  std::vector<std::vector<std::uint32_t>> kept;  ///< per hidden layer, indices of the neurons left, ascending
  ConversionError error;  ///< over the weights of the larger network's matrices, those that went counted as 0
};

/// Structured pruning: of each hidden layer, the share of neurons whose incoming weights and bias have the
/// smallest L2 norm are removed, with their columns of that layer and their rows of the next; among equals
/// the lower index goes first. The criterion is that of He et al. 2018 ("Soft filter pruning") for filters;
/// the bias belongs to it because a neuron without incoming weights still passes its bias on. Norms are those
/// of the model as given, in double precision, weights in ascending order and the bias last, so that layers
/// do not influence each other. A layer of n neurons loses ⌊share·n + ½⌋ but keeps one; inputs and outputs
/// stay. A norm that is NaN is larger than all others. Hidden are the outputs of a linear layer that is
/// directly followed by another; what other layers have stays, as a channel of a convolution or attention
/// belongs to all that it passes. A network without hidden layers comes back as it is. Throws ModelError
/// unless 0 ≤ share ≤ 1.
NeuronPruning prune_neurons(const Model& model, double share);

/// What prune_neurons() makes of an architecture; weights do not matter.
Architecture without_neurons(Architecture architecture, double share);

}  // namespace nn
}  // namespace swarm
