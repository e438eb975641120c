#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/study/effective_keys.hpp"

/// What studies read of a finished run: where it comes from and what it came to. No series are read.
namespace swarm {
namespace study {

/// One number of /summary.
struct Figure {
  std::string name;   ///< "energy_kwh", or "served_share_by_income[low]" for an entry of a table
  std::string units;
  std::string axis;   ///< what the table runs over ("region", …), empty for a scalar
  double value = 0;   ///< NaN: the run has no such thing, e.g. a share of nothing
};

struct RunFigures {
  std::string file;
  std::string scenario_name;
  std::vector<std::string> overrides;  ///< as typed
  std::string source_revision;
  std::int64_t seed = 0;
  EffectiveKeys keys;
  std::vector<Figure> figures;  ///< main ones, other scalars by name, tables by name
};

/// Reads a result. Throws FileError if it is none, InputError if the run has not finished.
RunFigures read_run(const std::filesystem::path& file);

/// Place of a figure in the fixed list of those that answer a policy question (carbon, energy, money, access, quality);
/// kNotMain for others. A table has the place of the scalar it is named after: carbon_location_g_by_region.
std::size_t main_place(std::string_view name);
inline constexpr std::size_t kNotMain = 1000;

}  // namespace study
}  // namespace swarm
