#include "operators.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>

namespace swarm::conformance {
namespace {

const ::onnx::AttributeProto* find(const ::onnx::NodeProto& node, const char* name) {
  for (const auto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

/// Numbers of two tensors of one shape, or of a tensor and a single number.
template <class Function>
Outputs pairwise(const Job& job, Function f) {
  const Tensor &a = job.in(0), &b = job.in(1);
  if (a.size() != b.size() && b.size() != 1) throw NotOurs("tensors that are spread");
  Tensor y = a;
  for (std::size_t i = 0; i < y.size(); ++i) y.real[i] = f(a.real[i], b.real[b.size() == 1 ? 0 : i]);
  return {y};
}

Outputs add(const Job& job) {
  return pairwise(job, [](float a, float b) { return a + b; });
}
Outputs multiply(const Job& job) {
  return pairwise(job, [](float a, float b) { return a * b; });
}

Outputs negate(const Job& job) {
  Tensor y = job.in(0);
  for (float& x : y.real) x = -x;
  return {y};
}

Outputs transpose(const Job& job) {
  const std::size_t rank = job.in(0).dims.size();
  std::vector<std::size_t> order;
  for (const std::int64_t axis : job.integers("perm", {})) order.push_back(static_cast<std::size_t>(axis));
  for (std::size_t d = rank; order.size() < rank;) order.push_back(--d);
  return {transposed(job.in(0), order)};
}

Outputs constant(const Job& job) {
  const auto* value = find(job.node, "value");
  if (!value) throw NotOurs("a constant that is no tensor");
  return {from_proto(value->t())};
}

Outputs split(const Job& job) {
  const std::size_t axis = axis_of(job.integer("axis", 0), job.in(0).dims.size());
  const Tensor x = axis_last(job.in(0), axis);
  const std::size_t width = static_cast<std::size_t>(x.dims.back());
  const auto parts = static_cast<std::size_t>(job.node.output_size());
  Outputs all;
  for (std::size_t p = 0; p < parts; ++p) {
    Tensor y{x.dims};
    y.dims.back() = static_cast<std::int64_t>(width / parts);
    for (std::size_t i = 0; i < x.size(); ++i)
      if (i % width / (width / parts) == p) y.real.push_back(x.real[i]);
    all.push_back(axis_last(y, axis, true));
  }
  return all;
}

}  // namespace

const Tensor& Job::in(std::size_t i) const {
  if (!has(i)) throw NotOurs("an input left out");
  return *inputs[i];
}

std::int64_t Job::integer(const char* name, std::int64_t otherwise) const {
  const auto* attribute = find(node, name);
  return attribute ? attribute->i() : otherwise;
}

float Job::real(const char* name, float otherwise) const {
  const auto* attribute = find(node, name);
  return attribute ? attribute->f() : otherwise;
}

std::string Job::text(const char* name, const char* otherwise) const {
  const auto* attribute = find(node, name);
  return attribute ? attribute->s() : otherwise;
}

std::vector<std::int64_t> Job::integers(const char* name, std::vector<std::int64_t> otherwise) const {
  const auto* attribute = find(node, name);
  return attribute ? std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end()) : otherwise;
}

const std::map<std::string, Operator>& our_operators() {
  static const std::map<std::string, Operator> kAll{{"Conv", conv},
                                                    {"DequantizeLinear", dequantise},
                                                    {"DynamicQuantizeLinear", dynamic_quantise},
                                                    {"Erf", erf},
                                                    {"Gather", gather},
                                                    {"Gemm", gemm},
                                                    {"LayerNormalization", layer_norm},
                                                    {"MatMul", matmul},
                                                    {"MatMulInteger", matmul_integer},
                                                    {"QLinearMatMul", qlinear_matmul},
                                                    {"QuantizeLinear", quantise},
                                                    {"Relu", relu},
                                                    {"Sigmoid", sigmoid},
                                                    {"Softmax", softmax},
                                                    {"Tanh", tanh},
                                                    {"TopK", top_k}};
  return kAll;
}

const std::map<std::string, Operator>& glue_operators() {
  static const std::map<std::string, Operator> kAll{{"Add", add},    {"Constant", constant}, {"Mul", multiply},
                                                    {"Neg", negate}, {"Split", split},       {"Transpose", transpose}};
  return kAll;
}

}  // namespace swarm::conformance
