#pragma once
#include <fstream>
#include <iterator>

#include "agents/nn/model.hpp"
#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/rng.hpp"
#include "sim/io/onnx_file.hpp"
#include "sim/io/onnx_graph.hpp"

/// Networks and graphs for the tests of ONNX files.
namespace swarm::io::sample {

/// n numbers in (−1, 1), the same for the same entity.
inline std::vector<float> noise(std::size_t n, std::uint64_t entity) {
  const Random random(7, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(2.0 * uniform_open(random.block(0, entity, static_cast<std::uint32_t>(i))[0]) - 1.0);
  return out;
}

inline nn::Model network(nn::Architecture architecture, std::uint64_t entity = 1) {
  const std::vector<float> parameters = noise(architecture.parameters(), entity);
  return nn::Model::unpack(std::move(architecture), parameters);
}

/// Every layer and activation, alone and together, with one row and with several.
inline std::vector<nn::Architecture> networks() {
  using namespace nn;
  return {
      MlpShape{{64, 128, 10}},
      MlpShape{{3, 1}},
      {{1, 5}, {Linear{7, Activation::tanh}, Linear{6, Activation::sigmoid}, Linear{4, Activation::gelu}, Softmax{}}},
      {{16, 4}, {DepthwiseConv{5, 2, 1, 2, 2, Activation::relu}, Linear{12, Activation::gelu}, MeanRows{}, Linear{3}}},
      {{9, 3}, {DepthwiseConv{3, 1, 4, 0, 0, Activation::sigmoid}, Linear{5}}},
      {{1, 6}, {DepthwiseConv{3, 1, 1, 2, 2}, DepthwiseConv{2, 1, 1, 0, 0, Activation::tanh}, Flatten{}, Linear{2}}},
      {{7, 1}, {Embedding{50, 8}, Positions{}, Attention{2}, LayerNorm{}, Flatten{}, Linear{5}, Softmax{}}},
      {{1, 1}, {Embedding{9, 4}, Attention{2, 0, true, true}, Linear{3}}},
      {{6, 8},
       {Attention{4, 3, false, false}, Attention{1, 0, true, true}, Attention{2, 2, true, true}, LayerNorm{1e-3f},
        MeanRows{}, Linear{2}}},
      {{4, 6}, {Attention{3, 0, false, true}, Linear{12, Activation::gelu}, Linear{6}, LayerNorm{}, Softmax{}}},
      {{1, 5}, {Positions{}, LayerNorm{}, Linear{3}, Positions{}, Softmax{}}},
      {{3, 5}, {Linear{4}, Positions{}, Linear{4, Activation::relu}, Positions{}, Flatten{}, Linear{1}}}};
}

/// What is wrong with a file, or nothing.
inline std::string problem_of(const std::filesystem::path& file) {
  try {
    read_onnx(file);
  } catch (const InputError& e) {
    return std::string("input: ") + e.what();
  } catch (const FileError& e) {
    return std::string("file: ") + e.what();
  }
  return "";
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline OnnxTensor tensor(std::vector<std::int64_t> dims, std::uint64_t entity) {
  std::int64_t n = 1;
  for (const std::int64_t d : dims) n *= d;
  return {std::move(dims), true, noise(static_cast<std::size_t>(n), entity)};
}

inline OnnxTensor whole(std::vector<std::int64_t> values) {
  return {{static_cast<std::int64_t>(values.size())}, false, {}, std::move(values)};
}

/// A graph from "x" of the given extents behind a free batch to "y".
inline OnnxGraph graph(std::vector<std::int64_t> in, std::vector<OnnxNode> nodes,
                       std::map<std::string, OnnxTensor> constants, std::int64_t opset = 17) {
  OnnxGraph g{8,
              opset,
              "a test",
              "1",
              "",
              "g",
              {"x", true, {std::nullopt}},
              {"y", true, {std::nullopt, std::nullopt}},
              std::move(nodes),
              std::move(constants)};
  for (const std::int64_t d : in) g.input.dims.push_back(d);
  return g;
}

}  // namespace swarm::io::sample
