#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/dispatch/schedule_params.hpp"
#include "sim/dispatch/shift_schedule.hpp"

/// Temporal shifting in a run: which slots a request that can wait is promised. Slots are steps; slot 0 is the present one.
namespace swarm {
namespace dispatch {

/// Server time that a region has promised in slots to come. A slot is full once what it has promised reaches the limit, so
/// the last request may go beyond it.
class SlotLedger {
 public:
  /// `promised_us` [microseconds] is a ring: slot k after `step` is entry (step + k) modulo its size.
  SlotLedger(std::span<std::int64_t> promised_us, std::uint32_t step, std::int64_t limit_us)
      : promised_(promised_us), first_(promised_us.empty() ? 0 : step % promised_us.size()), limit_(limit_us) {}

  std::int64_t slots() const { return static_cast<std::int64_t>(promised_.size()); }
  bool full(std::int64_t slot) const { return promised_[row(slot)] >= limit_; }
  void promise(std::int64_t slot, std::int64_t work_us) { promised_[row(slot)] += work_us; }
  /// The slot before the present one is over: its entry stands for the last slot now.
  void forget_past() { promised_[row(slots() - 1)] = 0; }

 private:
  std::size_t row(std::int64_t slot) const {
    const std::size_t k = first_ + static_cast<std::size_t>(slot);
    return k < promised_.size() ? k : k - promised_.size();
  }
  std::span<std::int64_t> promised_;
  std::size_t first_;
  std::int64_t limit_;
};

/// Work that can wait: so many whole slots of server time, which may begin up to `slack` slots from now.
struct FlexibleWork {
  std::int64_t length = 1;   ///< [slots] ≥ 1
  std::int64_t slack = 0;    ///< [slots] ≥ 0
  std::int64_t work_us = 0;  ///< of servers, all copies
};

/// Chooses slots by one forecast, for many requests of one step. All strategies but `threshold` and `none`.
class SlotChooser {
 public:
  /// `forecast[k]` is what is expected of slot k; no more values than the ledger has slots. `green` (as many) says which
  /// slots are green and is read by `carbon` alone. The ledger must outlive the chooser.
  SlotChooser(ScheduleStrategy strategy, std::span<const double> forecast, std::vector<std::uint8_t> green, SlotLedger& ledger);

  /// The slot in which the work begins, with all its slots promised to it; none if it does not fit within the forecast
  /// before its slack ends, or if no slots have room: then it runs at once, and nothing is promised.
  std::optional<std::int64_t> choose(const FlexibleWork& work);

 private:
  bool room(std::span<const std::int64_t> slots) const;
  /// Fills `slots` with those of the work; false if there are none.
  bool find(const FlexibleWork& work, std::vector<std::int64_t>& slots);
  std::optional<std::int64_t> least_mean(std::int64_t length, std::int64_t end) const;
  std::optional<std::int64_t> first_green(std::int64_t length, std::int64_t end) const;
  bool cheapest(std::int64_t length, std::int64_t end, std::vector<std::int64_t>& slots);

  ScheduleStrategy strategy_;
  std::vector<std::uint8_t> green_;
  SlotLedger& ledger_;
  std::vector<std::int64_t> units_, totals_;
  std::vector<std::int64_t> open_units_, open_;  ///< of slots with room
  SlotScratch scratch_;
  /// What was found for one kind of work; it stays the best until one of its slots is full.
  struct Found {
    std::int64_t length, slack;
    std::vector<std::int64_t> slots;
  };
  std::vector<Found> found_;
};

/// Part of work that may stop and go on: whether it runs in slot 0 or waits for a cheaper one. `left` slots of work remain
/// and must be done within the first `units.size()` ≥ left slots.
bool runs_now(std::span<const std::int64_t> units, std::int64_t left);

/// The intensity at or below which held requests are let go: the key, or the quantile of `past`; infinite without a past.
double threshold_of(const ScheduleParams& params, std::span<const double> past);

}  // namespace dispatch
}  // namespace swarm
