#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/tree.hpp"

/// The documents and overrides that make up a scenario, before they are laid over each other.
namespace swarm {
namespace scenario {

/// One `--set`: a value for a plain path such as pricing.rule or regions, or for a key of a named table.
struct Override {
  std::string table;  ///< "region", "site", "device", "purpose", "hazard", "fault", or empty for a plain path
  std::string name;   ///< of the table
  std::string key;    ///< of the table
  Node tree;  ///< plain path: a document with this one value; named table: the table with this one key
};

/// The whole content of a file, or a problem at `place` (the file itself, or the `extends` that names it).
bool read_text(const std::filesystem::path& file, const Place& place, std::string& text, Problems& problems);

/// The document `text` of `file` and all those it extends, eldest first. Unreadable ones and cycles are
/// problems.
std::vector<Node> read_layers(const std::string& text, const std::filesystem::path& file, Problems& problems);

std::vector<Override> parse_overrides(const std::vector<std::string>& arguments, Problems& problems);

}  // namespace scenario
}  // namespace swarm
