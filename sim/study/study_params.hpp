#pragma once
#include <string>

#include "sim/core/params.hpp"

/// What a study file may say in plain keys: `[study]` and `[slurm]`. Lists and factors: study_file.hpp.
namespace swarm {
namespace study {

/// How the points of a study are chosen.
enum class DesignKind : std::uint8_t { grid, list, lhs, sobol, saltelli, csv };

/// What is kept of each run.
enum class Keep : std::uint8_t { summary, full };

struct StudyParams {
  std::string name = "study";
  std::string question;
  std::string scenario;
  DesignKind design = DesignKind::grid;
  std::int64_t points = 0;
  std::string file;
  std::int64_t replicates = 1;
  std::int64_t seed = 1;
  bool common_random_numbers = false;
  Keep keep = Keep::summary;
};

template <class V>
void describe(V& v, StudyParams& p) {
  v("name", p.name, {.unit = "", .doc = "Short name of the study."});
  v("question", p.question, {.unit = "", .doc = "The question the study answers, in one sentence."});
  v("scenario", p.scenario, {.unit = "", .doc = "Scenario that every run starts from; a relative path counts from the study file."});
  v("design", p.design,
    {.unit = "",
     .doc = "How points are chosen: grid combines every value of every factor, list takes the first values of all factors, then "
            "the second ones and so on, lhs is a Latin hypercube, sobol a scrambled Sobol sequence, saltelli the arrangement "
            "that Sobol indices need, csv reads them from a file."});
  v("points", p.points,
    {.unit = "1",
     .min = 0,
     .max = 1e6,
     .doc = "Points of lhs and sobol; base samples N of saltelli, which makes N (k + 2) points of k factors. A power of two "
            "for sobol and saltelli."});
  v("file", p.file, {.unit = "", .doc = "Table of points for csv: a column per factor, a row per point; a relative path counts from the study file."});
  v("replicates", p.replicates, {.unit = "1", .min = 1, .max = 1e5, .doc = "Runs of each point, with different seeds."});
  v("seed", p.seed, {.unit = "1", .min = 0, .max = 9e18, .doc = "Master seed: of the design's random numbers and, with point and replicate, of each run's seed."});
  v("common_random_numbers", p.common_random_numbers,
    {.unit = "", .doc = "Whether replicate k has one seed at all points, so that points differ by their factors alone and can be paired."});
  v("keep", p.keep,
    {.unit = "",
     .doc = "What is kept of a run: summary, the figures of its /summary, or full, in addition its whole HDF5 file in the folder runs of the study."});
}

/// How the runs of a study are handed to Slurm.
struct SlurmParams {
  std::string partition;
  std::string account;
  Duration time{3600};
  std::string memory;
  std::int64_t cpus = 2;
  std::int64_t tasks = 0;
  Duration signal_lead{120};
  std::int64_t requeues = 100;
};

template <class V>
void describe(V& v, SlurmParams& p) {
  v("partition", p.partition, {.unit = "", .doc = "Partition; empty leaves the choice to the cluster."});
  v("account", p.account, {.unit = "", .doc = "Account that is charged; empty names none."});
  v("time", p.time, {.unit = "s", .min = 60, .doc = "Time limit of a task; Slurm counts whole minutes. A task that reaches it saves checkpoints, is queued again and goes on."});
  v("memory", p.memory, {.unit = "", .doc = "Memory of a task as Slurm writes it, such as 4G; empty leaves it to the cluster."});
  v("cpus", p.cpus, {.unit = "1", .min = 1, .max = 4096, .doc = "Cores of a task, and runs that it does at a time."});
  v("tasks", p.tasks, {.unit = "1", .min = 0, .max = 1e5, .doc = "Array tasks that the runs are packed into, at most as many as the cluster allows; 0 makes one for each group of cpus runs, at most 100."});
  v("signal_lead", p.signal_lead, {.unit = "s", .min = 1, .max = 65535, .doc = "How long before the time limit a task is told to save checkpoints; Slurm may be up to a minute early."});
  v("requeues", p.requeues, {.unit = "1", .min = 0, .max = 1e6, .doc = "How often a task may be queued again."});
}

}  // namespace study
inline namespace core {
template <>
struct EnumNames<study::DesignKind> {
  static constexpr std::array<std::string_view, 6> names{"grid", "list", "lhs", "sobol", "saltelli", "csv"};
};
template <>
struct EnumNames<study::Keep> {
  static constexpr std::array<std::string_view, 2> names{"summary", "full"};
};
}  // namespace core
}  // namespace swarm
