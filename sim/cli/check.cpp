#include <fmt/format.h>

#include <cmath>

#include "agents/nn/isa.hpp"
#include "agents/tasks/given_models.hpp"
#include "sim/cli/machine.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/io/onnx_file.hpp"
#include "sim/io/recorded_emissions.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace cli {
namespace {

/// Seconds per request on one core, everything included; measured on the shipped scenarios (docs/performance.md).
constexpr double kSecondsPerRequest = 1.2e-6;
/// Seconds per multiply-add of training on one core, measured likewise.
constexpr double kSecondsPerTrainingMac = 3e-11;
constexpr double kStartSeconds = 0.3;

std::string bytes_text(double bytes) {
  return bytes >= 1e9 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.1f} MB", bytes / 1e6);
}

std::string time_text(double seconds) {
  if (seconds >= 7200) return fmt::format("{:.1f} h", seconds / 3600);
  return seconds >= 120 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.0f} s", std::ceil(seconds));
}

void print_forecast(const std::string& file, const scenario::Scenario& s, const world::Forecast& f) {
  const bool fits = f.memory_bytes <= kUsableMemory * machine_memory();
  const auto notes = fits ? world::notes(s) : std::vector{fmt::format("'swarmsim run' will refuse: this machine has {}", bytes_text(machine_memory()))};
  const auto line = [](std::string_view label, const std::string& value) { fmt::print("  {:<14}{}\n", label, value); };
  fmt::print("{}: valid\n", file);
  line("regions", fmt::format("{}, with {} sites", s.regions.size(), s.sites.size()));
  line("specialists", fmt::format("{:.0f}", f.agents));
  line("steps", fmt::format("{} of {}", f.steps, duration_text(s.run.step)));
  fmt::print("A run will need about\n");
  line("requests", fmt::format("{:.3g}", f.requests));
  line("memory", bytes_text(f.memory_bytes));
  line("file", bytes_text(f.file_bytes));
  line("time", time_text(f.requests * kSecondsPerRequest + f.training_macs * kSecondsPerTrainingMac + kStartSeconds) + " on one core");
  if (!notes.empty()) fmt::print("Notes\n");
  for (const auto& note : notes) fmt::print("  - {}\n", note);
}

/// What --explain explains; keys of tables read "region.population".
std::vector<std::string> explained_words() {
  std::vector<std::string> words;
  for (const auto& section : scenario::section_rows({})) words.push_back(section.name);
  for (const auto& table : scenario::table_rows()) words.push_back(table.name);
  for (std::string& key : scenario::all_keys()) {
    if (const auto at = key.find(".NAME."); at != key.npos) key.erase(at, 5);
    words.push_back(std::move(key));
  }
  return words;
}

}  // namespace

Options check_options() {
  Options o;
  o.add_options()
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key; may be repeated")
      ("resolved", "print the complete effective scenario instead of the forecast; it runs to the same results")
      ("explain", offered_value<std::string>("KEY", {.words = explained_words}), "explain one key or section, e.g. pricing.markup or pricing; needs no scenario");
  return o;
}

ExitCode check_verb(const Arguments& arguments) {
  const auto values = parse_options("check", arguments, check_options(), 1);
  const auto files = files_of(values);
  if (values.count("explain")) {
    if (!files.empty() || values.count("resolved")) usage_error("check", "--explain stands alone", "");
    fmt::print("{}\n", scenario::explain(values["explain"].as<std::string>()));
    return ExitCode::done;
  }
  if (files.empty()) usage_error("check", "no scenario given", "write 'swarmsim check SCENARIO.toml'.");
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  const scenario::Scenario s = scenario::load(files[0], overrides);
  if (values.count("resolved")) {
    fmt::print("{}", scenario::effective_toml(s));
    return ExitCode::done;
  }
  nn::active_isa();  // an unknown SWARMSIM_SIMD would end the run
  world::check_data(s);
  world::read_counterfactual(s, io::read_emissions);
  tasks::read_given_models(s.specialists, io::read_onnx);
  print_forecast(files[0], s, world::predict(s));
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
