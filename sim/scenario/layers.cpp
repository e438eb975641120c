#include "sim/scenario/layers.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>

namespace swarm {
namespace scenario {
namespace {

namespace fs = std::filesystem;

fs::path identity(const fs::path& file) {
  return fs::absolute(file).lexically_normal();
}

/// The parent that a document names: false without `extends` or with a problem.
bool find_parent(const Node& document, const fs::path& file, fs::path& parent, Place& place,
                 Problems& problems) {
  const Entry* extends = document.find("extends");
  if (extends == nullptr) return false;
  place = extends->value.place;
  if (extends->value.kind != NodeKind::text || extends->value.text.empty()) {
    problems.add(place, "'extends' is " + value_text(extends->value) + ", not the name of a file",
                 "it says which scenario this one changes", "write extends = \"pilot.toml\"");
    return false;
  }
  parent = (file.parent_path() / extends->value.text).lexically_normal();
  return true;
}

Node nested(const std::string& key, Node value) {
  Node table;
  table.place = value.place;
  table.entries.push_back({key, value.place, std::move(value)});
  return table;
}

std::string without_quotes(const std::string& name) {
  if (name.size() >= 2 && name.front() == name.back() && (name.front() == '"' || name.front() == '\''))
    return name.substr(1, name.size() - 2);
  return name;
}

bool is_table_kind(const std::string& word) {
  return word == "region" || word == "site" || word == "device" || word == "purpose" || word == "hazard" || word == "fault";
}

/// Splits SECTION, SECTION.KEY or KIND.NAME.KEY. A name may contain dots: the first word is the kind of
/// table, the last one the key.
bool split_path(const std::string& path, Override& out, std::string& section) {
  const auto first = path.find('.'), last = path.rfind('.');
  section = path.substr(0, first);
  if (first == std::string::npos) return !section.empty();
  if (section.empty() || last + 1 == path.size()) return false;
  if (!is_table_kind(section)) {
    out.key = path.substr(first + 1);
    return true;
  }
  out.table = section;
  out.key = path.substr(last + 1);
  if (first < last) out.name = without_quotes(path.substr(first + 1, last - first - 1));
  return !out.name.empty();
}

}  // namespace

bool read_text(const fs::path& file, const Place& place, std::string& text, Problems& problems) {
  std::error_code error;
  const bool folder = fs::is_directory(file, error);
  std::ifstream in(file, std::ios::binary);
  if (in && !folder) {
    std::ostringstream content;
    content << in.rdbuf();
    text = content.str();
    return true;
  }
  problems.add(place, "cannot read scenario '" + file.string() + "'",
               folder ? "it is a folder" : "there is no such file, or it may not be read",
               "check the name, or write a new one with: swarmsim init " + file.filename().string());
  return false;
}

std::vector<Node> read_layers(const std::string& text, const fs::path& file, Problems& problems) {
  std::vector<Node> layers;
  std::vector<fs::path> chain{identity(file)};
  auto document = parse_document(text, file.string(), problems);
  fs::path current = file, parent;
  Place place;
  while (document) {
    layers.push_back(*std::move(document));
    document.reset();
    if (!find_parent(layers.back(), current, parent, place, problems)) break;
    if (std::find(chain.begin(), chain.end(), identity(parent)) != chain.end()) {
      std::string ring;
      for (const auto& link : chain) ring += link.filename().string() + " → ";
      problems.add(place, "'extends' runs in a circle", ring + parent.filename().string(),
                   "remove one of these 'extends'");
      break;
    }
    chain.push_back(identity(parent));
    std::string parent_text;
    if (!read_text(parent, place, parent_text, problems)) break;
    document = parse_document(parent_text, parent.string(), problems);
    current = parent;
  }
  std::reverse(layers.begin(), layers.end());
  return layers;
}

std::vector<Override> parse_overrides(const std::vector<std::string>& arguments, Problems& problems) {
  std::vector<Override> overrides;
  for (const auto& argument : arguments) {
    const Place place{"--set", 0, 0, argument};
    const auto equals = argument.find('=');
    Override made;
    std::string path = argument.substr(0, equals), section;
    while (!path.empty() && path.back() == ' ') path.pop_back();
    if (equals == std::string::npos || !split_path(path, made, section)) {
      problems.add(place, "not of the form KEY=VALUE", "it names no key that could be changed",
                   "write for example pricing.rule=flat or region.DE.population=1000000");
      continue;
    }
    if (section == "extends") {
      problems.add(place, "'extends' cannot be overridden", "overrides are laid over the finished file",
                   "write a file that extends another one");
      continue;
    }
    Node value = parse_value(argument.substr(equals + 1), place);
    made.tree = made.key.empty() ? nested(section, std::move(value)) : nested(made.key, std::move(value));
    if (made.table.empty() && !made.key.empty()) made.tree = nested(section, std::move(made.tree));
    overrides.push_back(std::move(made));
  }
  return overrides;
}

}  // namespace scenario
}  // namespace swarm
