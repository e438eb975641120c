#include "sim/grid/trace.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <system_error>

#include "sim/core/calendar.hpp"
#include "sim/core/csv.hpp"
#include "sim/core/stats.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/trace_layout.hpp"
#include "sim/grid/zones.hpp"

namespace swarm {
namespace grid {
namespace {

/// Plausible range of a zone's mean intensity [g/kWh]: below it is probably kg/kWh, above it mg/kWh or a
/// price.
constexpr double kLeastMeanIntensity = 2;
constexpr double kMostMeanIntensity = 2000;
/// Mean magnitude that separates USD/kWh from USD/MWh.
constexpr double kPriceDivide = 2;

struct Origin {
  std::string_view folder;
  std::string_view from;
};
constexpr std::array<Origin, 5> kOrigins{{
    {"carbon_intensity_2022_123zones",
     "github.com/umassos/decarbonization-potential (commit 3493a63; Electricity Maps, ODbL)"},
    {"carbon_intensity_2021_2024_16zones",
     "github.com/HewlettPackard/sustain-cluster (commit 293fbd1; Electricity Maps, ODbL)"},
    {"electricity_prices", "github.com/HewlettPackard/sustain-cluster (commit 293fbd1)"},
    {"lets_wait_awhile", "github.com/dos-group/lets-wait-awhile (commit 5e0d155)"},
    {"simgrid_carbon_golden", "github.com/simgrid/simgrid (examples/cpp/exec-co2)"},
}};

Diagnostic missing_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::string where = "Check grid.trace and run.data_dir, or set grid.source = \"profile\".";
  for (const Origin& origin : kOrigins)
    if (name.find(origin.folder) != std::string::npos)
      where = fmt::format("Its data come from {}. {}", origin.from, where);
  return {.file = name,
          .problem = "trace file not found",
          .why = "traces are not shipped; relative paths are looked up below run.data_dir",
          .suggestion = where};
}

CsvTable open_table(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) throw InputError(missing_file(file));
  return CsvTable::read(file);
}

/// Up to eight names.
std::string first_names(const std::vector<std::string>& all) {
  std::string names;
  for (std::size_t i = 0; i < all.size() && i < 8; ++i) names += (i ? ", " : "") + all[i];
  return all.size() > 8 ? names + ", …" : names;
}

Diagnostic unknown_zone(const CsvTable& table, const TraceLayout& layout, const std::string& zone) {
  std::vector<std::string> alike = layout.zones;
  if (zone.size() <= 3)  // two edits turn any short name into any other
    std::erase_if(alike, [&](const std::string& name) { return name.substr(0, 1) != zone.substr(0, 1); });
  const std::string near = nearest_spelling(zone, alike);
  const std::string names = first_names(layout.zones);
  std::vector<std::string> parts;  // JP-TK of JP
  for (const std::string& name : layout.zones)
    if (!zone.empty() && name.starts_with(zone + "-")) parts.push_back(name);
  return {.file = table.file(),
          .line = 1,
          .problem = zone.empty() ? "no zone is named" : fmt::format("no zone \"{}\"", zone),
          .why = fmt::format("the file has {} zone{}: {}", layout.zones.size(),
                             layout.zones.size() == 1 ? "" : "s", names),
          .suggestion = !parts.empty() ? fmt::format("Zones of {}: {}; set region.{}.zone.", zone,
                                                     first_names(parts), zone)
                        : near.empty() ? "Set region.zone to one of them."
                                       : fmt::format("The nearest spelling is {}; set region.zone.", near)};
}

std::optional<std::size_t> choose_zone(const TraceLayout& layout, const std::string& zone) {
  if (layout.zones.size() == 1 &&
      (zone.empty() || (layout.form == TraceForm::one_zone && names_a_quantity(layout.zones[0]))))
    return 0;
  return find_zone(zone, layout.zones);
}

/// Reads one zone of an open table.
class ZoneReader {
 public:
  ZoneReader(const CsvTable& table, const TraceLayout& layout, const TraceClock& clock, std::size_t zone,
             Problems& problems)
      : table_(table),
        clock_(clock),
        rows_(layout.rows(zone)),
        column_(layout.columns[zone]),
        name_(layout.zones[zone]),
        problems_(problems) {}

  TraceSeries read(TraceKind kind, double max_gap_s) {
    read_cells(kind);
    check_unit(kind);
    return close_gaps(max_gap_s);
  }

 private:
  void complain(std::size_t row, std::string what, std::string why, std::string suggestion) {
    problems_.add(table_.problem(row, column_, std::move(what), std::move(why), std::move(suggestion)));
  }

  void read_cells(TraceKind kind) {
    values_.assign(clock_.count, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < rows_.size() && !problems_.full(); ++i) {
      double value = 0;
      try {
        value = table_.number(rows_[i], column_);
      } catch (const InputError& e) {
        problems_.add(e);
        continue;
      }
      if (kind == TraceKind::intensity && value < 0)
        complain(rows_[i], fmt::format("carbon intensity {} is negative", value),
                 "average intensities are at least 0", "Remove the value; a short gap is interpolated.");
      if (kind == TraceKind::share && (value < 0 || value > 100))
        complain(rows_[i], fmt::format("share {} lies outside 0..100", value), "shares are in percent",
                 "Remove the value; a short gap is interpolated.");
      values_[clock_.slots[i]] = value;
    }
  }

  void check_unit(TraceKind kind) {
    if (!problems_.empty()) return;
    CompensatedSum sum;
    double most = 0;
    std::size_t count = 0;
    for (double v : values_) {
      if (std::isnan(v)) continue;
      sum.add(v);
      most = std::max(most, v);
      ++count;
    }
    if (count == 0) {
      complain(rows_[0], fmt::format("zone {} has no values", name_), "every cell of its column is empty",
               "Choose another zone or use the region's profile.");
      return;
    }
    const double mean = sum.value() / static_cast<double>(count);
    if (kind == TraceKind::intensity && mean < kLeastMeanIntensity)
      complain(rows_[0], fmt::format("the mean of zone {} is {:.4g} g/kWh", name_, mean),
               "no grid is that clean: probably kg/kWh or a share", "Convert the file to gCO2e/kWh.");
    if (kind == TraceKind::intensity && mean > kMostMeanIntensity)
      complain(rows_[0], fmt::format("the mean of zone {} is {:.4g} g/kWh", name_, mean),
               "no grid is that dirty: probably mg/kWh or a price", "Convert the file to gCO2e/kWh.");
    if (kind == TraceKind::share && most > 0 && most <= 1)
      complain(rows_[0], fmt::format("no share of zone {} exceeds {:.4g} percent", name_, most),
               "probably fractions instead of percent", "Multiply the shares by 100.");
  }

  TraceSeries close_gaps(double max_gap_s) {
    TraceSeries series{.start_utc = clock_.start, .step_s = clock_.step, .values = {}, .interpolated = 0};
    if (!problems_.empty()) return series;
    const auto present = [](double v) { return !std::isnan(v); };
    const auto first = std::ranges::find_if(values_, present);
    const auto last = std::find_if(values_.rbegin(), values_.rend(), present).base();
    series.start_utc += (first - values_.begin()) * clock_.step;
    const auto offset = static_cast<std::size_t>(first - values_.begin());
    series.values.assign(first, last);
    std::vector<double>& v = series.values;
    for (std::size_t i = 0; i < v.size() && !problems_.full(); ++i) {
      if (present(v[i])) continue;
      std::size_t end = i;
      while (!present(v[end])) ++end;
      const std::size_t gap = end - i;
      if (static_cast<double>(gap) * static_cast<double>(clock_.step) > max_gap_s) {
        complain_gap(offset + i, offset + end, max_gap_s);
      } else {
        const double left = v[i - 1], right = v[end];
        for (std::size_t k = 0; k < gap; ++k)
          v[i + k] = left + (right - left) * static_cast<double>(k + 1) / static_cast<double>(gap + 1);
        series.interpolated += gap;
      }
      i = end;
    }
    return series;
  }

  void complain_gap(std::size_t from, std::size_t to, double max_gap_s) {
    const auto at = std::ranges::lower_bound(clock_.slots, from) - clock_.slots.begin();
    const auto time = [&](std::size_t slot) {
      return utc_text(clock_.start + static_cast<std::int64_t>(slot) * clock_.step);
    };
    const double seconds = static_cast<double>(to - from) * static_cast<double>(clock_.step);
    complain(rows_[static_cast<std::size_t>(at)],
             fmt::format("zone {} has no value from {} to {}", name_, time(from), time(to)),
             fmt::format("{} are missing and grid.max_gap is {}", duration_text({seconds}),
                         duration_text({max_gap_s})),
             "Fill the gap in the file or raise grid.max_gap.");
  }

  const CsvTable& table_;
  const TraceClock& clock_;
  const std::vector<std::size_t>& rows_;
  std::size_t column_;
  const std::string& name_;
  Problems& problems_;
  std::vector<double> values_;
};

}  // namespace

TraceSeries read_trace(const std::filesystem::path& file, std::string_view zone, TraceKind kind,
                       Duration max_gap) {
  const std::string name(zone);
  return std::move(read_traces(file, {&name, 1}, kind, max_gap).front());
}

std::vector<TraceSeries> read_traces(const std::filesystem::path& file, std::span<const std::string> zones,
                                     TraceKind kind, Duration max_gap) {
  const CsvTable table = open_table(file);
  const TraceLayout layout = find_layout(table);
  Problems problems;
  const std::vector<std::int64_t> stamps = read_stamps(table, layout, problems);
  const bool dated = problems.empty();

  std::vector<std::optional<TraceClock>> clocks(
      layout.zone_rows.size());  // one for all zones unless rows are per zone
  std::vector<TraceSeries> out(zones.size());
  for (std::size_t i = 0; i < zones.size() && !problems.full(); ++i) {
    const auto zone = choose_zone(layout, zones[i]);
    if (!zone) problems.add(unknown_zone(table, layout, zones[i]));
    if (!zone || !dated) continue;
    auto& clock = clocks[clocks.size() == 1 ? 0 : *zone];
    if (!clock) {
      Problems found;
      clock = find_clock(table, layout, layout.rows(*zone), stamps, max_gap.seconds, found);
      if (!found.empty()) clock->count = 0;  // nothing can be read by it
      problems.add(found);
    }
    if (clock->count == 0) continue;
    Problems found;
    out[i] = ZoneReader(table, layout, *clock, *zone, found).read(kind, max_gap.seconds);
    problems.add(found);
  }
  problems.raise();
  return out;
}

std::optional<Diagnostic> price_unit_problem(const TraceSeries& series, PriceUnit unit,
                                             const std::string& file, std::string_view zone) {
  CompensatedSum sum;
  for (double v : series.values) sum.add(std::abs(v));
  const double mean = sum.value() / static_cast<double>(series.values.size());
  const bool small = mean < kPriceDivide;
  if (mean == 0 || small == (unit == PriceUnit::usd_per_kwh)) return std::nullopt;
  const std::string_view said = small ? "USD/MWh" : "USD/kWh", meant = small ? "usd_per_kwh" : "usd_per_mwh";
  return Diagnostic{.file = file,
                    .problem = fmt::format("the prices of zone {} average {:.4g} {}", zone, mean, said),
                    .why = "wholesale electricity costs some 10 to 500 USD/MWh, that is 0.01 to 0.5 USD/kWh",
                    .suggestion = fmt::format("Set grid.price_unit = \"{}\".", meant)};
}

}  // namespace grid
}  // namespace swarm
