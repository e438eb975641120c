#include "agents/tasks/mixture.hpp"

#include "agents/nn/train.hpp"
#include "agents/tasks/input.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr std::uint32_t kTestSamples = 4096;
constexpr std::uint32_t kCalibrationSamples = 1024;
constexpr std::uint32_t kNoiseKey = 0x8000'0000u;  // keeps a sample's noise apart from its content

}  // namespace

NeutralStyles::NeutralStyles() {
  for (std::uint32_t k = 0; k < kNeutralStyles; ++k) styles_[k] = neutral_style(k);
}

void Mixture::make(std::uint64_t first, std::uint32_t n, Samples& out) const {
  out.inputs.resize(std::size_t{n} * kInputs);
  out.labels.resize(n);
  for (std::uint32_t i = 0; i < n; ++i)
    out.labels[i] = make_one(first + i, out.inputs.data() + std::size_t{i} * kInputs);
}

std::uint8_t Mixture::make_one(std::uint64_t number, float* inputs) const {
  RandomSequence random(random_, which_.step(), number);
  const bool emphasised = uniform_open(random.word()) < 0.75;
  const std::uint32_t any = uniform_below(random.word(), kNeutralStyles);
  const Style& style = styles_[emphasised ? 1 + which_.lineage % (kNeutralStyles - 1) : any];
  const double kappa = random.uniform();
  std::uint8_t item[kInputs];
  const std::uint8_t label = kGenerators[static_cast<std::size_t>(which_.type)](style, kappa, random, item);
  make_input(item, random_, which_.step() | kNoiseKey, number, inputs);
  return label;
}

double held_out_accuracy(const Mixture& mixture, const nn::PackedModel& model) {
  constexpr std::uint32_t kChunk = 256;
  Samples samples;
  std::vector<float> outputs(kChunk * kClasses);
  nn::Scratch scratch;
  std::uint32_t right = 0;
  for (std::uint32_t first = 0; first < kTestSamples; first += kChunk) {
    mixture.make(Mixture::kHeldOut + first, kChunk, samples);
    model.run(samples.inputs.data(), outputs.data(), kChunk, scratch);
    for (std::uint32_t i = 0; i < kChunk; ++i)
      right += nn::argmax(outputs.data() + i * kClasses, kClasses) == samples.labels[i];
  }
  return static_cast<double>(right) / kTestSamples;
}

std::vector<nn::Affine> calibration_ranges(const Mixture& mixture, const nn::Model& model) {
  Samples samples;
  mixture.make(Mixture::kCalibration, kCalibrationSamples, samples);
  return nn::calibrate(model, samples.inputs.data(), kCalibrationSamples);
}

}  // namespace tasks
}  // namespace swarm
