#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/params.hpp"

/// The price of carbon over time: constant, a path that grows by so much a year, or a series read from a file.
namespace swarm {
namespace policy {

enum class CarbonPriceKind : std::uint8_t { constant, path, series };
enum class BeyondSeries : std::uint8_t { error, hold };

struct CarbonPriceParams {
  CarbonPriceKind kind = CarbonPriceKind::constant;
  double usd_per_t = 100;
  double growth_per_year = 0.02;
  std::string series;
  std::string column;
  BeyondSeries beyond = BeyondSeries::error;
};

template <class V>
void describe(V& v, CarbonPriceParams& p) {
  v("kind", p.kind, {.unit = "", .doc = "How the price of carbon moves: constant, a path that grows from the start of the run, or a series from a file."});
  v("usd_per_t", p.usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e6, .doc = "The constant price, or the one with which a path starts."});
  v("growth_per_year", p.growth_per_year, {.unit = "1", .min = -0.99, .max = 10, .doc = "Relative rise of a path per year of 365.25 days, compounded continuously.", .source = kAssumed});
  v("series", p.series, {.unit = "", .doc = "CSV of a series, relative to run.data_dir: a time column (a UTC date or moment, or a column called year) and one or more columns of prices [USD/t]; a price holds until the next one."});
  v("column", p.column, {.unit = "", .doc = "Column of the series; empty takes usd_per_t, or the only column of prices."});
  v("beyond", p.beyond, {.unit = "", .doc = "What happens where the run reaches beyond the series: stop with an error, or hold its first and last price."});
}

/// A pure function of the time; plan, not state.
class CarbonPrice {
 public:
  /// Throws InputError with every problem of the series' file (at most 20): a missing file or column, stamps that are
  /// none, unsorted or twice, prices that are no numbers or negative, and, with `error`, a series that does not cover
  /// [start_utc, end_utc). Empty cells are no prices: the price before them holds on.
  static CarbonPrice build(const CarbonPriceParams& params, std::int64_t start_utc, std::int64_t end_utc,
                           const std::filesystem::path& data_dir);

  /// Price [USD/t] at a moment [s since 1970]. Before the start a path is lower by the same rule; beyond a series its
  /// nearest price holds.
  double usd_per_t(std::int64_t utc) const;

  /// Rows of the series without a price between its first and last one; 0 for the other kinds.
  std::uint64_t held_rows() const { return held_rows_; }

 private:
  CarbonPriceKind kind_ = CarbonPriceKind::constant;
  std::int64_t start_utc_ = 0;
  double usd_per_t_ = 0;
  double growth_ = 1;  ///< 1 + growth_per_year
  std::vector<std::int64_t> stamps_;
  std::vector<double> prices_;
  std::uint64_t held_rows_ = 0;
};

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::CarbonPriceKind> {
  static constexpr std::array<std::string_view, 3> names{"constant", "path", "series"};
};
template <>
struct EnumNames<policy::BeyondSeries> {
  static constexpr std::array<std::string_view, 2> names{"error", "hold"};
};
}  // namespace core
}  // namespace swarm
