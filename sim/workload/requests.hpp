#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "sim/workload/problem_type.hpp"
#include "sim/workload/purpose.hpp"

namespace swarm {
namespace workload {

/// The requests of one region in one step, structure of arrays, in order of (offset, sequence).
struct RequestColumns {
  std::vector<double> offset_s;          ///< arrival after the start of the step [s], in [0, step)
  std::vector<std::uint32_t> sequence;   ///< local part of the RequestId: unique within (step, region)
  std::vector<ProblemType> type;         ///< kind of problem
  std::vector<float> complexity;         ///< difficulty κ in [0, 1]
  std::vector<std::uint32_t> tok_in;     ///< input [tok], at least 1
  std::vector<std::uint32_t> tok_out;    ///< output [tok], at least 1
  std::vector<std::uint32_t> bank_item;  ///< item of the problem bank
  std::vector<std::uint8_t> urgent;      ///< 1 if urgent, else 0
  std::vector<float> deadline_s;         ///< time from arrival to the deadline [s]
  std::vector<Purpose> purpose;          ///< what it is for (Willingness::draw)
  std::vector<double> wtp_ratio;         ///< willingness to pay over the baseline price of this request
  std::vector<std::uint8_t> flexible;    ///< 1 if its users can wait (draw_flexible)
  std::vector<std::uint32_t> held_steps; ///< steps that it was held back; its arrival was at the same offset so many steps ago
  std::uint64_t tok_capped = 0;          ///< how many tok counts (in or out) were cut at `tok_max`

  std::size_t size() const { return offset_s.size(); }
  /// New rows are zero and must be filled; `tok_capped` is kept.
  void resize(std::size_t n);
  /// Merges in other rows, in order as these are; their capped counts are added.
  void merge(const RequestColumns& more);
  /// Adds other rows at the end; their capped counts are not added.
  void append(const RequestColumns& more);
  /// Keeps these rows, in this order.
  void arrange(std::span<const std::size_t> rows);
  auto columns() {
    return std::tie(offset_s, sequence, type, complexity, tok_in, tok_out, bank_item, urgent, deadline_s, purpose, wtp_ratio, flexible,
                    held_steps);
  }
  auto columns() const {
    return std::tie(offset_s, sequence, type, complexity, tok_in, tok_out, bank_item, urgent, deadline_s, purpose, wtp_ratio, flexible,
                    held_steps);
  }
  /// No rows, and nothing capped; capacity is kept.
  void clear();
};

}  // namespace workload
}  // namespace swarm
