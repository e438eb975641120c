#include "sim/io/result_file.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/core/checks.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/chunk_writer.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/io/hdf5_handle.hpp"
#include "sim/io/layout.hpp"
#include "sim/io/packing.hpp"

namespace swarm::io {
namespace {

std::filesystem::path with_ending(std::filesystem::path name, const char* ending) {
  name += ending;
  return name;
}

std::vector<Attribute> with_own_attributes(const std::vector<Attribute>& given) {
  std::vector<Attribute> root{{"filetype", std::string(kFileType)},
                              {"format_version", kFormatVersion},
                              {"Conventions", std::string(kConventions)}};
  for (const Attribute& attribute : given) {
    const auto same = [&](const Attribute& a) { return a.name == attribute.name; };
    if (std::find_if(root.begin(), root.end(), same) == root.end()) root.push_back(attribute);
  }
  return root;
}

/// The rows of the chunk being filled, column by column.
struct FillingChunk {
  std::vector<std::vector<std::byte>> columns;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
  bool flushed = true;  ///< nothing was added since the last flush
};

}  // namespace

class ResultFile::Impl {
 public:
  Impl(std::filesystem::path final_name, std::vector<Group> groups, std::string start_utc, int compression)
      : final_name_(std::move(final_name)),
        groups_(std::move(groups)),
        start_utc_(std::move(start_utc)),
        compression_(compression),
        filling_(groups_.size()) {
    for (const Group& group : groups_) {
      columns_.push_back(columns_of(group));
      row_bytes_.push_back(row_bytes(group));
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) filling_[g].columns = fresh_buffers(g);
  }

  void start_new(const std::vector<Attribute>& root) {
    TemporaryFile temporary = claim();
    const WriteLock earlier = lock_partial();
    write_empty(temporary.path(), groups_, with_own_attributes(root), start_utc_, compression_);
    begin(temporary);
  }

  void start_from_partial(const std::vector<std::uint64_t>& rows) {
    TemporaryFile temporary = claim();
    const WriteLock earlier = lock_partial();
    pack(partial(), temporary.path(), groups_, rows, start_utc_, compression_, {}, {});
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      FillingChunk& chunk = filling_[g];
      chunk.first_row = rows[g] / groups_[g].chunk_rows * groups_[g].chunk_rows;
      chunk.rows = rows[g] - chunk.first_row;
      chunk.flushed = chunk.rows == 0;
      read_columns(temporary.path(), groups_[g], chunk.first_row, chunk.rows, chunk.columns);
    }
    begin(temporary);
  }

  void append(std::size_t g, double time_s, std::int64_t step, std::span<const std::byte> row) {
    require_open();
    EXPECT(g < groups_.size() && row.size() == row_bytes_[g]);
    FillingChunk& chunk = filling_[g];
    const std::size_t declared = groups_[g].variables.size();
    const std::byte* from = row.data();
    for (std::size_t c = 0; c < declared; ++c) {
      const std::size_t size = columns_[g][c].row_bytes;
      std::memcpy(chunk.columns[c].data() + chunk.rows * size, from, size);
      from += size;
    }
    const auto number = static_cast<std::int64_t>(chunk.first_row + chunk.rows);
    std::memcpy(chunk.columns[declared].data() + chunk.rows * 8, &step, 8);
    std::memcpy(chunk.columns[declared + 1].data() + chunk.rows * 8, &time_s, 8);
    if (columns_[g].size() > declared + 2)
      std::memcpy(chunk.columns[declared + 2].data() + chunk.rows * 8, &number, 8);
    chunk.flushed = false;
    if (++chunk.rows == groups_[g].chunk_rows) hand_over(g);
  }

  std::vector<std::uint64_t> flush() {
    require_open();
    std::vector<ChunkJob> tails;
    for (std::size_t g = 0; g < groups_.size(); ++g)
      if (!filling_[g].flushed) tails.push_back(tail(g));
    writer_->flush(std::move(tails), rows());
    return rows();
  }

  std::vector<std::uint64_t> rows() const {
    std::vector<std::uint64_t> rows;
    for (const FillingChunk& chunk : filling_) rows.push_back(chunk.first_row + chunk.rows);
    return rows;
  }

  void finish(const std::vector<StaticGroup>& closing_groups, const std::vector<Attribute>& closing) {
    check_static_groups(closing_groups, groups_);
    flush();
    cost_ = writer_->cost();
    const std::unique_ptr<ChunkWriter> writer = std::move(writer_);
    writer->close();
    if (room_to_copy(partial())) {
      TemporaryFile temporary(with_ending(final_name_, ".closing"));
      pack(partial(), temporary.path(), groups_, rows(), start_utc_, compression_, closing_groups, closing);
      temporary.move_to(final_name_);
      std::error_code ignored;
      std::filesystem::remove(partial(), ignored);
    } else {
      close_in_place(partial(), groups_, closing_groups, closing);
      replace_file(partial(), final_name_);
    }
    lock_ = {};
  }

  void abandon() noexcept {
    if (!writer_) return;
    try {
      flush();
    } catch (...) {  // the disk is full or gone: what was flushed before is what remains
    }
    cost_ = writer_->cost();
    writer_.reset();
    lock_ = {};
  }

  RecordingCost cost() const { return writer_ ? writer_->cost() : cost_; }

 private:
  std::filesystem::path partial() const { return partial_name(final_name_); }

  WriteLock lock_partial() const {
    std::error_code ignored;
    return std::filesystem::exists(partial(), ignored) ? WriteLock(partial()) : WriteLock();
  }

  /// The temporary that becomes `.partial`, marked from its first moment to the end of the run.
  TemporaryFile claim() {
    const std::filesystem::path name = with_ending(partial(), ".tmp");
    lock_ = WriteLock::create(name);
    return TemporaryFile::adopt(name);
  }

  void begin(TemporaryFile& temporary) {
    temporary.move_to(partial());
    writer_ = std::make_unique<ChunkWriter>(partial(), groups_, compression_);
  }

  void require_open() const {
    if (!writer_) throw ModelError(final_name_.string() + ": the result file is no longer being written");
  }

  std::vector<std::vector<std::byte>> fresh_buffers(std::size_t g) const {
    std::vector<std::vector<std::byte>> buffers;
    for (const Column& column : columns_[g]) buffers.emplace_back(column.row_bytes * groups_[g].chunk_rows);
    return buffers;
  }

  void hand_over(std::size_t g) {
    FillingChunk& chunk = filling_[g];
    ChunkJob job{g, chunk.first_row, chunk.rows, std::move(chunk.columns)};
    chunk.columns = writer_->take_spare(g);
    if (chunk.columns.empty()) chunk.columns = fresh_buffers(g);
    chunk.first_row += std::exchange(chunk.rows, 0);
    chunk.flushed = true;
    writer_->submit(std::move(job));
  }

  /// A copy of the chunk being filled; the rows to come are 0, so that equal data give equal bytes.
  ChunkJob tail(std::size_t g) {
    FillingChunk& chunk = filling_[g];
    chunk.flushed = true;
    ChunkJob job{g, chunk.first_row, chunk.rows, chunk.columns};
    for (std::size_t c = 0; c < job.columns.size(); ++c) {
      const auto used = static_cast<std::ptrdiff_t>(chunk.rows * columns_[g][c].row_bytes);
      std::fill(job.columns[c].begin() + used, job.columns[c].end(), std::byte{0});
    }
    return job;
  }

  std::filesystem::path final_name_;
  std::vector<Group> groups_;
  std::string start_utc_;
  int compression_;
  std::vector<std::vector<Column>> columns_;
  std::vector<std::size_t> row_bytes_;
  std::vector<FillingChunk> filling_;
  WriteLock lock_;
  std::unique_ptr<ChunkWriter> writer_;
  RecordingCost cost_;
};

ResultFile::ResultFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResultFile::ResultFile(ResultFile&&) noexcept = default;
ResultFile& ResultFile::operator=(ResultFile&& other) noexcept {
  if (impl_) impl_->abandon();
  impl_ = std::move(other.impl_);
  return *this;
}
ResultFile::~ResultFile() {
  if (impl_) impl_->abandon();
}

ResultFile ResultFile::create(const std::filesystem::path& final_name, std::vector<Group> groups,
                              const std::vector<Attribute>& root, std::string start_utc, int compression) {
  check_schema(groups);
  auto impl = std::make_unique<Impl>(final_name, std::move(groups), std::move(start_utc), compression);
  impl->start_new(root);
  return ResultFile(std::move(impl));
}

ResultFile ResultFile::reopen(const std::filesystem::path& final_name, std::vector<Group> groups,
                              const std::vector<std::uint64_t>& rows, std::string start_utc,
                              int compression) {
  check_schema(groups);
  if (rows.size() != groups.size()) throw ModelError("reopen: one row count per group is needed");
  auto impl = std::make_unique<Impl>(final_name, std::move(groups), std::move(start_utc), compression);
  impl->start_from_partial(rows);
  return ResultFile(std::move(impl));
}

void ResultFile::check_writable(const std::filesystem::path& final_name) {
  const auto refuse = [&](std::string problem, std::string why, std::string suggestion) {
    throw FileError({.file = final_name.string(), .problem = std::move(problem), .why = std::move(why),
                     .suggestion = std::move(suggestion)});
  };
  const char* const elsewhere = "choose another place with -o.";
  std::filesystem::path folder = final_name.parent_path();
  if (folder.empty()) folder = ".";
  const auto library = hdf5_lock();
  std::error_code error;
  if (!std::filesystem::exists(folder, error))
    refuse("the output directory does not exist", error ? error.message() : "results are written beside their final name",
           fmt::format("create {} first.", folder.string()));
  if (!std::filesystem::is_directory(folder, error))
    refuse("the output directory is no directory", fmt::format("{} is a file", folder.string()), elsewhere);
  const auto kind = std::filesystem::status(final_name, error).type();
  if (kind == std::filesystem::file_type::directory) refuse("the output is a directory", "a file must go here", "add a file name.");
  const bool exists = kind != std::filesystem::file_type::not_found;
  if (exists && kind != std::filesystem::file_type::regular)
    refuse("the output is no regular file", "it would be replaced", elsewhere);
  if (exists && std::filesystem::file_size(final_name, error) > 0 && H5Fis_hdf5(final_name.c_str()) == 0)
    refuse("the output exists and is not a result file", "it would be replaced", elsewhere);
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    refuse(errno == EROFS || errno == EACCES || errno == EPERM ? "the output directory is read-only" : "the output directory cannot be used",
           std::strerror(errno), elsewhere);
  // What only trying can tell: a full disk, a file system that takes no files, another run at work.
  const std::filesystem::path trial = with_ending(partial_name(final_name), ".tmp");
  const WriteLock mark = WriteLock::create(trial);
  const TemporaryFile remover = TemporaryFile::adopt(trial);
  if (std::filesystem::exists(partial_name(final_name), error)) const WriteLock earlier(partial_name(final_name));
}

std::filesystem::path ResultFile::partial_name(const std::filesystem::path& final_name) {
  return with_ending(final_name, ".partial");
}

void ResultFile::append(std::size_t group, double time_s, std::int64_t step, std::span<const std::byte> row) {
  impl_->append(group, time_s, step, row);
}
std::vector<std::uint64_t> ResultFile::flush() {
  return impl_->flush();
}
std::vector<std::uint64_t> ResultFile::rows() const {
  return impl_->rows();
}
void ResultFile::finish(const std::vector<StaticGroup>& closing_groups,
                        const std::vector<Attribute>& closing) {
  impl_->finish(closing_groups, closing);
}
void ResultFile::abandon() noexcept {
  impl_->abandon();
}
RecordingCost ResultFile::cost() const {
  return impl_->cost();
}

}  // namespace swarm::io
