#include "agents/nn/conv.hpp"
#include "operators.hpp"

// Convolutions over several dimensions are sums of convolutions over the last one, which is ours.
namespace swarm::conformance {
namespace {

/// One spatial dimension.
struct Axis {
  std::int64_t length, kernel, stride, dilation, before, after;

  std::int64_t outputs() const { return (length + before + after - (kernel - 1) * dilation - 1) / stride + 1; }
};

std::vector<Axis> axes_of(const Job& job) {
  const Dims &x = job.in(0).dims, &w = job.in(1).dims;
  const std::size_t n = x.size() - 2;
  const std::vector<std::int64_t> ones(n, 1), zeros(2 * n, 0);
  const auto strides = job.integers("strides", ones), dilations = job.integers("dilations", ones),
             pads = job.integers("pads", zeros);
  const std::string rule = job.text("auto_pad", "NOTSET");
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < n; ++d) {
    Axis axis{x[d + 2], w[d + 2], strides[d], job.wrong ? 1 : dilations[d], pads[d], pads[d + n]};
    if (rule == "SAME_LOWER" || rule == "SAME_UPPER") {
      const std::int64_t both =
          std::max<std::int64_t>(0, ((axis.length + axis.stride - 1) / axis.stride - 1) * axis.stride +
                                        (axis.kernel - 1) * axis.dilation + 1 - axis.length);
      axis.before = rule == "SAME_UPPER" ? both / 2 : both - both / 2;
      axis.after = both - axis.before;
    }
    axes.push_back(axis);
  }
  return axes;
}

/// Lines along the last dimension through our function.
class Lines {
 public:
  Lines(const Job& job, const Axis& last)
      : job_(job),
        last_(last),
        shape_{.in_channels = narrow(job.in(0).dims[1]),
               .out_channels = narrow(job.in(1).dims[0]),
               .kernel = narrow(last.kernel),
               .stride = narrow(last.stride),
               .dilation = narrow(last.dilation),
               .pad_left = narrow(last.before),
               .pad_right = narrow(last.after),
               .group = narrow(job.integer("group", 1))},
        parameters_(nn::conv_parameters(shape_)),
        scratch_(nn::conv_scratch(shape_)) {}

  /// Adds the convolution of input line `x_line` of sample s by line `w_line` of the kernel to output line `y_line`.
  void add(std::size_t s, std::size_t x_line, std::size_t x_lines, std::size_t w_line, std::size_t w_lines,
           std::size_t y_line, std::size_t y_lines, bool bias, Tensor& y) {
    const auto &x = job_.in(0).real, &w = job_.in(1).real;
    const std::size_t length = static_cast<std::size_t>(last_.length), depth = shape_.in_channels / shape_.group,
                      in_width = nn::padded(shape_.in_channels);
    for (std::size_t o = 0; o < shape_.out_channels; ++o) {
      for (std::size_t i = 0; i < depth; ++i)
        for (std::size_t t = 0; t < shape_.kernel; ++t)
          parameters_[nn::conv_weight_index(shape_, o, i, t)] =
              w[((o * depth + i) * w_lines + w_line) * shape_.kernel + t];
      parameters_[nn::conv_bias_index(shape_, o)] = bias && job_.has(2) ? job_.in(2).real[o] : 0.0f;
    }
    nn::AlignedFloats rows(length * in_width);
    for (std::size_t c = 0; c < shape_.in_channels; ++c)
      for (std::size_t p = 0; p < length; ++p)
        rows[p * in_width + c] = x[((s * shape_.in_channels + c) * x_lines + x_line) * length + p];
    const std::size_t outputs = nn::output_length(shape_, length), out_width = nn::padded(shape_.out_channels);
    nn::AlignedFloats out(outputs * out_width);
    nn::conv_forward(shape_, {.x = rows.data(),
                              .x_stride = in_width,
                              .parameters = parameters_.data(),
                              .y = out.data(),
                              .samples = 1,
                              .length = length,
                              .activation = nn::Activation::none,
                              .scratch = scratch_.data()});
    for (std::size_t c = 0; c < shape_.out_channels; ++c)
      for (std::size_t p = 0; p < outputs; ++p)
        y.real[((s * shape_.out_channels + c) * y_lines + y_line) * outputs + p] += out[p * out_width + c];
  }

 private:
  static std::uint32_t narrow(std::int64_t n) { return static_cast<std::uint32_t>(n); }

  const Job& job_;
  Axis last_;
  nn::ConvShape shape_;
  nn::AlignedFloats parameters_, scratch_;
};

/// The line of the input that a line of the output and one of the kernel meet; −1: in the padding.
std::int64_t input_line(const std::vector<Axis>& outer, std::int64_t y_line, std::int64_t w_line) {
  std::int64_t line = 0, stride = 1;
  for (std::size_t d = outer.size(); d-- > 0;) {
    const Axis& axis = outer[d];
    const std::int64_t at = y_line % axis.outputs() * axis.stride + w_line % axis.kernel * axis.dilation - axis.before;
    if (at < 0 || at >= axis.length) return -1;
    line += at * stride;
    stride *= axis.length;
    y_line /= axis.outputs();
    w_line /= axis.kernel;
  }
  return line;
}

}  // namespace

Outputs conv(const Job& job) {
  std::vector<Axis> outer = axes_of(job);
  Tensor y{{job.in(0).dims[0], job.in(1).dims[0]}};
  for (const Axis& axis : outer) y.dims.push_back(axis.outputs());
  y.real.resize(y.size());
  const Axis last = outer.back();
  outer.pop_back();
  Lines lines(job, last);
  std::size_t x_lines = 1, w_lines = 1, y_lines = 1;
  for (const Axis& axis : outer) {
    x_lines *= static_cast<std::size_t>(axis.length);
    w_lines *= static_cast<std::size_t>(axis.kernel);
    y_lines *= static_cast<std::size_t>(axis.outputs());
  }
  for (std::size_t s = 0; s < job.in(0).extent(0, 1); ++s)
    for (std::size_t y_line = 0; y_line < y_lines; ++y_line) {
      bool bias = true;  // once
      for (std::size_t w_line = 0; w_line < w_lines; ++w_line) {
        const std::int64_t x_line =
            input_line(outer, static_cast<std::int64_t>(y_line), static_cast<std::int64_t>(w_line));
        if (x_line < 0) continue;
        lines.add(s, static_cast<std::size_t>(x_line), x_lines, w_line, w_lines, y_line, y_lines, bias, y);
        bias = false;
      }
    }
  return {y};
}

}  // namespace swarm::conformance
