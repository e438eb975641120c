#pragma once
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace onnx {
class TensorProto;
}

/// Tensors of any number of dimensions for the conformance tests, and the loops that cut them into our rows.
namespace swarm::conformance {

using Dims = std::vector<std::int64_t>;

/// float32 numbers, or whole ones of the stated ONNX type.
struct Tensor {
  Dims dims;
  std::int32_t type = 1;  ///< onnx::TensorProto::DataType
  std::vector<float> real = {};
  std::vector<std::int64_t> whole = {};

  bool is_real() const { return type == 1; }
  std::size_t size() const {
    return static_cast<std::size_t>(std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>()));
  }
  /// Product of extents [first, last).
  std::size_t extent(std::size_t first, std::size_t last) const {
    std::int64_t product = 1;
    for (std::size_t d = first; d < last; ++d) product *= dims[d];
    return static_cast<std::size_t>(product);
  }
};

/// A case needs something that our functions do not do.
struct NotOurs : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Tensor from_proto(const ::onnx::TensorProto& proto);
Tensor load_tensor(const std::filesystem::path& file);

/// Axes reordered: axis i of the result is axis order[i] of `t`.
Tensor transposed(const Tensor& t, const std::vector<std::size_t>& order);
/// The axis moved to the end (or, `back`, from the end to its place).
Tensor axis_last(const Tensor& t, std::size_t axis, bool back = false);
/// Negative axes count from the end.
std::size_t axis_of(std::int64_t axis, std::size_t rank);

}  // namespace swarm::conformance
