#include "sim/cli/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace swarm {
namespace cli {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::ptrdiff_t kMostDigits = std::numeric_limits<std::int64_t>::digits10 + 1;
/// Exponents beyond this are as good as infinite; no text is as long.
constexpr std::int64_t kFarExponent = std::int64_t{1} << 40;

/// Takes the digits at the front of `text` and adds them to `digits`; how many there were.
std::int64_t take_digits(std::string_view& text, std::string& digits) {
  const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
  digits += text.substr(0, length);
  text.remove_prefix(length);
  return static_cast<std::int64_t>(length);
}

bool take_sign(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// The exponent that is all of `text`, if it is one.
std::optional<std::int64_t> exponent_of(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  const bool negative = take_sign(text);
  std::string digits;
  if (take_digits(text, digits) == 0 || !text.empty()) return std::nullopt;
  std::int64_t value = kFarExponent;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);  // left as it is if out of range
  value = std::min(value, kFarExponent);
  return negative ? -value : value;
}

/// Of digits without zeros at either end, of which `decimals` stand after the point.
ParsedDecimal whole(std::string digits, std::int64_t decimals, bool negative) {
  const auto length = static_cast<std::int64_t>(digits.size());
  if (length - decimals > kMostDigits) return {DecimalFault::too_large, {}};
  if (decimals < 0) digits.append(static_cast<std::size_t>(-decimals), '0');
  const DecimalFault fault = decimals > 0 ? DecimalFault::too_many_digits : DecimalFault::too_large;
  std::int64_t significand = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), significand);
  if (read.ec != std::errc{} || decimals > kMostDecimals) return {fault, {}};
  return {DecimalFault::none,
          {negative ? -significand : significand, static_cast<int>(std::max(decimals, std::int64_t{0}))}};
}

}  // namespace

ParsedDecimal parse_decimal(std::string_view text) {
  const bool negative = take_sign(text);
  std::string digits;
  std::int64_t found = take_digits(text, digits), decimals = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    found += decimals = take_digits(text, digits);
  }
  const auto exponent = exponent_of(text);
  if (found == 0 || !exponent) return {DecimalFault::not_a_number, {}};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return {};
  const std::size_t kept = digits.find_last_not_of('0') + 1;
  decimals -= *exponent + static_cast<std::int64_t>(digits.size() - kept);
  digits.resize(kept);
  return whole(std::move(digits), decimals, negative);
}

std::optional<std::int64_t> scaled(Decimal x, int decimals) {
  for (int d = x.decimals; d < decimals; ++d)
    if (__builtin_mul_overflow(x.significand, 10, &x.significand)) return std::nullopt;
  return x.significand;
}

std::string decimal_text(Int128 units, int decimals) {
  const bool negative = units < 0;
  std::string digits = fmt::format("{}", negative ? -units : units);
  const auto places = static_cast<std::size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - places);
  fraction.resize(fraction.find_last_not_of('0') + 1);
  return fmt::format("{}{}{}{}", negative ? "-" : "", digits.substr(0, digits.size() - places),
                     fraction.empty() ? "" : ".", fraction);
}

std::string ratio_text(Int128 units, std::int64_t parts, int decimals) {
  EXPECT(units >= 0 && parts > 0 && decimals <= kMostDecimals);
  // Long division: the whole units have a string of their own, so that nothing overflows however large they are.
  const Int128 quotient = units / parts;
  Int128 rest = units % parts, fraction = 0, one = 1;
  for (int d = decimals; d < kMostDecimals; ++d) {
    rest *= 10;
    fraction = 10 * fraction + rest / parts;
    rest %= parts;
    one *= 10;
  }
  const bool odd = ((decimals < kMostDecimals ? fraction : quotient) & 1) != 0;
  if (2 * rest > parts || (2 * rest == parts && odd)) ++fraction;
  const Int128 carried = quotient + fraction / one;
  // Digits of whole units, then those of the fraction behind them.
  std::string tail = fmt::format("{}", one + fraction % one).substr(1);
  std::string text = fmt::format("{}{}", carried, tail);
  if (text.size() <= std::size_t{kMostDecimals}) text.insert(0, std::size_t{kMostDecimals} + 1 - text.size(), '0');
  text.insert(text.size() - std::size_t{kMostDecimals}, 1, '.');
  text.resize(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace cli
}  // namespace swarm
