#pragma once
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "sim/workload/requests.hpp"
#include "sim/world/messages.hpp"

/// What a region holds back from step to step: by its schedule (docs/models/shifting.md, "In a run"), and until allowances of
/// energy are renewed (docs/models/energy_storage.md).
namespace swarm {
namespace world {

/// Requests that were asked here and are held back, one row each, in the order in which they were put away.
struct HeldColumns {
  std::vector<double> offset_s, wtp_ratio;
  std::vector<std::uint32_t> arrival_step, sequence;
  std::vector<std::uint32_t> release_step;  ///< when they go on; under strategy threshold, at the latest
  std::vector<std::uint32_t> tok_in, tok_out, bank_item;
  std::vector<float> complexity, deadline_s;
  std::vector<std::uint8_t> type, purpose, seats;
  std::vector<std::uint8_t> for_allowance;  ///< 1: nobody had any left of an allowance; it goes on when that is renewed

  auto columns() {
    return std::tie(offset_s, wtp_ratio, arrival_step, sequence, release_step, tok_in, tok_out, bank_item, complexity, deadline_s, type,
                    purpose, seats, for_allowance);
  }
  std::size_t size() const { return offset_s.size(); }
  /// Puts away a row of this step's requests.
  void push(const workload::RequestColumns& requests, std::size_t row, std::uint8_t wanted_seats, std::uint32_t step, std::uint32_t until);
  /// Puts away a request that found no allowance.
  void push(const Order& order, std::uint32_t until);
  /// Adds a row to a step's requests, as it was when it arrived.
  void restore(std::size_t row, std::uint32_t step, workload::RequestColumns& requests) const;
  /// Keeps the rows whose flag is 0, in order.
  void erase(std::span<const std::uint8_t> gone);
};

/// What waiting comes to. By asking region what was held, by serving region what was answered.
struct ScheduleSums {
  std::uint64_t flexible = 0;  ///< requests that arrived and can wait
  std::uint64_t deferred = 0;  ///< of these, put away
  std::uint64_t released = 0;  ///< let go after having been put away
  double held_s = 0;           ///< time that these were held, sum
  double gain = 0;             ///< by how much their home intensity had fallen when they were let go, sum [g/kWh]
  double foreseen = 0;         ///< what the forecast on arrival had said of that, sum [g/kWh]
  std::uint64_t resumed = 0;   ///< pieces of interrupted work that were run
  std::uint64_t answered = 0;  ///< requests that can wait
  double kwh = 0;              ///< grid energy of their answers
  double carbon_g = 0;         ///< location-based
  double carbon_at_once_g = 0; ///< the same, had they not been held or interrupted

  void add(const ScheduleSums& more);
};

struct ScheduleAccount {
  ScheduleSums step, total;  ///< this step; after the warm-up
  std::uint64_t held = 0;    ///< requests that are held back
  std::vector<std::int64_t> promised_us;  ///< server time promised in the steps to come, a ring (dispatch/schedule.hpp)
};

}  // namespace world
}  // namespace swarm
