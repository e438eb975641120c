#include "sim/io/onnx_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

/// Operators with a meaning of their own, and those that are only known as parts of GELU or attention.
constexpr const char* kOperators[] = {"Add",
                                      "Cast",
                                      "Conv",
                                      "Flatten",
                                      "Gather",
                                      "Gelu",
                                      "Gemm",
                                      "GlobalAveragePool",
                                      "LayerNormalization",
                                      "MatMul",
                                      "ReduceMean",
                                      "Relu",
                                      "Reshape",
                                      "Sigmoid",
                                      "Softmax",
                                      "Squeeze",
                                      "Tanh",
                                      "Transpose",
                                      "Unsqueeze"};
constexpr const char* kParts[] = {"ConstantOfShape", "Div", "Erf", "Mul", "ScatterElements", "Shape", "Split", "TopK"};

/// Why a well-known operator is not there, where there is more to say than that it is unknown.
std::string why_not(const std::string& op) {
  if (op == "QuantizeLinear" || op == "DequantizeLinear" || op.find("Integer") != std::string::npos ||
      op.starts_with("QLinear"))
    return "integer networks are not read; swarmsim converts float32 networks to integers itself";
  if (op == "BatchNormalization")
    return "in inference it can be folded into the layer before, which exporters do on request";
  if (op.find("Pool") != std::string::npos) return "of poolings the mean over all positions is supported";
  return "swarmsim has no such layer";
}

std::vector<Diagnostic> unknown_operators(const OnnxGraph& graph, const std::filesystem::path& file) {
  std::vector<Diagnostic> problems;
  const auto is = [](const OnnxNode& node) { return [&node](const char* op) { return node.op == op; }; };
  for (const OnnxNode& node : graph.nodes)
    if (std::none_of(std::begin(kOperators), std::end(kOperators), is(node)) &&
        std::none_of(std::begin(kParts), std::end(kParts), is(node)))
      problems.push_back({.file = file.string(),
                          .problem = fmt::format("{} is not supported", node_text(node)),
                          .why = why_not(node.op),
                          .suggestion = fmt::format("Build the network from: {}.", supported_onnx())});
  return problems;
}

}  // namespace

std::string node_text(const OnnxNode& node) {
  return fmt::format("node '{}' ({})", node.name, node.op);
}

std::string supported_onnx() {
  return fmt::format("{}, Constant, Dropout, Identity, and in GELU and attention {}", fmt::join(kOperators, ", "),
                     fmt::join(kParts, ", "));
}

OnnxView::OnnxView(OnnxGraph graph, std::filesystem::path file)
    : graph_(std::move(graph)), file_(std::move(file)), output_(graph_.output.name) {
  take_out_idle_nodes();
  prune();
  if (auto problems = unknown_operators(graph_, file_); !problems.empty()) throw InputError(std::move(problems));
  for (const OnnxNode& node : graph_.nodes) {
    for (const std::string& input : node.inputs)
      if (auto& all = takers_[input]; all.empty() || all.back() != &node) all.push_back(&node);
    for (const std::string& out : node.outputs) makers_[out] = &node;
    if (node.outputs.empty() || node.inputs.empty()) refuse(node, "takes or yields nothing", "the graph is broken");
  }
}

void OnnxView::take_out_idle_nodes() {
  std::map<std::string, std::string> alias;
  const auto resolve = [&](std::string& value) {
    if (const auto found = alias.find(value); found != alias.end()) value = found->second;
  };
  std::vector<OnnxNode> kept;
  for (OnnxNode& node : graph_.nodes) {
    for (std::string& input : node.inputs) resolve(input);
    if ((node.op != "Identity" && node.op != "Dropout") || node.inputs.empty() || node.outputs.empty()) {
      kept.push_back(std::move(node));
      continue;
    }
    if (node.op == "Dropout" && has_input(node, 2))
      refuse(node, "has a training mode", "a network that drops at random has no single answer");
    alias[node.outputs[0]] = node.inputs[0];
  }
  resolve(output_);
  graph_.nodes = std::move(kept);
}

void OnnxView::prune() {
  std::set<std::string> needed{output_};
  std::vector<OnnxNode> kept;
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(),
                     [&](const std::string& o) { return needed.contains(o); }))
      continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph_.nodes = std::move(kept);
}

const std::vector<const OnnxNode*>& OnnxView::takers(const std::string& value) const {
  static const std::vector<const OnnxNode*> kNone;
  const auto found = takers_.find(value);
  return found == takers_.end() ? kNone : found->second;
}

const OnnxNode* OnnxView::taker(const std::string& value) const {
  const auto& all = takers(value);
  return all.size() == 1 && value != output_ ? all[0] : nullptr;
}

const OnnxNode* OnnxView::maker(const std::string& value) const {
  const auto found = makers_.find(value);
  return found == makers_.end() ? nullptr : found->second;
}

const OnnxTensor* OnnxView::constant(const std::string& value) const {
  const auto found = graph_.constants.find(value);
  return found == graph_.constants.end() ? nullptr : &found->second;
}

std::optional<double> OnnxView::scalar(const std::string& value) const {
  const OnnxTensor* c = constant(value);
  return c && c->floats.size() == 1 ? std::optional<double>(c->floats[0]) : std::nullopt;
}

std::optional<std::size_t> OnnxView::constant_place(const OnnxNode& node) const {
  if (node.inputs.size() != 2) return std::nullopt;
  const bool first = constant(node.inputs[0]), second = constant(node.inputs[1]);
  if (first == second) return std::nullopt;
  return first ? 0 : 1;
}

template <class T>
T OnnxView::attribute(const OnnxNode& node, const char* name, T otherwise) const {
  const auto found = node.attributes.find(name);
  if (found == node.attributes.end()) return otherwise;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  refuse(node, fmt::format("has an attribute '{}' of another type than ONNX gives it", name), "the graph is broken");
}

std::int64_t OnnxView::integer(const OnnxNode& node, const char* name, std::int64_t otherwise) const {
  return attribute(node, name, otherwise);
}
float OnnxView::real(const OnnxNode& node, const char* name, float otherwise) const {
  return attribute(node, name, otherwise);
}
std::string OnnxView::text(const OnnxNode& node, const char* name, const char* otherwise) const {
  return attribute(node, name, std::string(otherwise));
}
std::vector<std::int64_t> OnnxView::integers(const OnnxNode& node, const char* name,
                                             std::vector<std::int64_t> otherwise) const {
  return attribute(node, name, std::move(otherwise));
}

std::optional<std::vector<std::int64_t>> OnnxView::integers_or_input(const OnnxNode& node, const char* name,
                                                                     std::size_t place) const {
  if (node.attributes.contains(name)) return integers(node, name, {});
  if (!has_input(node, place)) return std::nullopt;
  const OnnxTensor* values = constant(node.inputs[place]);
  if (!values || values->real)
    refuse(node, fmt::format("computes its {}", name), "sizes must be constants, so that the network's shape is known");
  return values->integers;
}

const OnnxTensor& OnnxView::weights(const OnnxNode& node, std::size_t place) const {
  if (!has_input(node, place)) refuse(node, fmt::format("lacks input {}", place), "its parameters are needed");
  const OnnxTensor* c = constant(node.inputs[place]);
  if (!c || !c->real)
    refuse(node, fmt::format("has '{}' as input {}", node.inputs[place], place),
           "there it needs a constant of real numbers");
  return *c;
}

void OnnxView::refuse(const OnnxNode& node, const std::string& problem, const std::string& why) const {
  throw InputError(Diagnostic{.file = file_.string(),
                              .problem = fmt::format("{} {}", node_text(node), problem),
                              .why = why,
                              .suggestion = fmt::format("Build the network from: {}.", supported_onnx())});
}

}  // namespace swarm::io
