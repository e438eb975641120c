#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "agents/nn/model.hpp"
#include "agents/nn/numerics.hpp"
#include "agents/nn/quantise.hpp"
#include "agents/tasks/params.hpp"
#include "sim/core/hash.hpp"
#include "sim/workload/problem_type.hpp"

namespace swarm {
namespace tasks {

/// Raised with every change that alters a trained weight: generators, styles, noise, training loop, kernels.
/// It is part of the cache key, so a cache never returns what older code trained.
inline constexpr std::uint64_t kTrainingCodeVersion = 1;

/// A specialist as it was trained before the run; agents of its type start from one of these.
struct BaseModel {
  workload::ProblemType type;
  std::uint32_t lineage;
  nn::Model model;
  nn::Numerics numerics;           ///< that it runs in
  std::vector<nn::Affine> ranges;  ///< of what enters its matrices, where numerics are calibrated
  double test_accuracy;  ///< share of right answers on held-out samples of its own training mixture
};

/// The base specialists in order of (type, lineage): `lineages` multilayer perceptrons per problem type,
/// trained on neutral-style mixtures drawn from the seed. Lineages differ by initial weights, samples and the
/// style they emphasise. Weights are the same bits for any number of threads, with and without cache. Models
/// found intact in `cache_dir` are read, all others trained and stored there (written to a temporary and
/// renamed, so processes may share a cache); a damaged file counts as absent and an empty path means no
/// cache. A cache that cannot be used is no error: `*all_cached` tells whether every model now lies in the
/// cache.
std::vector<BaseModel> base_models(const SpecialistParams& params, std::uint64_t seed,
                                   const std::filesystem::path& cache_dir, bool* all_cached = nullptr);

/// Equal for what gives equal base specialists.
Hash128 base_models_key(const SpecialistParams& params, std::uint64_t seed);

}  // namespace tasks
}  // namespace swarm
