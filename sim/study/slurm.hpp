#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/study/status.hpp"

/// The runs of a study as array tasks of a Slurm cluster. Nothing but sbatch, squeue and scontrol is needed: no
/// accounting database, and what is done is read from the study's folder. See docs/studies.md.
namespace swarm {
namespace study {

struct SlurmJob {
  std::filesystem::path program, folder;  ///< absolute, the same on all nodes
  std::string name;
  SlurmParams params;
  std::vector<std::string> options;       ///< further #SBATCH lines
  std::int64_t parts = 1;                 ///< that the runs are divided into; task i does runs r with r mod parts = i
  std::int64_t runs = 1;                  ///< of one task at most
  std::vector<std::int64_t> tasks;        ///< the parts in which something is to be done
  int attempts = 1;                       ///< runs that have failed so often are left alone
  double checkpoint_every_s = 0;
};

/// Divides the runs over tasks: as many as the study asks for, else one per group of `cpus` runs and at most 100; never more than the cluster allows.
SlurmJob slurm_job(const Study& study, const StudyRecord& record, const std::vector<std::int64_t>& runs, std::int64_t most_tasks);

/// The batch scripts.
std::string array_script(const SlurmJob& job);
std::string collect_script(const SlurmJob& job);

/// MaxArraySize of this cluster. Throws InputError where Slurm's commands are not there or do not answer.
std::int64_t most_array_tasks();
/// Jobs of the latest submission that are still queued or at work.
std::vector<std::string> queued_jobs(const StudyFolder& folder);

struct Submission {
  std::string array, collector;  ///< job numbers
};
/// Writes the scripts to the study's folder `slurm`. Throws InputError for a folder that Slurm cannot write logs to.
void write_scripts(const StudyFolder& folder, const SlurmJob& job);
/// Submits them, the collector to be run when every task has ended, however it ended: both or none. Throws InputError
/// with what sbatch said.
Submission submit(const StudyFolder& folder);

}  // namespace study
}  // namespace swarm
