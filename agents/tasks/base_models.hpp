#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "agents/nn/model.hpp"
#include "agents/nn/numerics.hpp"
#include "agents/nn/quantise.hpp"
#include "agents/tasks/given_models.hpp"
#include "agents/tasks/mixture.hpp"
#include "agents/tasks/params.hpp"
#include "sim/core/hash.hpp"
#include "sim/workload/problem_type.hpp"

namespace swarm {
namespace tasks {

/// Raised with every change that alters a trained weight: generators, styles, noise, training loop, kernels.
/// It is part of the cache key, so a cache never returns what older code trained.
inline constexpr std::uint64_t kTrainingCodeVersion = 1;

/// A specialist as it is before the run; agents of its type start from one of these.
struct BaseModel {
  workload::ProblemType type;
  std::uint32_t lineage;
  nn::Model model;                 ///< in fp32
  std::size_t whole_parameters;    ///< before pruning: what the parameters of a nominal specialist are compared with
  nn::Numerics numerics;           ///< in which it runs
  std::vector<nn::Affine> ranges;  ///< where those are calibrated, of what enters each matrix
  double test_accuracy;  ///< as it runs: share of right answers on held-out samples of its training mixture
};

/// The base specialists in order of (type, lineage): `lineages` per problem type, trained on neutral-style
/// mixtures drawn from the seed, pruned and put into a format as the parameters say. Lineages differ by
/// initial weights, samples and the style they emphasise. Weights are the same bits for any number of
/// threads, with and without cache. Models found intact in `cache_dir` are read, all others trained and
/// stored there (written to a temporary and renamed, so processes may share a cache); a damaged file counts
/// as absent and an empty path means no cache. A cache that cannot be used is no error: `*all_cached` tells
/// whether every trained model now lies in the cache. It holds weights in fp32, so that specialists that
/// differ in their format alone share them. Where a model is given, all lineages of its type are that model,
/// neither trained nor pruned.
///
/// Throws ModelError for sizes or numerics that are impossible, and for bf16_dot on a machine without it.
std::vector<BaseModel> base_models(const SpecialistParams& params, std::uint64_t seed,
                                   const std::filesystem::path& cache_dir, bool* all_cached = nullptr,
                                   const GivenModels& given = {});

/// One of them.
BaseModel base_model(const SpecialistParams& params, std::uint64_t seed, const Which& which,
                     const std::filesystem::path& cache_dir, bool* cached = nullptr,
                     const GivenModels& given = {});

/// Equal for what gives equal base specialists, as long as files stay as they are.
Hash128 base_models_key(const SpecialistParams& params, std::uint64_t seed);

}  // namespace tasks
}  // namespace swarm
