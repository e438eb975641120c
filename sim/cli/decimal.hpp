#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/units.hpp"

/// Decimal numbers of a table, read and written to the last digit: no binary fraction on the way.
namespace swarm {
namespace cli {

/// significand · 10^−decimals, as short as it can be written.
struct Decimal {
  std::int64_t significand{};
  int decimals{};  ///< 0 to kMostDecimals
};
inline constexpr int kMostDecimals = 18;

enum class DecimalFault : std::uint8_t {
  none,
  not_a_number,
  too_large,       ///< above 2⁶³ − 1, on either side of zero
  too_many_digits  ///< more than kMostDecimals after the point, or a significand above 2⁶³ − 1
};
struct ParsedDecimal {
  DecimalFault fault{};
  Decimal value;  ///< where there is no fault
};

/// A number such as 12.5, -3, +.5 or 1e-3, with nothing around it.
ParsedDecimal parse_decimal(std::string_view text);

/// x · 10^decimals for decimals ≥ x.decimals; nothing if it exceeds 64 bits.
std::optional<std::int64_t> scaled(Decimal x, int decimals);

/// units · 10^−decimals without exponent and without zeros at the end.
std::string decimal_text(Int128 units, int decimals);

/// The same for units/parts, both ≥ 0 and parts > 0, to 18 decimals, half to even; decimals ≤ 18.
std::string ratio_text(Int128 units, std::int64_t parts, int decimals);

}  // namespace cli
}  // namespace swarm
