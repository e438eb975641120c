#pragma once
#include <filesystem>

#include "agents/nn/model.hpp"
#include "sim/io/onnx_graph.hpp"

namespace swarm::io {

/// A network as an ONNX graph. Throws InputError that names `file` where ONNX cannot express it.
OnnxGraph export_onnx(const nn::Model& model, const std::filesystem::path& file);

}  // namespace swarm::io
