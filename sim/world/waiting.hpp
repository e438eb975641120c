#pragma once
#include <cstdint>
#include <tuple>
#include <vector>

#include "sim/economy/order_book.hpp"
#include "sim/world/messages.hpp"

/// What the order books of a region keep from step to step.
namespace swarm {
namespace world {

/// Orders whose bids rest in a book of the region, one row each, in order of their numbers. A step enters them into its
/// book in this order, at what they can bid within its collar.
struct WaitingColumns {
  std::vector<std::uint64_t> id;  ///< in the book
  std::vector<double> offset_s, wtp_usd, wtp_ratio;
  std::vector<std::int64_t> reserved, reserved_grant, work, premium, grant, permits_mg, transfer;
  std::vector<float> deadline_s, slack_s, complexity;
  std::vector<std::uint32_t> arrival_step, asked_step, sequence, tok_in, tok_out, bank_item;
  std::vector<std::uint16_t> asker;
  std::vector<std::uint8_t> type, bucket, purpose, emergency, seats, seats_wanted;
  std::vector<std::uint8_t> done;  ///< scratch: 1 once traded or sent home; such rows do not outlive the step

  auto columns() {
    return std::tie(id, offset_s, wtp_usd, wtp_ratio, reserved, reserved_grant, work, premium, grant, permits_mg, transfer, deadline_s,
                    slack_s, complexity, arrival_step, asked_step, sequence, tok_in, tok_out, bank_item, asker, type, bucket, purpose, emergency,
                    seats, seats_wanted, done);
  }
  std::size_t size() const { return id.size(); }
  void push(std::uint64_t number, const Order& order);
  /// The order as it was when it came to rest, without its lines.
  Order order(std::size_t row) const;
  /// The row of an order that rests.
  std::size_t row(std::uint64_t number) const;
  void forget_done();
};

/// Asks that rest in the region's books, market after market and in each the best first, as in economy::BookColumns.
struct RestingColumns {
  std::vector<std::uint8_t> type;
  std::vector<std::uint64_t> id;
  std::vector<std::int64_t> price, quantity;

  auto columns() { return std::tie(type, id, price, quantity); }
  std::size_t size() const { return id.size(); }
  void push(std::size_t of_type, const economy::RestingOrder& ask);
};

}  // namespace world
}  // namespace swarm
