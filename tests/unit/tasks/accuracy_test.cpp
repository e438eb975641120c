#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "agents/nn/infer.hpp"
#include "agents/nn/train.hpp"
#include "agents/tasks/bank.hpp"
#include "agents/tasks/base_models.hpp"
#include "sim/core/parallel.hpp"

/// What base specialists of the default size achieve on the banks of three regions. The figures of
/// docs/models/tasks.md are this test's output.
namespace swarm {
namespace tasks {
namespace {

using workload::kComplexityBuckets;
using workload::kProblemTypes;
using workload::ProblemType;

constexpr std::uint32_t kItems = 4096;
constexpr std::uint16_t kRegions = 3;
constexpr double kSigmas = 4.5;

/// Bound on the difference of two shares, each of n independent answers.
double difference_bound(double n) {
  return kSigmas * std::sqrt(2 * 0.25 / n);
}

/// Share of right answers of a model on one bank.
double accuracy(const TaskBanks& banks, const nn::Model& model, RegionId region, ProblemType type,
                std::size_t bucket) {
  const Random noise(1, Stream::input_noise);
  std::vector<float> inputs(kItems * kInputs), outputs(kItems * kClasses);
  for (std::uint32_t i = 0; i < kItems; ++i)
    make_input(banks.input(region, type, bucket, i), noise, 0, i, inputs.data() + i * kInputs);
  nn::forward(model, inputs.data(), outputs.data(), kItems);
  std::uint32_t right = 0;
  for (std::uint32_t i = 0; i < kItems; ++i)
    right += nn::argmax(outputs.data() + i * kClasses, kClasses) == banks.label(region, type, bucket, i);
  return right / static_cast<double>(kItems);
}

using ByBucket = std::array<double, kComplexityBuckets>;
using ByRegion = std::array<ByBucket, kRegions>;

double mean(const ByBucket& shares) {
  double sum = 0;
  for (const double s : shares) sum += s / kComplexityBuckets;
  return sum;
}

/// Per model and region the accuracy per bucket on problems `other` types further than the model's own.
std::vector<ByRegion> measure(const TaskBanks& banks, const std::vector<BaseModel>& models,
                              std::size_t other) {
  std::vector<ByRegion> result(models.size());
  parallel_each(models.size() * kRegions, [&](std::size_t i) {
    const BaseModel& base = models[i / kRegions];
    const auto region = static_cast<std::uint16_t>(i % kRegions);
    const auto type = static_cast<ProblemType>((static_cast<std::size_t>(base.type) + other) % kProblemTypes);
    for (std::size_t b = 0; b < kComplexityBuckets; ++b)
      result[i / kRegions][region][b] = accuracy(banks, base.model, RegionId{region}, type, b);
  });
  return result;
}

/// Each bucket is harder than the one before, beyond chance.
bool harder_with_kappa(const ByBucket& shares) {
  for (std::size_t b = 1; b < kComplexityBuckets; ++b)
    if (shares[b] > shares[b - 1] - difference_bound(kRegions * kItems)) return false;
  return true;
}

/// The lineages of one type.
struct Lineages {
  std::span<const ByRegion> all;

  ByBucket by_bucket() const {
    ByBucket sum{};
    for (const ByRegion& regions : all)
      for (const ByBucket& shares : regions)
        for (std::size_t b = 0; b < kComplexityBuckets; ++b)
          sum[b] += shares[b] / static_cast<double>(kRegions * all.size());
    return sum;
  }
  /// Largest difference between two regions' accuracies of one and the same model.
  double region_gap() const {
    double gap = 0;
    for (const ByRegion& regions : all)
      for (const ByBucket& a : regions)
        for (const ByBucket& b : regions) gap = std::max(gap, mean(a) - mean(b));
    return gap;
  }
  /// Largest change of two lineages' difference from one region to another: who is better depends on where.
  double lineage_gap() const {
    double gap = 0;
    for (const ByRegion& l : all)
      for (const ByRegion& m : all)
        for (std::size_t r = 0; r < kRegions; ++r)
          for (std::size_t s = 0; s < r; ++s)
            gap = std::max(gap, std::abs(mean(l[r]) - mean(m[r]) - mean(l[s]) + mean(m[s])));
    return gap;
  }
};

// Everything is asked of one set of specialists, so that they are trained once.
TEST(BaseSpecialists, AnswerByTypeDifficultyAndRegion) {
  const std::vector<std::string> names{"BD", "KE", "DE"};
  const TaskBanks banks(1, names, kItems);
  const SpecialistParams params;
  const std::vector<BaseModel> models = base_models(params, 1, {});
  const auto lineages = static_cast<std::size_t>(params.lineages);
  const std::vector<ByRegion> own = measure(banks, models, 0);
  std::array<std::vector<ByRegion>, kProblemTypes - 1> wrong;
  for (std::size_t other = 1; other < kProblemTypes; ++other)
    wrong[other - 1] = measure(banks, models, other);

  for (std::size_t t = 0; t < kProblemTypes; ++t) {
    const std::string_view name = enum_name(static_cast<ProblemType>(t));
    const Lineages mine{std::span(own).subspan(t * lineages, lineages)};
    const ByBucket by_bucket = mine.by_bucket();
    double best_wrong = 0;
    for (const auto& measured : wrong)
      best_wrong = std::max(best_wrong,
                            mean(Lineages{std::span(measured).subspan(t * lineages, lineages)}.by_bucket()));
    fmt::print(
        "{:9} | {:.3f} {:.3f} {:.3f} {:.3f} | mean {:.3f} | another type's problems {:.3f} at most | "
        "between regions {:.3f} | lineage x region {:.3f}\n",
        name, by_bucket[0], by_bucket[1], by_bucket[2], by_bucket[3], mean(by_bucket), best_wrong,
        mine.region_gap(), mine.lineage_gap());

    EXPECT_GT(mean(by_bucket), 0.6) << name;
    EXPECT_LT(mean(by_bucket), 0.9) << name;
    EXPECT_TRUE(harder_with_kappa(by_bucket)) << name;
    EXPECT_FALSE(harder_with_kappa({by_bucket[1], by_bucket[0], by_bucket[2], by_bucket[3]})) << "mutant";
    EXPECT_LT(best_wrong, 0.25) << name;
    EXPECT_GT(mine.region_gap(), difference_bound(kComplexityBuckets * kItems)) << name;
    for (std::size_t l = 0; l < lineages; ++l) {
      const double held_out = models[t * lineages + l].test_accuracy;
      EXPECT_GT(held_out, 0.6) << name;
      EXPECT_LT(held_out, 0.95) << name;
    }
  }
  // Four independent shares make the difference of two differences: √2 times the bound of one difference.
  const double bound = std::sqrt(2.0) * difference_bound(kComplexityBuckets * kItems);
  EXPECT_GT(Lineages{std::span(own).first(lineages)}.lineage_gap(), bound) << "vision";

  nn::Model untrained(models[0].model.architecture());
  nn::initialise(untrained, Random(1, Stream::weight_init), 0);
  EXPECT_LT(accuracy(banks, untrained, RegionId{0}, ProblemType::vision, 0), 0.25) << "mutant: never trained";
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
