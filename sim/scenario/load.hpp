#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

/// From a scenario file to a complete, checked Scenario.
///
/// Layers, each laid over the one before: built-in defaults, the files named by `extends` (oldest first), the
/// file itself, the overrides in order. Within `[section]`s a later key replaces an earlier one;
/// `[[region]]`,
/// `[[site]]`, `[[device]]` and `[[purpose]]` tables merge by `name`; a later `regions` list replaces the choice of regions,
/// and the sites of regions it drops go with them.
namespace swarm {
namespace scenario {

/// Reads `file`. Each override is KEY=VALUE as after `--set`: VALUE is a TOML value, and what is none is
/// taken as text; `region.NAME.KEY`, `site.NAME.KEY`, `device.NAME.KEY` and
/// `purpose.NAME.KEY` reach tables by name.
///
/// The result is resolved: `run.end` has become `run.duration`, every region has a site, sites are ordered by
/// region, `run.data_dir`, `run.cache_dir` and the specialists' ONNX files are absolute (a relative one
/// counts from the file that states it; in an override from `folder`, by default the working directory).
/// Traces stay relative to `run.data_dir` if that is stated anywhere; otherwise they become absolute, counted
/// from the file that states the trace. Whether data files exist is not checked here.
/// @throws InputError with all problems at once.
Scenario load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
              const std::filesystem::path& folder = {});

/// The same for text that is already in memory, as if it stood in `pretend_path`.
Scenario load_text(std::string text, const std::filesystem::path& pretend_path,
                   const std::vector<std::string>& overrides, const std::filesystem::path& folder = {});

}  // namespace scenario
}  // namespace swarm
