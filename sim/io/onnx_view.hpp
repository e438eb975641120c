#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/io/onnx_graph.hpp"

/// A loaded ONNX graph as the import walks through it: who takes which value, and questions about nodes that are
/// answered or refused in words.
namespace swarm::io {

class OnnxView {
 public:
  /// Drops nodes that the output does not depend on; takes out Identity and Dropout, which change nothing in inference.
  OnnxView(OnnxGraph graph, std::filesystem::path file);
  OnnxView(const OnnxView&) = delete;
  OnnxView& operator=(const OnnxView&) = delete;

  const OnnxGraph& graph() const { return graph_; }
  const std::filesystem::path& file() const { return file_; }
  const std::string& output() const { return output_; }

  /// Nodes that take a value, in the graph's order.
  const std::vector<const OnnxNode*>& takers(const std::string& value) const;
  /// The one node that takes a value which is not the output; null if there is no such.
  const OnnxNode* taker(const std::string& value) const;
  /// The node that yields a value; null for inputs and constants.
  const OnnxNode* maker(const std::string& value) const;
  /// null if the value is no constant.
  const OnnxTensor* constant(const std::string& value) const;
  /// A constant of one real number.
  std::optional<double> scalar(const std::string& value) const;
  /// Of a node of two inputs one of which is constant: the constant's place; nullopt otherwise.
  std::optional<std::size_t> constant_place(const OnnxNode& node) const;

  /// Attributes, or what ONNX says where they are left out. Refuse an attribute of another type.
  std::int64_t integer(const OnnxNode& node, const char* name, std::int64_t otherwise) const;
  float real(const OnnxNode& node, const char* name, float otherwise) const;
  std::string text(const OnnxNode& node, const char* name, const char* otherwise) const;
  std::vector<std::int64_t> integers(const OnnxNode& node, const char* name, std::vector<std::int64_t> otherwise) const;
  /// Whole numbers from an attribute or, in newer operator sets, from constant input `place`; nullopt if neither is
  /// there.
  std::optional<std::vector<std::int64_t>> integers_or_input(const OnnxNode& node, const char* name,
                                                             std::size_t place) const;
  bool has_input(const OnnxNode& node, std::size_t place) const {
    return place < node.inputs.size() && !node.inputs[place].empty();
  }
  /// A constant input of real numbers; refused if it is something else.
  const OnnxTensor& weights(const OnnxNode& node, std::size_t place) const;

  /// Throws InputError that names file, node and operator.
  [[noreturn]] void refuse(const OnnxNode& node, const std::string& problem, const std::string& why) const;

 private:
  template <class T>
  T attribute(const OnnxNode& node, const char* name, T otherwise) const;
  void take_out_idle_nodes();
  void prune();

  OnnxGraph graph_;
  std::filesystem::path file_;
  std::string output_;
  std::map<std::string, std::vector<const OnnxNode*>> takers_;
  std::map<std::string, const OnnxNode*> makers_;
};

/// "node 'name' (Operator)".
std::string node_text(const OnnxNode& node);
/// All operators that the import knows, for messages.
std::string supported_onnx();

}  // namespace swarm::io
