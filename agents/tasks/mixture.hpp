#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "agents/nn/network.hpp"
#include "agents/tasks/generators.hpp"
#include "agents/tasks/style.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/problem_type.hpp"

/// What base specialists learn from and are examined with.
namespace swarm {
namespace tasks {

/// Which of the specialists: the same numbers key its draws and its cache entry.
struct Which {
  workload::ProblemType type;
  std::uint32_t lineage;
  std::uint32_t step() const { return (static_cast<std::uint32_t>(type) << 16) | lineage; }
};

/// The styles of all mixtures. They are worth making once.
class NeutralStyles {
 public:
  NeutralStyles();
  const Style& operator[](std::uint32_t k) const { return styles_[k]; }

 private:
  std::array<Style, kNeutralStyles> styles_;
};

/// Samples in memory: n × 64 inputs, n labels.
struct Samples {
  std::vector<float> inputs;
  std::vector<std::uint8_t> labels;
};

/// The samples of one specialist by number: three in four in the style its lineage emphasises, the others in
/// any; κ uniform. A sample is a function of (seed, type, lineage, number).
class Mixture {
 public:
  /// Training counts from 0; these begin so far on that they never meet it.
  static constexpr std::uint64_t kHeldOut = std::uint64_t{1} << 40, kCalibration = std::uint64_t{1} << 41;

  /// The styles must outlive it.
  Mixture(const NeutralStyles& styles, std::uint64_t seed, const Which& which)
      : styles_(styles), random_(seed, Stream::training), which_(which) {}

  /// Samples first … first + n − 1.
  void make(std::uint64_t first, std::uint32_t n, Samples& out) const;

 private:
  std::uint8_t make_one(std::uint64_t number, float* inputs) const;

  const NeutralStyles& styles_;
  Random random_;
  Which which_;
};

/// Share of right answers on 4,096 held-out samples.
double held_out_accuracy(const Mixture& mixture, const nn::PackedModel& model);

/// Ranges of what enters the model's matrices, from 1,024 samples.
std::vector<nn::Affine> calibration_ranges(const Mixture& mixture, const nn::Model& model);

}  // namespace tasks
}  // namespace swarm
