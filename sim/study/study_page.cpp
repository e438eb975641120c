#include "sim/study/study_page.hpp"

#include "sim/scenario/markdown.hpp"
#include "sim/study/factor_table.hpp"
#include "sim/study/study_params.hpp"

namespace swarm {
namespace study {
namespace {

using scenario::FieldRow;

/// Keys that are lists and so are no fields of a parameter struct.
FieldRow list_row(const char* name, const char* type, const char* doc) { return {name, type, {}, "[]", FieldInfo{.unit = "", .doc = doc}}; }

template <class P>
std::string section(const char* header, const char* doc, std::vector<FieldRow> lists) {
  auto rows = scenario::rows_of(P{});
  for (auto& row : lists) rows.push_back(std::move(row));
  return std::string("\n## `") + header + "`\n\n" + doc + "\n\n" + scenario::key_table(rows);
}

constexpr const char* kStart =
    "# Study files\n\n"
    "<!-- Generated from the parameter structs by `swarmsim reference study`; `make docs` rewrites it. -->\n\n"
    "A study is a TOML file that names a scenario, what is varied, and how often each point is run. `swarmsim sweep STUDY.toml -o DIR` runs it; "
    "[studies.md](studies.md) is the guide, [designs.md](designs.md) says how points are chosen.\n\n"
    "```toml\n"
    "[study]\n"
    "name = \"carbon_price\"\n"
    "scenario = \"carbon.toml\"            # beside this file\n"
    "design = \"grid\"\n"
    "replicates = 5\n"
    "common_random_numbers = true\n"
    "set = [\"run.duration=2d\"]\n\n"
    "[[factor]]\n"
    "key = \"pricing.carbon_price_usd_per_t\"\n"
    "name = \"carbon_price\"\n"
    "values = [0, 50, 100, 200]\n\n"
    "[[factor]]\n"
    "name = \"rule\"\n"
    "levels = [\n"
    "  {name = \"flat\", set = [\"pricing.rule=flat\"]},\n"
    "  {name = \"justice\", scenario = \"justice.toml\"},\n"
    "]\n"
    "```\n\n"
    "`--set KEY=VALUE` adds to `study.set`; `--set study.KEY=VALUE` overrides a key of `[study]`. "
    "A relative path in any of these counts from the folder of the study file, wherever the sweep is begun or gone on with.\n";

constexpr const char* kFolder =
    "\n## The folder of a study\n\n"
    "| file | what it is |\n"
    "| --- | --- |\n"
    "| `design.csv` | the plan, written before anything runs: a row per run with `run`, `point`, `replicate`, `seed`, `id` and a column per factor; a Saltelli design also has `sample` and `matrix` |\n"
    "| `manifest.json` | the study file as written, overrides, factors, version |\n"
    "| `results/WORKER.jsonl` | what each worker has written: a line per run with its own checksum |\n"
    "| `study.h5` | all runs in one file, for xarray |\n"
    "| `failures.tsv` | a line per failed run: `run`, `point`, `replicate`, `id`, `attempts`, `exit_code`, `signal`, `message`, `log`, `command` |\n"
    "| `lock` | empty; keeps two sweeps, or a sweep and parts, from doing the same runs |\n"
    "| `logs/` | what workers and Slurm tasks had to say |\n"
    "| `checkpoints/` | of runs that were stopped |\n"
    "| `runs/run-NNNNNN.h5` | with `keep = \"full\"`, each run's own file ([format.md](format.md)) |\n"
    "| `slurm/` | the batch scripts, and the numbers of the jobs |\n\n"
    "An `id` is a hash over all that decides what a run finds: effective scenario, seed, and version of the program. Names, threads, shards and what is "
    "recorded are not part of it.\n";

constexpr const char* kCollected =
    "\n## `study.h5`\n\n"
    "Everything is in the root group, so that `xarray.open_dataset(\"study.h5\")` is enough. `swarmsim info --digest study.h5` is a hash over design and "
    "results: equal however the runs were divided, killed, resumed or retried.\n\n"
    "| name | dimensions | type | meaning |\n"
    "| --- | --- | --- | --- |\n"
    "| each factor | grid: its own; else `point` | float64, or text for levels and words | its values, with the unit of the key |\n"
    "| `point` | `point` | int64 | number of the point in design.csv; not in a grid |\n"
    "| `sample`, `matrix` | `point` | int64 | Saltelli designs: base sample, and 0 for A, 1 for B, 2 + i for A with column i from B |\n"
    "| `replicate` | `replicate` | int64 | from 0 |\n"
    "| `seed` | all of these | int64 | of the run |\n"
    "| `status` | all of these | int8 | 0 done, 1 failed, 2 missing |\n"
    "| each number of `/summary` | all of these | float64 | as in [format.md](format.md); NaN for a run that is not done, or has no such thing |\n"
    "| each table of `/summary` with one axis | all of these, then its axis | float64 | the same, with the axis's names as coordinate |\n\n"
    "An outcome with the name of a factor is called `outcome_NAME`. Root attributes: `filetype` (`swarmsim-study`), `format_version`, `Conventions`, `name`, "
    "`question`, `design`, `points`, `replicates`, `master_seed`, `common_random_numbers`, `factors` (names, one per line), `study` (the file), "
    "`swarmsim_version`, `source_revision`, `finished`.\n";

}  // namespace

std::string study_reference_markdown() {
  return kStart +
         section<StudyParams>("[study]", "What is run, and how often.",
                              {list_row("set", "list of texts", "KEY=VALUE overrides of every run, as after --set."),
                               list_row("outcomes", "list of texts", "Names in /summary that are kept; empty keeps all.")}) +
         section<FactorParams>("[[factor]]", "One thing that is varied: a key with values or a range, or levels that each bundle overrides or name another scenario.",
                               {list_row("values", "list", "Values of the key, for grid and list; in sampled designs they are equally likely."),
                                list_row("levels", "list of tables", "Instead of key and values: {name = \"…\", set = [\"KEY=VALUE\"], scenario = \"FILE.toml\"} with set or scenario or both; a csv table names them.")}) +
         section<SlurmParams>("[slurm]", "How runs are handed to Slurm with --backend slurm; no part of the design, so it may be changed at any time.",
                              {list_row("options", "list of texts", "Further options of sbatch, such as \"--qos=low\".")}) +
         kFolder + kCollected;
}

}  // namespace study
}  // namespace swarm
