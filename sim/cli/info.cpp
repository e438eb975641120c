#include <fmt/format.h>

#include "sim/cli/options.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/io/digest.hpp"

namespace swarm {
namespace cli {
namespace {

std::string on_one_line(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, ", ");
  return text;
}

bool is_study(const io::ResultReader& file) { return file.attribute_text("filetype") == io::kStudyFileType; }

void describe(const io::ResultReader& file, const std::string& name) {
  fmt::print("{}: swarmsim {}{}\n", name, is_study(file) ? "study" : "result", file.finished() ? "" : " (not finished)");
  if (is_study(file)) fmt::print("  {:<18}{} datasets in the root group\n", "contents", file.datasets().size());
  for (const char* attribute : {"name", "question", "design", "factors", "points", "replicates", "master_seed", "title", "scenario_name", "seed", "overrides", "command_line", "swarmsim_version", "source_revision",
                                "simd", "threads", "started", "finished"})
    if (const std::string text = file.has_attribute(attribute) ? file.attribute_text(attribute) : ""; !text.empty())
      fmt::print("  {:<18}{}\n", attribute, on_one_line(text));
  for (const auto& group : file.groups()) {
    std::size_t datasets = 0;
    std::uint64_t rows = 0;
    for (const auto& d : file.datasets())
      if (d.path.starts_with(group + "/")) {
        ++datasets;
        if (d.grows) rows = std::max(rows, d.shape.at(0));
      }
    fmt::print("  {:<18}{} datasets{}\n", group, datasets, rows > 0 ? fmt::format(", {} rows", rows) : "");
  }
}

}  // namespace

Options info_options() {
  Options o;
  o.add_options()
      ("digest", "print one hash over every result dataset and nothing else")
      ("summary", choice_value<SummaryFormat>("FORMAT"), "print the summary as text or json and nothing else");
  return o;
}

ExitCode info_verb(const Arguments& arguments) {
  const auto values = parse_options("info", arguments, info_options(), 1);
  const auto files = files_of(values);
  const auto text = values.count("summary") ? values["summary"].as<std::string>() : std::string();
  if (values.count("summary") && text != "text" && text != "json")
    usage_error("info", fmt::format("--summary is '{}'", text), "choose one of text, json.");
  if (values.count("summary") && values.count("digest")) usage_error("info", "--digest and --summary exclude each other", "");
  if (files.empty()) usage_error("info", "no file given", "write 'swarmsim info FILE.h5'.");
  if (values.count("digest")) {
    fmt::print("{}\n", io::digest(files[0]));
    return ExitCode::done;
  }
  const io::ResultReader file(files[0]);
  if (!values.count("summary")) describe(file, files[0]);
  if (!file.has("/summary/requests_arrived")) {
    if (values.count("summary") && is_study(file))
      throw FileError({.file = files[0], .problem = "this file holds a study, which has no summary of one run",
                       .why = "", .suggestion = "open it with xarray, or see 'swarmsim sweep status DIR'."});
    if (values.count("summary"))
      throw FileError({.file = files[0], .problem = "this file has no summary",
                       .why = "the run has not finished", .suggestion = "finish it with 'swarmsim run --resume'."});
    return ExitCode::done;
  }
  print_summary(file, text == "json" ? SummaryFormat::json : SummaryFormat::text);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
