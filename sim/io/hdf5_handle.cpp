#include "sim/io/hdf5_handle.hpp"

#include <hdf5.h>

#include <type_traits>

#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

static_assert(std::is_same_v<Hid, hid_t>);

struct StackText {
  std::string outermost;
  std::string innermost;
  std::string system;  ///< strerror text found in a description, e.g. "No space left on device"
};

herr_t collect(unsigned depth, const H5E_error2_t* error, void* data) {
  auto& text = *static_cast<StackText*>(data);
  const std::string_view description = error->desc ? error->desc : "";
  if (depth == 0) text.innermost = description;
  text.outermost = description;
  constexpr std::string_view kMark = "error message = '";
  if (const auto at = description.find(kMark); at != std::string_view::npos) {
    const auto from = at + kMark.size();
    text.system = description.substr(from, description.find('\'', from) - from);
  }
  return 0;
}

std::string stack_text() {
  StackText text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &text);
  H5Eclear2(H5E_DEFAULT);
  if (!text.system.empty()) return text.system;
  if (text.innermost.empty() || text.innermost == text.outermost) return text.outermost;
  return text.outermost.empty() ? text.innermost : text.outermost + ": " + text.innermost;
}

std::string advice(const std::string& reason) {
  const auto says = [&](std::string_view words) { return reason.find(words) != std::string::npos; };
  if (says("No space left") || says("quota")) return "Free space on that disk, or write elsewhere with -o.";
  if (says("Permission denied") || says("Read-only")) return "Choose a place you may write to with -o.";
  if (says("No such file")) return "Check the path; the folder must exist.";
  if (says("truncated")) return "Copy the file again, or repeat the run.";
  return "";
}

}  // namespace

Hdf5Error::Hdf5Error(std::string doing, std::string reason)
    : std::runtime_error(doing + " (" + reason + ")"), doing_(std::move(doing)), reason_(std::move(reason)) {}

Hid checked(Hid result, const char* doing, std::string_view object) {
  if (result >= 0) return result;
  std::string what = doing;
  if (!object.empty()) what.append(" ").append(object);
  throw Hdf5Error(std::move(what), stack_text());
}

bool close_object(ObjectKind kind, Hid id) noexcept {
  switch (kind) {
    case ObjectKind::file:
      // A file that cannot be flushed stays open for the rest of the process: H5Fclose would fail half-way
      // and leave the library with a freed file in its tables.
      return H5Fflush(id, H5F_SCOPE_LOCAL) >= 0 && H5Fclose(id) >= 0;
    case ObjectKind::group:
      return H5Gclose(id) >= 0;
    case ObjectKind::dataset:
      return H5Dclose(id) >= 0;
    case ObjectKind::attribute:
      return H5Aclose(id) >= 0;
    case ObjectKind::datatype:
      return H5Tclose(id) >= 0;
    case ObjectKind::dataspace:
      return H5Sclose(id) >= 0;
    case ObjectKind::property_list:
      return H5Pclose(id) >= 0;
  }
  return false;
}

std::unique_lock<std::recursive_mutex> hdf5_lock() {
  static std::recursive_mutex mutex;
  std::unique_lock lock(mutex);
  // Every file is closed by its handle; at exit the library could only stumble over one whose disk is full.
  static const bool no_exit_work = H5dont_atexit() >= 0;
  static_cast<void>(no_exit_work);
  // Where the library was built for threads, each thread has an error stack of its own.
  thread_local const bool silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
  static_cast<void>(silenced);
  return lock;
}

void throw_file_error(const std::filesystem::path& file, std::string problem, std::string reason) {
  std::string suggestion = advice(reason);
  throw FileError(Diagnostic{.file = file.string(),
                             .problem = std::move(problem),
                             .why = std::move(reason),
                             .suggestion = std::move(suggestion)});
}

}  // namespace swarm::io
