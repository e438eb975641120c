#include "sim/scenario/bind.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/scenario/fields.hpp"
#include "sim/scenario/text.hpp"

namespace swarm {
namespace scenario {
namespace {

constexpr const char* kIgnored = "it would be ignored silently";

/// 2^63; every double below fits a 64-bit integer.
constexpr double kIntegerLimit = 9223372036854775808.0;

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.+-eE_") == std::string::npos;
}

/// What to do about text where a number belongs. An override whose number does not fit 64 bits arrives as text.
std::string number_advice(const Node& value, const FieldInfo& info) {
  if (value.kind != NodeKind::text || !is_number(value.text)) return {};
  return value.place.argument.empty() ? "remove the quotes" : "give a value " + range_text(info);
}

}  // namespace

void Binder::report_unknown_keys() const {
  for (const auto& entry : table_.entries) {
    if (std::find(names_.begin(), names_.end(), entry.key) != names_.end()) continue;
    std::string near = meant(entry.key, names_);
    const bool record = prefix_.find('.') != std::string::npos;  // of a fault, a site, …: its keys are its own
    if (near.empty() && !record) near = key_in_another_section(entry.key);
    problems_.add(entry.place, "unknown key '" + prefix_ + "." + entry.key + "'", kIgnored,
                  near.empty() ? "keys: " + list_text(names_) : "did you mean '" + near + "'?");
  }
}

void Binder::wrong_type(const std::string& key, const Node& value, const std::string& needed,
                        const std::string& suggestion) const {
  const bool plain = value.kind == NodeKind::list || value.kind == NodeKind::table;
  problems_.add(value.place,
                "'" + key + "' is " + (plain ? "" : value_text(value) + ", ") + kind_text(value.kind),
                "it must be " + needed, suggestion);
}

bool Binder::check_range(const std::string& key, const Node& value, const FieldInfo& info,
                         double number) const {
  if (!std::isfinite(number)) {
    problems_.add(value.place, "'" + key + "' is " + value_text(value) + ", not a finite number",
                  "it would spread through every result", "give a value " + range_text(info));
    return false;
  }
  if (in_range(number, info)) return true;
  problems_.add(value.place, "'" + key + "' is " + value_text(value) + ", out of range",
                why_out_of_range(key, number <= info.min), "give a value " + range_text(info));
  return false;
}

bool Binder::read_choice(const std::string& key, const Node& value, std::span<const std::string_view> names,
                         std::size_t& index) const {
  const std::vector<std::string> choices(names.begin(), names.end());
  if (value.kind != NodeKind::text) {
    wrong_type(key, value, "one of: " + list_text(choices), "");
    return false;
  }
  const auto found = std::find(choices.begin(), choices.end(), value.text);
  if (found == choices.end()) {
    const std::string near = meant(value.text, choices);
    problems_.add(value.place, "unknown choice '" + value.text + "' for '" + key + "'",
                  "only listed choices have a meaning",
                  (near.empty() ? "" : "did you mean '" + near + "'? ") + "choices: " + list_text(choices));
    return false;
  }
  index = static_cast<std::size_t>(found - choices.begin());
  return true;
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo&, bool& field) const {
  if (value.kind != NodeKind::boolean) return wrong_type(key, value, "true or false", "");
  field = value.boolean;
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo& info,
                  std::int64_t& field) const {
  if (value.kind == NodeKind::number) {
    const double rounded = std::nearbyint(value.number);
    const bool fits = std::fabs(rounded) < kIntegerLimit;
    return wrong_type(key, value, "an integer",
                      fits ? fmt::format("write {}", static_cast<std::int64_t>(rounded)) : "");
  }
  if (value.kind != NodeKind::integer)
    return wrong_type(key, value, "an integer", number_advice(value, info));
  if (check_range(key, value, info, static_cast<double>(value.integer))) field = value.integer;
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo& info, double& field) const {
  double number = value.number;
  if (value.kind == NodeKind::integer)
    number = static_cast<double>(value.integer);
  else if (value.kind != NodeKind::number)
    return wrong_type(key, value, "a number", number_advice(value, info));
  if (check_range(key, value, info, number)) field = number;
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo&, std::string& field) const {
  const bool scalar = value.kind != NodeKind::list && value.kind != NodeKind::table;
  if (value.kind != NodeKind::text && value.kind != NodeKind::time)
    return wrong_type(key, value, "text", scalar ? "put it in quotes" : "");
  field = value.text;
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo&, NameList& field) const {
  const auto is_text = [](const Node& node) { return node.kind == NodeKind::text; };
  if (is_text(value)) {
    field.names = {value.text};
    return;
  }
  if (value.kind != NodeKind::list || !std::all_of(value.items.begin(), value.items.end(), is_text))
    return wrong_type(key, value, "a text or a list of texts", value.kind == NodeKind::list ? "put every name in quotes" : "put it in quotes");
  if (value.items.empty()) {
    problems_.add(value.place, "'" + key + "' is an empty list", "it would be unclear whether that means all or none", "give at least one name");
    return;
  }
  field.names.clear();
  for (const Node& item : value.items) field.names.push_back(item.text);
}

void Binder::read(const std::string& key, const Node& value, const FieldInfo& info, Duration& field) const {
  Duration parsed{value.kind == NodeKind::integer ? static_cast<double>(value.integer) : value.number};
  if (value.kind == NodeKind::text) {
    if (!parse_duration(value.text, parsed)) {
      problems_.add(
          value.place, "'" + key + "' is " + value_text(value) + ", not a duration",
          "it must be a number of seconds or text with units ms, s, min, h, d, w",
          is_number(value.text) ? "remove the quotes or add a unit" : "write for example \"1.5h\" or \"7d\"");
      return;
    }
  } else if (value.kind != NodeKind::integer && value.kind != NodeKind::number) {
    return wrong_type(key, value, "a duration: a number of seconds or text such as \"7d\"", "");
  }
  if (check_range(key, value, info, parsed.seconds)) field = parsed;
}

}  // namespace scenario
}  // namespace swarm
