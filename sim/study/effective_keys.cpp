#include "sim/study/effective_keys.hpp"

#include <algorithm>
#include <array>

namespace swarm {
namespace study {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \r");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \r") - first + 1);
}

/// The line without its comment; a '#' inside quotes is part of the value.
std::string_view without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') ++i;
    else if (line[i] == '"') quoted = !quoted;
    else if (line[i] == '#' && !quoted) return trimmed(line.substr(0, i));
  }
  return trimmed(line);
}

/// The lines of one section or table, until it is known what it is called.
struct Block {
  std::string kind;
  bool table = false;
  std::vector<std::pair<std::string, std::string>> lines;

  void move_to(EffectiveKeys& keys) {
    std::string start = kind + ".";
    for (const auto& [key, value] : lines)
      if (table && key == "name" && value.size() > 2) {
        const std::string name = value.substr(1, value.size() - 2);
        std::string& names = keys[kind];
        names += (names.empty() ? "" : ", ") + name;
        start += name + ".";
      }
    for (auto& [key, value] : lines) keys[start + key] = std::move(value);
    lines.clear();
  }
};

constexpr std::array<std::string_view, 5> kAside{"run.name", "run.question", "run.seed", "run.end", "run.cache_dir"};
constexpr std::string_view kDataFolder = "run.data_dir";

}  // namespace

EffectiveKeys effective_keys(std::string_view text) {
  EffectiveKeys keys;
  Block block;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size());
    const std::string_view line = without_comment(text.substr(0, length));
    text.remove_prefix(std::min(length + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (line.starts_with('[')) {
      block.move_to(keys);
      const std::size_t first = line.find_first_not_of('['), last = line.find_first_of(']');
      block.table = first > 1;
      block.kind = line.substr(first, last - first);
    } else if (equals != line.npos) {
      block.lines.emplace_back(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    }
  }
  block.move_to(keys);
  return keys;
}

bool may_decide(std::string_view key) {
  return !key.starts_with("engine.") && !key.starts_with("record.") && std::find(kAside.begin(), kAside.end(), key) == kAside.end();
}

EffectiveKeys deciding_keys(const EffectiveKeys& all) {
  const bool traces = std::any_of(all.begin(), all.end(), [](const auto& k) { return k.first.ends_with(".source") && k.second == "\"trace\""; });
  EffectiveKeys deciding;
  for (const auto& [key, value] : all)
    if (may_decide(key) && (key != kDataFolder || traces)) deciding.emplace(key, value);
  return deciding;
}

std::vector<KeyDifference> differences(const EffectiveKeys& reference, const EffectiveKeys& other) {
  EffectiveKeys either = reference;
  either.insert(other.begin(), other.end());
  const auto value_in = [](const EffectiveKeys& keys, const std::string& key) {
    const auto at = keys.find(key);
    return at == keys.end() ? std::string() : at->second;
  };
  std::vector<KeyDifference> out;
  for (const auto& [key, ignored] : either)
    if (KeyDifference d{key, value_in(reference, key), value_in(other, key)}; d.reference != d.value) out.push_back(std::move(d));
  return out;
}

}  // namespace study
}  // namespace swarm
