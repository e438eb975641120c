#include <onnx/onnx_pb.h>

#include "agents/nn/integer_layer.hpp"
#include "agents/nn/quantise.hpp"
#include "operators.hpp"

namespace swarm::conformance {
namespace {

constexpr std::int32_t kUint8 = ::onnx::TensorProto::UINT8, kInt8 = ::onnx::TensorProto::INT8;

/// Calls run(range, place, length) for each stretch of numbers that share a scale and zero point, inputs 1 and 2.
template <class Run>
void each_range(const Job& job, std::size_t rank, Run run) {
  const Tensor &x = job.in(0), &scale = job.in(1);
  const std::size_t ranges = scale.size();
  const std::size_t axis = ranges == 1 ? rank : axis_of(job.integer("axis", 1), rank);
  const std::size_t inner = ranges == 1 ? x.size() : x.extent(axis + 1, rank);
  for (std::size_t at = 0; at < x.size(); at += inner) {
    const std::size_t r = at / inner % ranges;
    run(nn::Affine{scale.real[r], job.has(2) && !(job.wrong && job.node.op_type() == "DequantizeLinear")
                                      ? static_cast<std::int32_t>(job.in(2).whole[r])
                                      : 0},
        at, inner);
  }
}

/// a·(b − zero point) through the integer layer: differences of bytes need 9 bits, so each weight stands three times,
/// in thirds, behind three copies of the activations.
struct Products {
  nn::IntegerLayer layer;
  std::vector<std::uint8_t> rows;
  std::size_t stride;

  nn::ByteRows bytes(std::size_t n) const { return {rows.data(), stride, n}; }
};

Products products(const Tensor& a, std::size_t a_at, const Tensor& b, std::size_t b_at, std::size_t rows,
                  std::size_t inner, std::size_t columns, const nn::Affine& a_range, const nn::Affine& b_range) {
  if (a.type != kUint8 || b.type != kUint8) throw NotOurs("signed activations");
  nn::IntegerWeights weights{nn::IntegerFormat::int8, 3 * inner, columns, std::vector<std::int8_t>(3 * inner * columns),
                             std::vector<float>(columns, b_range.scale)};
  for (std::size_t i = 0; i < inner * columns; ++i) {
    const std::int64_t whole = b.whole[b_at + i] - b_range.zero_point, third = whole / 3, half = (whole - third) / 2;
    weights.values[i] = static_cast<std::int8_t>(third);
    weights.values[inner * columns + i] = static_cast<std::int8_t>(half);
    weights.values[2 * inner * columns + i] = static_cast<std::int8_t>(whole - third - half);
  }
  Products p{nn::IntegerLayer(weights, std::vector<float>(columns)), {}, nn::padded(3 * inner)};
  p.layer.calibrate(a_range);
  p.rows.resize(rows * p.stride);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < 3 * inner; ++i)
      p.rows[r * p.stride + i] = static_cast<std::uint8_t>(a.whole[a_at + r * inner + i % inner]);
  return p;
}

std::int32_t zero_point(const Job& job, std::size_t input) {
  if (!job.has(input)) return 0;
  if (job.in(input).size() != 1) throw NotOurs("a zero point per row");
  return static_cast<std::int32_t>(job.in(input).whole[0]);
}

float scale(const Job& job, std::size_t input) {
  if (job.in(input).size() != 1) throw NotOurs("a scale per row");
  return job.in(input).real[0];
}

}  // namespace

Outputs quantise(const Job& job) {
  const Tensor& x = job.in(0);
  Tensor y{x.dims, job.has(2) ? job.in(2).type : kUint8};
  each_range(job, x.dims.size(), [&](nn::Affine range, std::size_t at, std::size_t n) {
    if (job.wrong) range.zero_point -= 1;
    std::vector<std::uint8_t> bytes(n);
    std::vector<std::int8_t> signed_bytes(n);
    const std::span<const float> numbers{x.real.data() + at, n};
    if (y.type == kInt8) {
      nn::quantise_linear(numbers, range, signed_bytes);
      y.whole.insert(y.whole.end(), signed_bytes.begin(), signed_bytes.end());
    } else {
      nn::quantise_linear(numbers, range, bytes);
      y.whole.insert(y.whole.end(), bytes.begin(), bytes.end());
    }
  });
  return {y};
}

Outputs dequantise(const Job& job) {
  const Tensor& q = job.in(0);
  Tensor y{q.dims};
  y.real.resize(q.size());
  each_range(job, q.dims.size(), [&](const nn::Affine& range, std::size_t at, std::size_t n) {
    const auto first = q.whole.begin() + static_cast<std::ptrdiff_t>(at), last = first + static_cast<std::ptrdiff_t>(n);
    const std::span<float> numbers{y.real.data() + at, n};
    if (q.type == kUint8)
      nn::dequantise_linear(std::vector<std::uint8_t>(first, last), range, numbers);
    else if (q.type == kInt8)
      nn::dequantise_linear(std::vector<std::int8_t>(first, last), range, numbers);
    else
      throw NotOurs("numbers of other widths");
  });
  return {y};
}

Outputs dynamic_quantise(const Job& job) {
  const Tensor& x = job.in(0);
  nn::Affine range = nn::affine_of(x.real);
  if (job.wrong) range.zero_point ^= 1;
  std::vector<std::uint8_t> bytes(x.size());
  nn::quantise_linear(x.real, range, bytes);
  return {
      {x.dims, kUint8, {}, {bytes.begin(), bytes.end()}}, {{}, 1, {range.scale}}, {{}, kUint8, {}, {range.zero_point}}};
}

Outputs matmul_integer(const Job& job) {
  const Tensor &a = job.in(0), &b = job.in(1);
  Tensor y{{}, ::onnx::TensorProto::INT32};
  const nn::Affine a_range{1.0f, job.wrong ? 0 : zero_point(job, 2)}, b_range{1.0f, zero_point(job, 3)};
  each_matrix(
      a, b, y.dims,
      [&](std::size_t a_at, std::size_t b_at, std::size_t rows, std::size_t inner, std::size_t columns, std::size_t) {
        const Products p = products(a, a_at, b, b_at, rows, inner, columns, a_range, b_range);
        std::vector<std::int32_t> sums(rows * columns);
        nn::integer_sums(p.layer, p.bytes(rows), sums.data(), columns);
        y.whole.insert(y.whole.end(), sums.begin(), sums.end());
      });
  return {y};
}

Outputs qlinear_matmul(const Job& job) {
  const Tensor &a = job.in(0), &b = job.in(3);
  Tensor y{{}, kUint8};
  const nn::Affine a_range{scale(job, 1), zero_point(job, 2)}, b_range{scale(job, 4), zero_point(job, 5)},
      y_range{scale(job, 6), job.wrong ? 0 : zero_point(job, 7)};
  each_matrix(
      a, b, y.dims,
      [&](std::size_t a_at, std::size_t b_at, std::size_t rows, std::size_t inner, std::size_t columns, std::size_t) {
        const Products p = products(a, a_at, b, b_at, rows, inner, columns, a_range, b_range);
        std::vector<std::uint8_t> bytes(rows * p.layer.width());
        nn::forward_bytes(p.layer, p.bytes(rows), nn::Activation::none, y_range, bytes.data(), p.layer.width());
        for (std::size_t r = 0; r < rows; ++r)
          for (std::size_t c = 0; c < columns; ++c) y.whole.push_back(bytes[r * p.layer.width() + c]);
      });
  return {y};
}

}  // namespace swarm::conformance
