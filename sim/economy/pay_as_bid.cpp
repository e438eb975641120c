#include <algorithm>

#include "sim/economy/clearing_rules.hpp"

namespace swarm {
namespace economy {

void clear_pay_as_bid(const Market& market, std::span<Settlement> settlements) {
  const MarketSide &bids = market.bids, &asks = market.asks;
  const std::vector<std::size_t> sellers = asks.from_lowest();
  auto seller = sellers.begin();
  std::int64_t left = asks.filled[*seller];
  for (const std::size_t b : bids.from_highest())
    for (std::int64_t wanted = bids.filled[b]; wanted > 0;) {
      while (left == 0) left = asks.filled[*++seller];  // both sides are filled alike: there is a next one
      const std::int64_t units = std::min(wanted, left);
      const Int128 paid = Int128{bids.orders[b].price} * units;
      for (const std::size_t row : {bids.row[b], asks.row[*seller]}) {
        settlements[row].filled += units;
        settlements[row].payment += paid;
      }
      wanted -= units;
      left -= units;
    }
}

}  // namespace economy
}  // namespace swarm
