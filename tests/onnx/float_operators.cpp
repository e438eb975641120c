#include <onnx/onnx_pb.h>

#include <algorithm>

#include "agents/nn/elementwise.hpp"
#include "agents/nn/infer.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/rows.hpp"
#include "operators.hpp"

namespace swarm::conformance {
namespace {

/// y = x·w + bias through a network of one layer. x: rows × in, w: in × out, bias: out.
void dense(const float* x, std::size_t rows, const std::vector<float>& w, const std::vector<float>& bias, float* y) {
  const auto out = static_cast<std::uint32_t>(bias.size()), in = static_cast<std::uint32_t>(w.size() / bias.size());
  nn::Model model(nn::Architecture{{1, in}, {nn::Linear{out}}});
  for (std::size_t i = 0; i < in; ++i)
    for (std::size_t o = 0; o < out; ++o) model.weight(0, i, o) = w[i * out + o];
  std::copy(bias.begin(), bias.end(), model.bias(0).begin());
  nn::forward(model, x, y, static_cast<std::uint32_t>(rows));
}

Outputs activated(const Job& job, nn::Activation activation) {
  Tensor y = job.in(0);
  nn::activate(activation, y.real, y.real);
  return {y};
}

}  // namespace

Outputs gemm(const Job& job) {
  const Tensor a = job.integer("transA", 0) ? transposed(job.in(0), {1, 0}) : job.in(0);
  const Tensor b = job.integer("transB", 0) && !job.wrong ? transposed(job.in(1), {1, 0}) : job.in(1);
  const std::size_t rows = a.extent(0, 1), out = job.integer("transB", 0) ? job.in(1).extent(0, 1) : b.extent(1, 2);
  const float alpha = job.real("alpha", 1), beta = job.wrong ? 1.0f : job.real("beta", 1);
  std::vector<float> w = b.real;
  for (float& x : w) x *= alpha;
  Tensor y{{a.dims[0], static_cast<std::int64_t>(out)}};
  y.real.resize(rows * out);
  for (std::size_t r = 0; r < rows; ++r) {  // each row may have a bias of its own
    std::vector<float> bias(out);
    if (job.has(2)) {
      const Tensor& c = job.in(2);
      const std::size_t columns = c.dims.empty() ? 1 : c.extent(c.dims.size() - 1, c.dims.size());
      for (std::size_t o = 0; o < out; ++o)
        bias[o] = beta * c.real[(c.size() > columns ? r * columns : 0) + (columns > 1 ? o : 0)];
    }
    dense(a.real.data() + r * a.extent(1, 2), 1, w, bias, y.real.data() + r * out);
  }
  return {y};
}

Outputs matmul(const Job& job) {
  Tensor y;
  y.real.resize(job.in(0).size() / job.in(0).extent(job.in(0).dims.size() - 1, job.in(0).dims.size()) *
                static_cast<std::size_t>(job.in(1).dims.back()));
  each_matrix(
      job.in(0), job.in(1), y.dims,
      [&](std::size_t a, std::size_t b, std::size_t rows, std::size_t inner, std::size_t columns, std::size_t out) {
        const auto first = job.in(1).real.begin() + static_cast<std::ptrdiff_t>(b);
        std::vector<float> w(first, first + static_cast<std::ptrdiff_t>(inner * columns));
        if (job.wrong) std::swap(w.front(), w.back());
        dense(job.in(0).real.data() + a, rows, w, std::vector<float>(columns), y.real.data() + out);
      });
  return {y};
}

Outputs relu(const Job& job) {
  return activated(job, job.wrong ? nn::Activation::none : nn::Activation::relu);
}
Outputs tanh(const Job& job) {
  return activated(job, job.wrong ? nn::Activation::sigmoid : nn::Activation::tanh);
}
Outputs sigmoid(const Job& job) {
  return activated(job, job.wrong ? nn::Activation::tanh : nn::Activation::sigmoid);
}

/// GELU has no case of its own in this operator set. gelu(z) = z·(1 + erf(z/√2))/2, hence erf(x) = 2·gelu(z)/z − 1
/// with z = √2·x.
Outputs erf(const Job& job) {
  Tensor y = job.in(0);
  for (float& x : y.real) {
    const float z = 1.41421356f * x;
    float g = z;
    nn::activate(job.wrong ? nn::Activation::relu : nn::Activation::gelu, {&g, 1}, {&g, 1});
    x = z == 0 ? 0.0f : 2 * g / z - 1;
  }
  return {y};
}

Outputs softmax(const Job& job) {
  const bool old = job.opset < 13;  // flattened everything from the axis on
  const std::size_t rank = job.in(0).dims.size();
  const std::size_t axis = job.wrong ? 0 : axis_of(job.integer("axis", old ? 1 : -1), rank);
  Tensor x = old ? job.in(0) : axis_last(job.in(0), axis);
  const std::size_t width = old ? x.extent(axis, rank) : x.extent(rank - 1, rank);
  nn::softmax(nn::Rows<const float>::packed(x.real.data(), x.size() / width, width),
              nn::Rows<float>::packed(x.real.data(), x.size() / width, width));
  return {old ? x : axis_last(x, axis, true)};
}

Outputs layer_norm(const Job& job) {
  const Tensor& x = job.in(0);
  const std::size_t rank = x.dims.size(), axis = axis_of(job.integer("axis", -1), rank);
  const std::size_t rows = x.extent(0, axis), width = x.extent(axis, rank);
  Tensor y = x, mean{x.dims};
  for (std::size_t d = axis; d < rank; ++d) mean.dims[d] = 1;
  Tensor scale = mean;
  mean.real.resize(rows);
  scale.real.resize(rows);
  std::vector<float> bias = job.has(2) ? job.in(2).real : std::vector<float>(width);
  if (job.wrong) std::fill(bias.begin(), bias.end(), 0.0f);
  nn::layer_norm(nn::Rows<const float>::packed(x.real.data(), rows, width),
                 {job.in(1).real, bias, job.real("epsilon", 1e-5f)},
                 nn::Rows<float>::packed(y.real.data(), rows, width), {mean.real, scale.real});
  return {y, mean, scale};
}

Outputs top_k(const Job& job) {
  const std::size_t axis = axis_of(job.integer("axis", -1), job.in(0).dims.size());
  const Tensor x = axis_last(job.in(0), axis);
  const std::size_t width = static_cast<std::size_t>(x.dims.back()),
                    k = static_cast<std::size_t>(job.in(1).whole.at(0));
  Tensor values{x.dims}, places{x.dims, ::onnx::TensorProto::INT64};
  values.dims.back() = places.dims.back() = static_cast<std::int64_t>(k);
  std::vector<std::uint32_t> indices(k);
  nn::SelectionScratch scratch;
  const nn::TopK rule{.largest = (job.integer("largest", 1) != 0) != job.wrong,
                      .sorted = job.integer("sorted", 1) != 0};
  for (std::size_t r = 0; r * width < x.size(); ++r) {
    nn::top_k({x.real.data() + r * width, width}, indices, scratch, rule);
    for (const std::uint32_t i : indices) {
      values.real.push_back(x.real[r * width + i]);
      places.whole.push_back(i);
    }
  }
  return {axis_last(values, axis, true), axis_last(places, axis, true)};
}

Outputs gather(const Job& job) {
  const std::size_t rank = job.in(0).dims.size(), axis = axis_of(job.integer("axis", 0), rank);
  std::vector<std::size_t> order{axis};  // the axis first, so that each of its places is one row
  for (std::size_t d = 0; d < rank; ++d)
    if (d != axis) order.push_back(d);
  const Tensor table = transposed(job.in(0), order);
  const std::size_t rows = table.extent(0, 1), width = table.extent(1, rank);
  std::vector<std::uint32_t> ids;
  for (const std::int64_t id : job.in(1).whole)
    ids.push_back(static_cast<std::uint32_t>(
        (id + (id < 0 ? static_cast<std::int64_t>(rows) : 0) + (job.wrong ? 1 : 0)) % static_cast<std::int64_t>(rows)));
  Tensor y{job.in(1).dims};
  y.dims.insert(y.dims.end(), table.dims.begin() + 1, table.dims.end());
  y.real.resize(ids.size() * width);
  nn::embed(nn::Rows<const float>::packed(table.real.data(), rows, width), ids,
            nn::Rows<float>::packed(y.real.data(), ids.size(), width));
  std::vector<std::size_t> back;  // [ids…, rest…] to [before the axis…, ids…, behind it…]
  const std::size_t id_rank = job.in(1).dims.size();
  for (std::size_t d = 0; d < axis; ++d) back.push_back(id_rank + d);
  for (std::size_t d = 0; d < id_rank; ++d) back.push_back(d);
  for (std::size_t d = axis; d + 1 < rank; ++d) back.push_back(id_rank + d);
  return {transposed(y, back)};
}

}  // namespace swarm::conformance
