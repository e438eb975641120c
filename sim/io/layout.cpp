#include "sim/io/layout.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <type_traits>

namespace swarm::io {

const char* const kBareDimension = "This is a netCDF dimension but not a netCDF variable.";

namespace {

/// A dataset and the dimension scales its axes are attached to.
struct Member {
  std::string name;
  std::vector<std::string> axes;
};

constexpr unsigned kOrder = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

/// Creation properties without times, so that equal runs give equal bytes, and with creation order.
PropertyHandle creation_properties(Hid list_class) {
  PropertyHandle list(H5Pcreate(list_class), "cannot prepare creation");
  checked(H5Pset_obj_track_times(list.id(), false), "cannot switch off object times");
  checked(H5Pset_attr_creation_order(list.id(), kOrder), "cannot track creation order");
  if (list_class != H5P_DATASET_CREATE)
    checked(H5Pset_link_creation_order(list.id(), kOrder), "cannot track creation order");
  return list;
}

PropertyHandle access_properties(OpenMode mode) {
  PropertyHandle list(H5Pcreate(H5P_FILE_ACCESS), "cannot prepare opening");
  checked(H5Pset_libver_bounds(list.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), "cannot choose the file format");
  checked(H5Pset_file_locking(list.id(), true, true), "cannot choose file locking");
  // HDF5 doubles its pause with each of 100 attempts at metadata that may be being written; damaged ones took for ever.
  if (mode == OpenMode::read) checked(H5Pset_metadata_read_attempts(list.id(), 25), "cannot choose the attempts");
  if (mode != OpenMode::swmr_write) return list;
  // Metadata may reach the disk at flushes only: fewer moments at which a kill can strike between two writes.
  H5AC_cache_config_t cache;
  cache.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  checked(H5Pget_mdc_config(list.id(), &cache), "cannot read the cache set-up");
  cache.evictions_enabled = false;
  cache.incr_mode = H5C_incr__off;
  cache.flash_incr_mode = H5C_flash_incr__off;
  cache.decr_mode = H5C_decr__off;
  checked(H5Pset_mdc_config(list.id(), &cache), "cannot set up the cache");
  return list;
}

Hid file_type(ElementType type) {
  switch (type) {
    case ElementType::f64:
      return H5T_IEEE_F64LE;
    case ElementType::f32:
      return H5T_IEEE_F32LE;
    case ElementType::i64:
      return H5T_STD_I64LE;
    case ElementType::i32:
      return H5T_STD_I32LE;
    case ElementType::u32:
      return H5T_STD_U32LE;
    case ElementType::i8:
      return H5T_STD_I8LE;
    case ElementType::u8:
      return H5T_STD_U8LE;
  }
  return H5I_INVALID_HID;
}

SpaceHandle make_space(const std::vector<std::uint64_t>& shape, bool grows, const std::string& name) {
  if (shape.empty()) return SpaceHandle(H5Screate(H5S_SCALAR), "cannot describe the shape of", name);
  std::vector<hsize_t> now(shape.begin(), shape.end()), most = now;
  if (grows) most[0] = H5S_UNLIMITED;
  return SpaceHandle(H5Screate_simple(static_cast<int>(shape.size()), now.data(), most.data()),
                     "cannot describe the shape of", name);
}

/// Fixed-length text, as the dimension scale specification asks for CLASS and NAME.
void write_fixed_text(Hid object, const char* name, const std::string& value) {
  const TypeHandle type(H5Tcopy(H5T_C_S1), "cannot describe a text");
  checked(H5Tset_size(type.id(), value.size() + 1), "cannot describe a text");
  const SpaceHandle space(H5Screate(H5S_SCALAR), "cannot describe the attribute", name);
  const AttributeHandle attribute(H5Acreate2(object, name, type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
                                  "cannot create the attribute", name);
  checked(H5Awrite(attribute.id(), type.id(), value.c_str()), "cannot write the attribute", name);
}

void make_scale(Hid dataset, const std::string& scale_name) {
  write_fixed_text(dataset, "CLASS", "DIMENSION_SCALE");
  write_fixed_text(dataset, "NAME", scale_name);
}

void describe(Hid dataset, const std::string& units, const std::string& long_name, ResultKind kind) {
  write_attribute(dataset, {"units", units});
  write_attribute(dataset, {"long_name", long_name});
  write_attribute(dataset, {"kind", std::string(kind_name(kind))});
}

void describe_flags(Hid dataset, const std::vector<std::string>& meanings) {
  if (meanings.empty()) return;
  std::vector<std::int8_t> values;
  std::string text;
  for (std::size_t k = 0; k < meanings.size(); ++k) {
    values.push_back(static_cast<std::int8_t>(k));
    text += (k ? " " : "") + meanings[k];
  }
  const SpaceHandle space = make_space({values.size()}, false, "flag_values");
  const AttributeHandle attribute(
      H5Acreate2(dataset, "flag_values", H5T_STD_I8LE, space.id(), H5P_DEFAULT, H5P_DEFAULT),
      "cannot create the attribute", "flag_values");
  checked(H5Awrite(attribute.id(), H5T_NATIVE_INT8, values.data()), "cannot write the attribute",
          "flag_values");
  write_attribute(dataset, {"flag_meanings", text});
}

DatasetHandle create_dataset(Hid group, const std::string& name, Hid type, const SpaceHandle& space,
                             const PropertyHandle& properties) {
  return DatasetHandle(
      H5Dcreate2(group, name.c_str(), type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      "cannot create the dataset", name);
}

void write_strings(Hid dataset, Hid type, const std::vector<std::string>& values, const std::string& name) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  checked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), "cannot write", name);
}

void create_fixed_axis(Hid group, const Axis& axis) {
  const PropertyHandle properties = creation_properties(H5P_DATASET_CREATE);
  const SpaceHandle space = make_space({axis.length}, false, axis.name);
  if (axis.labels.empty()) {
    const DatasetHandle dataset = create_dataset(group, axis.name, H5T_IEEE_F32BE, space, properties);
    make_scale(dataset.id(), fmt::format("{}{:10}", kBareDimension, axis.length));
    describe(dataset.id(), "1", "number along " + axis.name, ResultKind::accounting);
    return;
  }
  const TypeHandle type = text_type();
  const DatasetHandle dataset = create_dataset(group, axis.name, type.id(), space, properties);
  make_scale(dataset.id(), axis.name);
  describe(dataset.id(), "1", "name along " + axis.name, ResultKind::accounting);
  write_strings(dataset.id(), type.id(), axis.labels, axis.name);
}

/// "2022-01-03T00:00:00Z" → "2022-01-03 00:00:00", the form every CF reader takes for UTC.
std::string cf_start(std::string start_utc) {
  if (!start_utc.empty() && start_utc.back() == 'Z') start_utc.pop_back();
  std::replace(start_utc.begin(), start_utc.end(), 'T', ' ');
  if (start_utc.size() == 10) start_utc += " 00:00:00";
  return start_utc;
}

DatasetHandle create_column(Hid group, const Column& column, std::uint64_t chunk_rows, int compression) {
  const PropertyHandle properties = creation_properties(H5P_DATASET_CREATE);
  std::vector<std::uint64_t> shape{0};
  std::vector<hsize_t> chunk{chunk_rows};
  shape.insert(shape.end(), column.inner_shape.begin(), column.inner_shape.end());
  chunk.insert(chunk.end(), column.inner_shape.begin(), column.inner_shape.end());
  checked(H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), "cannot chunk",
          column.name);
  if (compression > 0) {
    checked(H5Pset_shuffle(properties.id()), "cannot shuffle", column.name);
    checked(H5Pset_deflate(properties.id(), static_cast<unsigned>(compression)), "cannot deflate",
            column.name);
  }
  return create_dataset(group, column.name, file_type(column.type), make_space(shape, true, column.name),
                        properties);
}

void create_own_column(Hid group, const Group& description, const Column& column,
                       const std::string& start_utc, int compression) {
  const DatasetHandle dataset = create_column(group, column, description.chunk_rows, compression);
  if (column.name == growing_axis(description).name) make_scale(dataset.id(), column.name);
  if (column.name == "time") {
    describe(dataset.id(), "seconds since " + cf_start(start_utc), "simulated time", ResultKind::accounting);
    write_attribute(dataset.id(), {"standard_name", std::string("time")});
    write_attribute(dataset.id(), {"calendar", std::string("proleptic_gregorian")});
  } else {
    describe(dataset.id(), "1", column.name == "step" ? "number of the step" : "number of the " + column.name,
             ResultKind::accounting);
  }
}

hobj_ref_t reference_to(Hid group, const std::string& name) {
  hobj_ref_t reference = 0;
  checked(H5Rcreate(&reference, group, name.c_str(), H5R_OBJECT, -1), "cannot refer to", name);
  return reference;
}

void write_dimension_list(Hid group, const Member& member) {
  const DatasetHandle dataset = open_dataset(group, member.name);
  if (checked(H5Aexists(dataset.id(), "DIMENSION_LIST"), "cannot look at", member.name) > 0) return;
  std::vector<hobj_ref_t> references;
  for (const std::string& axis : member.axes) references.push_back(reference_to(group, axis));
  std::vector<hvl_t> lists;
  for (hobj_ref_t& reference : references) lists.push_back({1, &reference});
  const TypeHandle type(H5Tvlen_create(H5T_STD_REF_OBJ), "cannot describe references");
  const SpaceHandle space = make_space({lists.size()}, false, member.name);
  const AttributeHandle attribute(
      H5Acreate2(dataset.id(), "DIMENSION_LIST", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      "cannot attach the axes of", member.name);
  checked(H5Awrite(attribute.id(), type.id(), lists.data()), "cannot attach the axes of", member.name);
}

/// One entry of a scale's back references; the padding is spelt out so that no stray byte is stored.
struct BackReference {
  hobj_ref_t dataset;
  std::int32_t dimension;
  std::int32_t padding;
};

void write_reference_list(Hid group, const std::string& axis, const std::vector<Member>& members) {
  std::vector<BackReference> list;
  for (const Member& member : members)
    for (std::size_t k = 0; k < member.axes.size(); ++k)
      if (member.axes[k] == axis)
        list.push_back({reference_to(group, member.name), static_cast<std::int32_t>(k), 0});
  if (list.empty()) return;
  const DatasetHandle scale = open_dataset(group, axis);
  if (checked(H5Aexists(scale.id(), "REFERENCE_LIST"), "cannot look at", axis) > 0)
    checked(H5Adelete(scale.id(), "REFERENCE_LIST"), "cannot renew the references of", axis);
  const TypeHandle type(H5Tcreate(H5T_COMPOUND, sizeof(BackReference)), "cannot describe references");
  checked(H5Tinsert(type.id(), "dataset", 0, H5T_STD_REF_OBJ), "cannot describe references");
  checked(H5Tinsert(type.id(), "dimension", sizeof(hobj_ref_t), H5T_STD_I32LE), "cannot describe references");
  const SpaceHandle space = make_space({list.size()}, false, axis);
  const AttributeHandle attribute(
      H5Acreate2(scale.id(), "REFERENCE_LIST", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      "cannot list the users of", axis);
  checked(H5Awrite(attribute.id(), type.id(), list.data()), "cannot list the users of", axis);
}

/// The two-way links between datasets and scales, as H5DSattach_scale makes them, in one pass.
void link_scales(Hid group, const std::vector<std::string>& axes, const std::vector<Member>& members) {
  for (const Member& member : members) write_dimension_list(group, member);
  for (const std::string& axis : axes) write_reference_list(group, axis, members);
}

std::vector<Member> members_of(const Group& group) {
  std::vector<Member> members;
  for (const Column& column : columns_of(group))
    if (column.name != growing_axis(group).name) members.push_back({column.name, column.axes});
  return members;
}

std::vector<std::string> axis_names(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) names.push_back(axis.name);
  return names;
}

template <class T>
void write_static(Hid group, const StaticVariable& variable, const std::vector<T>& values,
                  const SpaceHandle& space) {
  const PropertyHandle properties = creation_properties(H5P_DATASET_CREATE);
  const auto finish = [&](const DatasetHandle& dataset) {
    describe(dataset.id(), variable.units, variable.long_name, variable.kind);
    describe_flags(dataset.id(), variable.flag_meanings);
    if (!variable.coordinates.empty()) write_attribute(dataset.id(), {"coordinates", variable.coordinates});
    if (is_coordinate(variable)) make_scale(dataset.id(), variable.name);
  };
  if constexpr (std::is_same_v<T, std::string>) {
    const TypeHandle type = text_type();
    const DatasetHandle dataset = create_dataset(group, variable.name, type.id(), space, properties);
    finish(dataset);
    write_strings(dataset.id(), type.id(), values, variable.name);
  } else {
    constexpr ElementType kType = std::is_same_v<T, double>          ? ElementType::f64
                                  : std::is_same_v<T, float>         ? ElementType::f32
                                  : std::is_same_v<T, std::int64_t>  ? ElementType::i64
                                  : std::is_same_v<T, std::int32_t>  ? ElementType::i32
                                  : std::is_same_v<T, std::uint32_t> ? ElementType::u32
                                  : std::is_same_v<T, std::int8_t>   ? ElementType::i8
                                                                     : ElementType::u8;
    const DatasetHandle dataset = create_dataset(group, variable.name, file_type(kType), space, properties);
    finish(dataset);
    checked(H5Dwrite(dataset.id(), memory_type(kType), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
            "cannot write", variable.name);
  }
}

}  // namespace

FileHandle create_file(const std::filesystem::path& file) {
  const PropertyHandle creation = creation_properties(H5P_FILE_CREATE);
  const PropertyHandle access = access_properties(OpenMode::write);
  return FileHandle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()),
                    "cannot create the file");
}

FileHandle open_file(const std::filesystem::path& file, OpenMode mode) {
  const PropertyHandle access = access_properties(mode);
  if (mode == OpenMode::read) {
    const hid_t plain = H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.id());
    if (plain >= 0) return FileHandle(plain, "cannot open");
    const hid_t shared = H5Fopen(file.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access.id());
    if (shared >= 0) return FileHandle(shared, "cannot open");
    // Both failed: the first attempt tells why.
    return FileHandle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.id()), "cannot open the file");
  }
  const unsigned flags = mode == OpenMode::write ? H5F_ACC_RDWR : H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE;
  return FileHandle(H5Fopen(file.c_str(), flags, access.id()), "cannot open the file for writing");
}

Hid memory_type(ElementType type) {
  switch (type) {
    case ElementType::f64:
      return H5T_NATIVE_DOUBLE;
    case ElementType::f32:
      return H5T_NATIVE_FLOAT;
    case ElementType::i64:
      return H5T_NATIVE_INT64;
    case ElementType::i32:
      return H5T_NATIVE_INT32;
    case ElementType::u32:
      return H5T_NATIVE_UINT32;
    case ElementType::i8:
      return H5T_NATIVE_INT8;
    case ElementType::u8:
      return H5T_NATIVE_UINT8;
  }
  return H5I_INVALID_HID;
}

DatasetHandle open_dataset(Hid file, const std::string& path) {
  return DatasetHandle(H5Dopen2(file, path.c_str(), H5P_DEFAULT), "cannot open the dataset", path);
}

std::vector<std::uint64_t> shape_of(Hid dataset) {
  const SpaceHandle space(H5Dget_space(dataset), "cannot read a shape");
  const int rank = H5Sget_simple_extent_ndims(space.id());
  std::vector<hsize_t> shape(static_cast<std::size_t>(checked(rank, "cannot read a shape")));
  if (rank > 0) checked(H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr), "cannot read a shape");
  return {shape.begin(), shape.end()};
}

void create_group(Hid file, const Group& group, const std::string& start_utc, int compression) {
  const PropertyHandle properties = creation_properties(H5P_GROUP_CREATE);
  const GroupHandle handle(H5Gcreate2(file, group.path.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
                           "cannot create the group", group.path);
  const std::vector<Column> columns = columns_of(group);
  for (std::size_t c = columns.size(); c-- > group.variables.size();)  // coordinates first
    create_own_column(handle.id(), group, columns[c], start_utc, compression);
  for (const Axis& axis : group.axes)
    if (!axis.grows()) create_fixed_axis(handle.id(), axis);
  for (std::size_t c = 0; c < group.variables.size(); ++c) {
    const Variable& variable = group.variables[c];
    const DatasetHandle dataset = create_column(handle.id(), columns[c], group.chunk_rows, compression);
    describe(dataset.id(), variable.units, variable.long_name, variable.kind);
    describe_flags(dataset.id(), variable.flag_meanings);
  }
  link_scales(handle.id(), axis_names(group.axes), members_of(group));
}

void create_static_group(Hid file, const StaticGroup& group, const Group* growing) {
  const PropertyHandle properties = creation_properties(H5P_GROUP_CREATE);
  const GroupHandle handle(
      growing || group.path == "/" ? H5Gopen2(file, group.path.c_str(), H5P_DEFAULT)
              : H5Gcreate2(file, group.path.c_str(), H5P_DEFAULT, properties.id(), H5P_DEFAULT),
      "cannot create the group", group.path);
  std::vector<Axis> axes = growing ? growing->axes : std::vector<Axis>{};
  std::vector<Member> members = growing ? members_of(*growing) : std::vector<Member>{};
  for (const Axis& axis : group.axes) {
    const bool own_values = std::any_of(group.variables.begin(), group.variables.end(),
                                        [&](const StaticVariable& v) { return is_coordinate(v) && v.name == axis.name; });
    if (!own_values) create_fixed_axis(handle.id(), axis);
    axes.push_back(axis);
  }
  for (const StaticVariable& variable : group.variables) {
    std::vector<std::uint64_t> shape;
    for (const std::string& name : variable.axes)
      shape.push_back(
          std::find_if(axes.begin(), axes.end(), [&](const Axis& a) { return a.name == name; })->length);
    const SpaceHandle space = make_space(shape, false, variable.name);
    std::visit([&](const auto& values) { write_static(handle.id(), variable, values, space); },
               variable.values);
    if (!variable.axes.empty() && !is_coordinate(variable)) members.push_back({variable.name, variable.axes});
  }
  link_scales(handle.id(), axis_names(axes), members);
}

}  // namespace swarm::io
