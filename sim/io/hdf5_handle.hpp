#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

/// Move-only handles for HDF5 objects, checked at birth and closed automatically, and the one door through
/// which the library is entered: HDF5 is not thread safe here, so every call runs inside `with_hdf5`.
namespace swarm::io {

/// The library's object number (hid_t), spelt here so that hdf5.h stays out of the headers.
using Hid = std::int64_t;

/// An HDF5 call failed. Only used inside the room: `with_hdf5` turns it into a FileError that names the file.
class Hdf5Error : public std::runtime_error {
 public:
  Hdf5Error(std::string doing, std::string reason);
  const std::string& doing() const { return doing_; }
  const std::string& reason() const { return reason_; }

 private:
  std::string doing_;
  std::string reason_;
};

/// Returns `result` if it is not negative; else throws Hdf5Error with the text of the HDF5 error stack.
Hid checked(Hid result, const char* doing, std::string_view object = {});

enum class ObjectKind { file, group, dataset, attribute, datatype, dataspace, property_list };

/// Closes one object; false if HDF5 could not (for a file: its last data did not reach the disk).
bool close_object(ObjectKind kind, Hid id) noexcept;

template <ObjectKind kind>
class Handle {
 public:
  Handle() = default;
  Handle(Hid id, const char* doing, std::string_view object = {}) : id_(checked(id, doing, object)) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      drop();
      id_ = std::exchange(other.id_, -1);
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { drop(); }

  Hid id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  /// Closes now and reports a failure, which the destructor cannot.
  void close() {
    if (id_ >= 0) checked(close_object(kind, std::exchange(id_, -1)) ? 0 : -1, "cannot close");
  }

 private:
  void drop() noexcept {
    if (id_ >= 0) close_object(kind, std::exchange(id_, -1));
  }
  Hid id_ = -1;
};

using FileHandle = Handle<ObjectKind::file>;
using GroupHandle = Handle<ObjectKind::group>;
using DatasetHandle = Handle<ObjectKind::dataset>;
using AttributeHandle = Handle<ObjectKind::attribute>;
using TypeHandle = Handle<ObjectKind::datatype>;
using SpaceHandle = Handle<ObjectKind::dataspace>;
using PropertyHandle = Handle<ObjectKind::property_list>;

/// Held during every call into HDF5; recursive, so that a reader may be used while a file is being finished.
/// Silences the error printing of the library in this thread.
std::unique_lock<std::recursive_mutex> hdf5_lock();

/// Throws the FileError that says what went wrong with `file`, with advice that fits the reason.
[[noreturn]] void throw_file_error(const std::filesystem::path& file, std::string problem,
                                   std::string reason);

/// Runs body() under the HDF5 lock and turns its failures into a FileError about `file`.
template <class Body>
decltype(auto) with_hdf5(const std::filesystem::path& file, Body&& body) {
  const auto lock = hdf5_lock();
  try {
    return body();
  } catch (const Hdf5Error& e) {
    throw_file_error(file, e.doing(), e.reason());
  }
}

}  // namespace swarm::io
