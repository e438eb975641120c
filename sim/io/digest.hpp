#pragma once
#include <filesystem>
#include <string>

namespace swarm::io {

/// One hash (32 hexadecimal digits) over every result dataset of a finished or partial file: in sorted path
/// order name, type, shape and uncompressed values. Not over attributes (provenance), the group `/timing`,
/// bare dimensions, nor how the data are chunked and compressed. Throws FileError.
std::string digest(const std::filesystem::path& file);

}  // namespace swarm::io
