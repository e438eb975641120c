#include "sim/io/static_group.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

/// The fixed axes and the names in use of the growing group with this path, if there is one.
void take_over(const std::string& path, const std::vector<Group>& growing,
               std::map<std::string, std::uint64_t>& axes, std::set<std::string>& names) {
  for (const Group& group : growing) {
    if (group.path != path) continue;
    for (const Axis& axis : group.axes) {
      names.insert(axis.name);
      if (!axis.grows()) axes[axis.name] = axis.length;
    }
    for (const Column& column : columns_of(group)) names.insert(column.name);
  }
}

std::string faults_of(const StaticVariable& variable, const std::map<std::string, std::uint64_t>& axes) {
  std::uint64_t expected = 1;
  for (std::size_t k = 0; k < variable.axes.size(); ++k) {
    const auto axis = axes.find(variable.axes[k]);
    if (axis == axes.end()) return fmt::format("there is no fixed axis '{}'", variable.axes[k]);
    if (std::count(variable.axes.begin(), variable.axes.end(), variable.axes[k]) > 1)
      return fmt::format("axis '{}' occurs twice", variable.axes[k]);
    expected *= axis->second;
  }
  const std::size_t given = std::visit([](const auto& v) { return v.size(); }, variable.values);
  if (given != expected) return fmt::format("has {} values, its axes ask for {}", given, expected);
  if (!variable.flag_meanings.empty() && !std::holds_alternative<std::vector<std::int8_t>>(variable.values))
    return "flag_meanings need int8 values";
  if (variable.flag_meanings.size() > 128) return "an int8 cannot hold that many meanings";
  if (variable.units.empty() || variable.long_name.empty()) return "units or long_name are missing";
  return "";
}

}  // namespace

void check_static_groups(const std::vector<StaticGroup>& closing, const std::vector<Group>& growing) {
  std::string faults;
  const auto fault = [&](const std::string& where, const std::string& what) {
    faults += "\n" + where + ": " + what;
  };
  std::set<std::string> paths;
  for (const StaticGroup& group : closing) {
    const bool root = group.path == "/" && growing.empty() && closing.size() == 1;
    if (!root && (group.path.size() < 2 || group.path[0] != '/' || group.path.find('/', 1) != std::string::npos))
      fault(group.path, "a group path must look like /name");
    if (!paths.insert(group.path).second) fault(group.path, "the group occurs twice");
    std::map<std::string, std::uint64_t> axes;
    std::set<std::string> names, unlabelled;
    take_over(group.path, growing, axes, names);
    for (const Axis& axis : group.axes) {
      const bool labels_fit = axis.labels.empty() || axis.labels.size() == axis.length;
      if (axis.grows() || !labels_fit)
        fault(group.path, "axis '" + axis.name + "' has no length or odd labels");
      if (axis.name.empty() || !names.insert(axis.name).second)
        fault(group.path, "name taken: '" + axis.name + "'");
      axes[axis.name] = axis.length;
      if (axis.labels.empty()) unlabelled.insert(axis.name);
    }
    for (const StaticVariable& variable : group.variables) {
      const std::string where = group.path + "/" + variable.name;
      if (is_coordinate(variable) && unlabelled.erase(variable.name) == 1) names.erase(variable.name);
      if (variable.name.empty() || variable.name.find('/') != std::string::npos ||
          !names.insert(variable.name).second)
        fault(where, "the name is empty or taken");
      if (const std::string text = faults_of(variable, axes); !text.empty()) fault(where, text);
    }
  }
  if (!faults.empty()) throw ModelError("closing groups:" + faults);
}

}  // namespace swarm::io
