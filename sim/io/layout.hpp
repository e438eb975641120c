#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/io/hdf5_handle.hpp"
#include "sim/io/schema.hpp"
#include "sim/io/static_group.hpp"

/// How groups, axes and variables are laid down in HDF5 so that xarray (both engines), netCDF4, ncdump, h5py
/// and h5wasm open the file as it is: every axis of every dataset has a dimension scale in the same group,
/// the scale has the dimension's name, and creation order is tracked. Internal to the room: call under
/// `with_hdf5`.
namespace swarm::io {

/// Opens an existing file. `swmr_write`: to be appended to while others may read and a kill may strike.
enum class OpenMode { read, write, swmr_write };

FileHandle create_file(const std::filesystem::path& file);
/// Reading also works while the file is being written, and after its writer was killed.
FileHandle open_file(const std::filesystem::path& file, OpenMode mode);

/// Variable-length UTF-8.
TypeHandle text_type();
/// Adds an attribute or replaces it. Texts are variable-length UTF-8.
void write_attribute(Hid object, const Attribute& attribute);
/// In creation order; kinds of attribute that this project does not write are skipped.
std::vector<Attribute> read_attributes(Hid object);

/// An empty growing group with all its datasets.
void create_group(Hid file, const Group& group, const std::string& start_utc, int compression);
/// A static group with its values; `growing` is the group of the same path if there is one, else null.
void create_static_group(Hid file, const StaticGroup& group, const Group* growing);

DatasetHandle open_dataset(Hid file, const std::string& path);
std::vector<std::uint64_t> shape_of(Hid dataset);
Hid memory_type(ElementType type);

/// Prefix of a dimension scale's NAME that says: a dimension, but no variable.
extern const char* const kBareDimension;

}  // namespace swarm::io
