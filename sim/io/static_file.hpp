#pragma once
#include <filesystem>
#include <vector>

#include "sim/io/static_group.hpp"

/// A result file that is written in one go and holds everything in its root group: what studies collect.
namespace swarm::io {

/// Replaces `final_name`, so that a crash leaves the old file or the new one. `filetype` and the like are for the caller
/// to say in `attributes`. Throws FileError, ModelError if the description is faulty.
void write_static_file(const std::filesystem::path& final_name, const StaticGroup& root, const std::vector<Attribute>& attributes);

}  // namespace swarm::io
