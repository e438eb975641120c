#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/study/design.hpp"

/// From points to runs: which scenario, overrides and seed each run has, and a name that it keeps.
namespace swarm {
namespace study {

struct RunSpec {
  std::int64_t run = 0;  ///< point · replicates + replicate
  std::int64_t point = 0;
  std::int64_t replicate = 0;
  std::int64_t seed = 0;
  std::filesystem::path scenario;
  std::filesystem::path folder;        ///< from which relative paths in overrides count: the study file's
  std::vector<std::string> overrides;  ///< without the seed
};

std::int64_t run_count(const Study& study, const Design& design);
RunSpec run_spec(const Study& study, const Design& design, std::int64_t run);

/// The effective scenario of a run. Throws InputError.
scenario::Scenario load_run(const RunSpec& spec);

/// 16 hexadecimal digits over all that decides what a run finds: effective scenario, seed, and the version of the model.
std::string run_id(const scenario::Scenario& s);

/// `cd FOLDER && swarmsim run …` with everything that makes it this run, quoted for a shell.
std::string command_of(const RunSpec& spec, const std::string& output);

/// Most runs a study may have: every worker knows all of them.
inline constexpr std::int64_t kMostRuns = 1'000'000;

/// The ids of all runs in order. Loads every point's scenario, so that what no scenario accepts is known before
/// anything runs. Throws InputError: each key and value that is refused, with its place in the study file and the first
/// point that has it; too many runs.
std::vector<std::string> plan_runs(const Study& study, const Design& design);

/// The shell's spelling of a word.
std::string shell_word(const std::string& word);

}  // namespace study
}  // namespace swarm
