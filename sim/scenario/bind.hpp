#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/tree.hpp"
#include "sim/scenario/validate.hpp"

/// Lays one TOML table over one parameter struct by visiting its `describe`. Nothing here knows a key by
/// name.
namespace swarm {
namespace scenario {

/// The visitor. A value that does not fit becomes a problem and leaves its field as it was.
class Binder {
 public:
  /// `prefix` is the dotted name of the table, e.g. "pricing" or "region.DE".
  Binder(const Node& table, std::string prefix, Stated& stated, Problems& problems)
      : table_(table), prefix_(std::move(prefix)), stated_(stated), problems_(problems) {}

  template <class T>
  void operator()(std::string_view name, T& field, const FieldInfo& info) {
    names_.emplace_back(name);
    const Entry* entry = table_.find(names_.back());
    if (entry == nullptr) return;
    const std::string key = prefix_ + "." + names_.back();
    stated_[key] = entry->value.place;
    if constexpr (NamedEnum<T>) {
      std::size_t index = static_cast<std::size_t>(field);
      if (read_choice(key, entry->value, EnumNames<T>::names, index)) field = static_cast<T>(index);
    } else {
      read(key, entry->value, info, field);
    }
  }

  /// Call after `describe`: keys that no field claimed.
  void report_unknown_keys() const;

 private:
  bool read_choice(const std::string& key, const Node& value, std::span<const std::string_view> names,
                   std::size_t& index) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, bool& field) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, std::int64_t& field) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, double& field) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, std::string& field) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, Duration& field) const;
  void read(const std::string& key, const Node& value, const FieldInfo& info, NameList& field) const;
  void wrong_type(const std::string& key, const Node& value, const std::string& needed,
                  const std::string& suggestion) const;
  bool check_range(const std::string& key, const Node& value, const FieldInfo& info, double number) const;

  const Node& table_;
  std::string prefix_;
  Stated& stated_;
  Problems& problems_;
  std::vector<std::string> names_;
};

template <class P>
void bind(const Node& table, const std::string& prefix, P& params, Stated& stated, Problems& problems) {
  Binder binder(table, prefix, stated, problems);
  describe(binder, params);
  binder.report_unknown_keys();
}

}  // namespace scenario
}  // namespace swarm
