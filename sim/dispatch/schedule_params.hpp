#pragma once
#include "sim/core/params.hpp"

/// When requests that can wait are served: `[schedule]`.
namespace swarm {
namespace dispatch {

enum class ScheduleStrategy : std::uint8_t { none, non_interrupting, interrupting, price, carbon, threshold };

/// Whose signal a region's requests wait for.
enum class ScheduleSignal : std::uint8_t { home, least };

struct ScheduleParams {
  ScheduleStrategy strategy = ScheduleStrategy::none;
  ScheduleSignal signal = ScheduleSignal::home;
  Duration max_delay{86400};
  double green_quantile = 0.25;
  double threshold = 0;
  Duration threshold_memory{86400};
  double capacity_share = 0.5;
};

template <class V>
void describe(V& v, ScheduleParams& p) {
  v("strategy", p.strategy, {.unit = "", .doc = "When requests that can wait are served: at once, at the start with the least mean forecast intensity, in the slots with the least of it, at the start with the least forecast price of electricity, in the first green window, or as soon as the intensity is at most a threshold."});
  v("signal", p.signal, {.unit = "", .doc = "Whose signal decides: that of the asking region, or slot by slot the least of all regions with specialists for the request."});
  v("max_delay", p.max_delay, {.unit = "s", .min = 0, .doc = "The longest that a request is held back, if its users can wait as long (workload.flexibility)."});
  v("green_quantile", p.green_quantile, {.unit = "1", .min = 0, .max = 1, .doc = "Quantile of the forecast's horizon below which a slot is green (strategy carbon), and of the past below which the threshold lies (strategy threshold).", .source = kAssumed});
  v("threshold", p.threshold, {.unit = "g/kWh", .min = 0, .max = 1e5, .doc = "Intensity at which held requests are let go (strategy threshold); 0 takes the quantile of what was observed within threshold_memory."});
  v("threshold_memory", p.threshold_memory, {.unit = "s", .min = 0, .min_open = true, .doc = "How far back observed intensities count for the threshold.", .source = kAssumed});
  v("capacity_share", p.capacity_share, {.unit = "1", .min = 0, .max = 1e6, .min_open = true, .doc = "Part of a region's server time in a slot that may be promised to requests that can wait; a slot with so much is full, and they look for another one.", .source = kAssumed});
}

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::ScheduleStrategy> {
  static constexpr std::array<std::string_view, 6> names{"none", "non-interrupting", "interrupting", "price", "carbon", "threshold"};
};
template <>
struct EnumNames<dispatch::ScheduleSignal> {
  static constexpr std::array<std::string_view, 2> names{"home", "least"};
};
}  // namespace core
}  // namespace swarm
