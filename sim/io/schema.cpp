#include "sim/io/schema.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

const Axis* find_axis(const Group& group, const std::string& name) {
  for (const Axis& axis : group.axes)
    if (axis.name == name) return &axis;
  return nullptr;
}

class Faults {
 public:
  template <class... Args>
  void require(bool good, fmt::format_string<Args...> format, Args&&... args) {
    if (good) return;
    if (!text_.empty()) text_ += '\n';
    text_ += fmt::format(format, std::forward<Args>(args)...);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

bool plain_name(const std::string& name) {
  return !name.empty() && name != "." && name.find('/') == std::string::npos;
}

void check_axes(const Group& group, std::set<std::string>& names, Faults& faults) {
  for (const Axis& axis : group.axes) {
    faults.require(plain_name(axis.name), "{}: axis name '{}' is not usable", group.path, axis.name);
    faults.require(names.insert(axis.name).second, "{}: the name '{}' occurs twice", group.path, axis.name);
    faults.require(axis.grows() || axis.name != "time", "{}: the axis 'time' must grow", group.path);
    faults.require(axis.labels.empty() || axis.labels.size() == axis.length,
                   "{}: axis '{}' of length {} has {} labels", group.path, axis.name, axis.length,
                   axis.labels.size());
  }
  const auto growing = std::count_if(group.axes.begin(), group.axes.end(), [](auto& a) { return a.grows(); });
  faults.require(growing == 1, "{}: {} axes grow, one must", group.path, growing);
}

void check_variable(const Group& group, const Variable& variable, Faults& faults) {
  const std::string name = group.path + "/" + variable.name;
  faults.require(!variable.units.empty() && !variable.long_name.empty(), "{}: units or long_name are missing",
                 name);
  faults.require(variable.flag_meanings.empty() || variable.type == ElementType::i8,
                 "{}: flag_meanings need the type i8", name);
  faults.require(variable.flag_meanings.size() <= 128, "{}: an i8 cannot hold {} meanings", name,
                 variable.flag_meanings.size());
  std::set<std::string> used;
  for (std::size_t k = 0; k < variable.axes.size(); ++k) {
    const Axis* axis = find_axis(group, variable.axes[k]);
    faults.require(axis, "{}: the group has no axis '{}'", name, variable.axes[k]);
    faults.require(used.insert(variable.axes[k]).second, "{}: axis '{}' occurs twice", name,
                   variable.axes[k]);
    faults.require(!axis || axis->grows() == (k == 0), "{}: the growing axis must be the first", name);
  }
  faults.require(!variable.axes.empty(), "{}: the growing axis must be the first", name);
}

}  // namespace

std::size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::f64:
    case ElementType::i64:
      return 8;
    case ElementType::f32:
    case ElementType::i32:
    case ElementType::u32:
      return 4;
    case ElementType::i8:
    case ElementType::u8:
      return 1;
  }
  return 0;
}

std::string_view element_name(ElementType type) {
  constexpr std::string_view kNames[] = {"f64", "f32", "i64", "i32", "u32", "i8", "u8"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string_view kind_name(ResultKind kind) {
  constexpr std::string_view kNames[] = {"executed", "modelled", "accounting"};
  return kNames[static_cast<std::size_t>(kind)];
}

const Axis& growing_axis(const Group& group) {
  for (const Axis& axis : group.axes)
    if (axis.grows()) return axis;
  throw ModelError(group.path + ": no axis grows");
}

std::vector<Column> columns_of(const Group& group) {
  std::vector<Column> columns;
  for (const Variable& variable : group.variables) {
    Column column{.name = variable.name, .type = variable.type, .axes = variable.axes, .inner_shape = {}};
    column.row_bytes = element_size(variable.type);
    for (std::size_t k = 1; k < variable.axes.size(); ++k) {
      column.inner_shape.push_back(find_axis(group, variable.axes[k])->length);
      column.row_bytes *= column.inner_shape.back();
    }
    columns.push_back(std::move(column));
  }
  const std::string& growing = growing_axis(group).name;
  const auto add = [&](const std::string& name, ElementType type) {
    columns.push_back({.name = name, .type = type, .axes = {growing}, .inner_shape = {}, .row_bytes = 8});
  };
  add("step", ElementType::i64);
  add("time", ElementType::f64);
  if (growing != "time") add(growing, ElementType::i64);
  return columns;
}

std::size_t row_bytes(const Group& group) {
  std::size_t bytes = 0;
  const auto columns = columns_of(group);
  for (std::size_t c = 0; c < group.variables.size(); ++c) bytes += columns[c].row_bytes;
  return bytes;
}

void check_schema(const std::vector<Group>& groups) {
  Faults faults;
  std::set<std::string> paths;
  for (const Group& group : groups) {
    const bool path_good = group.path.size() > 1 && group.path[0] == '/' && plain_name(group.path.substr(1));
    faults.require(path_good, "group path '{}' must look like /name", group.path);
    faults.require(paths.insert(group.path).second, "group '{}' occurs twice", group.path);
    faults.require(group.chunk_rows > 0, "{}: a chunk needs at least one row", group.path);
    std::set<std::string> names{"step"};
    check_axes(group, names, faults);
    names.insert("time");
    for (const Variable& variable : group.variables) {
      faults.require(plain_name(variable.name) && names.insert(variable.name).second,
                     "{}: the name '{}' is empty or taken", group.path, variable.name);
      check_variable(group, variable, faults);
    }
  }
  if (!faults.text().empty()) throw ModelError("result schema: " + faults.text());
  constexpr std::uint64_t kChunkLimit = std::uint64_t{1} << 31;  // HDF5 allows chunks below 4 GiB
  for (const Group& group : groups)
    for (const Column& column : columns_of(group))
      faults.require(column.row_bytes <= kChunkLimit / group.chunk_rows, "{}/{}: one chunk exceeds 2 GiB",
                     group.path, column.name);
  if (!faults.text().empty()) throw ModelError("result schema: " + faults.text());
}

}  // namespace swarm::io
