#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// ONNX files as plain values: one graph, its nodes in order and its constants. What the nodes mean is not known here.
namespace swarm::io {

/// A tensor, row-major: of float32 if it is real, else of int64 or int32.
struct OnnxTensor {
  std::vector<std::int64_t> dims;  ///< none: a scalar
  bool real = true;
  std::vector<float> floats = {};
  std::vector<std::int64_t> integers = {};
};

using OnnxAttribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, OnnxTensor>;

struct OnnxNode {
  std::string name;
  std::string op;
  std::vector<std::string> inputs;  ///< names of values; empty where an optional one is left out
  std::vector<std::string> outputs;
  std::map<std::string, OnnxAttribute> attributes = {};
};

/// An input or output of the graph. The first extent is the batch; nullopt: free.
struct OnnxValue {
  std::string name;
  bool real = true;  ///< float32, else int64 or int32
  std::vector<std::optional<std::int64_t>> dims;
};

/// Of the standard operators (domain ai.onnx) only.
struct OnnxGraph {
  std::int64_t ir_version = 0;
  std::int64_t opset = 0;
  std::string producer, producer_version, doc, name;
  OnnxValue input, output;
  std::vector<OnnxNode> nodes;  ///< each after those whose outputs it takes; Constant nodes are among the constants
  std::map<std::string, OnnxTensor> constants;
};

/// Reads and checks a file as far as it can be done without knowing operators. Throws FileError for a file that cannot
/// be read or is damaged, InputError with all problems for one that says what is not supported: two inputs or outputs,
/// other element types, external or sparse data, other domains, negative or missing extents, values that nothing yields
/// (also by a cycle) or two nodes do.
OnnxGraph load_onnx(const std::filesystem::path& file);

/// Writes beside and renames. Throws FileError.
void save_onnx(const OnnxGraph& graph, const std::filesystem::path& file);

}  // namespace swarm::io
