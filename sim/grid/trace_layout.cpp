#include "sim/grid/trace_layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "sim/core/calendar.hpp"
#include "sim/core/params.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr std::array<std::string_view, 8> kTimeNames{
    "datetime_utc", "datetime", "timestamp", "time", "date", "utc", "time_utc", "datetime (utc)"};
constexpr std::array<std::string_view, 7> kZoneNames{"zone",    "zone_code", "zone_id", "region",
                                                     "host_id", "host",      "id"};
constexpr std::array<std::string_view, 10> kQuantityNames{"value", "intensity", "carbon",  "co2", "g_per_kwh",
                                                          "price", "usd",       "percent", "pct", "share"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

/// Whole seconds written as a number, if the text is one.
std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::int64_t parse_stamp(std::string_view cell) {
  const std::string_view text = trimmed(cell);
  if (const auto seconds = plain_number(text)) {
    if (*seconds != std::floor(*seconds) || std::abs(*seconds) > 1e11)
      throw std::invalid_argument("a number of seconds since 1970 is whole and at most 1e11");
    return static_cast<std::int64_t>(*seconds);
  }
  return parse_utc(text);
}

bool is_calendar_time(std::string_view cell) {
  const std::string_view text = trimmed(cell);
  if (plain_number(text)) return false;
  try {
    parse_utc(text);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

template <std::size_t N>
std::optional<std::size_t> column_called(const CsvTable& table,
                                         const std::array<std::string_view, N>& names) {
  for (std::size_t c = 0; c < table.columns(); ++c)
    if (std::ranges::find(names, lower(trimmed(table.header()[c]))) != names.end()) return c;
  return std::nullopt;
}

std::size_t find_time_column(const CsvTable& table) {
  if (const auto named = column_called(table, kTimeNames)) return *named;
  if (is_calendar_time(table.cell(0, 0))) return 0;
  throw InputError(Diagnostic{.file = table.file(),
                              .line = 1,
                              .column = 1,
                              .problem = "no time column",
                              .why = "a trace needs the UTC time at which each row's values begin to hold",
                              .suggestion = "Name it datetime_utc, datetime, timestamp or time."});
}

void find_long_zones(const CsvTable& table, TraceLayout& layout) {
  const std::size_t value_column = 3 - layout.time_column - layout.zone_column;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view zone = trimmed(table.cell(row, layout.zone_column));
    const auto at = std::ranges::find(layout.zones, zone);
    const auto index = static_cast<std::size_t>(at - layout.zones.begin());
    if (at == layout.zones.end()) {
      layout.zones.emplace_back(zone);
      layout.columns.push_back(value_column);
      layout.zone_rows.emplace_back();
    }
    layout.zone_rows[index].push_back(row);
  }
}

/// The most frequent positive distance of neighbours; the smallest of equally frequent ones; 0 if there is
/// none.
std::int64_t usual_step(std::span<const std::size_t> rows, std::span<const std::int64_t> stamps) {
  std::vector<std::int64_t> distances;
  distances.reserve(rows.size());
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (const std::int64_t d = stamps[rows[i]] - stamps[rows[i - 1]]; d > 0) distances.push_back(d);
  std::ranges::sort(distances);
  std::int64_t best = 0;
  std::ptrdiff_t most = 0;
  for (auto from = distances.begin(); from != distances.end();) {
    const auto to = std::upper_bound(from, distances.end(), *from);
    if (to - from > most) {
      most = to - from;
      best = *from;
    }
    from = to;
  }
  return best;
}

std::string seconds_text(std::int64_t seconds) {
  return duration_text({static_cast<double>(seconds)});
}

}  // namespace

bool names_a_quantity(std::string_view name) {
  const std::string low = lower(name);
  return std::ranges::any_of(kQuantityNames,
                             [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

TraceLayout find_layout(const CsvTable& table) {
  if (table.rows() == 0)
    throw InputError(Diagnostic{.file = table.file(),
                                .line = 1,
                                .problem = "no rows below the header",
                                .why = "a trace needs at least two stamps",
                                .suggestion = "Check that the file is complete."});
  TraceLayout layout;
  layout.time_column = find_time_column(table);
  const auto zone_column = column_called(table, kZoneNames);
  if (table.columns() == 3 && zone_column && *zone_column != layout.time_column) {
    layout.form = TraceForm::long_rows;
    layout.zone_column = *zone_column;
    find_long_zones(table, layout);
    return layout;
  }
  layout.form = table.columns() == 2 ? TraceForm::one_zone : TraceForm::wide;
  for (std::size_t c = 0; c < table.columns(); ++c) {
    if (c == layout.time_column) continue;
    layout.zones.emplace_back(trimmed(table.header()[c]));
    layout.columns.push_back(c);
  }
  layout.zone_rows.emplace_back(table.rows());
  std::iota(layout.zone_rows[0].begin(), layout.zone_rows[0].end(), std::size_t{0});
  return layout;
}

std::vector<std::int64_t> read_stamps(const CsvTable& table, const TraceLayout& layout, Problems& problems) {
  std::vector<std::int64_t> stamps(table.rows());
  for (std::size_t row = 0; row < table.rows() && !problems.full(); ++row) {
    const std::string_view cell = table.cell(row, layout.time_column);
    try {
      stamps[row] = parse_stamp(cell);
    } catch (const std::invalid_argument& e) {
      problems.add(table.problem(row, layout.time_column, fmt::format("\"{}\" is no time stamp", cell),
                                 e.what(), "Write UTC as 2022-01-03T00:00Z or as seconds since 1970."));
    }
  }
  return stamps;
}

TraceClock find_clock(const CsvTable& table, const TraceLayout& layout, std::span<const std::size_t> rows,
                      std::span<const std::int64_t> stamps, double max_gap_s, Problems& problems) {
  TraceClock clock;
  clock.step = usual_step(rows, stamps);
  const auto complain = [&](std::size_t i, std::string what, std::string why, std::string suggestion) {
    problems.add(
        table.problem(rows[i], layout.time_column, std::move(what), std::move(why), std::move(suggestion)));
  };
  if (clock.step == 0) {
    complain(rows.size() - 1, "the step of the trace cannot be told",
             "there are no two stamps in ascending order", "Give at least two rows in order of time.");
    return clock;
  }
  clock.start = stamps[rows[0]];
  clock.slots.assign(rows.size(), 0);
  for (std::size_t i = 1; i < rows.size() && !problems.full(); ++i) {
    const std::int64_t before = stamps[rows[i - 1]], now = stamps[rows[i]], distance = now - before;
    if (distance == 0) {
      complain(i, fmt::format("the stamp {} occurs twice", utc_text(now)), "each row holds for one step",
               "Remove one of the rows, or write local times in UTC.");
    } else if (distance < 0) {
      complain(i, fmt::format("{} comes after {}", utc_text(now), utc_text(before)), "stamps must ascend",
               "Sort the file by time.");
    } else if (distance % clock.step != 0) {
      complain(i,
               fmt::format("{} follows {} after {}", utc_text(now), utc_text(before), seconds_text(distance)),
               fmt::format("the step of this trace is {}", seconds_text(clock.step)),
               "Resample the file to one step.");
    } else if (const std::int64_t gap = distance - clock.step; static_cast<double>(gap) > max_gap_s) {
      complain(
          i, fmt::format("no rows from {} to {}", utc_text(before + clock.step), utc_text(now)),
          fmt::format("{} are missing and grid.max_gap is {}", seconds_text(gap), duration_text({max_gap_s})),
          "Fill the gap in the file or raise grid.max_gap.");
    } else {
      clock.slots[i] = clock.slots[i - 1] + static_cast<std::size_t>(distance / clock.step);
    }
  }
  clock.count = clock.slots.back() + 1;
  return clock;
}

}  // namespace grid
}  // namespace swarm
