#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/cli/options.hpp"
#include "sim/cli/sweep.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::string_view kVerb = "sweep";
/// What can be done besides running a study file; the last one is for workers and not for people.
constexpr std::array<std::string_view, 6> kActions{"plan", "part", "status", "retry-failed", "collect", "work"};

bool is_action(const std::string& word) { return std::find(kActions.begin(), kActions.end(), word) != kActions.end(); }

/// I/N.
void parse_part(const std::string& text, SweepRequest& request) {
  const auto slash = text.find('/');
  if (slash == text.npos) usage_error(kVerb, fmt::format("'{}' is not a part", text), "write I/N, for example 0/8 for the first of eight parts.");
  request.parts = parse_whole(kVerb, "part (of I/N)", text.substr(slash + 1), 1, 1'000'000, "write I/N, for example 0/8.");
  request.part = parse_whole(kVerb, "part (I of I/N)", text.substr(0, slash), 0, request.parts - 1, "parts are counted from 0.");
}

/// What follows the action: a study file, or the folder of a study and more.
void parse_words(const std::vector<std::string>& words, bool has_output, SweepRequest& request) {
  const bool has_study = request.action.empty() || request.action == "plan";
  const std::size_t wanted = request.action == "part" || request.action == "work" ? 2 : 1;
  if (words.size() < wanted) {
    if (has_study) usage_error(kVerb, "no study file given", "write 'swarmsim sweep STUDY.toml -o DIR'; docs/study.md says what a study file holds.");
    usage_error(kVerb, fmt::format("'{}' needs the folder of a study{}", request.action, wanted == 2 ? " and which part" : ""),
                fmt::format("write 'swarmsim sweep {} DIR{}'.", request.action, request.action == "part" ? " I/N" : ""));
  }
  if (words.size() > wanted) usage_error(kVerb, fmt::format("unexpected argument '{}'", words[wanted]), "");
  (has_study ? request.study : request.folder) = words[0];
  if (request.action == "part") parse_part(words[1], request);
  if (request.action == "work") request.worker = words[1];
  if (has_study && !has_output) usage_error(kVerb, "no folder given", "write 'swarmsim sweep STUDY.toml -o DIR'.");
  if (!has_study && request.action != "collect" && has_output) usage_error(kVerb, "-o has no meaning here", "the folder is already named.");
}

}  // namespace

Options sweep_options() {
  Options o;
  o.add_options()
      ("output,o", po::value<std::string>()->value_name("DIR"), "folder of the study; of collect: the file (default: study.h5 in the study's folder)")
      ("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE")->composing(), "override a scenario key in all runs, or a key of the study as study.KEY; may be repeated")
      ("jobs", po::value<std::string>()->value_name("N"), "runs at a time (default: one per core, as far as memory allows)")
      ("threads", po::value<std::string>()->value_name("N"), "threads of each run (default: the cores divided by the jobs); results do not depend on it")
      ("backend", choice_value<Backend>("NAME")->default_value("local"), "local (default): processes of this machine; slurm: array tasks of a cluster")
      ("no-submit", "with --backend slurm: write the scripts to DIR/slurm, submit nothing")
      ("attempts", po::value<std::string>()->value_name("N"), "of part: leave alone what has failed N times (default 1: every failure)")
      ("checkpoint-every", po::value<std::string>()->value_name("TIME"), "save a checkpoint of each run every TIME of simulated time, e.g. 1d; one is saved in any case when a signal stops the sweep")
      ("progress", choice_value<ProgressMode>("MODE")->default_value("auto"), "on standard error: auto (default: a bar on a terminal), always, never, or json (one object per line)")
      ("summary", choice_value<SummaryFormat>("FORMAT")->default_value("text"), "on standard output: text (default) or json");
  return o;
}

std::vector<std::string> sweep_words() { return {kActions.begin(), kActions.end() - 1}; }

SweepRequest parse_sweep(const Arguments& arguments) {
  const auto values = parse_options(kVerb, arguments, sweep_options(), 3);
  SweepRequest request;
  auto words = files_of(values);
  if (!words.empty() && is_action(words[0])) {
    request.action = words[0];
    words.erase(words.begin());
  } else if (!words.empty()) {
    // A misspelt action, not a study file of that name.
    const std::string near = nearest_spelling(words[0], {kActions.begin(), kActions.end() - 1});
    if (!near.empty() && !std::filesystem::exists(words[0])) usage_error(kVerb, fmt::format("cannot {}", words[0]), fmt::format("did you mean '{}'?", near));
  }
  const auto text = [&](const char* option) { return values[option].as<std::string>(); };
  parse_words(words, values.count("output") > 0, request);
  if (values.count("output")) (request.action == "collect" ? request.output : request.folder) = text("output");
  if (values.count("set")) request.overrides = values["set"].as<std::vector<std::string>>();
  if (!request.overrides.empty() && request.study.empty()) usage_error(kVerb, "--set has no meaning here", "overrides belong to the study; begin it with them.");
  if (values.count("jobs")) request.jobs = static_cast<int>(parse_whole(kVerb, "jobs", text("jobs"), 1, 4096, "write for example 4."));
  if (values.count("threads")) request.threads = static_cast<int>(parse_whole(kVerb, "threads", text("threads"), 1, 4096, "write for example 2."));
  if (values.count("attempts")) request.attempts = static_cast<int>(parse_whole(kVerb, "attempts", text("attempts"), 1, 1'000'000, "write for example 2."));
  request.backend = parse_choice<Backend>(kVerb, "backend", text("backend"));
  request.submit = values.count("no-submit") == 0;
  if (!request.submit && request.backend != Backend::slurm) usage_error(kVerb, "--no-submit is for --backend slurm", "");
  if (values.count("checkpoint-every")) request.checkpoint_every_s = parse_span(kVerb, "checkpoint-every", text("checkpoint-every")).seconds;
  request.progress = parse_choice<ProgressMode>(kVerb, "progress", text("progress"));
  request.summary = parse_choice<SummaryFormat>(kVerb, "summary", text("summary"));
  return request;
}

}  // namespace cli
}  // namespace swarm
