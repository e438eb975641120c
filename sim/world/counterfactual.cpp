#include "sim/world/counterfactual.hpp"

#include <fmt/ranges.h>

#include <cmath>

#include "sim/core/calendar.hpp"
#include "sim/core/errors.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace world {
namespace {

using scenario::Scenario;

/// Stands for the seed in the name of the file, so that each replicate finds its own.
constexpr std::string_view kSeedMark = "{seed}";

constexpr double kMostGrams = 1e15;  // of a region in a step: a billion tonnes
constexpr const char* kRunIt = "Run the counterfactual with the same [run] and regions, and name its result.";

RecordedEmissions open(const std::filesystem::path& file, EmissionsReader read) {
  if (read == nullptr)
    throw InputError(Diagnostic{.file = file.string(),
                                .problem = "counterfactual runs cannot be read here",
                                .why = "'credits.counterfactual' names one",
                                .suggestion = "Switch credits off."});
  try {
    return read(file);
  } catch (const FileError& error) {
    throw InputError(Diagnostic{.file = file.string(),
                                .problem = "this is no result of a run that could be the counterfactual",
                                .why = error.what(),
                                .suggestion = kRunIt});
  }
}

/// Whether the run is the same but for its policy.
std::vector<Diagnostic> differences(const Scenario& s, const RecordedEmissions& run, std::size_t steps,
                                    const std::filesystem::path& file) {
  std::vector<Diagnostic> problems;
  const auto differs = [&](std::string problem, std::string why) {
    problems.push_back(
        {.file = file.string(), .problem = std::move(problem), .why = std::move(why), .suggestion = kRunIt});
  };
  std::vector<std::string> regions;
  for (const auto& region : s.regions) regions.push_back(region.name);
  const std::string start = utc_text(parse_utc(s.run.start));
  if (run.seed != s.run.seed)
    differs(fmt::format("the counterfactual has the seed {}, this run {}", run.seed, s.run.seed),
            "other requests would be served, and chance would be credited");
  if (run.regions != regions)
    differs(fmt::format("the counterfactual has the regions {}, this run {}", fmt::join(run.regions, ", "),
                        fmt::join(regions, ", ")),
            "emissions are compared region by region");
  if (run.start != start)
    differs(fmt::format("the counterfactual starts at {}, this run at {}", run.start, start),
            "emissions are compared step by step");
  if (run.step_s != 0 && run.step_s != s.run.step.seconds)
    differs(fmt::format("the counterfactual has steps of {} s, this run of {} s", run.step_s, s.run.step.seconds),
            "emissions are compared step by step");
  if (problems.empty() && run.location_g.size() < steps * regions.size())
    differs(fmt::format("the counterfactual has {} steps, this run {}", run.location_g.size() / regions.size(), steps),
            "nothing would be known of the rest");
  return problems;
}

}  // namespace

std::vector<std::int64_t> read_counterfactual(const Scenario& s, EmissionsReader read) {
  std::vector<std::int64_t> amounts;
  if (!s.credits.enabled) return amounts;
  std::string name = s.credits.counterfactual;
  if (const auto at = name.find(kSeedMark); at != name.npos)
    name.replace(at, kSeedMark.size(), std::to_string(s.run.seed));
  const auto file = std::filesystem::path(s.run.data_dir) / name;
  const RecordedEmissions run = open(file, read);
  const auto steps =
      static_cast<std::size_t>((s.run.warmup.seconds + s.run.duration.seconds) / s.run.step.seconds + 0.5);
  if (auto problems = differences(s, run, steps, file); !problems.empty()) throw InputError(std::move(problems));
  for (std::size_t k = 0; k < steps * s.regions.size(); ++k) {
    const double g = run.location_g[k];
    if (!std::isfinite(g) || g < 0 || g > kMostGrams)
      throw InputError(Diagnostic{.file = file.string(),
                                  .problem = fmt::format("region {} emits {} g in step {} of the counterfactual",
                                                         s.regions[k % s.regions.size()].name, g, k / s.regions.size()),
                                  .why = "what is avoided cannot be told from it",
                                  .suggestion = kRunIt});
    amounts.push_back(round_half_even(1000.0 * g));
  }
  return amounts;
}

}  // namespace world
}  // namespace swarm
