#include "agents/nn/row_layers.hpp"

#include <algorithm>

namespace swarm {
namespace nn {

void add_rows(Rows<const float> x, Rows<float> y) {
  for (std::size_t r = 0; r < x.rows; ++r)
    for (std::size_t c = 0; c < x.width; ++c) y.data[r * y.stride + c] += x.data[r * x.stride + c];
}

void add_places(Rows<const float> x, Rows<const float> table, Rows<float> y) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float* place = table.data + r % table.rows * table.stride;
    for (std::size_t c = 0; c < x.width; ++c) y.data[r * y.stride + c] = x.data[r * x.stride + c] + place[c];
  }
}

void flatten(Rows<const float> x, std::uint32_t rows_each, Rows<float> y) {
  for (std::size_t r = 0; r < x.rows; ++r)
    std::copy_n(x.data + r * x.stride, x.width, y.data + r / rows_each * y.stride + r % rows_each * x.width);
}

void mean_rows(Rows<const float> x, std::uint32_t rows_each, Rows<float> y) {
  const float count = static_cast<float>(rows_each);
  for (std::size_t s = 0; s < y.rows; ++s) {
    const float* from = x.data + s * rows_each * x.stride;
    float* mean = y.data + s * y.stride;
    std::copy_n(from, x.width, mean);
    for (std::size_t r = 1; r < rows_each; ++r)
      for (std::size_t c = 0; c < x.width; ++c) mean[c] += from[r * x.stride + c];
    for (std::size_t c = 0; c < x.width; ++c) mean[c] /= count;
  }
}

}  // namespace nn
}  // namespace swarm
