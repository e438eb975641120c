#include <fmt/format.h>

#include "sim/cli/options.hpp"
#include "sim/cli/run.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::int64_t kMaxSeed = 9'000'000'000'000'000'000;
constexpr std::int64_t kMaxReplicates = 100'000;

}  // namespace

Options run_options() {
  Options o;
  o.add_options()
      ("output,o", po::value<std::string>()->value_name("FILE.h5"), "result file (default: the scenario's name with .h5, in this folder)")
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key, e.g. pricing.markup=0.2; may be repeated")
      ("seed", po::value<std::string>()->value_name("N"), "same as --set run.seed=N")
      ("replicates", po::value<std::string>()->value_name("N"), "run N times with seeds derived from the scenario's seed; FILE.r0.h5 to FILE.r{N-1}.h5, and a table of means")
      ("duration", po::value<std::string>()->value_name("TIME"), "same as --set run.duration=TIME, e.g. 7d")
      ("threads", po::value<std::string>()->value_name("N"), "worker threads (default 0: all cores); results do not depend on it")
      ("progress", choice_value<ProgressMode>("MODE")->default_value("auto"),
       "on standard error: auto (default: a bar on a terminal), always, never, or json (one object per line)")
      ("summary", choice_value<SummaryFormat>("FORMAT")->default_value("text"), "on standard output: text (default) or json")
      ("timing", "print seconds per phase and rates on standard error")
      ("checkpoint-every", po::value<std::string>()->value_name("TIME"), "save a checkpoint every TIME of simulated time, e.g. 1d, and when a signal stops the run")
      ("resume", offered_value<std::string>("FILE.h5", {.suffix = ".h5", .also = Offer::Also::unfinished}),
       "continue the interrupted run of that name; without a scenario, the one in its checkpoint");
  return o;
}

RunRequest parse_run(const Arguments& arguments) {
  const auto values = parse_options("run", arguments, run_options(), 1);
  RunRequest request;
  for (const auto& a : arguments) request.command_line += " " + a;
  request.command_line = "swarmsim run" + request.command_line;
  const auto files = files_of(values);
  const auto text = [&](const char* option) { return values[option].as<std::string>(); };
  if (!files.empty()) request.scenario = files[0];
  if (values.count("set")) request.overrides = values["set"].as<std::vector<std::string>>();
  if (values.count("seed"))
    request.overrides.push_back(fmt::format("run.seed={}", parse_whole("run", "seed", text("seed"), 0, kMaxSeed, "write for example 7.")));
  if (values.count("duration")) {
    parse_span("run", "duration", text("duration"));
    request.overrides.push_back("run.duration='" + text("duration") + "'");
  }
  if (values.count("threads"))
    request.threads = static_cast<int>(parse_whole("run", "threads", text("threads"), 0, 4096, "0 uses all cores."));
  if (values.count("replicates"))
    request.replicates = parse_whole("run", "replicates", text("replicates"), 1, kMaxReplicates, "write for example 5.");
  request.progress = parse_choice<ProgressMode>("run", "progress", text("progress"));
  request.summary = parse_choice<SummaryFormat>("run", "summary", text("summary"));
  request.timing = values.count("timing") > 0;
  if (values.count("checkpoint-every"))
    request.checkpoint_every = parse_span("run", "checkpoint-every", text("checkpoint-every"));
  request.resume = values.count("resume") > 0;
  if (request.scenario.empty() && !request.resume)
    usage_error("run", "no scenario given", "write 'swarmsim run SCENARIO.toml'; 'swarmsim init FILE.toml' makes one to start from.");
  if (request.resume && values.count("output"))
    usage_error("run", "--resume already names the result file", "leave out -o.");
  request.output = request.resume                ? std::filesystem::path(text("resume"))
                   : values.count("output") > 0 ? std::filesystem::path(text("output"))
                                                : request.scenario.filename().replace_extension(".h5");
  if (!request.output.has_filename())
    usage_error("run", fmt::format("'{}' is not the name of a result file", request.output.string()), "name one, for example results.h5.");
  return request;
}

}  // namespace cli
}  // namespace swarm
