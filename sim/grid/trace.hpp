#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/grid/params.hpp"

/// Traces: series of real grid figures, read from CSV.
///
/// Layouts, recognised by their header (the time column is called datetime_utc, datetime, timestamp, time,
/// date or utc, or is the first column):
///  - wide: a time column and one column per zone;
///  - one zone: a time and one value column, called after the zone or after the quantity ("value", "price",
///  …);
///  - long: three columns (zone, time, value), rows grouped by zone or not.
/// Times are UTC: "2022-01-01T00:00Z", "2020-01-01T00:00", "2019-12-20 00:00:00", or seconds since 1970. Any
/// constant step is accepted. Rows that are absent and cells that are empty are gaps.
namespace swarm {
namespace grid {

/// Equally spaced values; value i holds over [start_utc + i·step_s, start_utc + (i+1)·step_s).
struct TraceSeries {
  std::int64_t start_utc = 0;  ///< seconds since 1970
  std::int64_t step_s = 3600;
  std::vector<double> values;
  std::uint64_t interpolated = 0;  ///< how many of the values were missing and are interpolated

  /// End of the last value [seconds since 1970].
  std::int64_t end_utc() const { return start_utc + static_cast<std::int64_t>(values.size()) * step_s; }
};

/// What a trace holds: carbon intensity [g/kWh], price [as in the file], or a share [percent].
enum class TraceKind : std::uint8_t { intensity, price, share };

/// Reads one zone of a trace file; an empty zone means the file's only value column.
///
/// Interior gaps up to `max_gap` are interpolated linearly and counted; empty cells before the first and
/// after the last value shorten the series. Throws InputError with every problem found (at most 20): a
/// missing file (with where its data come from), an unknown zone, a longer gap, a step that is not constant,
/// stamps unsorted or twice, cells that are not numbers, negative intensities, shares outside 0..100, and
/// intensities whose mean betrays another unit (below 2 or above 2,000 g/kWh; single zeros are fine).
TraceSeries read_trace(const std::filesystem::path& file, std::string_view zone, TraceKind kind,
                       Duration max_gap);

/// The same for several zones, reading the file once; result i belongs to zones[i].
std::vector<TraceSeries> read_traces(const std::filesystem::path& file, std::span<const std::string> zones,
                                     TraceKind kind, Duration max_gap);

/// A problem if the mean magnitude of a price series does not fit the unit it is said to have: wholesale
/// prices are tens to hundreds of USD/MWh, so a mean below 2 points to USD/kWh, and the reverse above 2
/// USD/kWh.
std::optional<Diagnostic> price_unit_problem(const TraceSeries& series, PriceUnit unit,
                                             const std::string& file, std::string_view zone);

}  // namespace grid
}  // namespace swarm
