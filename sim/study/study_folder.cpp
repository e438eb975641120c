#include "sim/study/study_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/core/csv.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/io/provenance.hpp"
#include "sim/study/text_file.hpp"

namespace swarm {
namespace study {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

bool is_saltelli(const StudyRecord& r) { return r.design == DesignKind::saltelli; }

std::string design_text(const StudyRecord& r) {
  std::string text = "run,point,replicate,seed,id";
  if (is_saltelli(r)) text += ",sample,matrix";
  for (const auto& f : r.factors) text += fmt::format(",{}", csv_cell(f.name));
  text += '\n';
  for (const DesignRow& row : r.rows) {
    text += fmt::format("{},{},{},{},{}", row.run, row.point, row.replicate, row.seed, row.id);
    if (is_saltelli(r)) text += fmt::format(",{},{}", row.sample, row.matrix);
    for (const auto& cell : row.cells) text += fmt::format(",{}", csv_cell(cell));
    text += '\n';
  }
  return text;
}

std::string manifest_text(const StudyRecord& r) {
  Json factors = Json::array();
  for (const auto& f : r.factors)
    factors.push_back({{"name", f.name}, {"key", f.key}, {"unit", f.unit}, {"numeric", f.numeric}, {"labels", f.labels}});
  const Json json{{"format", kFormat},
                  {"name", r.name},
                  {"question", r.question},
                  {"design", std::string(enum_name(r.design))},
                  {"points", r.points},
                  {"replicates", r.replicates},
                  {"master_seed", r.seed},
                  {"common_random_numbers", r.common_random_numbers},
                  {"keep", std::string(enum_name(r.keep))},
                  {"outcomes", r.outcomes},
                  {"factors", factors},
                  {"swarmsim_version", r.version},
                  {"source_revision", r.revision},
                  {"study_file", r.study_file},
                  {"overrides", r.overrides},
                  {"study", r.study_text}};
  try {
    return json.dump(2) + "\n";
  } catch (const Json::exception&) {
    throw InputError(Diagnostic{.file = r.study_file, .problem = "this path, or a --set, is not UTF-8 text", .why = "the study's folder could not name it", .suggestion = "rename it."});
  }
}

[[noreturn]] void damaged(const std::filesystem::path& file, const std::string& why) {
  throw FileError({.file = file.string(), .problem = "cannot be understood", .why = why, .suggestion = "restore it, or begin the study anew in another folder."});
}

template <NamedEnum E>
E choice(const std::filesystem::path& file, const std::string& word) {
  const auto& names = EnumNames<E>::names;
  const auto at = std::find(names.begin(), names.end(), word);
  if (at == names.end()) damaged(file, fmt::format("'{}' is not one of {}", word, fmt::join(names, ", ")));
  return static_cast<E>(at - names.begin());
}

StudyRecord parse_manifest(const std::filesystem::path& file) {
  StudyRecord r;
  try {
    const Json json = Json::parse(read_text_file(file));
    if (json.at("format").get<int>() != kFormat) damaged(file, fmt::format("its format is {}, this program knows {}", json.at("format").dump(), kFormat));
    json.at("name").get_to(r.name);
    json.at("question").get_to(r.question);
    r.design = choice<DesignKind>(file, json.at("design"));
    json.at("points").get_to(r.points);
    json.at("replicates").get_to(r.replicates);
    json.at("master_seed").get_to(r.seed);
    json.at("common_random_numbers").get_to(r.common_random_numbers);
    r.keep = choice<Keep>(file, json.at("keep"));
    json.at("outcomes").get_to(r.outcomes);
    for (const auto& f : json.at("factors"))
      r.factors.push_back({f.at("name"), f.at("key"), f.at("unit"), f.at("numeric"), f.at("labels")});
    json.at("swarmsim_version").get_to(r.version);
    json.at("source_revision").get_to(r.revision);
    json.at("study_file").get_to(r.study_file);
    json.at("overrides").get_to(r.overrides);
    json.at("study").get_to(r.study_text);
  } catch (const Json::exception& e) {
    damaged(file, e.what());
  }
  return r;
}

std::int64_t whole(const CsvTable& table, std::size_t row, const char* column) {
  return std::stoll(std::string(table.cell(row, table.require_column(column))));
}

void parse_design(const std::filesystem::path& file, StudyRecord& r) try {
  const CsvTable table = CsvTable::parse(read_text_file(file), file.string());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    DesignRow row{whole(table, i, "run"), whole(table, i, "point"), whole(table, i, "replicate"), whole(table, i, "seed"),
                  std::string(table.cell(i, table.require_column("id"))), {}, 0, 0};
    if (is_saltelli(r)) {
      row.sample = whole(table, i, "sample");
      row.matrix = whole(table, i, "matrix");
    }
    for (const auto& f : r.factors) row.cells.emplace_back(table.cell(i, table.require_column(f.name)));
    if (row.run != static_cast<std::int64_t>(i)) damaged(file, fmt::format("row {} is of run {}", i, row.run));
    r.rows.push_back(std::move(row));
  }
  if (static_cast<std::int64_t>(r.rows.size()) != r.points * r.replicates)
    damaged(file, fmt::format("it has {} rows for {} points with {} replicates", r.rows.size(), r.points, r.replicates));
} catch (const InputError& e) {
  damaged(file, e.what());
} catch (const std::logic_error& e) {
  damaged(file, fmt::format("a number is none: {}", e.what()));
}

/// What makes another study of it, in words; empty if nothing.
std::string difference(const StudyRecord& was, const StudyRecord& is) {
  if (was.revision != is.revision || was.version != is.version)
    return fmt::format("it was begun with version {} ({}), this is {} ({})", was.version, was.revision, is.version, is.revision);
  if (was.design != is.design) return fmt::format("its design was {}, it is {}", enum_name(was.design), enum_name(is.design));
  if (was.replicates != is.replicates) return fmt::format("it had {} replicates, it has {}", was.replicates, is.replicates);
  if (was.points != is.points) return fmt::format("it had {} points, it has {}", was.points, is.points);
  if (was.factors != is.factors) return "its factors were others, or had other values";
  if (was.keep != is.keep) return fmt::format("it kept {} of its runs, it is to keep {}", enum_name(was.keep), enum_name(is.keep));
  if (was.outcomes != is.outcomes) return "it kept other outcomes";
  for (std::size_t i = 0; i < was.rows.size(); ++i) {
    if (was.rows[i].cells != is.rows[i].cells) return fmt::format("point {} has other values", was.rows[i].point);
    if (was.rows[i].seed != is.rows[i].seed) return fmt::format("run {} has another seed", i);
    if (was.rows[i].id != is.rows[i].id) return fmt::format("the scenario of run {} is another one", i);
  }
  return "";
}

}  // namespace

std::filesystem::path StudyFolder::checkpoint_of(const DesignRow& row) const { return checkpoints() / fmt::format("run-{:06}-{}.ckpt", row.run, row.id); }

std::filesystem::path StudyFolder::run_file(std::int64_t run) const { return runs() / fmt::format("run-{:06}.h5", run); }

bool StudyFolder::exists() const { return std::filesystem::exists(manifest()); }

StudyRecord StudyFolder::read() const {
  if (!exists())
    throw FileError({.file = root_.string(), .problem = "is not the folder of a study", .why = "it holds no manifest.json",
                     .suggestion = "begin one with 'swarmsim sweep STUDY.toml -o DIR'."});
  StudyRecord record = parse_manifest(manifest());
  parse_design(design(), record);
  return record;
}

void StudyFolder::begin(const StudyRecord& record) const {
  if (!exists()) {
    const std::string text = manifest_text(record);
    make_folder(root_);
    const auto mark = io::WriteLock::create(lock());
    if (!exists()) {  // nobody was faster
      for (const auto& folder : {results(), logs(), checkpoints()}) make_folder(folder);
      write_text_file(design(), design_text(record));
      write_text_file(manifest(), text);  // last: its presence says that the rest is there
      return;
    }
  }
  const StudyRecord was = read();
  const std::string what = difference(was, record);
  if (!what.empty())
    throw InputError(Diagnostic{.file = root_.string(), .problem = "this folder holds another study: " + what,
                                .why = "results of two designs must not be mixed", .suggestion = "undo the change, or choose another folder with -o."});
  if (manifest_text(was) == manifest_text(record)) return;
  const auto mark = io::WriteLock::create(lock());  // workers read where the study file lies now, and words that change no result
  write_text_file(manifest(), manifest_text(record));
}

StudyRecord record_of(const Study& study, const Design& design, const std::vector<std::string>& ids) {
  StudyRecord r;
  r.study_file = std::filesystem::absolute(study.path).lexically_normal().string();
  r.study_text = study.text;
  r.overrides = study.overrides;
  r.name = study.params.name;
  r.question = study.params.question;
  r.version = io::program_version();
  r.revision = io::source_revision();
  r.design = study.params.design;
  r.seed = study.params.seed;
  r.points = static_cast<std::int64_t>(design.points.size());
  r.replicates = study.params.replicates;
  r.common_random_numbers = study.params.common_random_numbers;
  r.keep = study.params.keep;
  r.outcomes = study.outcomes;
  for (const Factor& f : design.factors) {
    FactorColumn column{f.name, f.key, f.unit, f.numeric, {}};
    if (r.design == DesignKind::grid)
      for (const Level& l : f.levels) column.labels.push_back(l.label);
    r.factors.push_back(std::move(column));
  }
  for (std::int64_t run = 0; run < run_count(study, design); ++run) {
    const RunSpec spec = run_spec(study, design, run);
    const Point& point = design.points[static_cast<std::size_t>(spec.point)];
    DesignRow row{run, spec.point, spec.replicate, spec.seed, ids.at(static_cast<std::size_t>(run)), {}, point.sample, point.matrix};
    for (const Level& l : point.levels) row.cells.push_back(l.label);
    r.rows.push_back(std::move(row));
  }
  return r;
}

Study study_of(const StudyRecord& record) { return load_study_text(record.study_text, record.study_file, record.overrides); }

Design planned_design(const Study& study, const StudyRecord& record) {
  Design design = make_design(study);
  bool same = static_cast<std::int64_t>(design.points.size()) == record.points && study.params.replicates == record.replicates;
  for (std::size_t p = 0; same && p < design.points.size(); ++p) {
    const auto& cells = record.rows[p * static_cast<std::size_t>(record.replicates)].cells;
    same = std::equal(cells.begin(), cells.end(), design.points[p].levels.begin(), design.points[p].levels.end(),
                      [](const std::string& cell, const Level& level) { return cell == level.label; });
  }
  if (same) return design;
  const bool table = study.params.design == DesignKind::csv;
  throw InputError(Diagnostic{.file = table ? study.beside(study.params.file).string() : record.study_file,
                              .problem = table ? "this table of points has changed since the study was planned" : "the study's plan and its design differ",
                              .why = "results of two designs must not be mixed", .suggestion = "undo the change, or begin the study anew in another folder."});
}

}  // namespace study
}  // namespace swarm
