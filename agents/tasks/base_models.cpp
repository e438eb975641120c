#include "agents/tasks/base_models.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "agents/nn/infer.hpp"
#include "agents/nn/train.hpp"
#include "agents/tasks/bank.hpp"
#include "agents/tasks/base_cache.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr std::uint32_t kTestSamples = 4096;
constexpr std::uint64_t kTestFirst = std::uint64_t{1} << 40;  // held-out samples are numbered from here
constexpr std::uint32_t kNoiseKey = 0x8000'0000u;             // keeps a sample's noise apart from its content
constexpr float kFinalRate = 0.05f;  // the learning rate falls linearly to this share of its start

/// Which of the specialists: the same numbers key its draws and its cache entry.
struct Which {
  workload::ProblemType type;
  std::uint32_t lineage;
  std::uint32_t step() const { return (static_cast<std::uint32_t>(type) << 16) | lineage; }
};

nn::Architecture architecture_of(const SpecialistParams& params) {
  nn::MlpShape shape{{kInputs, static_cast<std::uint32_t>(params.hidden_1)}};
  if (params.hidden_2 > 0) shape.widths.push_back(static_cast<std::uint32_t>(params.hidden_2));
  shape.widths.push_back(kClasses);
  return shape;
}

Hash128 cache_key(const SpecialistParams& params, std::uint64_t seed, const Which& which) {
  Hasher hasher;
  hasher.text("swarmsim base specialist");
  hasher.number(kTrainingCodeVersion);
  hasher.number(seed);
  hasher.number(which.step());
  for (const std::int64_t n : {params.hidden_1, params.hidden_2, params.training_samples, params.batch})
    hasher.number(static_cast<std::uint64_t>(n));
  for (const double x : {params.learning_rate, params.momentum})
    hasher.number(std::bit_cast<std::uint64_t>(x));
  return hasher.result();
}

using Styles = std::array<Style, kNeutralStyles>;

Styles neutral_styles() {
  Styles styles;
  for (std::uint32_t k = 0; k < kNeutralStyles; ++k) styles[k] = neutral_style(k);
  return styles;
}

/// Samples of one specialist's mixture: three in four in the style its lineage emphasises, the others in any;
/// κ uniform.
class Samples {
 public:
  Samples(const Styles& styles, std::uint64_t seed, const Which& which)
      : styles_(styles), random_(seed, Stream::training), which_(which) {}

  /// Writes the inputs of sample `index` and returns its label.
  std::uint8_t make(std::uint64_t index, float* inputs) const {
    RandomSequence random(random_, which_.step(), index);
    const bool emphasised = uniform_open(random.word()) < 0.75;
    const std::uint32_t any = uniform_below(random.word(), kNeutralStyles);
    const Style& style = styles_[emphasised ? 1 + which_.lineage % (kNeutralStyles - 1) : any];
    const double kappa = random.uniform();
    std::uint8_t item[kInputs];
    const std::uint8_t label = kGenerators[static_cast<std::size_t>(which_.type)](style, kappa, random, item);
    make_input(item, random_, which_.step() | kNoiseKey, index, inputs);
    return label;
  }

 private:
  const Styles& styles_;
  Random random_;
  Which which_;
};

void train_model(const SpecialistParams& params, const Samples& samples, nn::Model& model) {
  const auto total = static_cast<std::uint64_t>(params.training_samples);
  const auto batch = static_cast<std::uint64_t>(params.batch);
  const auto rate = static_cast<float>(params.learning_rate);
  nn::Trainer trainer(model, nn::Sgd{.learning_rate = rate, .momentum = static_cast<float>(params.momentum)});
  std::vector<float> inputs(batch * kInputs);
  std::vector<std::uint8_t> labels(batch);
  for (std::uint64_t first = 0; first < total; first += batch) {
    const std::uint64_t n = std::min(batch, total - first);
    for (std::uint64_t i = 0; i < n; ++i) labels[i] = samples.make(first + i, inputs.data() + i * kInputs);
    const float progress = static_cast<float>(first) / static_cast<float>(total);
    trainer.set_learning_rate(rate * (1.0f - (1.0f - kFinalRate) * progress));
    trainer.step(inputs.data(), labels.data(), static_cast<std::uint32_t>(n));
  }
}

double held_out_accuracy(const Samples& samples, const nn::Model& model) {
  constexpr std::uint32_t kChunk = 256;
  std::vector<float> inputs(kChunk * kInputs), outputs(kChunk * kClasses);
  std::array<std::uint8_t, kChunk> labels;
  std::uint32_t right = 0;
  for (std::uint32_t first = 0; first < kTestSamples; first += kChunk) {
    for (std::uint32_t i = 0; i < kChunk; ++i)
      labels[i] = samples.make(kTestFirst + first + i, inputs.data() + i * kInputs);
    nn::forward(model, inputs.data(), outputs.data(), kChunk);
    for (std::uint32_t i = 0; i < kChunk; ++i)
      right += nn::argmax(outputs.data() + i * kClasses, kClasses) == labels[i];
  }
  return static_cast<double>(right) / kTestSamples;
}

TrainedWeights train(const SpecialistParams& params, std::uint64_t seed, const Styles& styles,
                     const Which& which) {
  nn::Model model(architecture_of(params));
  nn::initialise(model, Random(seed, Stream::weight_init), which.step());
  const Samples samples(styles, seed, which);
  train_model(params, samples, model);
  return {model.packed(), held_out_accuracy(samples, model)};
}

}  // namespace

Hash128 base_models_key(const SpecialistParams& params, std::uint64_t seed) {
  // Lineages are independent of one another, so the last one's key and their number say it all.
  const auto lineages = static_cast<std::uint32_t>(params.lineages);
  return cache_key(params, seed, {workload::ProblemType::memory, lineages});
}

std::vector<BaseModel> base_models(const SpecialistParams& params, std::uint64_t seed,
                                   const std::filesystem::path& cache_dir, bool* all_cached) {
  EXPECT(params.lineages >= 1 && params.lineages <= 0xFFFF && params.batch >= 1);
  const auto lineages = static_cast<std::uint32_t>(params.lineages);
  const nn::Architecture architecture = architecture_of(params);
  const Styles styles = neutral_styles();
  const std::size_t count = workload::kProblemTypes * lineages;
  std::vector<TrainedWeights> weights(count);
  std::vector<char> cached(count, 0);
  const auto which = [&](std::size_t i) {
    return Which{static_cast<workload::ProblemType>(i / lineages), static_cast<std::uint32_t>(i % lineages)};
  };
  parallel_each(count, [&](std::size_t i) {
    const Hash128 key = cache_key(params, seed, which(i));
    if (!cache_dir.empty()) {
      if (auto found = read_cache(cache_dir, key, architecture.parameters())) {
        weights[i] = std::move(*found);
        cached[i] = 1;
        return;
      }
    }
    weights[i] = train(params, seed, styles, which(i));
    if (!cache_dir.empty()) cached[i] = write_cache(cache_dir, key, weights[i]);
  });

  if (all_cached != nullptr)
    *all_cached = std::count(cached.begin(), cached.end(), 1) == static_cast<std::ptrdiff_t>(count);
  std::vector<BaseModel> models;
  models.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    models.push_back({which(i).type, which(i).lineage, nn::Model::unpack(architecture, weights[i].parameters), {}, {},
                      weights[i].test_accuracy});
  return models;
}

}  // namespace tasks
}  // namespace swarm
