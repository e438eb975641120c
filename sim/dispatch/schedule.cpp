#include "sim/dispatch/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/checks.hpp"
#include "sim/core/stats.hpp"
#include "sim/dispatch/exact_sums.hpp"

namespace swarm {
namespace dispatch {

SlotChooser::SlotChooser(ScheduleStrategy strategy, std::span<const double> forecast, std::vector<std::uint8_t> green,
                         SlotLedger& ledger)
    : strategy_(strategy), green_(std::move(green)), ledger_(ledger) {
  EXPECT(static_cast<std::int64_t>(forecast.size()) <= ledger.slots());
  EXPECT(strategy != ScheduleStrategy::carbon || green_.size() == forecast.size());
  double greatest = 0;
  for (const double value : forecast) greatest = std::max(greatest, std::abs(value));
  units_.resize(forecast.size());
  totals_.resize(forecast.size() + 1);
  to_units(forecast, signal_decimals(greatest, forecast.size()), units_);
  running_totals(units_, totals_);
}

bool SlotChooser::room(std::span<const std::int64_t> slots) const {
  return std::ranges::none_of(slots, [&](std::int64_t slot) { return ledger_.full(slot); });
}

std::optional<std::int64_t> SlotChooser::least_mean(std::int64_t length, std::int64_t end) const {
  std::optional<std::int64_t> best;
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::int64_t from = 0, to = 0; from < end; from = to + 1) {  // each stretch of slots with room
    for (to = from; to < end && !ledger_.full(to);) ++to;
    if (to - from < length) continue;
    const std::int64_t start = earliest_least(totals_, {from, to}, length);
    if (const std::int64_t sum = sum_of(totals_, start, length); sum < least) {
      least = sum;
      best = start;
    }
  }
  return best;
}

std::optional<std::int64_t> SlotChooser::first_green(std::int64_t length, std::int64_t end) const {
  std::int64_t run = 0;
  for (std::int64_t slot = 0; slot < end; ++slot) {
    run = green_[static_cast<std::size_t>(slot)] != 0 && !ledger_.full(slot) ? run + 1 : 0;
    if (run == length) return slot - length + 1;
  }
  return std::nullopt;
}

bool SlotChooser::cheapest(std::int64_t length, std::int64_t end, std::vector<std::int64_t>& slots) {
  open_.clear();
  open_units_.clear();
  for (std::int64_t slot = 0; slot < end; ++slot) {
    if (ledger_.full(slot)) continue;
    open_.push_back(slot);
    open_units_.push_back(units_[static_cast<std::size_t>(slot)]);
  }
  if (static_cast<std::int64_t>(open_.size()) < length) return false;
  slots.resize(static_cast<std::size_t>(length));
  cheapest_slots(open_units_, {0, static_cast<std::int64_t>(open_.size())}, scratch_, slots);
  for (std::int64_t& slot : slots) slot = open_[static_cast<std::size_t>(slot)];
  return true;
}

bool SlotChooser::find(const FlexibleWork& work, std::vector<std::int64_t>& slots) {
  const std::int64_t end = std::min<std::int64_t>(work.slack + work.length, static_cast<std::int64_t>(units_.size()));
  if (work.length > end) return false;
  if (strategy_ == ScheduleStrategy::interrupting) return cheapest(work.length, end, slots);
  std::optional<std::int64_t> start;
  if (strategy_ == ScheduleStrategy::carbon) start = first_green(work.length, end);
  if (!start) start = least_mean(work.length, end);
  if (!start) return false;
  slots.resize(static_cast<std::size_t>(work.length));
  std::iota(slots.begin(), slots.end(), *start);
  return true;
}

std::optional<std::int64_t> SlotChooser::choose(const FlexibleWork& work) {
  EXPECT(work.length >= 1 && work.slack >= 0);
  auto known = std::ranges::find_if(found_, [&](const Found& f) { return f.length == work.length && f.slack == work.slack; });
  if (known == found_.end()) known = found_.insert(found_.end(), {work.length, work.slack, {}});
  auto& slots = known->slots;
  if ((slots.empty() || !room(slots)) && !find(work, slots)) {
    slots.clear();
    return std::nullopt;
  }
  const std::int64_t each = work.work_us / work.length;
  for (const std::int64_t slot : slots) ledger_.promise(slot, each);
  ledger_.promise(slots.front(), work.work_us - each * work.length);
  return slots.front();
}

bool runs_now(std::span<const std::int64_t> units, std::int64_t left) {
  EXPECT(left >= 1 && static_cast<std::int64_t>(units.size()) >= left);
  // As cheapest_slots() has it: slot 0 is taken before its equals, so only what is cheaper comes before it.
  return std::ranges::count_if(units, [&](std::int64_t unit) { return unit < units[0]; }) < left;
}

double threshold_of(const ScheduleParams& params, std::span<const double> past) {
  if (params.threshold > 0) return params.threshold;
  return past.empty() ? std::numeric_limits<double>::infinity() : quantile(past, params.green_quantile);
}

}  // namespace dispatch
}  // namespace swarm
