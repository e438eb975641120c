#include "sim/grid/hazard_feed.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <system_error>

#include "sim/core/calendar.hpp"
#include "sim/core/csv.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/grid/trace_layout.hpp"

namespace swarm {
namespace grid {
namespace {

enum Column : std::size_t { kStart, kEnd, kRegion, kKind, kSeverity, kColumns };
constexpr std::array<std::string_view, kColumns> kNames{"start_utc", "end_utc", "region", "kind", "severity"};

CsvTable open_feed(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw InputError(Diagnostic{.file = file.string(),
                                .problem = "hazard feed not found",
                                .why = "relative paths are looked up below run.data_dir",
                                .suggestion = "Check the path, or leave it empty."});
  return CsvTable::read(file);
}

std::array<std::size_t, kColumns> find_columns(const CsvTable& table) {
  std::array<std::size_t, kColumns> out{};
  const std::vector<std::string> there(table.header().begin(), table.header().end());
  Problems problems;
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto found = table.column(kNames[c]);
    if (found) {
      out[c] = *found;
      continue;
    }
    const std::string near = nearest_spelling(std::string(kNames[c]), there);
    problems.add(table.header_problem(fmt::format("no column \"{}\"", kNames[c]),
                                      "a feed has start_utc, end_utc, region, kind and severity",
                                      near.empty() ? "Add it." : fmt::format("The nearest spelling is {}.", near)));
  }
  problems.raise();
  return out;
}

std::optional<HazardKind> find_kind(std::string_view name) {
  const auto& names = EnumNames<HazardKind>::names;
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<HazardKind>(found - names.begin());
}

/// Reads the rows of an open feed.
class FeedReader {
 public:
  FeedReader(const CsvTable& table, std::span<const Region> regions, Problems& problems)
      : table_(table), regions_(regions), columns_(find_columns(table)), problems_(problems) {}

  std::vector<Hazard> read() {
    const auto starts = read_stamps(table_, TraceLayout{.time_column = columns_[kStart]}, problems_);
    const auto ends = read_stamps(table_, TraceLayout{.time_column = columns_[kEnd]}, problems_);
    const bool dated = problems_.empty();
    std::vector<Hazard> out;
    for (std::size_t row = 0; row < table_.rows() && !problems_.full(); ++row) {
      if (dated && ends[row] <= starts[row])
        complain(row, kEnd,
                 fmt::format("the end {} is not after the start {}", utc_text(ends[row]), utc_text(starts[row])),
                 "a hazard lasts for some time", "Correct one of them.");
      const auto kind = read_kind(row);
      const double severity = read_severity(row);
      const auto region = read_region(row);
      if (region && kind) out.push_back({*region, *kind, starts[row], ends[row], severity});
    }
    return out;
  }

 private:
  void complain(std::size_t row, Column column, std::string what, std::string why, std::string suggestion) {
    problems_.add(table_.problem(row, columns_[column], std::move(what), std::move(why), std::move(suggestion)));
  }

  std::optional<RegionId> read_region(std::size_t row) {
    const std::string_view name = table_.cell(row, columns_[kRegion]);
    const auto found = find_region_row(regions_, name);
    if (!found && grid::find_region(name) == nullptr) {
      Diagnostic d = unknown_hazard_region(regions_, name);
      complain(row, kRegion, d.problem, d.why, d.suggestion);
    }
    return found;
  }

  std::optional<HazardKind> read_kind(std::size_t row) {
    const std::string name(table_.cell(row, columns_[kKind]));
    const auto found = find_kind(name);
    if (found) return found;
    const auto& names = EnumNames<HazardKind>::names;
    const std::string near = nearest_spelling(name, {names.begin(), names.end()});
    complain(row, kKind, fmt::format("no hazard \"{}\"", name), "kinds are flood, cyclone, wildfire, drought, heatwave",
             near.empty() ? "Use one of them." : fmt::format("The nearest spelling is {}.", near));
    return found;
  }

  double read_severity(std::size_t row) {
    try {
      const double severity = table_.number(row, columns_[kSeverity]);
      if (severity > 0 && severity <= 1) return severity;
      complain(row, kSeverity,
               std::isnan(severity) ? "no severity" : fmt::format("the severity {} lies outside (0, 1]", severity),
               "1 is the worst, and 0 would be no hazard", "Give a number above 0 and up to 1.");
    } catch (const InputError& e) {
      problems_.add(e);
    }
    return 0;
  }

  const CsvTable& table_;
  std::span<const Region> regions_;
  std::array<std::size_t, kColumns> columns_;
  Problems& problems_;
};

}  // namespace

std::optional<RegionId> find_region_row(std::span<const Region> regions, std::string_view name) {
  for (std::size_t r = 0; r < regions.size(); ++r)
    if (regions[r].name == name) return RegionId{static_cast<std::uint16_t>(r)};
  return std::nullopt;
}

Diagnostic unknown_hazard_region(std::span<const Region> regions, std::string_view name) {
  std::vector<std::string> names;
  for (const Region& r : regions) names.push_back(r.name);
  const std::string near = nearest_spelling(std::string(name), names);
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) list += (i ? ", " : "") + names[i];
  return {.problem = fmt::format("no region \"{}\"", name),
          .why = fmt::format("the scenario has {}{}", list, names.size() > 8 ? ", …" : ""),
          .suggestion = near.empty() ? "Use the name of a region." : fmt::format("The nearest spelling is {}.", near)};
}

std::vector<Hazard> read_hazards(const std::filesystem::path& file, std::span<const Region> regions) {
  const CsvTable table = open_feed(file);
  Problems problems;
  std::vector<Hazard> out = FeedReader(table, regions, problems).read();
  problems.raise();
  return out;
}

}  // namespace grid
}  // namespace swarm
