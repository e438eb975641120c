#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/io/schema.hpp"

/// Results known only at the end (`/summary`, studies): scalars and arrays that carry their values with them.
namespace swarm::io {

using StaticValues =
    std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                 std::vector<std::int32_t>, std::vector<std::uint32_t>, std::vector<std::int8_t>,
                 std::vector<std::uint8_t>, std::vector<std::string>>;

/// One dataset with its values, last axis fastest. No axes: a scalar with one value. One that lies along the axis of
/// its own name alone is the coordinate of that axis, which then has no labels.
struct StaticVariable {
  std::string name;
  StaticValues values;
  std::vector<std::string> axes = {};
  std::string units = "1";
  std::string long_name;
  ResultKind kind = ResultKind::accounting;
  std::vector<std::string> flag_meanings = {};  ///< int8 only: the meaning of 0, 1, 2, …
  std::string coordinates = {};                 ///< CF: names of further coordinates, with spaces between
};

inline bool is_coordinate(const StaticVariable& v) { return v.axes.size() == 1 && v.axes[0] == v.name; }

/// A group written once. Its path may be that of a growing group: then its variables may lie along the fixed
/// axes of that group, which are not repeated here, and `axes` adds further ones.
struct StaticGroup {
  std::string path;
  std::vector<Axis> axes = {};
  std::vector<StaticVariable> variables = {};
};

/// Throws ModelError with every fault: sizes that do not match, unknown axes, names taken, ….
void check_static_groups(const std::vector<StaticGroup>& closing, const std::vector<Group>& growing);

}  // namespace swarm::io
