#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// A module owns its parameters as a plain struct plus one `describe` function that names every field once:
///
///     struct AskParams { double markup = 0.1; };
///     template <class V> void describe(V& v, AskParams& p) {
///       v("markup", p.markup, {.unit = "1", .min = 0, .max = 10, .doc = "Profit share a seller adds …", .source = kAssumed});
///     }
///
/// The scenario loader, the echo, `--set`, `check --explain`, the reference page and the table of assumptions
/// are visitors of that one function, so none of them can drift.
namespace swarm {
inline namespace core {

inline constexpr std::string_view kAssumed = "assumed";

/// What a reader needs to know about one parameter.
struct FieldInfo {
  std::string_view unit = "1";
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_open = false;          ///< the minimum itself is not allowed
  std::string_view doc = {};      ///< one full sentence
  std::string_view source = {};   ///< citation, "assumed", or empty for a choice of the user
};

/// A span of time [s]; in files a number of seconds or text such as "7d", "5min", "1.5h", "250ms".
struct Duration {
  double seconds = 0;
  friend constexpr auto operator<=>(Duration, Duration) = default;
};

/// Parses the text form of a duration; false if it is not one.
bool parse_duration(std::string_view text, Duration& out);
/// Shortest exact text form, e.g. "7d".
std::string duration_text(Duration d);

/// Names as a parameter; in files one text, or a list of texts.
struct NameList {
  std::vector<std::string> names;
  friend bool operator==(const NameList&, const NameList&) = default;
};

/// Specialise for an enum used as a parameter: `static constexpr std::array names{"a", "b"}` in value order.
template <class E>
struct EnumNames;

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { EnumNames<E>::names; };

template <NamedEnum E>
constexpr std::string_view enum_name(E e) {
  return EnumNames<E>::names[static_cast<std::size_t>(e)];
}

}  // namespace core
}  // namespace swarm
