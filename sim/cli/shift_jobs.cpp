#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sim/cli/shift_table.hpp"
#include "sim/cli/table_input.hpp"
#include "sim/core/calendar.hpp"
#include "sim/core/params.hpp"

namespace swarm {
namespace cli {
namespace {

using dispatch::ShiftJob;
using dispatch::SlotClock;

constexpr std::array<std::string_view, 3> kColumns{"job_id", "arrival_min", "duration_min"};

/// Minutes in slots, rounded down or up; exact.
Int128 slots_of(const Decimal& minutes, std::int64_t step_s, bool up) {
  Int128 slot = step_s;
  for (int i = 0; i < minutes.decimals; ++i) slot *= 10;
  return (Int128{minutes.significand} * 60 + (up ? slot - 1 : 0)) / slot;
}

class Reader : private TableProblems {
 public:
  Reader(const CsvTable& table, const SlotClock& clock) : TableProblems(table), clock_(clock) {}

  ShiftJobTable read() {
    for (std::size_t i = 0; i < kColumns.size(); ++i) collect([&] { at_[i] = table_.require_column(kColumns[i]); });
    raise();
    for (const auto name : table_.header())
      if (std::ranges::find(kColumns, name) == kColumns.end()) out_.unused.emplace_back(name);
    for (std::size_t row = 0; row < table_.rows(); ++row) read_row(row);
    raise();
    return std::move(out_);
  }

 private:
  void read_row(std::size_t row) {
    out_.ids.emplace_back(trimmed(table_.cell(row, at_[0])));
    check_id(row, at_[0], out_.ids.back(), "schedules are told apart by it");
    const auto arrival = minutes(row, 1, "a job is not known without it");
    const auto duration = minutes(row, 2, "a job is not known without it");
    if (arrival && arrival->significand < 0)
      report(row, at_[1], fmt::format("arrival_min {} lies before the trace", shown(row, at_[1])),
             fmt::format("it begins at {} with minute 0", utc_text(clock_.start_utc)), "remove the job or take an earlier trace");
    if (duration && duration->significand <= 0)
      report(row, at_[2], fmt::format("duration_min {}", shown(row, at_[2])), "work takes time", "give a value above 0");
    if (!arrival || !duration || arrival->significand < 0 || duration->significand <= 0) return;
    const Int128 first = slots_of(*arrival, clock_.step_s, false), length = slots_of(*duration, clock_.step_s, true);
    if (first >= clock_.count)
      return report(row, at_[1], fmt::format("arrival_min {} lies beyond the trace", shown(row, at_[1])), extent(),
                    "remove the job or take a longer trace");
    if (length > clock_.count - first)
      return report(row, at_[2], fmt::format("duration_min {}: the job ends beyond the trace even if it starts at once",
                                             shown(row, at_[2])),
                    extent(), "remove the job or take a longer trace");
    out_.jobs.push_back({static_cast<std::int64_t>(first), static_cast<std::int64_t>(length)});
  }

  std::optional<Decimal> minutes(std::size_t row, std::size_t which, const std::string& why) {
    return number(row, at_[which], kColumns[which], why);
  }
  std::string extent() const {
    return fmt::format("it has {} slots of {}, up to {}", clock_.count, duration_text({static_cast<double>(clock_.step_s)}),
                       utc_text(clock_.start_utc + clock_.count * clock_.step_s));
  }

  SlotClock clock_;
  std::array<std::size_t, kColumns.size()> at_{};
  ShiftJobTable out_;
};

}  // namespace

ShiftJobTable read_shift_jobs(const CsvTable& table, const SlotClock& clock) {
  return Reader(table, clock).read();
}

}  // namespace cli
}  // namespace swarm
