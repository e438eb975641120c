#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/problems.hpp"

/// A parsed TOML document as a plain tree in which every value knows where it was written. Only tree.cpp
/// knows the TOML library.
namespace swarm {
namespace scenario {

enum class NodeKind : std::uint8_t { boolean, integer, number, text, time, list, table };

struct Entry;

struct Node {
  NodeKind kind = NodeKind::table;
  Place place;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;            ///< kinds text and time (a TOML date or time, as ISO 8601)
  std::vector<Node> items;     ///< kind list
  std::vector<Entry> entries;  ///< kind table

  const Entry* find(const std::string& key) const;
};

struct Entry {
  std::string key;
  Place place;  ///< of the key
  Node value;
};

/// Parses a whole document. Text that is not UTF-8 or not TOML becomes a problem and an empty answer; TOML's
/// own rules include that no key and no table is defined twice.
std::optional<Node> parse_document(const std::string& text, const std::string& file, Problems& problems);

/// The value of a `--set`: TOML if it is that, else the words themselves as text; in `[a, b]` this goes for
/// each item, because shells eat quotes. All places are `place`.
Node parse_value(const std::string& text, const Place& place);

/// "an integer", "text", …: for messages.
std::string kind_text(NodeKind kind);
/// The value as a person would write it, cut if long.
std::string value_text(const Node& node);

}  // namespace scenario
}  // namespace swarm
