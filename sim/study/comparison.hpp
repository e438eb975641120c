#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/student_t.hpp"
#include "sim/study/run_figures.hpp"

/// Runs of several scenarios, paired by seed. Under every policy a seed gives the same arrivals, budgets and hidden
/// answers, so what chance gave to both runs cancels in their difference. The interval is that of the mean of these
/// differences (Student's t over seeds). See docs/comparing.md.
namespace swarm {
namespace study {

/// Probability that an interval covers the true mean.
inline constexpr double kConfidence = 0.95;

/// One figure of a group against the reference, over the seeds where both have a value.
struct FigureDifference {
  std::string metric, units, axis;
  double reference_mean = 0, mean = 0;
  MeanInterval difference;   ///< group − reference
  double relative_pct = 0;   ///< of the mean difference, of |reference_mean|; NaN if that is 0
  bool has_interval() const { return difference.n > 1; }
  /// Whether the interval lies on one side of zero; false without an interval.
  bool significant() const { return has_interval() && difference.excludes_zero(); }
};

/// Runs of one scenario.
struct RunGroup {
  std::string label;               ///< name of the scenario and what was overridden; no two groups have the same
  std::vector<std::size_t> runs;   ///< ordered by seed
  std::vector<std::int64_t> seeds; ///< of these runs
};

struct GroupComparison {
  RunGroup group;
  std::vector<std::int64_t> seeds;                   ///< shared with the reference
  std::vector<std::int64_t> left_out, reference_left_out;  ///< seeds of the group and of the reference without a partner
  std::vector<KeyDifference> keys;
  std::vector<FigureDifference> figures;
  std::vector<std::string> one_sided;  ///< figures that only some of the runs have
};

struct Comparison {
  RunGroup reference;
  std::vector<GroupComparison> others;
  bool mixed_revisions = false;  ///< the files were written by different versions of the program
};

/// Groups by deciding keys, the first run's group being the reference. Throws InputError with every reason why these
/// runs cannot be compared: one scenario only, a seed twice in a group, no common seed, other times or regions.
Comparison compare(std::span<const RunFigures> runs);

/// One figure over runs of one scenario with different seeds.
struct FigureMean {
  std::string metric, units, axis;
  MeanInterval value;  ///< over the runs that have a value
};
std::vector<FigureMean> means(std::span<const RunFigures> runs);

}  // namespace study
}  // namespace swarm
