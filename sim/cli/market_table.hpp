#pragma once
#include <string>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/economy/mechanism.hpp"

/// The orders behind `swarmsim clear`, read from a table without losing a digit.
namespace swarm {
namespace cli {

/// A price is `orders[i].limit.price` · 10^−price_decimals, a quantity alike; a payment has the decimals of both.
struct MarketTable {
  std::vector<std::string> ids;  ///< one per order, all different
  std::vector<economy::MarketOrder> orders;
  int price_decimals = 0;           ///< one more than any price has, or 9 if that is more, as far as all prices fit
  int quantity_decimals = 0;        ///< as many as any quantity has
  std::vector<std::string> unused;  ///< columns that mean nothing to the calculator
};

/// Orders of a table with columns id, side (bid or ask), price and quantity, both ≥ 0.
/// @throws InputError with the problems of all rows: also numbers of more digits than fixed point of 64 bits holds for
/// all rows together, and quantities of a side that add up to more.
MarketTable read_market_table(const CsvTable& table);

}  // namespace cli
}  // namespace swarm
