#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/grid/trace.hpp"

/// From a trace's steps to the run's steps, conserving the time integral.
namespace swarm {
namespace grid {

/// Time-weighted means over [start_utc + i·step_s, start_utc + (i+1)·step_s), i < steps.
///
/// Outside the series: `wrap` repeats it periodically, `hold` extends its first and last value, `error`
/// throws InputError (naming `file`). Inside, Σ out·step equals the integral of the series over the run.
std::vector<double> resample(const TraceSeries& series, std::int64_t start_utc, std::int64_t step_s,
                             std::size_t steps, BeyondTrace beyond, const std::string& file = "trace");

/// The problem if the series does not cover [start_utc, end_utc), naming its first and last stamp, what the
/// run needs and how many hours are missing.
std::optional<Diagnostic> coverage_problem(const TraceSeries& series, std::int64_t start_utc,
                                           std::int64_t end_utc, const std::string& file,
                                           std::string_view zone);

}  // namespace grid
}  // namespace swarm
