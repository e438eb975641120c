#include "sim/io/resume_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "sim/scenario/echo.hpp"

namespace swarm::io {
namespace {

constexpr std::size_t kNamed = 4;  ///< keys that a message names

/// Lines "key = value" by what they set; tables of one kind are numbered.
std::map<std::string, std::string> values_of(const std::string& toml) {
  std::map<std::string, std::string> values;
  std::map<std::string, int> tables;
  std::istringstream lines(toml);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (const auto equals = line.find(" = "); equals != std::string::npos && line.front() != '#')
      values[section + "." + line.substr(0, equals)] = line.substr(equals);
    else if (line.starts_with("[["))
      section = fmt::format("{} {}", line.substr(2, line.find(']') - 2), ++tables[line]);
    else if (line.starts_with('['))
      section = line.substr(1, line.find(']') - 1);
  }
  return values;
}

}  // namespace

std::string resume_key(const scenario::Scenario& s) {
  scenario::Scenario same = s;
  same.engine = {};
  same.run.cache_dir.clear();
  return scenario::effective_toml(same);
}

std::string resume_obstacle(const std::string& written, const std::string& wanted) {
  if (written == wanted) return {};
  const auto before = values_of(written), now = values_of(wanted);
  std::vector<std::string> keys;
  for (const auto& [key, value] : now)
    if (const auto old = before.find(key); old == before.end() || old->second != value) keys.push_back(key);
  for (const auto& [key, value] : before)
    if (!now.contains(key)) keys.push_back(key);
  const std::size_t more = keys.size() > kNamed ? keys.size() - kNamed : 0;
  keys.resize(keys.size() - more);
  return fmt::format("a resumed run must be the run that was interrupted, and this one differs in {}{}", fmt::join(keys, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace swarm::io
