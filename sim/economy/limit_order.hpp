#pragma once
#include "sim/core/params.hpp"

namespace swarm {
namespace economy {

enum class Side : std::uint8_t { bid, ask };

/// What somebody would trade: up to `quantity` units, a buyer at no more and a seller at no less than `price` a unit.
/// Orders are divisible. Neither number is negative; their product needs 128 bits.
struct LimitOrder {
  std::int64_t price{};     ///< [ticks per unit]
  std::int64_t quantity{};  ///< [units]; an order of none never trades
};

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::Side> {
  static constexpr std::array<std::string_view, 2> names{"bid", "ask"};
};
}  // namespace core
}  // namespace swarm
