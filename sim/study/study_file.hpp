#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/study/factor.hpp"
#include "sim/study/study_params.hpp"

/// From a study file to a checked Study: which scenario, what is varied and how, how often, and what is kept.
namespace swarm {
namespace study {

struct Study {
  StudyParams params;
  SlurmParams slurm;
  std::vector<std::string> slurm_options;  ///< further #SBATCH lines
  std::vector<std::string> set;            ///< KEY=VALUE for every run
  scenario::Place set_place;
  std::vector<std::string> outcomes;       ///< names in /summary; empty: all
  scenario::Place outcomes_place;
  std::vector<Factor> factors;

  std::filesystem::path path;          ///< of the study file; what it names counts from its folder
  std::string text;                    ///< the file as written
  std::vector<std::string> overrides;  ///< --set arguments: scenario keys for every run, or study.KEY

  /// The absolute folder of the study file.
  std::filesystem::path folder() const;
  /// A path that the file names.
  std::filesystem::path beside(const std::string& name) const;
};

/// Reads and checks a study file. Overrides reach keys of `[study]` as study.KEY=VALUE; all others are added to
/// `set`. Whether scenarios accept the values is checked by `plan_runs`.
/// @throws InputError with all problems at once.
Study load_study(const std::filesystem::path& file, const std::vector<std::string>& overrides);
/// The same for text that is already in memory, as if it stood in `pretend_path`.
Study load_study_text(std::string text, const std::filesystem::path& pretend_path, const std::vector<std::string>& overrides);

}  // namespace study
}  // namespace swarm
