#pragma once
#include "agents/nn/model.hpp"
#include "sim/io/onnx_view.hpp"

namespace swarm::io {

/// The network that a graph describes. Throws InputError that names the node.
nn::Model import_onnx(const OnnxView& view);

}  // namespace swarm::io
