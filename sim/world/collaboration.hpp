#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "sim/core/params.hpp"

/// What a region's councils told each other, how they shared the work, and what the monitor reads
/// (docs/models/collaboration.md).
namespace swarm {
namespace world {

struct BusSums {
  std::uint64_t sent = 0, dropped = 0, batches = 0;
  double energy_j = 0;  ///< of all identical requests, server side
  void add(const BusSums& more) {
    sent += more.sent;
    dropped += more.dropped;
    batches += more.batches;
    energy_j += more.energy_j;
  }
};

/// Sums over councils, of what dispatch::collaboration says of each.
struct SessionSums {
  std::uint64_t held = 0, balanced = 0, good = 0;
  double imbalance = 0, agreement = 0, quality = 0;
  void add(const SessionSums& more) {
    held += more.held;
    balanced += more.balanced;
    good += more.good;
    imbalance += more.imbalance;
    agreement += more.agreement;
    quality += more.quality;
  }
  double mean(double SessionSums::*figure) const {
    return held > 0 ? this->*figure / static_cast<double>(held) : std::numeric_limits<double>::quiet_NaN();
  }
};

enum class MonitorFigure : std::uint8_t { integration, self_assessment, attention_coherence, memory_consistency };
inline constexpr std::size_t kMonitorFigures = 4;

struct MonitorAccount {
  // state, empty where there is no monitor: the last monitor.readings steps, the oldest first
  std::vector<double> figures;  ///< step after step, all figures of each
  std::vector<double> answers;  ///< step after step, answers by problem type
  std::uint32_t steps = 0;      ///< of which there are readings
  // this step
  std::array<double, kMonitorFigures> figure{};
  std::array<std::uint8_t, kMonitorFigures> anomaly{};
  // after the warm-up
  std::array<double, kMonitorFigures> total{};
  std::array<std::uint64_t, kMonitorFigures> total_readings{};   ///< those that are numbers
  std::array<std::uint64_t, kMonitorFigures> total_anomalies{};
};

struct CollaborationAccount {
  BusSums bus, total_bus;
  SessionSums session, total_session;
  double imbalance = 0, agreement = 0, quality = 0;  ///< means over the step's councils
  MonitorAccount monitor;
};

/// The energy of a report, at the member that sent it. Scratch of a step.
struct SentReport {
  std::uint32_t agent = 0;
  std::int64_t nj = 0;
};

/// What the monitor sees of a step's answers, in order of their flights. Scratch of a step.
struct SeenAnswers {
  std::vector<double> confidence;
  std::vector<std::uint8_t> answer;  ///< class
};

}  // namespace world
inline namespace core {
template <>
struct EnumNames<world::MonitorFigure> {
  static constexpr std::array<std::string_view, world::kMonitorFigures> names{"integration", "self_assessment", "attention_coherence",
                                                                              "memory_consistency"};
};
}  // namespace core
}  // namespace swarm
