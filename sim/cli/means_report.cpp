#include <fmt/format.h>

#include "sim/cli/study_report.hpp"
#include "sim/cli/values.hpp"

namespace swarm {
namespace cli {
namespace {

std::vector<study::FigureMean> main_means(std::span<const study::RunFigures> runs) {
  auto all = study::means(runs);
  std::erase_if(all, [](const auto& f) { return !f.axis.empty() || study::main_place(f.metric) == study::kNotMain; });
  return all;
}

void print_text(const std::vector<study::FigureMean>& figures, std::size_t runs) {
  fmt::print("Means of {} replicates{}\n", runs, runs > 1 ? ", with 95 % intervals (Student's t)" : "");
  fmt::print("{:<26}  {:<10}{:>14}{:>14}{:>14}\n", "figure", "unit", "mean", runs > 1 ? "from" : "", runs > 1 ? "to" : "");
  bool missing = false;
  for (const auto& f : figures) {
    missing |= f.value.n < runs;
    const bool known = f.value.n > 1;
    fmt::print("{:<26}  {:<10}{:>14}{:>14}{:>14}{}\n", f.metric, f.units, figure_text(f.value.mean), known ? figure_text(f.value.low()) : "–",
               known ? figure_text(f.value.high()) : "–",
               f.value.n > 0 && f.value.n < runs ? fmt::format("  ({} of {} runs)", f.value.n, runs) : "");
  }
  if (runs == 1) fmt::print("One replicate: no uncertainty can be stated.\n");
  if (missing) fmt::print("– or fewer runs: the others have no value, for example the share of a group without requests\n");
}

void print_json(const std::vector<study::FigureMean>& figures, std::span<const study::RunFigures> runs, std::int64_t master_seed) {
  std::vector<std::string> files, items;
  std::vector<std::int64_t> seeds;
  for (const auto& run : runs) {
    files.push_back(json_text(run.file));
    seeds.push_back(run.seed);
  }
  for (const auto& f : figures)
    items.push_back(fmt::format("{}:{{\"units\":{},\"mean\":{},\"low95\":{},\"high95\":{},\"runs\":{}}}", json_text(f.metric), json_text(f.units),
                                json_number(f.value.mean), json_number(f.value.low()), json_number(f.value.high()), f.value.n));
  fmt::print("{{\"replicates\":{},\"master_seed\":{},\"seeds\":[{}],\"files\":[{}],\"figures\":{{{}}}}}\n", runs.size(), master_seed,
             fmt::join(seeds, ","), fmt::join(files, ","), fmt::join(items, ","));
}

}  // namespace

void print_means(std::span<const study::RunFigures> runs, std::int64_t master_seed, SummaryFormat format) {
  const auto figures = main_means(runs);
  if (format == SummaryFormat::json)
    print_json(figures, runs, master_seed);
  else
    print_text(figures, runs.size());
}

}  // namespace cli
}  // namespace swarm
