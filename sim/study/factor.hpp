#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/scenario/problems.hpp"
#include "sim/study/factor_range.hpp"

/// One thing that a study varies: a scenario key, or named bundles of keys.
namespace swarm {
namespace study {

/// One value that a factor can take.
struct Level {
  std::string label;                   ///< as it stands in design.csv
  std::vector<std::string> overrides;  ///< KEY=VALUE
  std::string scenario;                ///< instead of the study's, as written; empty: the study's
};

struct Factor {
  std::string name;           ///< the coordinate in tables and files; unique
  std::string key;            ///< of the scenario; empty: bundles
  std::string unit = "1";     ///< of the key
  std::vector<Level> levels;  ///< empty: a range, or cells of a CSV table
  std::optional<FactorRange> range;
  bool numeric = false;       ///< labels are numbers
  scenario::Place place;      ///< where it was written
};

/// A level of a plain key from text as in a CSV cell or after `--set`.
Level level_of(const std::string& key, const std::string& text);

}  // namespace study
inline namespace core {
template <>
struct EnumNames<study::Scale> {
  static constexpr std::array<std::string_view, 2> names{"linear", "log"};
};
}  // namespace core
}  // namespace swarm
