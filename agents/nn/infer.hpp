#pragma once
#include <cstdint>
#include <span>

#include "agents/nn/model.hpp"
#include "agents/nn/weight_store.hpp"

/// Inference. A sample's outputs depend on the model and the sample alone: not on its group, its place in it,
/// the number of threads or the instruction set.
namespace swarm {
namespace nn {

/// Samples that go through one model together.
struct Group {
  ModelId model;
  const float* inputs;  ///< n × in, row-major, contiguous
  float* outputs;       ///< n × out, row-major, contiguous; must not overlap any input or other output
  std::uint32_t n;
};

/// Runs all groups, in parallel over groups and over row blocks of large ones, and counts the work. Nothing
/// is allocated once each thread's buffers have grown to the largest call.
WorkCount infer_groups(const WeightStore& store, std::span<const Group> groups);

/// One model on the calling thread. Works out anew what its architecture decides; for many calls see Network.
void forward(const Model& model, const float* inputs, float* outputs, std::uint32_t n);

}  // namespace nn
}  // namespace swarm
