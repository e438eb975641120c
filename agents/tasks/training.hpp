#pragma once
#include "agents/nn/model.hpp"
#include "agents/tasks/mixture.hpp"
#include "agents/tasks/params.hpp"

namespace swarm {
namespace tasks {

/// Whether training follows Adam; else momentum.
bool uses_adam(const SpecialistParams& params);

/// What train() yields: the family's network, without the neurons that structured pruning takes.
nn::Architecture trained_architecture(const SpecialistParams& params, workload::ProblemType type);

/// A base specialist in fp32: initialised, trained on the first training_samples of its mixture, in
/// distillation also towards a wider network that was trained likewise; then pruned, and trained on the
/// samples that follow. The learning rate falls linearly to a twentieth in training, and once more, from a
/// fifth, after pruning. A bit of the result depends on its arguments alone.
nn::Model train(const SpecialistParams& params, std::uint64_t seed, const Mixture& mixture,
                const Which& which);

}  // namespace tasks
}  // namespace swarm
