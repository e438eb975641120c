#include "agents/tasks/base_models.hpp"

#include <algorithm>
#include <bit>
#include <optional>

#include "agents/tasks/base_cache.hpp"
#include "agents/tasks/family.hpp"
#include "agents/tasks/training.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace tasks {
namespace {

void hash_numbers(Hasher& hasher, std::initializer_list<std::int64_t> numbers) {
  for (const std::int64_t n : numbers) hasher.number(static_cast<std::uint64_t>(n));
}

void hash_reals(Hasher& hasher, std::initializer_list<double> reals) {
  for (const double x : reals) hasher.number(std::bit_cast<std::uint64_t>(x));
}

/// Of the weights that are trained. What a scenario does not use does not count, so that the key stays what
/// it was when there is more to choose.
Hash128 cache_key(const SpecialistParams& params, std::uint64_t seed, const Which& which) {
  Hasher hasher;
  hasher.text("swarmsim base specialist");
  hasher.number(kTrainingCodeVersion);
  hasher.number(seed);
  hasher.number(which.step());
  hash_numbers(hasher, {params.hidden_1, params.hidden_2, params.training_samples, params.batch});
  hash_reals(hasher, {params.learning_rate, params.momentum});
  if (params.family != Family::mlp) {
    hasher.text(enum_name(params.family));
    hash_numbers(hasher, {params.channels, params.kernel, params.heads, params.causal ? 1 : 0});
    hash_reals(hasher, {params.top_keys});
  }
  if (uses_adam(params)) {
    hasher.text("adam");
    hash_reals(hasher, {params.adam_learning_rate});
  }
  if (params.distillation) {
    hasher.text("distillation");
    hash_numbers(hasher, {params.teacher_width});
    hash_reals(hasher, {params.temperature, params.teacher_share});
  }
  if (params.pruning != Pruning::none) {
    hasher.text(enum_name(params.pruning));
    hash_reals(hasher,
               {params.pruning == Pruning::structured ? params.pruned_neurons : params.pruned_weights});
    hash_numbers(hasher, {params.finetune_samples});
  }
  return hasher.result();
}

/// Weights of one specialist and whether they now lie in the cache.
struct Trained {
  TrainedWeights weights;
  bool cached = false;
};

Trained train_or_read(const SpecialistParams& params, std::uint64_t seed, const Mixture& mixture,
                      const Which& which, const std::filesystem::path& cache_dir) {
  const Hash128 key = cache_key(params, seed, which);
  if (!cache_dir.empty())
    if (auto found = read_cache(cache_dir, key, trained_architecture(params, which.type).parameters()))
      return {std::move(*found), true};
  const nn::Model model = train(params, seed, mixture, which);
  Trained trained{{model.packed(), held_out_accuracy(mixture, nn::PackedModel(model))}, false};
  if (!cache_dir.empty()) trained.cached = write_cache(cache_dir, key, trained.weights);
  return trained;
}

/// The model as it runs in those numerics. `accuracy`: of the model in fp32, if it is known.
BaseModel made_ready(const Which& which, nn::Model model, std::size_t whole_parameters, const nn::Numerics& numerics,
                     const Mixture& mixture, std::optional<double> accuracy) {
  std::vector<nn::Affine> ranges;
  if (numerics.calibrated) ranges = calibration_ranges(mixture, model);
  if (!accuracy || numerics.format != nn::Format::fp32)
    accuracy = held_out_accuracy(mixture, nn::PackedModel(model, numerics, ranges));
  return {which.type, which.lineage, std::move(model), whole_parameters, numerics, std::move(ranges), *accuracy};
}

}  // namespace

Hash128 base_models_key(const SpecialistParams& params, std::uint64_t seed) {
  // Lineages are independent of one another, so the last one's key and their number say it all.
  const auto lineages = static_cast<std::uint32_t>(params.lineages);
  const Hash128 weights = cache_key(params, seed, {workload::ProblemType::memory, lineages});
  const nn::Numerics numerics = numerics_of(params);
  Hasher hasher;
  hasher.number(weights.high);
  hasher.number(weights.low);
  hash_numbers(hasher, {static_cast<std::int64_t>(numerics.format), numerics.sparse ? 1 : 0,
                        numerics.calibrated ? 1 : 0});
  for (const std::string* file : files_of(params)) hasher.text(*file);
  return hasher.result();
}

BaseModel base_model(const SpecialistParams& params, std::uint64_t seed, const Which& which,
                     const std::filesystem::path& cache_dir, bool* cached, const GivenModels& given) {
  EXPECT(which.lineage <= 0xFFFF && params.batch >= 1);
  nn::Numerics numerics = numerics_of(params);
  const NeutralStyles styles;
  const Mixture mixture(styles, seed, which);
  if (const auto& model = given[static_cast<std::size_t>(which.type)]) {
    if (cached != nullptr) *cached = true;  // nothing to keep
    numerics.sparse = false;  // nothing was taken from it
    return made_ready(which, *model, model->architecture().parameters(), numerics, mixture, std::nullopt);
  }
  const Trained trained = train_or_read(params, seed, mixture, which, cache_dir);
  if (cached != nullptr) *cached = trained.cached;
  return made_ready(which,
                    nn::Model::unpack(trained_architecture(params, which.type), trained.weights.parameters),
                    architecture_of(params, which.type).parameters(), numerics, mixture, trained.weights.test_accuracy);
}

std::vector<BaseModel> base_models(const SpecialistParams& params, std::uint64_t seed,
                                   const std::filesystem::path& cache_dir, bool* all_cached,
                                   const GivenModels& given) {
  EXPECT(params.lineages >= 1);
  const auto lineages = static_cast<std::uint32_t>(params.lineages);
  const std::size_t count = workload::kProblemTypes * lineages;
  std::vector<std::optional<BaseModel>> made(count);
  std::vector<char> cached(count, 0);
  parallel_each(count, [&](std::size_t i) {
    const Which which{static_cast<workload::ProblemType>(i / lineages),
                      static_cast<std::uint32_t>(i % lineages)};
    bool kept = false;
    made[i] = base_model(params, seed, which, cache_dir, &kept, given);
    cached[i] = kept;
  });
  if (all_cached != nullptr)
    *all_cached = std::count(cached.begin(), cached.end(), 1) == static_cast<std::ptrdiff_t>(count);
  std::vector<BaseModel> models;
  models.reserve(count);
  for (std::optional<BaseModel>& m : made) models.push_back(std::move(*m));
  return models;
}

}  // namespace tasks
}  // namespace swarm
