#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/cli/study_report.hpp"
#include "sim/cli/values.hpp"
#include "sim/core/csv.hpp"

namespace swarm {
namespace cli {
namespace {

using study::Comparison;
using study::FigureDifference;
using study::GroupComparison;
using study::RunGroup;

std::string value_or_absent(const std::string& value) { return value.empty() ? "(absent)" : value; }

std::string files_text(std::size_t n) { return fmt::format("{} run{}", n, n == 1 ? "" : "s"); }

std::string interval_text(const FigureDifference& f) {
  if (f.difference.n == 0) return "–";
  if (!f.has_interval()) return "no uncertainty";
  return fmt::format("[{}, {}]{}", figure_text(f.difference.low()), figure_text(f.difference.high()), f.significant() ? " *" : "");
}

std::string relative_text(double percent) {
  if (!std::isfinite(percent)) return "–";
  if (std::abs(percent) < 0.05) return "0.0 %";
  return std::abs(percent) < 9999.5 ? fmt::format("{:+.1f} %", percent) : fmt::format("{:+.2e} %", percent);
}

/// Rows of one kind under a heading.
struct Section {
  std::string heading;
  std::vector<const FigureDifference*> rows;
};

/// Which rows the text shows, and how many are left to the other formats.
struct Layout {
  std::vector<Section> sections;
  std::size_t hidden = 0, name_width = 0, shown = 0;
};

Layout layout_of(const std::vector<FigureDifference>& figures) {
  constexpr std::size_t kLongestTable = 12;
  std::map<std::string, std::size_t> lengths;  // entries per table
  const auto table_of = [](const FigureDifference& f) { return f.metric.substr(0, f.metric.find('[')); };
  for (const auto& f : figures) ++lengths[table_of(f)];
  Layout out;
  const auto section = [&](const std::string& heading) -> Section& {
    const auto at = std::find_if(out.sections.begin(), out.sections.end(), [&](const Section& s) { return s.heading == heading; });
    return at != out.sections.end() ? *at : out.sections.emplace_back(Section{heading, {}});
  };
  for (const auto& f : figures) {
    const bool main = study::main_place(f.metric) != study::kNotMain;
    if (!f.axis.empty() && (!main || lengths[table_of(f)] > kLongestTable)) {
      ++out.hidden;
      continue;
    }
    section(!f.axis.empty() ? "by " + f.axis : main ? "main figures" : "other figures").rows.push_back(&f);
    out.name_width = std::max(out.name_width, f.metric.size());
    ++out.shown;
  }
  return out;
}

void print_row(const FigureDifference& f, std::size_t name_width, std::size_t seeds) {
  fmt::print("  {:<{}}  {:<8}{:>14}{:>14}{:>14}{:>11}  {}{}\n", f.metric, name_width, f.units, figure_text(f.reference_mean),
             figure_text(f.mean), figure_text(f.difference.mean), relative_text(f.relative_pct), interval_text(f),
             f.difference.n > 0 && f.difference.n < seeds ? fmt::format(" ({} of {} seeds)", f.difference.n, seeds) : "");
}

void print_group(const Comparison& comparison, const GroupComparison& g) {
  fmt::print("\n{} against {}\n", g.group.label, comparison.reference.label);
  fmt::print("  {}, of which {} share{} a seed with the reference\n", files_text(g.group.runs.size()), g.seeds.size(), g.seeds.size() == 1 ? "s" : "");
  fmt::print("What differs between the scenarios\n");
  for (const auto& k : g.keys) fmt::print("  {}: {} → {}\n", k.key, value_or_absent(k.reference), value_or_absent(k.value));
  const Layout layout = layout_of(g.figures);
  bool missing = false;
  for (const auto& s : layout.sections) {
    fmt::print("{:<{}}  {:<8}{:>14}{:>14}{:>14}{:>11}  {}\n", s.heading, layout.name_width + 2, "unit", "reference", "this", "difference", "relative",
               "95 % interval of the difference");
    for (const auto* f : s.rows) {
      print_row(*f, layout.name_width, g.seeds.size());
      missing |= f->difference.n < g.seeds.size();
    }
  }
  if (g.seeds.size() == 1)
    fmt::print("One seed in common: no uncertainty can be stated; run both scenarios with --replicates.\n");
  else
    fmt::print("* excludes zero; of {} intervals about {:.0f} would by chance alone\n", layout.shown, std::ceil((1 - study::kConfidence) * static_cast<double>(layout.shown)));
  if (missing) fmt::print("– or fewer seeds: runs have no value there, for example the share of a group without requests\n");
  if (layout.hidden > 0) fmt::print("{} more rows of tables: --format csv\n", layout.hidden);
}

void print_text(const Comparison& comparison, std::span<const study::RunFigures> runs) {
  const auto& r = comparison.reference;
  fmt::print("Reference: {}, {} ({}{})\nDifferences are this − reference, paired by seed; intervals are Student's t over seeds.\n", r.label,
             files_text(r.runs.size()), runs[*std::min_element(r.runs.begin(), r.runs.end())].file, r.runs.size() > 1 ? ", …" : "");
  for (const auto& g : comparison.others) print_group(comparison, g);
}

void print_csv(const Comparison& comparison) {
  fmt::print("group,metric,units,reference_mean,mean,difference,relative_pct,low95,high95,seeds,significant\n");
  for (const auto& g : comparison.others)
    for (const auto& f : g.figures)
      fmt::print("{},{},{},{},{},{},{},{},{},{},{}\n", csv_cell(g.group.label), csv_cell(f.metric), csv_cell(f.units), csv_number(f.reference_mean),
                 csv_number(f.mean), csv_number(f.difference.mean), csv_number(f.relative_pct), csv_number(f.difference.low()),
                 csv_number(f.difference.high()), f.difference.n, f.has_interval() ? f.significant() ? "true" : "false" : "");
}

std::string json_group(const RunGroup& group, std::span<const study::RunFigures> runs) {
  std::vector<std::string> files;
  for (const std::size_t i : group.runs) files.push_back(json_text(runs[i].file));
  return fmt::format("\"group\":{},\"files\":[{}],\"seeds\":[{}]", json_text(group.label), fmt::join(files, ","), fmt::join(group.seeds, ","));
}

std::string json_row(const FigureDifference& f) {
  return fmt::format(
      "{{\"metric\":{},\"units\":{},\"reference_mean\":{},\"mean\":{},\"difference\":{},\"relative_pct\":{},\"low95\":{},\"high95\":{},"
      "\"seeds\":{},\"significant\":{}}}",
      json_text(f.metric), json_text(f.units), json_number(f.reference_mean), json_number(f.mean), json_number(f.difference.mean),
      json_number(f.relative_pct), json_number(f.difference.low()), json_number(f.difference.high()), f.difference.n,
      f.has_interval() ? f.significant() ? "true" : "false" : "null");
}

void print_json(const Comparison& comparison, std::span<const study::RunFigures> runs) {
  std::vector<std::string> groups;
  const auto value = [](const std::string& v) { return v.empty() ? "null" : json_text(v); };
  for (const auto& g : comparison.others) {
    std::vector<std::string> keys, rows;
    for (const auto& k : g.keys) keys.push_back(fmt::format("{{\"key\":{},\"reference\":{},\"value\":{}}}", json_text(k.key), value(k.reference), value(k.value)));
    for (const auto& f : g.figures) rows.push_back(json_row(f));
    groups.push_back(fmt::format("{{{},\"common_seeds\":[{}],\"keys\":[{}],\"rows\":[{}]}}", json_group(g.group, runs), fmt::join(g.seeds, ","),
                                 fmt::join(keys, ","), fmt::join(rows, ",")));
  }
  fmt::print("{{\"reference\":{{{}}},\"groups\":[{}]}}\n", json_group(comparison.reference, runs), fmt::join(groups, ","));
}

}  // namespace

std::string figure_text(double x) {
  if (!std::isfinite(x)) return "–";
  const double a = std::abs(x);
  return a >= 1e4 && a < 1e12 ? fmt::format("{:.0f}", x) : fmt::format("{:.5g}", x);
}

void print_comparison(const Comparison& comparison, std::span<const study::RunFigures> runs, CompareFormat format) {
  switch (format) {
    case CompareFormat::text: return print_text(comparison, runs);
    case CompareFormat::csv: return print_csv(comparison);
    case CompareFormat::json: return print_json(comparison, runs);
  }
}

}  // namespace cli
}  // namespace swarm
