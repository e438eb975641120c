#include <fmt/format.h>

#include "sim/cli/options.hpp"
#include "sim/cli/run.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

po::options_description options() {
  po::options_description o("Options");
  o.add_options()
      ("output,o", po::value<std::string>()->value_name("FILE.h5"), "result file (default: the scenario's name with .h5, here)")
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key, e.g. pricing.markup=0.2; may be repeated")
      ("seed", po::value<std::string>()->value_name("N"), "same as --set run.seed=N")
      ("duration", po::value<std::string>()->value_name("7d"), "same as --set run.duration=7d")
      ("threads", po::value<int>()->value_name("N")->default_value(0), "worker threads; 0 uses all cores; results do not depend on it")
      ("progress", po::value<std::string>()->value_name("MODE")->default_value("auto"), "auto (a bar on a terminal), always, never, json")
      ("summary", po::value<std::string>()->value_name("FORMAT")->default_value("text"), "text or json, on standard output")
      ("timing", "print seconds per phase and rates")
      ("checkpoint-every", po::value<std::string>()->value_name("1d"), "save a checkpoint at these intervals of simulated time")
      ("resume", po::value<std::string>()->value_name("FILE.h5"), "continue an interrupted run of that name");
  return o;
}

template <class E>
E parse_choice(std::string_view option, const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i) {
    if (EnumNames<E>::names[i] == text) return static_cast<E>(i);
    names.emplace_back(EnumNames<E>::names[i]);
  }
  usage_error("run", fmt::format("--{} does not know '{}'", option, text), fmt::format("choose one of {}.", fmt::join(names, ", ")));
}

}  // namespace

std::string run_options() { return options_text(options()); }

RunRequest parse_run(const Arguments& arguments) {
  const auto values = parse_options("run", arguments, options(), 1);
  RunRequest request;
  for (const auto& a : arguments) request.command_line += " " + a;
  request.command_line = "swarmsim run" + request.command_line;
  const auto files = values["file"].as<std::vector<std::string>>();
  if (!files.empty()) request.scenario = files[0];
  if (values.count("set")) request.overrides = values["set"].as<std::vector<std::string>>();
  if (values.count("seed")) request.overrides.push_back("run.seed=" + values["seed"].as<std::string>());
  if (values.count("duration")) request.overrides.push_back("run.duration='" + values["duration"].as<std::string>() + "'");
  request.threads = values["threads"].as<int>();
  if (request.threads < 0 || request.threads > 4096) usage_error("run", "--threads must be between 0 and 4096", "0 uses all cores.");
  request.progress = parse_choice<ProgressMode>("progress", values["progress"].as<std::string>());
  request.summary = parse_choice<SummaryFormat>("summary", values["summary"].as<std::string>());
  request.timing = values.count("timing") > 0;
  if (values.count("checkpoint-every")) {
    Duration every;
    const auto& text = values["checkpoint-every"].as<std::string>();
    if (!parse_duration(text, every) || every.seconds <= 0)
      usage_error("run", fmt::format("--checkpoint-every: '{}' is not a span of time", text), "write for example 1d or 6h.");
    request.checkpoint_every = every;
  }
  request.resume = values.count("resume") > 0;
  if (request.scenario.empty() && !request.resume)
    usage_error("run", "no scenario given", "write 'swarmsim run SCENARIO.toml'; 'swarmsim init FILE.toml' makes one to start from.");
  if (request.resume && values.count("output"))
    usage_error("run", "--resume already names the result file", "leave out -o.");
  request.output = request.resume                ? std::filesystem::path(values["resume"].as<std::string>())
                   : values.count("output") > 0 ? std::filesystem::path(values["output"].as<std::string>())
                                                : request.scenario.filename().replace_extension(".h5");
  return request;
}

}  // namespace cli
}  // namespace swarm
