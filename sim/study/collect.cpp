#include "sim/study/collect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>

#include "sim/io/provenance.hpp"
#include "sim/io/static_file.hpp"

namespace swarm {
namespace study {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// One outcome of all runs.
struct Outcome {
  FigureColumn column;
  std::vector<double> values;  ///< run after run, along its axis last
};

/// What the finished runs have, in order of first appearance: columns, and the labels of their axes.
struct Outcomes {
  std::vector<Outcome> list;
  std::vector<io::Axis> axes;

  io::Axis& axis(const std::string& name) {
    const auto at = std::find_if(axes.begin(), axes.end(), [&](const io::Axis& a) { return a.name == name; });
    return at != axes.end() ? *at : axes.emplace_back(io::Axis{name, 0, {}});
  }
  std::size_t width(const FigureColumn& c) { return c.axis.empty() ? 1 : axis(c.axis).labels.size(); }
};

void survey(const FigureLayout& layout, Outcomes& outcomes) {
  for (const FigureColumn& c : layout.columns) {
    const auto same = [&](const Outcome& o) { return o.column.name == c.name; };
    if (std::none_of(outcomes.list.begin(), outcomes.list.end(), same)) outcomes.list.push_back({c, {}});
    if (c.axis.empty()) continue;
    io::Axis& axis = outcomes.axis(c.axis);
    for (const auto& label : layout.labels.at(c.axis))
      if (std::find(axis.labels.begin(), axis.labels.end(), label) == axis.labels.end()) axis.labels.push_back(label);
    axis.length = axis.labels.size();
  }
}

void place(const RunRecord& record, std::size_t run, Outcomes& outcomes) {
  std::size_t at = 0;
  for (const FigureColumn& c : record.layout->columns) {
    const std::size_t width = record.layout->width(c);
    Outcome& o = *std::find_if(outcomes.list.begin(), outcomes.list.end(), [&](const Outcome& x) { return x.column.name == c.name; });
    const std::size_t stride = outcomes.width(o.column);
    for (std::size_t i = 0; i < width; ++i) {
      std::size_t column = 0;
      if (!c.axis.empty()) {
        const auto& labels = outcomes.axis(c.axis).labels;
        column = static_cast<std::size_t>(std::find(labels.begin(), labels.end(), record.layout->labels.at(c.axis)[i]) - labels.begin());
      }
      o.values[run * stride + column] = record.values[at + i];
    }
    at += width;
  }
}

Outcomes gather(const StudyState& state) {
  Outcomes outcomes;
  const FigureLayout* last = nullptr;
  for (const RunState& run : state.runs) {
    if (run.status != RunStatus::done || run.record->layout.get() == last) continue;
    last = run.record->layout.get();
    survey(*last, outcomes);
  }
  for (Outcome& o : outcomes.list) o.values.assign(state.runs.size() * outcomes.width(o.column), kNoValue);
  for (std::size_t i = 0; i < state.runs.size(); ++i)
    if (state.runs[i].status == RunStatus::done) place(*state.runs[i].record, i, outcomes);
  return outcomes;
}

/// The file's root group while it is put together.
class Builder {
 public:
  explicit Builder(const StudyRecord& study) : study_(study), group_{std::string(1, '/'), {}, {}} {}

  void add_design() {
    const bool grid = study_.design == DesignKind::grid;
    if (grid) {
      for (std::size_t f = 0; f < study_.factors.size(); ++f) add_grid_factor(study_.factors[f]);
    } else {
      add_axis("point", std::vector<std::int64_t>{}, study_.points, "number of the point in design.csv");
      for (std::size_t f = 0; f < study_.factors.size(); ++f) add_point_factor(f);
      if (study_.design == DesignKind::saltelli) {
        along_points("sample", [](const DesignRow& r) { return r.sample; }, "base sample of a Saltelli design");
        along_points("matrix", [](const DesignRow& r) { return r.matrix; }, "0: A, 1: B, 2 + i: A with column i from B");
      }
    }
    add_axis("replicate", std::vector<std::int64_t>{}, study_.replicates, "number of the replicate");
    std::vector<std::int64_t> seeds;
    for (const DesignRow& row : study_.rows) seeds.push_back(row.seed);
    coordinate({"seed", std::move(seeds), dimensions_, "1", "seed of the run", io::ResultKind::accounting});
  }

  void add_status(const StudyState& state) {
    std::vector<std::int8_t> status;
    for (const RunState& run : state.runs) status.push_back(static_cast<std::int8_t>(run.status));
    io::StaticVariable v{"status", std::move(status), dimensions_, "1", "how the run ended", io::ResultKind::accounting};
    v.flag_meanings = {"done", "failed", "missing"};
    coordinate(std::move(v));
  }

  void add_outcomes(Outcomes outcomes) {
    for (const io::Axis& axis : outcomes.axes) group_.axes.push_back({free_name(axis.name), axis.length, axis.labels});
    for (Outcome& o : outcomes.list) {
      std::vector<std::string> axes = dimensions_;
      if (!o.column.axis.empty()) axes.push_back(free_name(o.column.axis));
      io::StaticVariable v{free_name(o.column.name), std::move(o.values), std::move(axes), o.column.units, o.column.long_name, kind_of(o.column.kind)};
      v.coordinates = coordinates_;
      group_.variables.push_back(std::move(v));
    }
  }

  const io::StaticGroup& group() const { return group_; }

 private:
  static io::ResultKind kind_of(const std::string& name) {
    if (name == io::kind_name(io::ResultKind::executed)) return io::ResultKind::executed;
    return name == io::kind_name(io::ResultKind::modelled) ? io::ResultKind::modelled : io::ResultKind::accounting;
  }

  /// A factor may have the name of an outcome, such as multiplicity.
  std::string free_name(const std::string& name) const {
    const bool taken = std::any_of(study_.factors.begin(), study_.factors.end(), [&](const FactorColumn& f) { return f.name == name; });
    return taken ? "outcome_" + name : name;
  }

  void coordinate(io::StaticVariable v) {
    coordinates_ += (coordinates_.empty() ? "" : " ") + v.name;
    group_.variables.push_back(std::move(v));
  }

  void add_axis(const std::string& name, std::vector<std::int64_t> numbers, std::int64_t length, const std::string& meaning) {
    for (std::int64_t i = 0; i < length; ++i) numbers.push_back(i);
    group_.axes.push_back({name, static_cast<std::uint64_t>(length), {}});
    group_.variables.push_back({name, std::move(numbers), {name}, "1", meaning, io::ResultKind::accounting});
    dimensions_.push_back(name);
  }

  static io::StaticVariable factor_variable(const FactorColumn& f, const std::vector<std::string>& cells, const std::string& axis) {
    std::string meaning = f.name;  // for axes of plots; the key is in the study
    std::replace(meaning.begin(), meaning.end(), '_', ' ');
    if (!f.numeric) return {f.name, cells, {axis}, "1", meaning, io::ResultKind::accounting};
    std::vector<double> values;
    for (const auto& cell : cells) values.push_back(std::strtod(cell.c_str(), nullptr));
    return {f.name, std::move(values), {axis}, f.unit.empty() ? "1" : f.unit, meaning, io::ResultKind::accounting};
  }

  void add_grid_factor(const FactorColumn& f) {
    group_.axes.push_back({f.name, f.labels.size(), {}});
    group_.variables.push_back(factor_variable(f, f.labels, f.name));
    dimensions_.push_back(f.name);
  }

  void add_point_factor(std::size_t f) {
    std::vector<std::string> cells;
    for (std::int64_t p = 0; p < study_.points; ++p) cells.push_back(study_.rows[static_cast<std::size_t>(p * study_.replicates)].cells.at(f));
    coordinate(factor_variable(study_.factors[f], cells, "point"));
  }

  template <class Get>
  void along_points(const std::string& name, Get get, const std::string& meaning) {
    std::vector<std::int64_t> values;
    for (std::int64_t p = 0; p < study_.points; ++p) values.push_back(get(study_.rows[static_cast<std::size_t>(p * study_.replicates)]));
    coordinate({name, std::move(values), {"point"}, "1", meaning, io::ResultKind::accounting});
  }

  const StudyRecord& study_;
  io::StaticGroup group_;
  std::vector<std::string> dimensions_;
  std::string coordinates_;
};

std::vector<io::Attribute> attributes_of(const StudyRecord& study) {
  std::string factors;
  for (const auto& f : study.factors) factors += (factors.empty() ? "" : "\n") + f.name;
  std::vector<io::Attribute> attributes{{"filetype", std::string(io::kStudyFileType)},
                                        {"format_version", io::kFormatVersion},
                                        {"Conventions", std::string(io::kConventions)},
                                        {"name", study.name},
                                        {"question", study.question},
                                        {"design", std::string(enum_name(study.design))},
                                        {"points", study.points},
                                        {"replicates", study.replicates},
                                        {"master_seed", study.seed},
                                        {"common_random_numbers", std::int64_t{study.common_random_numbers}},
                                        {"factors", factors},
                                        {"study", study.study_text},
                                        {"swarmsim_version", study.version},
                                        {"source_revision", study.revision}};
  for (const auto& closing : io::closing_attributes()) attributes.push_back(closing);
  return attributes;
}

}  // namespace

void collect(const StudyRecord& study, const StudyState& state, const std::filesystem::path& file) {
  Builder builder(study);
  builder.add_design();
  builder.add_status(state);
  builder.add_outcomes(gather(state));
  io::write_static_file(file, builder.group(), attributes_of(study));
}

}  // namespace study
}  // namespace swarm
