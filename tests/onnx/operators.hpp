#pragma once
#include <map>
#include <string>
#include <vector>

#include "tensor.hpp"

namespace onnx {
class NodeProto;
}

/// ONNX's operators by way of swarmsim's own functions. What is written here only brings tensors into their rows.
namespace swarm::conformance {

struct Job {
  const ::onnx::NodeProto& node;
  std::vector<const Tensor*> inputs;  ///< null where one is left out
  std::int64_t opset;
  bool wrong;  ///< for the self-test: compute something that is nearly right

  const Tensor& in(std::size_t i) const;
  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  std::int64_t integer(const char* name, std::int64_t otherwise) const;
  float real(const char* name, float otherwise) const;
  std::string text(const char* name, const char* otherwise) const;
  std::vector<std::int64_t> integers(const char* name, std::vector<std::int64_t> otherwise) const;
};

using Outputs = std::vector<Tensor>;
using Operator = Outputs (*)(const Job&);

/// The operators that are tested, by name; and those that only stand around them in some cases, as plain loops.
const std::map<std::string, Operator>& our_operators();
const std::map<std::string, Operator>& glue_operators();

Outputs gemm(const Job& job);
Outputs matmul(const Job& job);
Outputs relu(const Job& job);
Outputs tanh(const Job& job);
Outputs sigmoid(const Job& job);
Outputs erf(const Job& job);
Outputs softmax(const Job& job);
Outputs layer_norm(const Job& job);
Outputs top_k(const Job& job);
Outputs gather(const Job& job);
Outputs conv(const Job& job);
Outputs quantise(const Job& job);
Outputs dequantise(const Job& job);
Outputs dynamic_quantise(const Job& job);
Outputs matmul_integer(const Job& job);
Outputs qlinear_matmul(const Job& job);

/// MatMul of tensors of any rank: calls product(a, b, rows, inner, columns, out) for each pair of matrices, given by
/// the places where they begin.
template <class Product>
void each_matrix(const Tensor& a, const Tensor& b, Dims& dims, Product product) {
  const std::size_t rank = a.dims.size();
  if (rank < 2 || b.dims.size() != rank) throw NotOurs("factors of different ranks");
  for (std::size_t d = 0; d + 2 < rank; ++d)
    if (a.dims[d] != b.dims[d]) throw NotOurs("factors that are spread");
  const std::size_t rows = a.extent(rank - 2, rank - 1), inner = a.extent(rank - 1, rank),
                    columns = b.extent(rank - 1, rank);
  dims = a.dims;
  dims.back() = b.dims.back();
  for (std::size_t m = 0; m < a.extent(0, rank - 2); ++m)
    product(m * rows * inner, m * inner * columns, rows, inner, columns, m * rows * columns);
}

}  // namespace swarm::conformance
