#pragma once
#include <filesystem>

#include "sim/study/status.hpp"

/// All runs of a study in one file that opens with xarray, factors and replicate as coordinates. See docs/study.md.
namespace swarm {
namespace study {

/// Replaces `file`. Runs that failed or are missing have no values (NaN) and say so in `status`. The file's digest
/// depends on the design and the runs' results alone. Throws FileError.
void collect(const StudyRecord& study, const StudyState& state, const std::filesystem::path& file);

}  // namespace study
}  // namespace swarm
