#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/dispatch/shift_window.hpp"

/// Temporal shifting, second half: when a job runs within its window. Nothing is allocated but scratch that grows once.
namespace swarm {
namespace dispatch {

/// Start of a job that is not interrupted: of all places in the window for `length` slots in a row the one with the
/// least sum, hence the least mean, the earliest of equals. `totals` are running_totals() of the signal.
/// window.end − window.first ≥ length ≥ 1.
std::int64_t earliest_least(std::span<const std::int64_t> totals, const SlotWindow& window, std::int64_t length);

struct StartScratch {
  std::vector<std::uint32_t> order;  ///< jobs by length, then by the beginning of their windows
  struct Place {
    std::int64_t start, sum;
  };
  std::vector<Place> queue;  ///< places that can still be the least of a window to come
};

/// starts[i] = earliest_least(totals, windows[i], jobs[i].length) for all jobs at once, which are fewer than 2³².
/// Where many wide windows overlap, jobs of one length share one pass with a queue of the places that no later place
/// undercuts (sliding-window minimum): the cost per job is then that of the slots between two arrivals.
void earliest_least_all(std::span<const std::int64_t> totals, std::span<const ShiftJob> jobs,
                        std::span<const SlotWindow> windows, StartScratch& scratch, std::span<std::int64_t> starts);

struct SlotScratch {
  std::vector<std::int64_t> units;
};

/// Slots of a job that may be interrupted: the `slots.size()` cheapest of the window, the earlier ones of equals, in
/// ascending order. window.end − window.first ≥ slots.size() ≥ 1.
void cheapest_slots(std::span<const std::int64_t> units, const SlotWindow& window, SlotScratch& scratch,
                    std::span<std::int64_t> slots);

}  // namespace dispatch
}  // namespace swarm
