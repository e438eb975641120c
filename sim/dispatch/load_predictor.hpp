#pragma once
#include <cstdint>
#include <span>

#include "sim/core/params.hpp"

/// Whether specialists are about to run out of context together (docs/models/context.md, "Load predictor").
namespace swarm {
namespace dispatch {

struct PredictorParams {
  std::int64_t readings = 10;
  std::int64_t watched = 16;
  double variance_scale = 0.25;
  double variance_weight = 0.7;
  double correlation_weight = 0.3;
  double synchrony_limit = 0.8;
  double crossing_share = 0.7;
  std::int64_t crossings = 2;
  bool level_gate = true;
  double gate_share = 0.5;
};

template <class V>
void describe(V& v, PredictorParams& p) {
  v("readings", p.readings, {.unit = "1", .min = 3, .max = 100, .doc = "Latest readings of windows that synchrony is worked out from, one at the end of each step.", .source = kAssumed});
  v("watched", p.watched, {.unit = "1", .min = 1, .max = 256, .doc = "Specialists of a region whose windows are read, spread evenly over them.", .source = kAssumed});
  v("variance_scale", p.variance_scale, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Variance of windows among specialists at which they are not in step at all; that of numbers in [0, 1] is at most 0.25."});
  v("variance_weight", p.variance_weight, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of equal loads in synchrony.", .source = kAssumed});
  v("correlation_weight", p.correlation_weight, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of correlated loads in synchrony.", .source = kAssumed});
  v("synchrony_limit", p.synchrony_limit, {.unit = "1", .min = 0, .max = 1, .doc = "Synchrony above which exhaustion is predicted.", .source = kAssumed});
  v("crossing_share", p.crossing_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of a window that several specialists must pass in one step for exhaustion to be predicted.", .source = kAssumed});
  v("crossings", p.crossings, {.unit = "1", .min = 1, .max = 256, .doc = "How many specialists must pass it at least.", .source = kAssumed});
  v("level_gate", p.level_gate, {.unit = "", .doc = "Whether synchrony predicts exhaustion only where windows are full enough on average; without it idle specialists in step raise alarms too."});
  v("gate_share", p.gate_share, {.unit = "1", .min = 0, .max = 1, .doc = "Mean part of windows that must be in use then.", .source = kAssumed});
}

/// Readings of `agents` specialists, one row of them after the other, the oldest first: loads in [0, 1].
struct LoadReadings {
  std::span<const float> load;
  std::size_t agents = 0;
  std::size_t rows() const { return agents == 0 ? 0 : load.size() / agents; }
  double at(std::size_t row, std::size_t agent) const { return static_cast<double>(load[row * agents + agent]); }
};

/// 0.7·(1 − min(Var/0.25, 1)) + 0.3·mean |r|: variance among specialists (population) at the last reading, and the mean
/// over their pairs of the absolute correlation of readings, 0 for a pair of which one did not change. Fewer than two
/// specialists: 0. Fewer than three readings: the first term alone.
double synchrony(const PredictorParams& p, const LoadReadings& readings);

struct LoadPrediction {
  double synchrony = 0, mean = 0;
  std::size_t crossed = 0;     ///< specialists that passed crossing_share with the last reading
  bool in_step = false;        ///< synchrony above its limit
  bool plain = false;          ///< exhaustion predicted without the level gate
  bool gated = false;          ///< and with it
};
LoadPrediction predict_load(const PredictorParams& p, const LoadReadings& readings);

}  // namespace dispatch
}  // namespace swarm
