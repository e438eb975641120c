#include "sim/cli/shift_report.hpp"

#include <fmt/format.h>

#include <iterator>
#include <limits>
#include <span>

#include "sim/cli/values.hpp"
#include "sim/dispatch/exact_sums.hpp"

namespace swarm {
namespace cli {
namespace {

using dispatch::ShiftedJobs;

constexpr const char* kHeader =
    "job_id,arrival_slot,length,baseline_slot,start_slot,slots_used,baseline_g_per_kwh,shifted_g_per_kwh\n";

/// Mean of a sum over slots [g/kWh]; NaN over none.
double mean_of(Int128 sum, std::int64_t slots, int decimals) {
  return slots > 0 ? static_cast<double>(sum) / (dispatch::units_per_one(decimals) * static_cast<double>(slots))
                   : std::numeric_limits<double>::quiet_NaN();
}

/// Stretches of neighbouring slots: "12-14 20".
void append_stretches(std::string& out, std::span<const std::int64_t> slots) {
  for (std::size_t from = 0, to; from < slots.size(); from = to) {
    for (to = from + 1; to < slots.size() && slots[to] == slots[to - 1] + 1;) ++to;
    fmt::format_to(std::back_inserter(out), "{}{}", from > 0 ? " " : "", slots[from]);
    if (to > from + 1) fmt::format_to(std::back_inserter(out), "-{}", slots[to - 1]);
  }
}

}  // namespace

void print_summary(const ShiftedJobs& done, const dispatch::SlotClock& clock, int decimals, std::size_t jobs,
                   SummaryFormat format) {
  const double baseline = mean_of(done.baseline_total, done.job_slots, decimals);
  const double shifted = mean_of(done.shifted_total, done.job_slots, decimals);
  const double saving = done.baseline_total == 0 ? std::numeric_limits<double>::quiet_NaN()
                                                 : 100 * static_cast<double>(done.baseline_total - done.shifted_total) /
                                                       static_cast<double>(done.baseline_total);
  if (format == SummaryFormat::json) {
    fmt::print("{{\"baseline_g_per_kwh\":{},\"shifted_g_per_kwh\":{},\"saving_pct\":{},\"jobs\":{},\"slots\":{},\"windows_cut\":{}}}\n",
               json_number(baseline), json_number(shifted), json_number(saving), jobs, done.job_slots,
               done.windows_cut);
    return;
  }
  const auto text = [](double x, int digits, std::string_view unit) {
    return x == x ? fmt::format("{:.{}f} {}", x, digits, unit) : "–";
  };
  fmt::print("  jobs      {}, of {} slots of {} in all\n", jobs, done.job_slots, duration_text({static_cast<double>(clock.step_s)}));
  fmt::print("  baseline  {}\n  shifted   {}\n  saving    {}\n", text(baseline, 2, "g/kWh"), text(shifted, 2, "g/kWh"),
             text(saving, 3, "%"));
  if (done.windows_cut > 0)
    fmt::print("  windows   {} of them reach beyond the trace and are cut there\n", done.windows_cut);
}

std::string per_job_csv(const ShiftedJobs& done, const ShiftJobTable& table, int decimals) {
  std::string out = kHeader;
  std::size_t at = 0;
  for (std::size_t i = 0; i < table.jobs.size(); ++i) {
    const auto& [arrival, length] = table.jobs[i];
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},", csv_cell(table.ids[i]), arrival, length,
                   done.baseline_start[i], done.start[i]);
    if (done.slots.empty()) {
      fmt::format_to(std::back_inserter(out), "{}", done.start[i]);
      if (length > 1) fmt::format_to(std::back_inserter(out), "-{}", done.start[i] + length - 1);
    } else {
      append_stretches(out, std::span(done.slots).subspan(at, static_cast<std::size_t>(length)));
      at += static_cast<std::size_t>(length);
    }
    fmt::format_to(std::back_inserter(out), ",{},{}\n", csv_number(mean_of(done.baseline_sum[i], length, decimals)),
                   csv_number(mean_of(done.shifted_sum[i], length, decimals)));
  }
  return out;
}

}  // namespace cli
}  // namespace swarm
