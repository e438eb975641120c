#include <fmt/format.h>

#include "sim/cli/message.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/study_report.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

/// All files; all that cannot be used are reported at once.
std::vector<study::RunFigures> read_runs(const std::vector<std::string>& files) {
  std::vector<study::RunFigures> runs;
  std::vector<Diagnostic> problems;
  for (const auto& file : files) try {
      runs.push_back(study::read_run(file));
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.problems().begin(), e.problems().end());
    }
  if (!problems.empty()) throw InputError(std::move(problems));
  return runs;
}

/// What the tables do not show: seeds without a partner, figures that only some files have, mixed versions.
void say_what_is_left_out(const study::Comparison& comparison, CompareFormat format) {
  const auto seeds = [](const std::string& of, const std::string& partner, const std::vector<std::int64_t>& left_out) {
    if (!left_out.empty())
      say("left out: seed{} {} of {}: {} has no run with {}\n", left_out.size() > 1 ? "s" : "", fmt::join(left_out, ", "), of, partner,
          left_out.size() > 1 ? "them" : "it");
  };
  for (const auto& g : comparison.others) {
    seeds(g.group.label, comparison.reference.label, g.left_out);
    seeds(comparison.reference.label, g.group.label, g.reference_left_out);
    if (!g.one_sided.empty()) say("left out: not every file of {} and {} has {}\n", comparison.reference.label, g.group.label, fmt::join(g.one_sided, ", "));
    if (format == CompareFormat::csv)  // its columns have no place for them
      for (const auto& k : g.keys)
        say("{}: {}: {} → {}\n", g.group.label, k.key, k.reference.empty() ? "(absent)" : k.reference, k.value.empty() ? "(absent)" : k.value);
  }
  if (comparison.mixed_revisions)
    say("note: these files were written by different versions of swarmsim, so a difference may come from the program\n");
}

}  // namespace

Options compare_options() {
  Options o;
  o.add_options()("format", choice_value<CompareFormat>("FORMAT")->default_value("text"),
                  "text (default: the main figures), csv or json (every figure, full precision)");
  return o;
}

ExitCode compare_verb(const Arguments& arguments) {
  const auto values = parse_options("compare", arguments, compare_options(), arguments.size());
  const auto format = parse_choice<CompareFormat>("compare", "format", values["format"].as<std::string>());
  const auto files = files_of(values);
  if (files.size() < 2)
    usage_error("compare", files.empty() ? "no file given" : fmt::format("only {} is given", files[0]), "write 'swarmsim compare A.h5 B.h5 ...'.");
  const auto runs = read_runs(files);
  const auto comparison = study::compare(runs);
  say_what_is_left_out(comparison, format);
  print_comparison(comparison, runs, format);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
