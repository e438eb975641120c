#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/cli/shift_table.hpp"
#include "sim/cli/table_input.hpp"
#include "sim/core/calendar.hpp"
#include "sim/grid/trace_layout.hpp"
#include "sim/grid/zones.hpp"

namespace swarm {
namespace cli {
namespace {

/// A thousand times what the dirtiest plant emits [g/kWh].
constexpr double kMostIntensity = 1e6;
constexpr double kAnyGap = std::numeric_limits<double>::infinity();

class Reader : private TableProblems {
 public:
  Reader(const CsvTable& table, const std::string& zone)
      : TableProblems(table), layout_(grid::find_layout(table)), zone_(zone_index(zone)) {}

  ShiftTrace read() {
    read_clock();
    raise();
    ShiftTrace trace{.clock = {.start_utc = clock_.start, .step_s = clock_.step}, .values = cells()};
    while (!trace.values.empty() && std::isnan(trace.values.back())) trace.values.pop_back();
    if (trace.values.empty())
      report(rows().front(), column(), fmt::format("zone {} has no values", name()), "every cell of its column is empty",
             "choose another zone");
    report_gaps(trace.values);
    raise();
    trace.clock.count = static_cast<std::int64_t>(trace.values.size());
    return trace;
  }

 private:
  std::size_t zone_index(const std::string& zone) const {
    const auto& zones = layout_.zones;
    const auto found = std::ranges::find(zones, zone);
    if (found != zones.end() && std::find(found + 1, zones.end(), zone) != zones.end())
      throw table_.header_problem(fmt::format("zone \"{}\" appears twice", zone), "it is unclear which one is meant",
                                  "rename or remove one of them");
    if (found != zones.end()) return static_cast<std::size_t>(found - zones.begin());
    if (zone.empty() && zones.size() == 1) return 0;
    constexpr std::size_t kShown = 8;
    const std::vector<std::string> first(zones.begin(), zones.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, zones.size())));
    const auto alias = grid::find_zone(zone, zones);
    const std::string near = alias ? zones[*alias] : nearest_spelling(zone, zones);
    throw table_.header_problem(zone.empty() ? "no zone is named" : fmt::format("no zone \"{}\"", zone),
                                fmt::format("the file has {} zone{}: {}{}", zones.size(), zones.size() == 1 ? "" : "s",
                                            fmt::join(first, ", "), zones.size() > kShown ? ", …" : ""),
                                near.empty() ? "name one of them with --zone" : fmt::format("did you mean \"{}\"?", near));
  }

  const std::vector<std::size_t>& rows() const { return layout_.rows(zone_); }
  std::size_t column() const { return layout_.columns[zone_]; }
  const std::string& name() const { return layout_.zones[zone_]; }
  std::string time(std::size_t slot) const {
    return utc_text(clock_.start + static_cast<std::int64_t>(slot) * clock_.step);
  }

  void read_clock() {
    grid::Problems found;
    const auto stamps = grid::read_stamps(table_, layout_, found);
    if (found.empty()) clock_ = grid::find_clock(table_, layout_, rows(), stamps, kAnyGap, found);
    collect([&] { found.raise(); });
    if (!found.empty()) return;
    for (std::size_t i = 1; i < rows().size(); ++i)
      if (const std::size_t from = clock_.slots[i - 1] + 1; clock_.slots[i] != from)
        report(rows()[i], layout_.time_column, fmt::format("no rows from {} to {}", time(from), time(clock_.slots[i])),
               "jobs are counted in slots without gaps", "fill the gap in the file");
  }

  std::vector<double> cells() {
    std::vector<double> values(rows().size());
    for (std::size_t i = 0; i < values.size(); ++i) collect([&] { values[i] = cell(rows()[i]); });
    return values;
  }
  double cell(std::size_t row) {
    const double value = table_.number(row, column());
    if (value < 0)
      report(row, column(), fmt::format("carbon intensity {} is negative", shown(row, column())),
             "average intensities are at least 0", "correct the cell");
    if (value > kMostIntensity)
      report(row, column(), fmt::format("carbon intensity {} is out of range", shown(row, column())),
             "the dirtiest plants emit some 1,000 g/kWh", "give intensities in g/kWh");
    return value;
  }
  void report_gaps(const std::vector<double>& values) {
    for (std::size_t i = 0, end; i < values.size(); i = std::max(i + 1, end)) {
      for (end = i; end < values.size() && std::isnan(values[end]);) ++end;
      if (end > i)
        report(rows()[i], column(), fmt::format("zone {} has no value from {} to {}", name(), time(i), time(end)),
               "only cells at the end may be missing", "fill the gap in the file");
    }
  }

  grid::TraceLayout layout_;
  std::size_t zone_;
  grid::TraceClock clock_;
};

}  // namespace

ShiftTrace read_shift_trace(const CsvTable& table, const std::string& zone) {
  return Reader(table, zone).read();
}

}  // namespace cli
}  // namespace swarm
