#include "sim/io/packing.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>

#include "sim/io/hdf5_handle.hpp"
#include "sim/io/layout.hpp"

namespace swarm::io {
namespace {

/// What must agree between two datasets so that the stored chunks of one fit the other.
struct StoredForm {
  H5T_class_t type_class;
  std::size_t type_size;
  std::vector<std::uint64_t> inner_shape, chunk;
  int filters;
  friend bool operator==(const StoredForm&, const StoredForm&) = default;
};

StoredForm form_of(Hid dataset) {
  const TypeHandle type(H5Dget_type(dataset), "cannot read a type");
  const PropertyHandle properties(H5Dget_create_plist(dataset), "cannot read a layout");
  std::vector<std::uint64_t> shape = shape_of(dataset);
  std::vector<hsize_t> chunk(shape.size());
  if (H5Pget_layout(properties.id()) == H5D_CHUNKED)
    checked(H5Pget_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()),
            "cannot read a layout");
  if (!shape.empty()) shape.erase(shape.begin());
  return {H5Tget_class(type.id()),
          H5Tget_size(type.id()),
          shape,
          {chunk.begin(), chunk.end()},
          H5Pget_nfilters(properties.id())};
}

/// Copies the chunks that hold the first `rows` rows, without decompressing them.
void copy_rows(Hid from, Hid to, std::uint64_t rows, std::uint64_t chunk_rows, const std::string& path) {
  if (form_of(from) != form_of(to))
    throw Hdf5Error("cannot go on with " + path, "it was recorded with another type, shape or chunk size");
  std::vector<std::uint64_t> shape = shape_of(from);
  if (shape[0] < rows)
    throw Hdf5Error("cannot go on with " + path,
                    fmt::format("it holds {} rows, {} are needed", shape[0], rows));
  std::vector<hsize_t> extent(shape.begin(), shape.end()), offset(shape.size(), 0);
  extent[0] = rows;
  checked(H5Dset_extent(to, extent.data()), "cannot extend", path);
  std::vector<std::byte> bytes;
  for (std::uint64_t row = 0; row < rows; row += chunk_rows) {
    offset[0] = row;
    hsize_t size = 0;
    const bool found = H5Dget_chunk_storage_size(from, offset.data(), &size) >= 0 && size > 0;
    if (!found) throw Hdf5Error("cannot read " + path, fmt::format("the chunk at row {} is missing", row));
    bytes.resize(size);
    std::uint32_t filters = 0;
    checked(H5Dread_chunk(from, H5P_DEFAULT, offset.data(), &filters, bytes.data()), "cannot read", path);
    checked(H5Dwrite_chunk(to, H5P_DEFAULT, filters, offset.data(), bytes.size(), bytes.data()),
            "cannot write", path);
  }
}

DatasetHandle open_source(Hid file, const std::string& path) {
  if (H5Lexists(file, path.c_str(), H5P_DEFAULT) <= 0)
    throw Hdf5Error("cannot go on with this file", "it has no dataset " + path);
  return open_dataset(file, path);
}

void copy_group(Hid from, Hid to, const Group& group, std::uint64_t rows) {
  if (H5Lexists(from, group.path.c_str(), H5P_DEFAULT) <= 0)
    throw Hdf5Error("cannot go on with this file", "it has no group " + group.path);
  for (const Column& column : columns_of(group)) {
    const std::string path = group.path + "/" + column.name;
    const DatasetHandle source = open_source(from, path);
    const DatasetHandle target = open_dataset(to, path);
    copy_rows(source.id(), target.id(), rows, group.chunk_rows, path);
  }
}

void add_closing(Hid file, const std::vector<Group>& groups, const std::vector<StaticGroup>& closing_groups,
                 const std::vector<Attribute>& closing) {
  for (const StaticGroup& group : closing_groups) {
    const auto same = [&](const Group& g) { return g.path == group.path; };
    const auto growing = std::find_if(groups.begin(), groups.end(), same);
    create_static_group(file, group, growing == groups.end() ? nullptr : &*growing);
  }
  for (const Attribute& attribute : closing) write_attribute(file, attribute);
}

}  // namespace

void write_empty(const std::filesystem::path& target, const std::vector<Group>& groups,
                 const std::vector<Attribute>& root, const std::string& start_utc, int compression) {
  with_hdf5(target, [&] {
    FileHandle file = create_file(target);
    for (const Attribute& attribute : root) write_attribute(file.id(), attribute);
    for (const Group& group : groups) create_group(file.id(), group, start_utc, compression);
    file.close();
  });
}

void pack(const std::filesystem::path& source, const std::filesystem::path& target,
          const std::vector<Group>& groups, const std::vector<std::uint64_t>& rows,
          const std::string& start_utc, int compression, const std::vector<StaticGroup>& closing_groups,
          const std::vector<Attribute>& closing) {
  with_hdf5(source, [&] {
    const FileHandle from = open_file(source, OpenMode::read);
    write_empty(target, groups, read_attributes(from.id()), start_utc, compression);
    FileHandle to = open_file(target, OpenMode::write);
    for (std::size_t g = 0; g < groups.size(); ++g) copy_group(from.id(), to.id(), groups[g], rows[g]);
    add_closing(to.id(), groups, closing_groups, closing);
    to.close();
  });
}

void close_in_place(const std::filesystem::path& file, const std::vector<Group>& groups,
                    const std::vector<StaticGroup>& closing_groups, const std::vector<Attribute>& closing) {
  with_hdf5(file, [&] {
    FileHandle handle = open_file(file, OpenMode::write);
    add_closing(handle.id(), groups, closing_groups, closing);
    handle.close();
  });
}

bool room_to_copy(const std::filesystem::path& file) {
  constexpr std::uintmax_t kMargin = std::uintmax_t{1} << 20;  // closing groups and blocks of the file system
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const auto space = std::filesystem::space(folder, error);
  return !error && space.available >= size + kMargin;
}

void read_columns(const std::filesystem::path& file, const Group& group, std::uint64_t first,
                  std::uint64_t count, std::vector<std::vector<std::byte>>& columns) {
  if (count == 0) return;
  with_hdf5(file, [&] {
    const FileHandle handle = open_file(file, OpenMode::read);
    const std::vector<Column> descriptions = columns_of(group);
    for (std::size_t c = 0; c < descriptions.size(); ++c) {
      const std::string path = group.path + "/" + descriptions[c].name;
      const DatasetHandle dataset = open_dataset(handle.id(), path);
      const std::vector<std::uint64_t> shape = shape_of(dataset.id());
      std::vector<hsize_t> start(shape.size(), 0), block(shape.begin(), shape.end());
      start[0] = first;
      block[0] = count;
      const SpaceHandle in_file(H5Dget_space(dataset.id()), "cannot read", path);
      checked(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
              "cannot read", path);
      const SpaceHandle in_memory(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr),
                                  "cannot read", path);
      checked(H5Dread(dataset.id(), memory_type(descriptions[c].type), in_memory.id(), in_file.id(),
                      H5P_DEFAULT, columns[c].data()),
              "cannot read", path);
    }
  });
}

}  // namespace swarm::io
