#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/study/run_plan.hpp"

/// The folder of a study: what is written before anything runs, and where everything lies. A folder says all that
/// status and collect need; running needs the scenario files as well.
namespace swarm {
namespace study {

/// A factor as tables and files show it.
struct FactorColumn {
  std::string name, key, unit;
  bool numeric = false;
  std::vector<std::string> labels;  ///< of a grid, in the order of the study
  friend bool operator==(const FactorColumn&, const FactorColumn&) = default;
};

/// A row of design.csv.
struct DesignRow {
  std::int64_t run = 0, point = 0, replicate = 0, seed = 0;
  std::string id;
  std::vector<std::string> cells;  ///< one per factor
  std::int64_t sample = 0, matrix = 0;
};

/// manifest.json and design.csv.
struct StudyRecord {
  std::string study_file;              ///< absolute
  std::string study_text;
  std::vector<std::string> overrides;  ///< --set
  std::string name, question, version, revision;
  DesignKind design = DesignKind::grid;
  std::int64_t seed = 0, points = 0, replicates = 0;
  bool common_random_numbers = false;
  Keep keep = Keep::summary;
  std::vector<std::string> outcomes;
  std::vector<FactorColumn> factors;
  std::vector<DesignRow> rows;
};

class StudyFolder {
 public:
  explicit StudyFolder(std::filesystem::path root) : root_(std::move(root)) {}
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path manifest() const { return root_ / "manifest.json"; }
  /// Whoever does all runs marks it for himself, those who do parts share it (io::WriteLock); empty and never replaced.
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path design() const { return root_ / "design.csv"; }
  std::filesystem::path failures() const { return root_ / "failures.tsv"; }
  std::filesystem::path collected() const { return root_ / "study.h5"; }
  std::filesystem::path results() const { return root_ / "results"; }
  std::filesystem::path logs() const { return root_ / "logs"; }
  std::filesystem::path checkpoints() const { return root_ / "checkpoints"; }
  std::filesystem::path runs() const { return root_ / "runs"; }
  std::filesystem::path slurm() const { return root_ / "slurm"; }
  std::filesystem::path results_of(const std::string& worker) const { return results() / (worker + ".jsonl"); }
  std::filesystem::path log_of(const std::string& worker) const { return logs() / (worker + ".log"); }
  /// Of one run: two with equal scenario and seed have one id, and may be at work at the same time.
  std::filesystem::path checkpoint_of(const DesignRow& row) const;
  std::filesystem::path run_file(std::int64_t run) const;

  bool exists() const;
  /// Throws FileError: no study here, damaged.
  StudyRecord read() const;
  /// Writes the plan of a new study, or makes sure that the one that is there is the same. Throws InputError for a
  /// folder that holds another study, FileError.
  void begin(const StudyRecord& record) const;

 private:
  std::filesystem::path root_;
};

/// What the folder of this study will say.
StudyRecord record_of(const Study& study, const Design& design, const std::vector<std::string>& ids);
/// The study as it was when the folder was begun.
Study study_of(const StudyRecord& record);
/// Its points, made anew. Throws InputError if they are others by now, since its table of points has changed.
Design planned_design(const Study& study, const StudyRecord& record);

}  // namespace study
}  // namespace swarm
