#pragma once
#include <cstddef>
#include <string>

#include "agents/nn/model.hpp"
#include "bench/networks/contest.hpp"

/// One line of JSON for each thing measured, on standard output. Figures that vary are [least, median, most]
/// over rounds.
namespace swarm {
namespace bench {

/// What was done by all contestants of a contest alike.
struct Case {
  std::string part;  ///< of the benchmark: reference, sweep, int8, …
  nn::MlpShape shape;
  std::size_t models;
  std::size_t batch;
  double macs;   ///< of one pass
  double bytes;  ///< of all models' parameters

  /// "64-128-64-10, 100 models, batch 8".
  std::string name() const;
};

/// The machine, its peaks and the peers.
void report_machine();

/// The contestants' times with those of the peak (`peak_macs` a pass) and, if there is one, of the stream,
/// which are the last one or two in `contestants`. Against `ours`, if a contestant has that name, each
/// other's time is a gain.
void report_contest(const Case& what, const Contestants& contestants, const Times& times, double peak_macs);

/// The gain of the second contestant over the first.
void report_threads(const Case& what, const Times& times);

}  // namespace bench
}  // namespace swarm
