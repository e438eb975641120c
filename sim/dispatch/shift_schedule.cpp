#include "sim/dispatch/shift_schedule.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/core/checks.hpp"
#include "sim/dispatch/exact_sums.hpp"

namespace swarm {
namespace dispatch {
namespace {

/// Places of a block, whose least sum is found without branches.
constexpr std::int64_t kBlock = 64;
/// A place costs the queue about so many times what it costs the scan; sorting a job about so many places of it.
constexpr std::int64_t kQueueCost = 8, kSortCost = 256;

std::int64_t places_of(const SlotWindow& window, std::int64_t length) { return window.end - window.first - length + 1; }

/// Jobs of one length with windows in ascending order, neither end of which moves back.
class SlidingMinimum {
 public:
  SlidingMinimum(std::span<const std::int64_t> totals, std::int64_t length, std::vector<StartScratch::Place>& queue)
      : totals_(totals), length_(length), queue_(queue) {
    queue_.clear();
  }
  std::int64_t next(const SlotWindow& window) {
    while (head_ < queue_.size() && queue_[head_].start < window.first) ++head_;
    if (next_ < window.first) next_ = window.first;
    for (; next_ <= window.end - length_; ++next_) {
      const std::int64_t sum = sum_of(totals_, next_, length_);
      while (queue_.size() > head_ && queue_.back().sum > sum) queue_.pop_back();
      queue_.push_back({next_, sum});
    }
    return queue_[head_].start;
  }

 private:
  std::span<const std::int64_t> totals_;
  std::int64_t length_;
  std::vector<StartScratch::Place>& queue_;
  std::size_t head_ = 0;
  std::int64_t next_ = 0;
};

/// Whether the queue is right for these jobs of one length: no end moves back, and their windows overlap enough.
bool overlap(std::span<const std::uint32_t> group, std::span<const ShiftJob> jobs, std::span<const SlotWindow> windows) {
  std::int64_t places = 0, covered = 0, before = 0;
  for (const std::uint32_t i : group) {
    const std::int64_t end = windows[i].end - jobs[i].length + 1;
    if (end < before) return false;
    places += end - windows[i].first;
    covered += end - std::max(before, windows[i].first);
    before = end;
  }
  return places > kQueueCost * covered;
}

}  // namespace

std::int64_t earliest_least(std::span<const std::int64_t> totals, const SlotWindow& window, std::int64_t length) {
  const std::int64_t places = places_of(window, length);
  EXPECT(length >= 1 && places >= 1 && window.first >= 0 && window.end < static_cast<std::int64_t>(totals.size()));
  const std::int64_t* before = totals.data() + window.first;
  const std::int64_t* after = before + length;
  std::int64_t least = std::numeric_limits<std::int64_t>::max(), block = 0;
  for (std::int64_t from = 0; from < places; from += kBlock) {
    const std::int64_t to = std::min(from + kBlock, places);
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    for (std::int64_t i = from; i < to; ++i) low = std::min(low, after[i] - before[i]);
    if (low < least) {
      least = low;
      block = from;
    }
  }
  while (after[block] - before[block] != least) ++block;
  return window.first + block;
}

void earliest_least_all(std::span<const std::int64_t> totals, std::span<const ShiftJob> jobs,
                        std::span<const SlotWindow> windows, StartScratch& scratch, std::span<std::int64_t> starts) {
  EXPECT(jobs.size() == windows.size() && jobs.size() == starts.size());
  EXPECT(jobs.size() <= std::numeric_limits<std::uint32_t>::max());
  const auto scan = [&](std::size_t i) { starts[i] = earliest_least(totals, windows[i], jobs[i].length); };
  std::int64_t places = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) places += places_of(windows[i], jobs[i].length);
  if (places <= kSortCost * static_cast<std::int64_t>(jobs.size())) {
    for (std::size_t i = 0; i < jobs.size(); ++i) scan(i);
    return;
  }
  auto& order = scratch.order;
  order.resize(jobs.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto key = [&](std::uint32_t i) { return std::pair(jobs[i].length, windows[i].first); };
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return key(a) != key(b) ? key(a) < key(b) : windows[a].end < windows[b].end;
  });
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    const std::int64_t length = jobs[order[from]].length;
    while (to < order.size() && jobs[order[to]].length == length) ++to;
    const auto group = std::span(order).subspan(from, to - from);
    if (overlap(group, jobs, windows)) {
      SlidingMinimum minimum(totals, length, scratch.queue);
      for (const std::uint32_t i : group) starts[i] = minimum.next(windows[i]);
    } else {
      for (const std::uint32_t i : group) scan(i);
    }
  }
}

void cheapest_slots(std::span<const std::int64_t> units, const SlotWindow& window, SlotScratch& scratch,
                    std::span<std::int64_t> slots) {
  EXPECT(!slots.empty() && window.end - window.first >= static_cast<std::int64_t>(slots.size()));
  const auto values = units.subspan(static_cast<std::size_t>(window.first), static_cast<std::size_t>(window.end - window.first));
  scratch.units.assign(values.begin(), values.end());
  const auto dearest = scratch.units.begin() + static_cast<std::ptrdiff_t>(slots.size()) - 1;
  std::nth_element(scratch.units.begin(), dearest, scratch.units.end());
  const std::int64_t limit = *dearest;
  auto at_limit = static_cast<std::int64_t>(slots.size()) -
                  std::count_if(scratch.units.begin(), dearest, [&](std::int64_t v) { return v < limit; });
  std::size_t taken = 0;
  for (std::size_t i = 0; taken < slots.size(); ++i) {
    if (values[i] > limit || (values[i] == limit && at_limit-- <= 0)) continue;
    slots[taken++] = window.first + static_cast<std::int64_t>(i);
  }
}

}  // namespace dispatch
}  // namespace swarm
