#include "sim/io/summary.hpp"
#include "tests/theory/engine_page.hpp"

/// Accuracy is executed: base specialists are trained from the seed, run on every request and scored. So the
/// summary of a run must show specialists that know something (above chance, 1/10), are not perfect, and do
/// worse on harder problems. Bounds are binomial: answers to different requests are scored independently
/// given the specialist.
namespace swarm::theory {
namespace {

const std::string kPlain = R"(
regions = ["DE"]
[run]
warmup = 0
duration = "2h"
[workload]
requests_per_hour = 30000
vision = 1
language = 1
reasoning = 1
memory = 1
[population]
agents = 200
[specialists]
lineages = 1
)";

struct Cells {
  std::vector<double> accuracy;
  std::vector<std::int64_t> answered;
  std::vector<double> base;
};

Cells cells_of(const std::string& text) {
  engine::Simulation sim(plan_of(text));
  while (!sim.done()) sim.step();
  Cells cells;
  for (const auto& v : io::summary_group(sim).variables) {
    if (v.name == "accuracy_by_type_and_complexity") cells.accuracy = std::get<std::vector<double>>(v.values);
    if (v.name == "answered_by_type_and_complexity")
      cells.answered = std::get<std::vector<std::int64_t>>(v.values);
    if (v.name == "base_accuracy") cells.base = std::get<std::vector<double>>(v.values);
  }
  return cells;
}

double error(double p, std::int64_t n) {
  return std::sqrt(std::max(p * (1 - p), 0.01) / static_cast<double>(n));
}

/// Above chance and below 1 in each type, and the hardest quarter below the easiest; all beyond 4 standard
/// errors.
::testing::AssertionResult sensible(const Cells& c) {
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const std::size_t easy = world::cell(t, 0), hard = world::cell(t, workload::kComplexityBuckets - 1);
    double correct = 0;
    std::int64_t answered = 0;
    for (std::size_t i = easy; i <= hard; ++i) {
      if (c.answered[i] < 500) return ::testing::AssertionFailure() << "too few answers in cell " << i;
      correct += c.accuracy[i] * static_cast<double>(c.answered[i]);
      answered += c.answered[i];
    }
    const double p = correct / static_cast<double>(answered);
    if (!(p - 4 * error(p, answered) > 0.1 + 0.2))
      return ::testing::AssertionFailure() << "type " << t << " knows nothing: " << p;
    if (!(p + 4 * error(p, answered) < 1))
      return ::testing::AssertionFailure() << "type " << t << " is perfect: " << p;
    const double gap = c.accuracy[easy] - c.accuracy[hard];
    if (!(gap > 4 * std::hypot(error(c.accuracy[easy], c.answered[easy]),
                               error(c.accuracy[hard], c.answered[hard]))))
      return ::testing::AssertionFailure() << "type " << t << " does not mind complexity: gap " << gap;
    for (std::size_t i = easy; i < hard; ++i)
      if (c.accuracy[i + 1] - c.accuracy[i] >
          4 * std::hypot(error(c.accuracy[i], c.answered[i]), error(c.accuracy[i + 1], c.answered[i + 1])))
        return ::testing::AssertionFailure()
               << "type " << t << " gets better from bucket " << i - easy << " on";
  }
  return ::testing::AssertionSuccess();
}

TEST(EngineAccuracy, IsAboveChanceBelowOneAndFallsWithComplexity) {
  const Cells c = cells_of(kPlain);
  ASSERT_EQ(c.accuracy.size(), world::kCells);
  EXPECT_TRUE(sensible(c));
  for (const double p : c.base) EXPECT_GT(p, 0.3);
}

TEST(EngineAccuracy, MutantsAreRejected) {
  // Specialists that have hardly been trained.
  EXPECT_FALSE(sensible(cells_of(kPlain + "training_samples = 64\n")));
  // Buckets in the wrong order, and answers that are always right.
  Cells c = cells_of(kPlain);
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const auto first = static_cast<std::ptrdiff_t>(world::cell(t, 0));
    std::reverse(c.accuracy.begin() + first,
                 c.accuracy.begin() + first + static_cast<std::ptrdiff_t>(workload::kComplexityBuckets));
  }
  EXPECT_FALSE(sensible(c));
  std::fill(c.accuracy.begin(), c.accuracy.end(), 1.0);
  EXPECT_FALSE(sensible(c));
}

}  // namespace
}  // namespace swarm::theory
