#include <hdf5.h>

#include "sim/io/layout.hpp"

namespace swarm::io {
namespace {

void write_scalar(Hid object, const std::string& name, Hid file_type, Hid memory, const void* value) {
  const SpaceHandle space(H5Screate(H5S_SCALAR), "cannot describe the attribute", name);
  const AttributeHandle attribute(
      H5Acreate2(object, name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
      "cannot create the attribute", name);
  checked(H5Awrite(attribute.id(), memory, value), "cannot write the attribute", name);
}

std::string read_string(Hid attribute, Hid type) {
  if (H5Tis_variable_str(type) > 0) {
    char* text = nullptr;
    const TypeHandle memory(H5Tget_native_type(type, H5T_DIR_DEFAULT), "cannot read a text attribute");
    checked(H5Aread(attribute, memory.id(), &text), "cannot read a text attribute");
    const std::string value = text ? text : "";
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(type), '\0');
  checked(H5Aread(attribute, type, value.data()), "cannot read a text attribute");
  return value.substr(0, value.find('\0'));
}

herr_t collect_attribute(hid_t object, const char* name, const H5A_info_t*, void* data) {
  auto& out = *static_cast<std::vector<Attribute>*>(data);
  try {
    const AttributeHandle attribute(H5Aopen(object, name, H5P_DEFAULT), "cannot open the attribute", name);
    const TypeHandle type(H5Aget_type(attribute.id()), "cannot read the attribute", name);
    const SpaceHandle space(H5Aget_space(attribute.id()), "cannot read the attribute", name);
    if (H5Sget_simple_extent_npoints(space.id()) != 1) return 0;
    const H5T_class_t kind = H5Tget_class(type.id());
    if (kind == H5T_STRING) {
      out.push_back({name, read_string(attribute.id(), type.id())});
    } else if (kind == H5T_INTEGER) {
      std::int64_t value = 0;
      checked(H5Aread(attribute.id(), H5T_NATIVE_INT64, &value), "cannot read the attribute", name);
      out.push_back({name, value});
    } else if (kind == H5T_FLOAT) {
      double value = 0;
      checked(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value), "cannot read the attribute", name);
      out.push_back({name, value});
    }
    return 0;
  } catch (const Hdf5Error&) {
    return -1;  // an exception must not cross the C library; H5Aiterate2 reports the failure
  }
}

}  // namespace

TypeHandle text_type() {
  TypeHandle type(H5Tcopy(H5T_C_S1), "cannot describe a text");
  checked(H5Tset_size(type.id(), H5T_VARIABLE), "cannot describe a text");
  checked(H5Tset_cset(type.id(), H5T_CSET_UTF8), "cannot describe a text");
  return type;
}

void write_attribute(Hid object, const Attribute& attribute) {
  const std::string& name = attribute.name;
  if (checked(H5Aexists(object, name.c_str()), "cannot look for the attribute", name) > 0)
    checked(H5Adelete(object, name.c_str()), "cannot replace the attribute", name);
  if (const auto* text = std::get_if<std::string>(&attribute.value)) {
    const char* pointer = text->c_str();
    const TypeHandle type = text_type();
    write_scalar(object, name, type.id(), type.id(), &pointer);
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    write_scalar(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, integer);
  } else {
    write_scalar(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &std::get<double>(attribute.value));
  }
}

std::vector<Attribute> read_attributes(Hid object) {
  std::vector<Attribute> attributes;
  checked(H5Aiterate2(object, H5_INDEX_CRT_ORDER, H5_ITER_INC, nullptr, collect_attribute, &attributes),
          "cannot read the attributes");
  return attributes;
}

}  // namespace swarm::io
