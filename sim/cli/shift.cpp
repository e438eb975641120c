#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "sim/cli/message.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/shift_report.hpp"
#include "sim/cli/shift_table.hpp"
#include "sim/cli/table_input.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/stats.hpp"
#include "sim/dispatch/exact_sums.hpp"
#include "sim/dispatch/forecast_error.hpp"
#include "sim/dispatch/shift_jobs.hpp"
#include "sim/study/text_file.hpp"

namespace swarm {
namespace cli {
namespace {

namespace fs = std::filesystem;
using dispatch::DeadlineRule;
using dispatch::ShiftConstraint;
using dispatch::ShiftStrategy;

constexpr const char* kUsage = "write 'swarmsim shift --trace FILE.csv --zone COL --jobs FILE.csv'; - reads standard input.";
constexpr double kMostNoise = 10;
constexpr std::uint64_t kUsualSeed = 1;

/// Everything that was typed.
struct Request {
  std::string trace, zone, jobs, per_job;
  dispatch::ShiftRule rule;  ///< slack still to come
  Duration slack;
  ShiftStrategy strategy = ShiftStrategy::non_interrupting;
  double noise = 0;  ///< standard deviation of the forecast's error over the mean of the trace
  std::uint64_t seed = kUsualSeed;
  bool wants_summary = false;
  SummaryFormat format = SummaryFormat::text;
};

std::vector<std::string> forecast_words() { return {"perfect", "noise:0.05"}; }

void parse_forecast(const std::string& text, Request& r) {
  if (text == "perfect") return;
  const auto fail = [&](const char* why) {
    usage_error("shift", fmt::format("--forecast is '{}', {}", text, why), "write perfect, noise:0.05 or noise:0.05:7.");
  };
  if (!text.starts_with("noise:")) fail("neither perfect nor noise:E");
  const char* at = text.data() + std::string_view("noise:").size();
  const char* const end = text.data() + text.size();
  const auto [after, fault] = std::from_chars(at, end, r.noise);
  if (fault != std::errc{} || !(r.noise >= 0 && r.noise <= kMostNoise) || (after != end && *after != ':'))
    fail("where E, the error over the mean intensity, must be a number from 0 to 10");
  if (after == end) return;
  const auto [stop, error] = std::from_chars(after + 1, end, r.seed);
  if (error != std::errc{} || stop != end) fail("where the seed must be a whole number from 0");
}

Duration parse_slack(const std::string& text) {
  Duration slack;
  if (!parse_duration(text, slack) || !std::isfinite(slack.seconds))
    usage_error("shift", fmt::format("--slack is '{}', not a span of time", text), "write for example 4h, 90min or 0h.");
  if (slack.seconds < 0)
    usage_error("shift", fmt::format("--slack is '{}': the deadline would lie before the end of the work", text),
                "give a slack of 0h or more.");
  return slack;
}

Request parse(const Arguments& arguments) {
  const auto values = parse_options("shift", arguments, shift_options(), 0);
  const auto text = [&](const char* name) { return values.count(name) ? values[name].as<std::string>() : std::string(); };
  Request r{.trace = text("trace"), .zone = text("zone"), .jobs = text("jobs"), .per_job = text("per-job")};
  if (r.trace.empty()) usage_error("shift", "no trace given", kUsage);
  if (r.jobs.empty()) usage_error("shift", "no jobs given", kUsage);
  if (r.trace == "-" && r.jobs == "-") usage_error("shift", "trace and jobs cannot both be standard input", "name a file for one of them.");
  r.strategy = parse_choice<ShiftStrategy>("shift", "strategy", text("strategy"));
  r.rule.constraint = parse_choice<ShiftConstraint>("shift", "constraint", text("constraint"));
  r.rule.deadline = parse_choice<DeadlineRule>("shift", "deadline", text("deadline"));
  if (r.rule.constraint == ShiftConstraint::symmetric && !values["deadline"].defaulted())
    usage_error("shift", "--deadline means nothing to --constraint symmetric", "leave it out: jobs start at most the slack before or after they arrive.");
  parse_forecast(text("forecast"), r);
  const bool takes_slack = r.rule.constraint == ShiftConstraint::slack || r.rule.constraint == ShiftConstraint::symmetric;
  if (values.count("slack")) {
    if (!takes_slack)
      usage_error("shift", fmt::format("--slack means nothing to --constraint {}", enum_name(r.rule.constraint)),
                  "leave it out, or choose slack or symmetric.");
    r.slack = parse_slack(text("slack"));
  } else if (takes_slack && r.strategy != ShiftStrategy::none) {
    usage_error("shift", fmt::format("no slack given for --constraint {}", enum_name(r.rule.constraint)),
                "add for example --slack 4h, or choose --constraint next-workday or semi-weekly.");
  }
  r.wants_summary = values.count("summary") > 0;
  if (r.wants_summary) r.format = parse_choice<SummaryFormat>("shift", "summary", text("summary"));
  if (r.per_job == "-" && r.wants_summary)
    usage_error("shift", "summary and jobs cannot both be on standard output", "name a file with --per-job FILE.csv.");
  std::error_code ignored;
  for (const auto& input : {r.trace, r.jobs})
    if (!r.per_job.empty() && fs::equivalent(input, r.per_job, ignored))
      usage_error("shift", fmt::format("--per-job would overwrite {}", input), "choose another name.");
  return r;
}

/// Whole slots of a span of time, of which milliseconds count; no more than the trace has.
std::int64_t slots_of(Duration span, const dispatch::SlotClock& clock) {
  constexpr double kMilli = 1000;
  const double most = static_cast<double>(clock.count) * static_cast<double>(clock.step_s);
  const auto milliseconds = static_cast<std::int64_t>(std::nearbyint(std::min(span.seconds, most) * kMilli));
  return milliseconds / (clock.step_s * static_cast<std::int64_t>(kMilli));
}

void write_per_job(const std::string& file, const std::string& text) {
  if (file == "-") {
    fmt::print("{}", text);
    return;
  }
  std::error_code ignored;
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored))
    throw FileError({.file = file, .problem = "cannot be replaced", .why = "it is no plain file",
                     .suggestion = "choose another name, or - for standard output."});
  if (const auto folder = fs::path(file).parent_path(); !folder.empty() && !fs::is_directory(folder, ignored))
    throw FileError({.file = file, .problem = "cannot be written", .why = "there is no folder " + folder.string(), .suggestion = "make it, or choose another name."});
  study::write_text_file(file, text);
}

}  // namespace

Options shift_options() {
  Options o;
  o.add_options()
      ("trace", po::value<std::string>()->value_name("FILE.csv"), "carbon intensities: a column of time stamps and one per zone, g/kWh")
      ("zone", po::value<std::string>()->value_name("COL"), "column of the trace; may be left out if there is only one")
      ("jobs", po::value<std::string>()->value_name("FILE.csv"), "jobs: job_id,arrival_min,duration_min from the zone's first row in the trace")
      ("strategy", choice_value<ShiftStrategy>("NAME")->default_value("non-interrupting"), "none, non-interrupting (default) or interrupting")
      ("constraint", choice_value<ShiftConstraint>("NAME")->default_value("slack"), "slack (default), symmetric, next-workday or semi-weekly")
      ("slack", po::value<std::string>()->value_name("TIME"), "how far a job may move under slack or symmetric, e.g. 4h; whole slots of it count")
      ("deadline", choice_value<DeadlineRule>("NAME")->default_value("exclusive"),
       "exclusive (default), or inclusive: the slot that begins at the deadline still counts, also for the baseline; not with symmetric")
      ("forecast", offered_value<std::string>("FORECAST", {.words = forecast_words})->default_value("perfect"),
       "perfect (default), or noise:E[:SEED]: normal errors of E times the mean; the seed is 1 unless given")
      ("per-job", po::value<std::string>()->value_name("FILE.csv"), "write where each job runs there; - is standard output")
      ("summary", choice_value<SummaryFormat>("FORMAT"), "print the summary as text (default) or json");
  return o;
}

ExitCode shift_verb(const Arguments& arguments) {
  Request request = parse(arguments);
  const CsvTable trace_table = read_table(request.trace);
  const ShiftTrace trace = read_shift_trace(trace_table, request.zone);
  const CsvTable job_table = read_table(request.jobs);
  const ShiftJobTable jobs = read_shift_jobs(job_table, trace.clock);
  for (const auto& name : jobs.unused) say("{}: column \"{}\" is not used\n", job_table.file(), name);

  const double sigma = request.noise * mean(trace.values);
  const double greatest = *std::ranges::max_element(trace.values) + sigma * dispatch::kGreatestForecastError;
  const int decimals = dispatch::signal_decimals(greatest, trace.values.size());
  std::vector<std::int64_t> truth(trace.values.size());
  dispatch::to_units(trace.values, decimals, truth);
  std::vector<std::int64_t> forecast = truth;
  if (sigma > 0)
    dispatch::add_forecast_error(truth, sigma * dispatch::units_per_one(decimals), request.seed, forecast);

  request.rule.slack = slots_of(request.slack, trace.clock);
  if (request.slack.seconds > 0 && request.rule.slack == 0)
    say("--slack {} is less than a slot of {}: no job moves\n", duration_text(request.slack), duration_text({static_cast<double>(trace.clock.step_s)}));
  dispatch::ShiftScratch scratch;
  dispatch::ShiftedJobs done;
  dispatch::shift_jobs({truth, forecast, trace.clock, request.rule, request.strategy, !request.per_job.empty()}, jobs.jobs, scratch, done);
  if (!request.per_job.empty()) write_per_job(request.per_job, per_job_csv(done, jobs, decimals));
  if (request.per_job != "-") print_summary(done, trace.clock, decimals, jobs.jobs.size(), request.format);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
