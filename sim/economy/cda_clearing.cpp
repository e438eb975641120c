#include "sim/economy/clearing_rules.hpp"
#include "sim/economy/order_book.hpp"

namespace swarm {
namespace economy {

void clear_continuously(const Market& market, std::span<Settlement> settlements) {
  OrderBook book;
  std::vector<Trade> trades;
  for (std::size_t row = 0; row < market.orders.size(); ++row) {
    const auto& [side, limit] = market.orders[row];
    if (limit.quantity > 0) book.submit(row, side, limit.price, limit.quantity, trades);
  }
  for (const Trade& trade : trades) {
    for (const std::uint64_t row : {trade.resting, trade.incoming}) {
      settlements[row].filled += trade.quantity;
      settlements[row].payment += Int128{trade.price} * trade.quantity;
    }
  }
}

}  // namespace economy
}  // namespace swarm
