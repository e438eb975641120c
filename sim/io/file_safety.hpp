#pragma once
#include <filesystem>
#include <utility>

/// Replacing files so that a crash at any moment leaves the old file or the new one, and keeping two
/// processes from writing the same one. All functions throw FileError.
namespace swarm::io {

/// A file under construction: removed at the end of its life unless it was moved to its final name.
class TemporaryFile {
 public:
  /// Takes charge of `path`; a stale file of that name is removed. Creates nothing. The folder must exist.
  explicit TemporaryFile(std::filesystem::path path);
  /// Takes charge of an existing file.
  static TemporaryFile adopt(std::filesystem::path path) { return TemporaryFile(std::move(path), Adopted()); }
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  const std::filesystem::path& path() const { return path_; }
  /// As `replace_file`; on failure the file is still temporary.
  void move_to(const std::filesystem::path& final_name);

 private:
  struct Adopted {};
  TemporaryFile(std::filesystem::path path, Adopted) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Synchronises `file`, renames it over `final_name` in the same folder, synchronises the folder.
void replace_file(const std::filesystem::path& file, const std::filesystem::path& final_name);

/// Makes everything written to `path` (a file or a folder) survive a power failure.
void sync_path(const std::filesystem::path& path);

/// "Being written" mark on a file, which vanishes with the process. Where the file system has no locks it
/// marks nothing and hinders nothing.
class WriteLock {
 public:
  WriteLock() = default;
  /// Throws FileError if another process (or another writer in this one) holds the mark.
  explicit WriteLock(const std::filesystem::path& existing_file);
  /// Creates `file`, or takes over one that a killed process left, and marks it in the same moment: of several
  /// processes that try at once one succeeds. The mark follows the file when it is renamed.
  static WriteLock create(const std::filesystem::path& file);
  /// Creates `file` if need be and marks it as being used by several, of whom none may be the one that `create` admits.
  static WriteLock share(const std::filesystem::path& file);
  WriteLock(WriteLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  WriteLock& operator=(WriteLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~WriteLock();

 private:
  WriteLock(const std::filesystem::path& file, int flags, short kind);
  int descriptor_ = -1;
};

}  // namespace swarm::io
