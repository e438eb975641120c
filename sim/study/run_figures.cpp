#include "sim/study/run_figures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "sim/core/errors.hpp"
#include "sim/io/reader.hpp"

namespace swarm {
namespace study {
namespace {

constexpr std::string_view kSummary = "/summary/";
constexpr std::array<std::string_view, 19> kMain{
    "carbon_location_g", "carbon_market_g",      "carbon_g_per_answer",  "energy_kwh",           "correct_per_joule",
    "spend_usd",         "spend_usd_per_kilotoken", "served_share",      "served_share_south",   "served_share_north",
    "accuracy",          "welfare_usd",          "consumer_surplus_usd", "producer_surplus_usd", "fund_balance_usd",
    "gini_wallet",       "delay_s",              "delay_p95_s",          "utilisation"};

/// A scalar as one figure, a table over one named axis as one for each entry; wider tables are left out.
void add_figures(const io::ResultReader& file, const io::DatasetInfo& d, std::vector<Figure>& figures) {
  if (!d.type || d.bare_dimension || d.shape.size() > 1) return;
  const std::string name = d.path.substr(kSummary.size());
  const std::string axis = d.axes.empty() ? "" : d.axes[0];
  if (d.shape.empty()) {
    figures.push_back({name, d.units, axis, file.scalar<double>(d.path)});
    return;
  }
  const std::string labels_at = std::string(kSummary) + axis;
  if (axis.empty() || !file.has(labels_at) || file.dataset(labels_at).type || file.dataset(labels_at).bare_dimension) return;
  const auto labels = file.read_text(labels_at);
  const auto values = file.read<double>(d.path);
  for (std::size_t i = 0; i < values.size(); ++i) figures.push_back({fmt::format("{}[{}]", name, labels.at(i)), d.units, axis, values[i]});
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    if (length > 0) lines.emplace_back(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return lines;
}

std::int64_t seed_of(const io::ResultReader& file, const std::string& name) {
  const std::string text = file.attribute_text("seed");
  std::int64_t seed = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || stop != text.data() + text.size())
    throw FileError({.file = name, .problem = fmt::format("its seed is '{}'", text), .why = "runs are paired by seed",
                     .suggestion = "Give a file that `swarmsim run` wrote."});
  return seed;
}

}  // namespace

std::size_t main_place(std::string_view name) {
  const auto at = std::find(kMain.begin(), kMain.end(), name.substr(0, name.find("_by_")));
  return at == kMain.end() ? kNotMain : static_cast<std::size_t>(at - kMain.begin());
}

RunFigures read_run(const std::filesystem::path& path) {
  const io::ResultReader file(path, kSummary);
  if (file.attribute_text("filetype") == io::kStudyFileType)
    throw InputError(Diagnostic{.file = path.string(), .problem = "this file holds a study, not a run", .why = "its runs are already side by side",
                                .suggestion = "open it with xarray; docs/analysis.md compares its points."});
  if (!file.finished() || file.datasets().empty())
    throw InputError(Diagnostic{.file = path.string(), .problem = "this run has not finished", .why = "it has no summary yet",
                                .suggestion = "go on with 'swarmsim run --resume'."});
  RunFigures run{.file = path.string(),
                 .scenario_name = file.attribute_text("scenario_name"),
                 .overrides = lines_of(file.attribute_text("overrides")),
                 .source_revision = file.attribute_text("source_revision"),
                 .seed = seed_of(file, path.string()),
                 .keys = effective_keys(file.attribute_text("scenario_effective")),
                 .figures = {}};
  for (const auto& d : file.datasets()) add_figures(file, d, run.figures);
  // Datasets come by name, the entries of a table in their order.
  std::stable_sort(run.figures.begin(), run.figures.end(), [](const Figure& a, const Figure& b) {
    return std::tuple(!a.axis.empty(), main_place(a.name)) < std::tuple(!b.axis.empty(), main_place(b.name));
  });
  return run;
}

}  // namespace study
}  // namespace swarm
