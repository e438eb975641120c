#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/rng.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/requests.hpp"

/// Recorded load: request traces (stamp, input and output tok) and hourly rate series.
namespace swarm {
namespace workload {

/// Stamped requests that repeat for as long as a run lasts. Row k of cycle n arrives at n·span + stamp(k)
/// seconds after the start of the run, whatever the step; a keyed draw on (n, k) says which region asks it,
/// so the regions partition the trace exactly.
class RequestTrace {
 public:
  /// Columns `arrival_s` (ascending, ≥ 0), `input_tokens`, `output_tokens` (whole numbers ≥ 0); others are
  /// ignored. Throws InputError with the line of every bad row (the first 20, and how many more), or if
  /// the file cannot be read.
  static RequestTrace read(const std::filesystem::path& path);
  static RequestTrace from(const CsvTable& table);

  std::size_t size() const { return stamp_.size(); }
  /// Length of a cycle [s]: last − first stamp plus one mean gap, so that the rate is the trace's own
  /// throughout.
  double span_s() const { return span_s_; }
  std::span<const std::uint32_t> tok_in() const { return tok_in_; }
  std::span<const std::uint32_t> tok_out() const { return tok_out_; }

  /// Requests of `region` that arrive in [t0, t1) [s since the start of the run, t0 ≥ 0], in order of
  /// arrival; tok counts are the trace's, cut to [1, tok_max]; type, complexity, urgency and bank item are
  /// drawn as in synthesise(), keyed by (cycle, row). `step` does not enter any draw. Parallel-safe.
  void slice(const WorkloadParams& params, const Random& request, std::span<const double> region_shares,
             RegionId region, std::uint32_t step, double t0, double t1, std::uint32_t bank_items,
             RequestColumns& out) const;

 private:
  std::vector<double> stamp_;  ///< [s] from the first request
  std::vector<std::uint32_t> tok_in_, tok_out_;
  double span_s_ = 0;
};

/// An hourly series of load, used as a multiplier of a region's rate: mean 1 over the series, which repeats.
class RateTrace {
 public:
  /// Columns `hour_index` (0, 1, 2, …) and `approx_requests` (≥ 0); others are ignored. Throws as
  /// RequestTrace.
  static RateTrace read(const std::filesystem::path& path);
  static RateTrace from(const CsvTable& table);

  std::size_t hours() const { return cumulative_.size() - 1; }
  /// Mean multiplier over [t0, t1) [s since the start of the run, 0 ≤ t0 < t1]; multiply a rate by it before
  /// arrival_count(). Set `diurnal_amplitude` to 0 and `weekend_factor` to 1 if the series alone shall shape
  /// it.
  double mean_factor(double t0, double t1) const;

 private:
  double integral(double hours) const;
  std::vector<double> cumulative_;  ///< integral of the factor from 0 to each hour [h]
};

}  // namespace workload
}  // namespace swarm
