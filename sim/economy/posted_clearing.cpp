#include <algorithm>

#include "sim/economy/clearing_rules.hpp"

namespace swarm {
namespace economy {

void clear_posted(const Market& market, std::span<Settlement> settlements) {
  const MarketSide &bids = market.bids, &asks = market.asks;
  // The cheapest units left are everybody's first choice, so they are sold in one order, whoever comes.
  const std::vector<std::size_t> tags = asks.from_lowest();
  auto tag = tags.begin();
  std::int64_t left = asks.orders[*tag].quantity;
  for (std::size_t b = 0; b < bids.orders.size(); ++b)
    for (std::int64_t wanted = bids.orders[b].quantity; wanted > 0;) {
      while (left == 0) {
        if (++tag == tags.end()) return;
        left = asks.orders[*tag].quantity;
      }
      const std::int64_t price = asks.orders[*tag].price;
      if (price > bids.orders[b].price) break;
      const std::int64_t units = std::min(wanted, left);
      for (const std::size_t row : {bids.row[b], asks.row[*tag]}) {
        settlements[row].filled += units;
        settlements[row].payment += Int128{price} * units;
      }
      wanted -= units;
      left -= units;
    }
}

}  // namespace economy
}  // namespace swarm
