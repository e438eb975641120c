#include "sim/io/file_safety.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "sim/core/errors.hpp"
#include "sim/io/hdf5_handle.hpp"

namespace swarm::io {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const char* problem) {
  throw_file_error(file, problem, std::strerror(errno));
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

TemporaryFile::TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const std::filesystem::path folder = folder_of(path_);
  if (!std::filesystem::is_directory(folder, ignored)) {
    const std::filesystem::path file = std::exchange(path_, {});
    throw_file_error(file, "cannot write the file", "No such file or directory: " + folder.string());
  }
  std::filesystem::remove(path_, ignored);
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

void TemporaryFile::move_to(const std::filesystem::path& final_name) {
  replace_file(path_, final_name);
  path_.clear();
}

void replace_file(const std::filesystem::path& file, const std::filesystem::path& final_name) {
  sync_path(file);
  if (std::rename(file.c_str(), final_name.c_str()) != 0)
    fail(final_name, "cannot move the finished file here");
  sync_path(folder_of(final_name));
}

void sync_path(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path, "cannot open for synchronising");
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  errno = error;
  // EINVAL: the file system cannot synchronise this kind of file, which is no failure of the write.
  if (result != 0 && error != EINVAL) fail(path, "cannot write");
}

WriteLock::WriteLock(const std::filesystem::path& existing_file) : WriteLock(existing_file, 0, F_WRLCK) {}

WriteLock::WriteLock(const std::filesystem::path& file, int flags, short kind) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CLOEXEC | flags, 0666);
  if (descriptor_ < 0) fail(file, flags & O_CREAT ? "cannot create the file" : "cannot open for writing");
  struct flock request {};
  request.l_type = kind;
  request.l_whence = SEEK_SET;
  if (::fcntl(descriptor_, F_OFD_SETLK, &request) == 0) return;
  if (errno != EAGAIN && errno != EACCES) return;
  ::close(std::exchange(descriptor_, -1));
  throw FileError({.file = file.string(),
                   .problem = "is being written by another run",
                   .why = "two writers would destroy the file",
                   .suggestion = "Wait for it to end, or choose another name with -o."});
}

WriteLock WriteLock::create(const std::filesystem::path& file) {
  for (;;) {
    WriteLock lock(file, O_CREAT, F_WRLCK);
    // Its earlier owner may have renamed or removed the file between our opening and marking it.
    struct stat here {}, marked {};
    if (::stat(file.c_str(), &here) == 0 && ::fstat(lock.descriptor_, &marked) == 0 && here.st_ino == marked.st_ino &&
        here.st_dev == marked.st_dev)
      return lock;
  }
}

WriteLock WriteLock::share(const std::filesystem::path& file) { return WriteLock(file, O_CREAT, F_RDLCK); }

WriteLock::~WriteLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace swarm::io
