#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/io/schema.hpp"
#include "sim/io/static_group.hpp"

/// Making a whole result file in one go: an empty one, or one with the chunks of another, copied as they are
/// stored. Files made here are complete and closed; nobody sees them before they are renamed. Each function
/// takes the HDF5 lock itself and throws FileError. Internal to the room.
namespace swarm::io {

void write_empty(const std::filesystem::path& target, const std::vector<Group>& groups,
                 const std::vector<Attribute>& root, const std::string& start_utc, int compression);

/// Writes `target` with the root attributes and the first `rows[g]` rows of each group of `source`, then the
/// closing groups and attributes. FileError about `source` if it holds fewer rows or other columns.
void pack(const std::filesystem::path& source, const std::filesystem::path& target,
          const std::vector<Group>& groups, const std::vector<std::uint64_t>& rows,
          const std::string& start_utc, int compression, const std::vector<StaticGroup>& closing_groups,
          const std::vector<Attribute>& closing);

/// The last resort when the disk has no room for a second copy: adds the closing groups to the file itself.
void close_in_place(const std::filesystem::path& file, const std::vector<Group>& groups,
                    const std::vector<StaticGroup>& closing_groups, const std::vector<Attribute>& closing);

/// True if the disk of `file` can hold a second copy of it.
bool room_to_copy(const std::filesystem::path& file);

/// Reads rows [first, first + count) of every column of the group into the starts of `columns`.
void read_columns(const std::filesystem::path& file, const Group& group, std::uint64_t first,
                  std::uint64_t count, std::vector<std::vector<std::byte>>& columns);

}  // namespace swarm::io
