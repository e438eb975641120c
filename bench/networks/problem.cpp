#include "bench/networks/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agents/nn/train.hpp"
#include "sim/core/rng.hpp"

namespace swarm {
namespace bench {

Problem::Problem(nn::MlpShape widths, std::size_t model_count, std::size_t samples)
    : shape(std::move(widths)),
      batch(samples),
      inputs(noise(model_count * samples * shape.widths.front(), 0)) {
  models.reserve(model_count);
  for (std::size_t m = 0; m < model_count; ++m) models.push_back(noise_model(shape, m));
}

std::size_t Problem::widest() const {
  return batch * nn::padded(*std::max_element(shape.widths.begin(), shape.widths.end()));
}

double Problem::macs() const {
  return static_cast<double>(nn::pass_cost(shape).macs * models.size() * batch);
}

std::string shape_name(const nn::MlpShape& shape) {
  return fmt::format("{}", fmt::join(shape.widths, "-"));
}

nn::AlignedFloats noise(std::size_t n, std::uint64_t entity) {
  const Random random(1, Stream::experiment);
  nn::AlignedFloats out(n);
  RandomBlock block{};
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 4 == 0) block = random.block(0, entity, static_cast<std::uint32_t>(i / 4));
    out[i] = static_cast<float>(2.0 * uniform_open(block[i % 4]) - 1.0);
  }
  return out;
}

nn::Model noise_model(const nn::MlpShape& shape, std::uint64_t entity) {
  nn::Model model(shape);
  nn::initialise(model, Random(1, Stream::weight_init), entity);
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const nn::AlignedFloats bias = noise(model.columns(l), 1 + l);
    std::copy(bias.begin(), bias.end(), model.bias(l).begin());
  }
  return model;
}

std::vector<std::uint8_t> noise_labels(std::size_t n, std::uint32_t classes) {
  std::vector<std::uint8_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(i * 7 % classes);
  return out;
}

}  // namespace bench
}  // namespace swarm
