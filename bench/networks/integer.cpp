#include "bench/networks/integer.hpp"

#include <algorithm>
#include <cmath>

namespace swarm {
namespace bench {
namespace {

/// The largest magnitude of a weight.
float largest(nn::IntegerFormat format) {
  return format == nn::IntegerFormat::int8 ? 127.0f : 7.0f;
}

IntegerLayer noise_layer(nn::IntegerFormat format, std::size_t in, std::size_t out, std::uint64_t entity) {
  const float most = largest(format);
  IntegerLayer layer{in, out, {}, {}};
  for (const float x : noise(in * out, entity))
    layer.weights.push_back(static_cast<std::int8_t>(std::nearbyint(most * x)));
  for (const float x : noise(out, entity + 1))
    layer.bias.push_back(static_cast<std::int32_t>(80.0f * most * x));
  return layer;
}

/// Scales with which sums of noise fill the bytes, some of them cut off.
std::vector<float> noise_scales(nn::IntegerFormat format, std::size_t in, std::size_t out) {
  std::vector<float> scales;
  const float typical = 1.7f / (largest(format) * std::sqrt(static_cast<float>(in)));
  const float power = std::exp2(std::floor(std::log2(typical)));
  for (const float x : noise(out, 7)) scales.push_back(power * (x < -0.3f ? 0.75f : x < 0.3f ? 1.0f : 1.5f));
  return scales;
}

}  // namespace

IntegerProblem::IntegerProblem(nn::IntegerFormat weights, nn::MlpShape widths, std::size_t model_count,
                               std::size_t samples)
    : format(weights), shape(std::move(widths)), batch(samples) {
  const std::size_t layer_count = shape.widths.size() - 1;
  for (std::size_t l = 0; l < layer_count; ++l)
    scales.push_back(noise_scales(format, shape.widths[l], shape.widths[l + 1]));
  for (std::size_t m = 0; m < model_count; ++m) {
    models.emplace_back();
    for (std::size_t l = 0; l < layer_count; ++l)
      models.back().push_back(
          noise_layer(format, shape.widths[l], shape.widths[l + 1], 10 + 2 * (m * layer_count + l)));
  }
  for (const float x : noise(model_count * batch * shape.widths.front(), 0))
    inputs.push_back(static_cast<std::uint8_t>(127.5f * (x + 1.0f)));
}

double IntegerProblem::macs() const {
  return static_cast<double>(nn::pass_cost(shape).macs * models.size() * batch);
}

double IntegerProblem::bytes() const {
  const double per_byte = format == nn::IntegerFormat::int8 ? 1 : 2;
  double all = 0;
  for (const std::vector<IntegerLayer>& model : models)
    for (const IntegerLayer& layer : model)
      all += static_cast<double>(layer.weights.size()) / per_byte + 4.0 * static_cast<double>(layer.bias.size());
  return all;
}

std::vector<float> plain_integer_outputs(const IntegerProblem& problem) {
  std::vector<float> out;
  for (std::size_t m = 0; m < problem.models.size(); ++m)
    for (std::size_t s = 0; s < problem.batch; ++s) {
      const std::uint8_t* input = problem.input(m) + s * problem.shape.widths.front();
      std::vector<std::uint8_t> x(input, input + problem.shape.widths.front());
      for (std::size_t l = 0; l < problem.layers(); ++l) {
        const IntegerLayer& layer = problem.models[m][l];
        std::vector<std::int32_t> sums = layer.bias;
        for (std::size_t i = 0; i < layer.in; ++i)
          for (std::size_t o = 0; o < layer.out; ++o) sums[o] += x[i] * layer.weights[i * layer.out + o];
        x.clear();
        for (std::size_t o = 0; o < layer.out; ++o) {
          const float y = problem.scales[l][o] * static_cast<float>(sums[o]);
          if (l + 1 == problem.layers())
            out.push_back(y);
          else
            x.push_back(static_cast<std::uint8_t>(std::clamp(std::nearbyint(y), 0.0f, 255.0f)));
        }
      }
    }
  return out;
}

Contestants integer_contestants(const IntegerProblem& problem) {
  Contestants all;
  all.push_back(make_swarm_integer(problem));
#if SWARM_LIBXSMM
  all.push_back(make_libxsmm_integer(problem));
#endif
#if SWARM_ONEDNN
  all.push_back(make_onednn_integer(problem));
#endif
  return all;
}

}  // namespace bench
}  // namespace swarm
