#include "sim/scenario/tree.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <fmt/core.h>

#include "sim/scenario/text.hpp"

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace swarm {
namespace scenario {
namespace {

Place place_of(const toml::source_region& source, const std::string& file) {
  return {file, static_cast<int>(source.begin.line), static_cast<int>(source.begin.column), {}};
}

template <class T>
std::string iso_text(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

Node converted(const toml::node& from, const std::string& file) {
  Node node;
  node.place = place_of(from.source(), file);
  from.visit([&](const auto& value) {
    using V = std::decay_t<decltype(value)>;
    if constexpr (toml::is_table<V>) {
      for (const auto& [key, child] : value)
        node.entries.push_back(
            {std::string(key.str()), place_of(key.source(), file), converted(child, file)});
    } else if constexpr (toml::is_array<V>) {
      node.kind = NodeKind::list;
      for (const auto& child : value) node.items.push_back(converted(child, file));
    } else if constexpr (toml::is_boolean<V>) {
      node.kind = NodeKind::boolean;
      node.boolean = value.get();
    } else if constexpr (toml::is_integer<V>) {
      node.kind = NodeKind::integer;
      node.integer = value.get();
    } else if constexpr (toml::is_floating_point<V>) {
      node.kind = NodeKind::number;
      node.number = value.get();
    } else if constexpr (toml::is_string<V>) {
      node.kind = NodeKind::text;
      node.text = value.get();
    } else {
      node.kind = NodeKind::time;
      node.text = iso_text(value.get());
    }
  });
  return node;
}

/// Length of the UTF-8 sequence at the start of `text`, or 0 if it is none (overlong forms and surrogates
/// included).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0u) != 0x80) return 0;
  const unsigned second = byte(1);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

bool check_utf8(const std::string& text, const std::string& file, Problems& problems) {
  Place place{file, 1, 1, {}};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    if (length == 0) {
      problems.add(place, fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text[i])),
                   "TOML files are UTF-8 text", "save the file with UTF-8 encoding");
      return false;
    }
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
    i += length;
  }
  return true;
}

void add_syntax_problem(const toml::parse_error& error, const std::string& file, Problems& problems) {
  std::string what(error.description());
  const Place place = place_of(error.source(), file);
  const bool twice = what.find("redefine") != std::string::npos;
  if (const auto colon = what.find(": "); colon != std::string::npos && what.starts_with("Error while"))
    what = what.substr(colon + 2);
  if (twice) {
    problems.add(place, what, "only one of the two could count", "remove or rename one of them");
  } else {
    const bool open_text = what.find("control characters") != std::string::npos;
    problems.add(place, "not valid TOML: " + what, "the rest of the file cannot be read",
                 open_text ? "close the text with a quote on the same line" : "");
  }
}

void set_place(Node& node, const Place& place) {
  node.place = place;
  for (auto& item : node.items) set_place(item, place);
  for (auto& entry : node.entries) {
    entry.place = place;
    set_place(entry.value, place);
  }
}

std::optional<Node> as_toml_value(const std::string& text, const Place& place) {
  if (text.find_first_of("\n\r") != std::string::npos) return std::nullopt;
  try {
    const toml::table document = toml::parse("v = " + text);
    if (document.size() != 1) return std::nullopt;
    Node node = converted(*document.get("v"), {});
    set_place(node, place);
    return node;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Node text_node(const std::string& text, const Place& place) {
  Node node;
  node.kind = NodeKind::text;
  node.place = place;
  node.text = text;
  return node;
}

}  // namespace

const Entry* Node::find(const std::string& key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::optional<Node> parse_document(const std::string& text, const std::string& file, Problems& problems) {
  if (!check_utf8(text, file, problems)) return std::nullopt;
  try {
    return converted(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    add_syntax_problem(error, file, problems);
    return std::nullopt;
  }
}

Node parse_value(const std::string& text, const Place& place) {
  const std::string word = trimmed(text);
  if (auto value = as_toml_value(word, place)) return *std::move(value);
  const bool brackets = word.size() >= 2 && word.front() == '[' && word.back() == ']';
  if (!brackets || word.find_first_of("[]{}\"'", 1) != word.size() - 1) return text_node(word, place);
  Node list;
  list.kind = NodeKind::list;
  list.place = place;
  std::istringstream items(word.substr(1, word.size() - 2));
  for (std::string item; std::getline(items, item, ',');) {
    item = trimmed(item);
    auto value = as_toml_value(item, place);
    list.items.push_back(value ? *std::move(value) : text_node(item, place));
  }
  return list;
}

namespace {

/// At most `limit` bytes of valid UTF-8.
std::string cut(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while ((static_cast<unsigned char>(text[limit]) & 0xC0u) == 0x80) --limit;
  return text.substr(0, limit) + "…";
}

}  // namespace

std::string kind_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::boolean:
      return "true or false";
    case NodeKind::integer:
      return "an integer";
    case NodeKind::number:
      return "a number with a fraction";
    case NodeKind::text:
      return "text";
    case NodeKind::time:
      return "a date or time";
    case NodeKind::list:
      return "a list";
    case NodeKind::table:
      return "a table";
  }
  return {};
}

std::string value_text(const Node& node) {
  switch (node.kind) {
    case NodeKind::boolean:
      return node.boolean ? "true" : "false";
    case NodeKind::integer:
      return std::to_string(node.integer);
    case NodeKind::number:
      return number_text(node.number);
    case NodeKind::text:
      return toml_string(cut(node.text, 60));
    case NodeKind::time:
      return node.text;
    case NodeKind::list:
      return "a list";
    case NodeKind::table:
      return "a table";
  }
  return {};
}

}  // namespace scenario
}  // namespace swarm
