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

/// Stand in the name of the file for the seed, and for the number of the replicate that has it.
constexpr std::string_view kSeedMark = "{seed}", kReplicateMark = "{replicate}";

constexpr double kMostGrams = 1e15;  // of a region in a step: a billion tonnes
constexpr const char* kRunIt = "Run the counterfactual with the same [run] and regions, and name its result.";

/// The name with `value` in the place of `mark`, or as it is.
std::string marked(std::string name, std::string_view mark, std::int64_t value) {
  if (const auto at = name.find(mark); at != name.npos) name.replace(at, mark.size(), std::to_string(value));
  return name;
}

/// How to make a counterfactual run for each seed, and how to name them all.
std::string recipe(const Scenario& s) {
  const std::string number = fmt::format(".r{}", kReplicateMark);
  std::filesystem::path name = s.credits.counterfactual;
  const std::string ending = name.extension().string();
  std::string stem = name.replace_extension().string();
  const std::string one = marked(stem, kSeedMark, s.run.seed);
  for (const std::string_view mark : {std::string_view(number), kReplicateMark, kSeedMark})
    if (const auto at = stem.find(mark); at != stem.npos) stem.erase(at, mark.size());
  while (stem.ends_with('.') || stem.ends_with('-') || stem.ends_with('_')) stem.pop_back();
  if (stem.empty() || stem.ends_with('/')) stem += "counterfactual";
  const auto file = [&](const std::string& base) { return (std::filesystem::path(s.run.data_dir) / (base + ending)).lexically_normal().string(); };
  const bool numbered = one.find(kReplicateMark) != one.npos;
  return fmt::format("{}For replicates run the scenario without the policy, 'swarmsim run SCENARIO --replicates N -o {}' with the same master "
                     "seed, and write credits.counterfactual = \"{}{}{}\".",
                     numbered ? "" : fmt::format("For one run make it with --seed {} -o {}. ", s.run.seed, file(one)), file(stem), stem, number, ending);
}

struct Opened {
  std::filesystem::path file;
  RecordedEmissions run;
};

/// The file that the scenario names: with {replicate}, the first of the files numbered from 0 that has the run's seed.
Opened open(const Scenario& s, EmissionsReader read) {
  const std::string name = marked(s.credits.counterfactual, kSeedMark, s.run.seed);
  const auto folder = std::filesystem::path(s.run.data_dir);
  if (read == nullptr)
    throw InputError(Diagnostic{.file = (folder / name).string(),
                                .problem = "counterfactual runs cannot be read here",
                                .why = "'credits.counterfactual' names one",
                                .suggestion = "Switch credits off."});
  const bool numbered = name.find(kReplicateMark) != name.npos;
  for (std::int64_t number = 0;; ++number) {
    Opened found{folder / marked(name, kReplicateMark, number), {}};
    try {
      found.run = read(found.file);
    } catch (const FileError& error) {
      if (number == 0)
        throw InputError(Diagnostic{.file = found.file.string(),
                                    .problem = "this is no result of a run that could be the counterfactual",
                                    .why = error.what(),
                                    .suggestion = numbered ? recipe(s) : kRunIt});
      throw InputError(Diagnostic{.file = (folder / name).string(),
                                  .problem = fmt::format("none of {} counterfactual runs has the seed {} of this run", number, s.run.seed),
                                  .why = fmt::format("the next one cannot be read: {}", error.what()),
                                  .suggestion = recipe(s)});
    }
    if (!numbered || found.run.seed == s.run.seed) return found;
  }
}

/// Whether the run is the same but for its policy.
std::vector<Diagnostic> differences(const Scenario& s, const RecordedEmissions& run, std::size_t steps,
                                    const std::filesystem::path& file) {
  std::vector<Diagnostic> problems;
  const auto differs = [&](std::string problem, std::string why, std::string suggestion = kRunIt) {
    problems.push_back(
        {.file = file.string(), .problem = std::move(problem), .why = std::move(why), .suggestion = std::move(suggestion)});
  };
  std::vector<std::string> regions;
  for (const auto& region : s.regions) regions.push_back(region.name);
  const std::string start = utc_text(parse_utc(s.run.start));
  if (run.seed != s.run.seed)
    differs(fmt::format("the counterfactual has the seed {}, this run {}", run.seed, s.run.seed),
            "other requests would be served, and chance would be credited", recipe(s));
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
  const auto [file, run] = open(s, read);
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
