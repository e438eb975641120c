#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a result file contains, described as data: groups, their axes and variables. One group has one axis
/// that grows row by row and shares it with all its variables, so they always have equal length.
namespace swarm::io {

inline constexpr std::string_view kFileType = "swarmsim", kStudyFileType = "swarmsim-study";
inline constexpr std::int64_t kFormatVersion = 1;
inline constexpr std::string_view kConventions = "CF-1.10";

/// Types every reader understands. Truth values and enumerations are i8 with `flag_meanings`.
enum class ElementType { f64, f32, i64, i32, u32, i8, u8 };

std::size_t element_size(ElementType type);
std::string_view element_name(ElementType type);  ///< "f64", …

/// How a figure came about: run on this machine, computed by a model of hardware or people, or bookkeeping.
enum class ResultKind { executed, modelled, accounting };

std::string_view kind_name(ResultKind kind);

/// One dimension. Labels make it a coordinate of strings; without them it is a bare dimension.
struct Axis {
  std::string name;
  std::uint64_t length = 0;  ///< 0: grows, one row per append
  std::vector<std::string> labels = {};

  bool grows() const { return length == 0; }
  friend bool operator==(const Axis&, const Axis&) = default;
};

/// One dataset. `axes` are names of axes of its group, slowest first; the growing axis comes first.
struct Variable {
  std::string name;
  ElementType type = ElementType::f64;
  std::vector<std::string> axes;
  std::string units;
  std::string long_name;
  ResultKind kind = ResultKind::modelled;
  std::vector<std::string> flag_meanings = {};  ///< i8 only: the meaning of 0, 1, 2, …
};

/// A growing axis named `time` has the coordinate `time` [float64, CF "seconds since <start>"] and, beside
/// it, an int64 `step`. A growing axis of another name (`generation`, `event`) counts its rows from 0 in an
/// int64 coordinate of that name, and `time` and `step` lie along it. None of them is declared in
/// `variables`.
struct Group {
  std::string path;  ///< "/region"
  std::vector<Axis> axes;
  std::vector<Variable> variables;
  std::uint64_t chunk_rows = 256;  ///< rows per chunk along the growing axis
};

struct Attribute {
  std::string name;
  std::variant<std::string, std::int64_t, double> value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// One stored column of a growing group: a declared variable, or one of those that every group has.
struct Column {
  std::string name;
  ElementType type = ElementType::f64;
  std::vector<std::string> axes;           ///< growing axis first
  std::vector<std::uint64_t> inner_shape;  ///< lengths of the other axes
  std::size_t row_bytes = 0;
  friend bool operator==(const Column&, const Column&) = default;
};

const Axis& growing_axis(const Group& group);

/// The declared variables in order, then the group's own columns. The last one is the coordinate of the
/// growing axis: its length says how many rows the group has, and it is extended last.
std::vector<Column> columns_of(const Group& group);

/// Bytes of one appended row: the declared variables one after the other.
std::size_t row_bytes(const Group& group);

/// Throws ModelError with every fault of the description: doubled names, unknown axes, no growing axis, ….
void check_schema(const std::vector<Group>& groups);

}  // namespace swarm::io
