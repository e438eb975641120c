#include "sim/study/study_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "sim/scenario/bind.hpp"
#include "sim/scenario/tree.hpp"
#include "sim/study/factor_table.hpp"

namespace swarm {
namespace study {
namespace {

namespace fs = std::filesystem;
using scenario::Node;
using scenario::NodeKind;
using scenario::Place;
using scenario::Problems;

constexpr std::string_view kStudyPrefix = "study.";

/// The strings of a list, which is taken out of its table so that what is left are plain keys.
std::vector<std::string> take_texts(Node& table, const std::string& section, const std::string& key, Problems& problems) {
  const auto list = take_entry(table, key);
  std::vector<std::string> texts;
  if (!list) return texts;
  if (list->kind != NodeKind::list)
    problems.add(list->place, fmt::format("'{}.{}' is {}", section, key, scenario::kind_text(list->kind)), "it must be a list of texts", "write [\"…\", \"…\"]");
  for (const Node& item : list->items) {
    if (item.kind == NodeKind::text) texts.push_back(item.text);
    else problems.add(item.place, fmt::format("an entry of '{}.{}' is {}", section, key, scenario::kind_text(item.kind)), "it must be text", "put it in quotes");
  }
  return texts;
}

/// `--set study.KEY=VALUE` as if the file said so; other overrides are for the runs.
void apply_override(Node& table, const std::string& argument, Study& study, Problems& problems) {
  const auto equals = argument.find('=');
  if (!argument.starts_with(kStudyPrefix) || equals == std::string::npos) {
    study.set.push_back(argument);
    return;
  }
  const Place place{"--set", 0, 0, argument};
  const std::string key = argument.substr(kStudyPrefix.size(), equals - kStudyPrefix.size());
  Node value = scenario::parse_value(argument.substr(equals + 1), place);
  if (key == "set") return problems.add(place, "'study.set' cannot be overridden", "it is a list", "write --set KEY=VALUE for each further override");
  take_entry(table, key);
  table.entries.push_back({key, place, std::move(value)});
}

void check_params(const Study& study, const scenario::Stated& stated, const Place& file, Problems& problems) {
  const StudyParams& p = study.params;
  const auto place = [&](const char* key) {
    const auto at = stated.find(std::string(kStudyPrefix) + key);
    return at == stated.end() ? file : at->second;
  };
  const bool sampled = p.design == DesignKind::lhs || p.design == DesignKind::sobol || p.design == DesignKind::saltelli;
  const std::string design(enum_name(p.design));
  if (sampled && p.points < 1)
    problems.add(place("points"), "a " + design + " design of no points", "nothing would be run", "say how many, for example points = 64");
  if (!sampled && stated.contains("study.points"))
    problems.add(place("points"), "'study.points' has no meaning for " + design, "there the values say how many points there are", "remove it, or choose lhs, sobol or saltelli");
  if (p.design == DesignKind::csv && p.file.empty())
    problems.add(file, "a csv design without a table", "its points come from there", "name it, for example file = \"points.csv\"");
  if (p.design != DesignKind::csv && !p.file.empty())
    problems.add(place("file"), "'study.file' has no meaning for " + design, "only csv reads a table", "remove it, or write design = \"csv\"");
  const bool all_named = std::any_of(study.factors.begin(), study.factors.end(), [](const Factor& f) {
    return !f.levels.empty() && std::all_of(f.levels.begin(), f.levels.end(), [](const Level& l) { return !l.scenario.empty(); });
  });
  if (p.scenario.empty() && !all_named)
    problems.add(file, "no scenario named", "runs would have nothing to start from", "write scenario = \"pilot.toml\" under [study]");
}

void check_slurm(const SlurmParams& p, const scenario::Stated& stated, const Place& file, Problems& problems) {
  constexpr double kLateness = 60;  // Slurm looks at time limits twice a minute, and signals that much too early
  if (p.time.seconds >= p.signal_lead.seconds + kLateness) return;
  const auto at = stated.find("slurm.time");
  problems.add(at == stated.end() ? file : at->second, fmt::format("a time limit of {} with a signal {} before it", duration_text(p.time), duration_text(p.signal_lead)),
               "tasks would be told to stop before they have begun", "leave a minute at least between them");
}

void check_tables(const Node& document, Problems& problems) {
  const std::vector<std::string> names{"study", "slurm", "factor"};
  for (const auto& entry : document.entries)
    if (std::find(names.begin(), names.end(), entry.key) == names.end())
      problems.add(entry.place, "unknown section '" + entry.key + "'", "it would be ignored silently", scenario::suggest(entry.key, names, "sections"));
}

Node section(Node& document, const std::string& name, Problems& problems) {
  auto table = take_entry(document, name);
  if (table && table->kind != NodeKind::table) {
    problems.add(table->place, fmt::format("'{}' is {}", name, scenario::kind_text(table->kind)), "it must be a table", fmt::format("write [{}]", name));
    return {};
  }
  return table ? std::move(*table) : Node{};
}

}  // namespace

fs::path Study::folder() const { return fs::absolute(path).lexically_normal().parent_path(); }

fs::path Study::beside(const std::string& name) const { return fs::path(name).is_absolute() ? fs::path(name) : path.parent_path() / name; }

Study load_study_text(std::string text, const fs::path& pretend_path, const std::vector<std::string>& overrides) {
  Study study;
  study.path = pretend_path;
  study.text = std::move(text);
  study.overrides = overrides;
  Problems problems;
  auto document = scenario::parse_document(study.text, pretend_path.string(), problems);
  problems.raise();
  const Place file{pretend_path.string(), 0, 0, {}};
  study.set_place = study.outcomes_place = file;
  check_tables(*document, problems);

  Node main = section(*document, "study", problems);
  if (const auto* entry = main.find("set")) study.set_place = entry->value.place;
  study.set = take_texts(main, "study", "set", problems);
  for (const auto& argument : overrides) apply_override(main, argument, study, problems);
  if (const auto* entry = main.find("outcomes")) study.outcomes_place = entry->value.place;
  study.outcomes = take_texts(main, "study", "outcomes", problems);
  scenario::Stated stated;
  scenario::bind(main, "study", study.params, stated, problems);

  Node slurm = section(*document, "slurm", problems);
  study.slurm_options = take_texts(slurm, "slurm", "options", problems);
  scenario::bind(slurm, "slurm", study.slurm, stated, problems);

  check_slurm(study.slurm, stated, file, problems);

  study.factors = read_factors(take_entry(*document, "factor"), study.params.design, file, problems);
  check_params(study, stated, file, problems);
  problems.raise();
  return study;
}

Study load_study(const fs::path& file, const std::vector<std::string>& overrides) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  std::error_code error;
  const bool folder = fs::is_directory(file, error);
  if (in && !folder) content << in.rdbuf();
  if (!in || folder)
    throw InputError(Diagnostic{.file = file.string(), .problem = "cannot read this study file",
                                .why = folder ? "it is a folder" : "there is no such file, or it may not be read",
                                .suggestion = "check the name; docs/study.md says what a study file holds."});
  return load_study_text(content.str(), file, overrides);
}

}  // namespace study
}  // namespace swarm
