#pragma once
#include <filesystem>

#include "agents/nn/model.hpp"

/// Networks as ONNX files (docs/models/onnx.md).
namespace swarm::io {

/// Reads a network made of layers that nn::Architecture has. Weights keep their bits, except that alpha and beta of a
/// Gemm are multiplied in. A signal that comes in as [batch][channels][positions], because a convolution takes it, has
/// positions as rows here. Throws FileError for a file that cannot be read or is damaged, and InputError, which names
/// nodes and operators, for a network that is not supported.
nn::Model read_onnx(const std::filesystem::path& file);

/// Writes a network for operator set 17 (format version 8) with a free batch, beside its final name, and renames it.
/// Reading it again gives the same bits; a flatten or mean of one row, which changes nothing, is left out. Throws
/// FileError, and InputError for a network that ONNX cannot express: an embedding behind another layer.
void write_onnx(const nn::Model& model, const std::filesystem::path& file);

}  // namespace swarm::io
