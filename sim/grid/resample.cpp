#include "sim/grid/resample.hpp"

#include <algorithm>

#include "sim/core/calendar.hpp"
#include "sim/core/checks.hpp"
#include "sim/grid/clock.hpp"

namespace swarm {
namespace grid {
namespace {

/// Slot of the series that stands for slot number `slot` of its endless extension.
std::size_t inside(std::int64_t slot, std::int64_t count, BeyondTrace beyond) {
  if (beyond == BeyondTrace::wrap) slot -= floor_div(slot, count) * count;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(slot, 0, count - 1));
}

}  // namespace

std::optional<Diagnostic> coverage_problem(const TraceSeries& series, std::int64_t start_utc,
                                           std::int64_t end_utc, const std::string& file,
                                           std::string_view zone) {
  if (start_utc >= series.start_utc && end_utc <= series.end_utc()) return std::nullopt;
  const std::int64_t before = std::max<std::int64_t>(0, series.start_utc - start_utc);
  const std::int64_t after = std::max<std::int64_t>(0, end_utc - series.end_utc());
  const std::int64_t missing = std::min(before + after, end_utc - start_utc);
  const std::string which = zone.empty() ? "the trace" : fmt::format("zone {}", zone);
  return Diagnostic{
      .file = file,
      .problem = fmt::format(
          "{} runs from {} to {} (first stamp to end of the last value), but the run needs {} to {}", which,
          utc_text(series.start_utc), utc_text(series.end_utc()), utc_text(start_utc), utc_text(end_utc)),
      .why = fmt::format("{:.6g} h of the run have no value and grid.beyond_trace is error",
                         static_cast<double>(missing) / 3600.0),
      .suggestion = "Move run.start, shorten the run, or set grid.beyond_trace to wrap or hold."};
}

std::vector<double> resample(const TraceSeries& series, std::int64_t start_utc, std::int64_t step_s,
                             std::size_t steps, BeyondTrace beyond, const std::string& file) {
  EXPECT(step_s > 0 && series.step_s > 0 && !series.values.empty());
  const std::int64_t end = start_utc + static_cast<std::int64_t>(steps) * step_s;
  if (beyond == BeyondTrace::error)
    if (auto problem = coverage_problem(series, start_utc, end, file, {})) throw InputError(*problem);

  const auto count = static_cast<std::int64_t>(series.values.size());
  std::vector<double> out(steps);
  std::int64_t from = start_utc - series.start_utc;  // of the current step, since the first value
  std::int64_t slot = floor_div(from, series.step_s);
  for (std::size_t i = 0; i < steps; ++i, from += step_s) {
    const std::int64_t to = from + step_s;
    if (to <= (slot + 1) * series.step_s) {  // within one value: that value, exactly
      out[i] = series.values[inside(slot, count, beyond)];
    } else {
      double integral = 0;
      for (std::int64_t t = from; t < to;) {
        const std::int64_t next = std::min(to, (slot + 1) * series.step_s);
        integral += series.values[inside(slot, count, beyond)] * static_cast<double>(next - t);
        t = next;
        if (t < to) ++slot;
      }
      out[i] = integral / static_cast<double>(step_s);
    }
    if (to == (slot + 1) * series.step_s) ++slot;
  }
  return out;
}

}  // namespace grid
}  // namespace swarm
