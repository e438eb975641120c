#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "agents/nn/isa.hpp"
#include "agents/nn/model.hpp"
#include "agents/nn/train.hpp"
#include "sim/core/rng.hpp"

/// Small networks and numbers for the tests of kernels.
namespace swarm::nn::test {

/// n numbers in (−1, 1), the same for the same entity.
inline std::vector<float> noise(std::size_t n, std::uint64_t entity) {
  const Random random(7, Stream::experiment);
  std::vector<float> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = static_cast<float>(
        2.0 * uniform_open(random.block(0, entity, static_cast<std::uint32_t>(i))[0]) - 1.0);
  return out;
}

inline std::vector<std::uint8_t> classes(std::size_t n, std::uint32_t count) {
  std::vector<std::uint8_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>((i * 7 + i / 3) % count);
  return out;
}

/// Random weights and, unlike `initialise`, random biases.
inline Model random_model(const MlpShape& shape, std::uint64_t entity) {
  Model model(shape);
  initialise(model, Random(7, Stream::weight_init), entity);
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const std::vector<float> values = noise(model.columns(l), entity + 1000 + l);
    for (std::size_t o = 0; o < values.size(); ++o) model.bias(l)[o] = 0.3f * values[o];
  }
  return model;
}

/// Widths on both sides of every vector and block boundary, and the networks that the specialists use.
inline std::vector<MlpShape> awkward_shapes() {
  return {{{1, 1}},           {{3, 17, 1}},     {{17, 3, 64, 100}}, {{64, 128, 64, 10}},
          {{100, 64, 17, 3}}, {{5, 33, 47, 15}}};
}

inline std::vector<Isa> supported_sets() {
  std::vector<Isa> sets;
  for (const Isa set : {Isa::portable, Isa::avx2, Isa::avx512})
    if (supported(set)) sets.push_back(set);
  return sets;
}

/// Forces an instruction set while it lives.
class Forced {
 public:
  explicit Forced(Isa set) { force_isa_for_tests(set); }
  ~Forced() { force_isa_for_tests(std::nullopt); }
  Forced(const Forced&) = delete;
  Forced& operator=(const Forced&) = delete;
};

}  // namespace swarm::nn::test
