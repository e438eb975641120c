#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "sim/economy/params.hpp"

/// The price of carbon over time: constant, a path that grows by so much a year, or a series read from a file.
namespace swarm {
namespace policy {

/// A pure function of the time; plan, not state.
class CarbonPrice {
 public:
  /// Throws InputError with every problem of the series' file (at most 20): a missing file or column, stamps that are
  /// none, unsorted or twice, prices that are no numbers or negative, and, with `error`, a series that does not cover
  /// [start_utc, end_utc). Empty cells are no prices: the price before them holds on.
  static CarbonPrice build(const economy::PricingParams& pricing, std::int64_t start_utc, std::int64_t end_utc,
                           const std::filesystem::path& data_dir);

  /// Price [USD/t] at a moment [s since 1970]. Before the start a path is lower by the same rule; beyond a series its
  /// nearest price holds.
  double usd_per_t(std::int64_t utc) const;

  /// Rows of the series without a price between its first and last one; 0 for the other kinds.
  std::uint64_t held_rows() const { return held_rows_; }

 private:
  economy::CarbonPriceKind kind_ = economy::CarbonPriceKind::constant;
  std::int64_t start_utc_ = 0;
  double usd_per_t_ = 0;
  double growth_ = 1;  ///< 1 + carbon_growth_per_year
  std::vector<std::int64_t> stamps_;
  std::vector<double> prices_;
  std::uint64_t held_rows_ = 0;
};

}  // namespace policy
}  // namespace swarm
