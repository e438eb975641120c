#include "sim/policy/carbon_price.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "sim/core/calendar.hpp"
#include "sim/core/csv.hpp"
#include "sim/core/math.hpp"
#include "sim/core/units.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/trace_layout.hpp"

namespace swarm {
namespace policy {

using economy::BeyondSeries;
using economy::CarbonPriceKind;
using economy::PricingParams;

namespace {

constexpr double kMostUsdPerT = 1e6;  // as of pricing.carbon_price_usd_per_t
constexpr double kSecondsPerYear = 365.25 * kSecondsPerDay;

CsvTable open_table(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw InputError(Diagnostic{.file = file.string(),
                                .problem = "carbon price series not found",
                                .why = "relative paths are looked up below run.data_dir",
                                .suggestion = "Check the path, or choose a constant price."});
  CsvTable table = CsvTable::read(file);
  if (table.rows() == 0)
    throw table.header_problem("no rows below the header", "a series needs at least one price",
                               "Check that the file is complete.");
  return table;
}

/// A column of whole years stands for the first moment of each.
std::optional<std::size_t> year_column(const CsvTable& table) {
  for (std::size_t c = 0; c < table.columns(); ++c)
    if (table.header()[c] == "year") return c;
  return std::nullopt;
}

std::vector<std::int64_t> years_of(const CsvTable& table, std::size_t column, grid::Problems& problems) {
  std::vector<std::int64_t> stamps(table.rows());
  for (std::size_t row = 0; row < table.rows() && !problems.full(); ++row) {
    const std::string_view cell = table.cell(row, column);
    try {
      stamps[row] = parse_utc(std::string(cell) + "-01-01");
    } catch (const std::invalid_argument&) {
      problems.add(table.problem(row, column, fmt::format("\"{}\" is no year", cell),
                                 "a column called year holds whole years", "Write four digits, as 2025."));
    }
  }
  return stamps;
}

std::size_t price_column(const CsvTable& table, const std::string& wanted, std::size_t time_column) {
  std::vector<std::string> names;
  std::string list;
  for (std::size_t c = 0; c < table.columns(); ++c) {
    if (c == time_column) continue;
    names.emplace_back(table.header()[c]);
    list += (list.empty() ? "" : ", ") + names.back();
  }
  const std::string name = wanted.empty() ? "usd_per_t" : wanted;
  if (const auto found = table.column(name); found && *found != time_column) return *found;
  if (wanted.empty() && names.size() == 1) return time_column == 0 ? 1 : 0;
  const std::string near = nearest_spelling(name, names);
  throw table.header_problem(
      fmt::format("no column \"{}\"", name),
      list.empty() ? "the file has no column of prices" : fmt::format("columns of prices: {}", list),
      near.empty() ? "Name one of them." : fmt::format("The nearest spelling is {}.", near));
}

void check_order(const CsvTable& table, std::size_t column, const std::vector<std::int64_t>& stamps,
                 grid::Problems& problems) {
  for (std::size_t row = 1; row < stamps.size() && !problems.full(); ++row) {
    const std::string now = utc_text(stamps[row]), before = utc_text(stamps[row - 1]);
    if (stamps[row] == stamps[row - 1])
      problems.add(table.problem(row, column, fmt::format("the stamp {} occurs twice", now), "one moment has one price",
                                 "Remove one of the rows."));
    else if (stamps[row] < stamps[row - 1])
      problems.add(table.problem(row, column, fmt::format("{} comes after {}", now, before), "stamps must ascend",
                                 "Sort the file by time."));
  }
}

struct Series {
  std::vector<std::int64_t> stamps;
  std::vector<double> prices;
  std::uint64_t held_rows = 0;
};

/// Rows with a price; the others are counted if they lie between two of them.
Series read_prices(const CsvTable& table, std::size_t column, const std::vector<std::int64_t>& stamps,
                   grid::Problems& problems) {
  Series out;
  std::uint64_t empty = 0;
  for (std::size_t row = 0; row < table.rows() && !problems.full(); ++row) {
    double price = 0;
    try {
      price = table.number(row, column);
    } catch (const InputError& e) {
      problems.add(e);
      continue;
    }
    if (std::isnan(price)) {
      ++empty;
      continue;
    }
    if (price < 0)
      problems.add(table.problem(row, column, fmt::format("the carbon price {} is negative", price),
                                 "emitting is never paid for", "Correct it, or leave the cell empty."));
    if (price > kMostUsdPerT)
      problems.add(table.problem(row, column, fmt::format("the carbon price {} is above {} USD/t", price, kMostUsdPerT),
                                 "the model holds only within its range", "Check the unit of the column: it is USD/t."));
    if (!out.prices.empty()) out.held_rows += empty;
    empty = 0;
    out.stamps.push_back(stamps[row]);
    out.prices.push_back(price);
  }
  if (out.prices.empty() && problems.empty())
    problems.add(table.problem(0, column, fmt::format("the column {} has no prices", table.header()[column]),
                               "all its cells are empty", "Choose another column."));
  return out;
}

/// The last price is taken to hold as long as the one before it did; a single price for no time at all.
std::int64_t end_of(const Series& series) {
  const std::size_t n = series.stamps.size();
  return series.stamps.back() + (n > 1 ? series.stamps[n - 1] - series.stamps[n - 2] : 0);
}

void check_coverage(const CsvTable& table, std::size_t column, const Series& series, std::int64_t start,
                    std::int64_t end, grid::Problems& problems) {
  if (start >= series.stamps.front() && end <= end_of(series)) return;
  problems.add(Diagnostic{.file = table.file(),
                          .problem = fmt::format("{} has prices from {} to {}", table.header()[column],
                                                 utc_text(series.stamps.front()), utc_text(end_of(series))),
                          .why = fmt::format("the run needs {} to {}", utc_text(start), utc_text(end)),
                          .suggestion = "Move run.start, take another series, or hold its first and last price."});
}

Series read_series(const PricingParams& pricing, std::int64_t start, std::int64_t end,
                   const std::filesystem::path& file) {
  const CsvTable table = open_table(file);
  grid::Problems problems;
  const auto years = year_column(table);
  const std::size_t time = years ? *years : grid::find_layout(table).time_column;
  const std::vector<std::int64_t> stamps =
      years ? years_of(table, time, problems)
            : grid::read_stamps(table, grid::TraceLayout{.time_column = time}, problems);
  if (problems.empty()) check_order(table, time, stamps, problems);
  Series series;
  try {
    const std::size_t column = price_column(table, pricing.carbon_column, time);
    series = read_prices(table, column, stamps, problems);
    if (problems.empty() && pricing.carbon_beyond == BeyondSeries::error)
      check_coverage(table, column, series, start, end, problems);
  } catch (const InputError& e) {
    problems.add(e);
  }
  problems.raise();
  return series;
}

}  // namespace

CarbonPrice CarbonPrice::build(const PricingParams& pricing, std::int64_t start_utc, std::int64_t end_utc,
                               const std::filesystem::path& data_dir) {
  EXPECT(end_utc >= start_utc && pricing.carbon_price_usd_per_t >= 0 && pricing.carbon_growth_per_year > -1);
  CarbonPrice out;
  out.kind_ = pricing.carbon_price;
  out.start_utc_ = start_utc;
  out.usd_per_t_ = pricing.carbon_price_usd_per_t;
  out.growth_ = 1.0 + pricing.carbon_growth_per_year;
  if (pricing.carbon_price == CarbonPriceKind::series) {
    Series series = read_series(pricing, start_utc, end_utc, data_dir / pricing.carbon_series);
    out.stamps_ = std::move(series.stamps);
    out.prices_ = std::move(series.prices);
    out.held_rows_ = series.held_rows;
  }
  return out;
}

double CarbonPrice::usd_per_t(std::int64_t utc) const {
  switch (kind_) {
    case CarbonPriceKind::constant: return usd_per_t_;
    case CarbonPriceKind::path:
      return usd_per_t_ * math::pow(growth_, static_cast<double>(utc - start_utc_) / kSecondsPerYear);
    case CarbonPriceKind::series: {
      const auto after = std::upper_bound(stamps_.begin(), stamps_.end(), utc) - stamps_.begin();
      return prices_[after == 0 ? 0 : static_cast<std::size_t>(after - 1)];
    }
  }
  return 0;
}

}  // namespace policy
}  // namespace swarm
