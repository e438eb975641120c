#pragma once
#include <cstddef>

#include "agents/nn/model.hpp"

namespace swarm {
namespace nn {

/// Activations of the layer being read and of the one being written; grows to what the largest call needs.
/// One per thread at a time.
struct LayerScratch {
  AlignedFloats front, back;

  void reserve(std::size_t floats) {
    if (front.size() >= floats) return;
    front.resize(floats);
    back.resize(floats);
  }
};

}  // namespace nn
}  // namespace swarm
