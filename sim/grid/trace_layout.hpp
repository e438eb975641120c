#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/grid/problems.hpp"

/// Where time, zones and values stand in a trace file, and its clock.
namespace swarm {
namespace grid {

/// How a file is arranged.
enum class TraceForm : std::uint8_t { wide, one_zone, long_rows };

struct TraceLayout {
  TraceForm form = TraceForm::wide;
  std::size_t time_column = 0;
  std::size_t zone_column = 0;                      ///< long_rows only
  std::vector<std::string> zones;                   ///< names that can be asked for
  std::vector<std::size_t> columns;                 ///< value column per zone
  std::vector<std::vector<std::size_t>> zone_rows;  ///< rows per zone; one list for all unless long_rows

  const std::vector<std::size_t>& rows(std::size_t zone) const {
    return zone_rows[form == TraceForm::long_rows ? zone : 0];
  }
};

/// Recognises the layout from the header and the first row; InputError if there is no time column or no row.
TraceLayout find_layout(const CsvTable& table);

/// Whether a value column called `name` says what it holds rather than whose it is ("value",
/// "carbon_intensity").
bool names_a_quantity(std::string_view name);

/// Time stamp of every row [seconds since 1970]; cells that are none go to `problems`.
std::vector<std::int64_t> read_stamps(const CsvTable& table, const TraceLayout& layout, Problems& problems);

/// The regular clock behind some rows: row rows[i] is slot slots[i] of count, slot s begins at start +
/// s·step.
struct TraceClock {
  std::int64_t start = 0;
  std::int64_t step = 0;
  std::vector<std::size_t> slots;
  std::size_t count = 0;
};

/// Finds the step (the most frequent distance of neighbours). Unsorted and repeated stamps, distances that
/// are no multiple of the step, and missing rows for longer than `max_gap_s` go to `problems`.
TraceClock find_clock(const CsvTable& table, const TraceLayout& layout, std::span<const std::size_t> rows,
                      std::span<const std::int64_t> stamps, double max_gap_s, Problems& problems);

}  // namespace grid
}  // namespace swarm
