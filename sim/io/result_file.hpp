#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/io/schema.hpp"
#include "sim/io/static_group.hpp"

/// The one writer of result files. It can be killed at any moment: `FILE.h5.partial` then still opens and
/// holds every row up to the last flush at least, and `reopen` goes on from there.
///
/// How: everything is created first in a temporary that is renamed to `.partial`, which is then only appended
/// to in HDF5's single-writer-multiple-reader mode, in the order data → flush → coordinate of the growing
/// axis → flush. At the end the chunks are copied, still compressed, into a fresh file with the closing
/// groups; that is renamed to its final name. So the final bytes depend on the data alone, not on flushes,
/// kills or resumes.
namespace swarm::io {

/// Where the time of recording went, and how much was recorded. Diagnostics only.
struct RecordingCost {
  double compress_seconds = 0;  ///< summed over tasks, beside the simulation
  double write_seconds = 0;     ///< in the writer thread, beside the simulation
  double wait_seconds = 0;      ///< the simulation stood still: full queue, flush, finish
  std::uint64_t raw_bytes = 0;  ///< chunks written, before compression (a chunk flushed twice counts twice)
  std::uint64_t stored_bytes = 0;
};

class ResultFile {
 public:
  /// Starts `final_name` as `final_name.partial`; a partial file of an earlier run is replaced, a finished
  /// file of that name stays until `finish`. `filetype`, `format_version` and `Conventions` are added to
  /// `root`. `start_utc` as in "2022-01-03T00:00:00Z"; `compression` is the deflate level 0 (none) … 9.
  /// Throws FileError (also if another process is writing the same file), ModelError if the schema is faulty.
  static ResultFile create(const std::filesystem::path& final_name, std::vector<Group> groups,
                           const std::vector<Attribute>& root, std::string start_utc, int compression);

  /// Goes on with `final_name.partial` after the first `rows[g]` rows of each group; rows beyond are dropped.
  /// The root attributes are kept. Throws FileError if the file is absent, unreadable, holds fewer rows, or
  /// was written with other groups.
  static ResultFile reopen(const std::filesystem::path& final_name, std::vector<Group> groups,
                           const std::vector<std::uint64_t>& rows, std::string start_utc, int compression);

  /// Throws FileError if a result of that name could not be written here: folder missing or read-only, a
  /// folder, a device or a foreign file of that name, another run at work. Leaves nothing behind. For saying so
  /// before long work begins.
  static void check_writable(const std::filesystem::path& final_name);

  static std::filesystem::path partial_name(const std::filesystem::path& final_name);

  ResultFile(ResultFile&&) noexcept;
  ResultFile& operator=(ResultFile&&) noexcept;
  ~ResultFile();  ///< abandons the file if it is neither finished nor abandoned

  /// Adds one row: the declared variables of the group one after the other, native layout, row-major.
  /// Copies to memory; a full chunk goes to the background writer. A failure of the writer (disk full, …)
  /// surfaces as FileError here or at the next flush, and at each later call.
  void append(std::size_t group, double time_s, std::int64_t step, std::span<const std::byte> row);

  /// Returns when everything appended is on the disk: the rows per group, for the checkpoint.
  std::vector<std::uint64_t> flush();

  /// Rows appended so far per group.
  std::vector<std::uint64_t> rows() const;

  /// Flushes, adds the closing groups and attributes (an existing attribute is replaced), and moves the file
  /// to its final name. On FileError the partial file stays.
  void finish(const std::vector<StaticGroup>& closing_groups, const std::vector<Attribute>& closing);

  /// Stops writing and leaves `.partial` behind, readable, flushed as far as the disk allows. Never throws.
  void abandon() noexcept;

  RecordingCost cost() const;
  /// Seconds spent compressing, summed over tasks.
  double compress_seconds() const { return cost().compress_seconds; }

 private:
  class Impl;
  explicit ResultFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace swarm::io
