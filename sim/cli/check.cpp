#include <fmt/format.h>

#include "sim/cli/options.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace cli {
namespace {

/// Seconds per request on one core, everything included; measured on the shipped scenarios (docs/performance.md).
constexpr double kSecondsPerRequest = 1.2e-6;

po::options_description options() {
  po::options_description o("Options");
  o.add_options()
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key; may be repeated")
      ("resolved", "print the complete effective scenario instead of the forecast")
      ("explain", po::value<std::string>()->value_name("KEY"), "explain one key or section; needs no scenario");
  return o;
}

}  // namespace

std::string check_options() { return options_text(options()); }

ExitCode check_verb(const Arguments& arguments) {
  const auto values = parse_options("check", arguments, options(), 1);
  if (values.count("explain")) {
    fmt::print("{}\n", scenario::explain(values["explain"].as<std::string>()));
    return ExitCode::done;
  }
  const auto files = values["file"].as<std::vector<std::string>>();
  if (files.empty()) usage_error("check", "no scenario given", "");
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  const scenario::Scenario s = scenario::load(files[0], overrides);
  if (values.count("resolved")) {
    fmt::print("{}", scenario::effective_toml(s));
    return ExitCode::done;
  }
  world::check_data(s);
  const auto f = world::predict(s);
  fmt::print("{}: valid\n", files[0]);
  fmt::print("  regions {}, sites {}, specialists {}, steps {} of {}\n", s.regions.size(), s.sites.size(), s.population.agents,
             f.steps, duration_text(s.run.step));
  fmt::print("  predicted: {:.3g} requests, {:.2f} GB memory, {:.1f} MB file, about {:.0f} s on one core\n", f.requests,
             f.memory_bytes / 1e9, f.file_bytes / 1e6, 3 + f.requests * kSecondsPerRequest);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
