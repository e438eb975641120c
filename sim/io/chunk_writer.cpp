#include "sim/io/chunk_writer.hpp"

#include <hdf5.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "sim/core/parallel.hpp"
#include "sim/io/chunk_codec.hpp"
#include "sim/io/layout.hpp"

namespace swarm::io {
namespace {

/// Uncompressed bytes that may wait; beyond, the simulation waits for the disk.
constexpr std::size_t kQueueBytes = std::size_t{64} << 20;
constexpr std::size_t kSpareSets = 4;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::size_t bytes_of(const std::vector<ChunkJob>& jobs) {
  std::size_t bytes = 0;
  for (const ChunkJob& job : jobs)
    for (const auto& column : job.columns) bytes += column.size();
  return bytes;
}

}  // namespace

ChunkWriter::ChunkWriter(std::filesystem::path partial, const std::vector<Group>& groups, int compression)
    : partial_(std::move(partial)), compression_(compression), spares_(groups.size()) {
  with_hdf5(partial_, [&] {
    // Built aside, so that after a failure the handles are closed in here, under the lock.
    FileHandle file = open_file(partial_, OpenMode::swmr_write);
    std::vector<OpenGroup> opened;
    for (const Group& group : groups) {
      OpenGroup& open = opened.emplace_back();
      open.columns = columns_of(group);
      for (const Column& column : open.columns) {
        open.datasets.push_back(open_dataset(file.id(), group.path + "/" + column.name));
        open.extents.push_back(shape_of(open.datasets.back().id()).at(0));
      }
    }
    groups_ = std::move(opened);
    file_ = std::move(file);
  });
  thread_ = std::thread([this] { run(); });
}

ChunkWriter::~ChunkWriter() {
  try {
    close();
  } catch (...) {  // reported by close() to whoever asked; here nobody can be told
  }
}

void ChunkWriter::submit(ChunkJob job) {
  std::unique_lock lock(mutex_);
  const double start = now_seconds();
  wake_producer_.wait(lock, [&] { return failure_ || queued_bytes_ < kQueueBytes; });
  cost_.wait_seconds += now_seconds() - start;
  rethrow_failure();
  Message message;
  message.jobs.push_back(std::move(job));
  queued_bytes_ += bytes_of(message.jobs);
  queue_.push_back(std::move(message));
  wake_writer_.notify_one();
}

void ChunkWriter::flush(std::vector<ChunkJob> tails, std::vector<std::uint64_t> rows) {
  std::unique_lock lock(mutex_);
  rethrow_failure();
  queued_bytes_ += bytes_of(tails);
  queue_.push_back({std::move(tails), true, std::move(rows)});
  const std::uint64_t ticket = ++flushes_asked_;
  wake_writer_.notify_one();
  const double start = now_seconds();
  wake_producer_.wait(lock, [&] { return failure_ || flushes_done_ >= ticket; });
  cost_.wait_seconds += now_seconds() - start;
  rethrow_failure();
}

void ChunkWriter::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_writer_.notify_one();
  thread_.join();
  try {
    with_hdf5(partial_, [&] {
      groups_.clear();
      file_.close();
    });
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();
  }
  rethrow_failure();
}

std::vector<std::vector<std::byte>> ChunkWriter::take_spare(std::size_t group) {
  const std::lock_guard lock(mutex_);
  if (spares_[group].empty()) return {};
  auto buffers = std::move(spares_[group].back());
  spares_[group].pop_back();
  return buffers;
}

RecordingCost ChunkWriter::cost() const {
  const std::lock_guard lock(mutex_);
  return cost_;
}

void ChunkWriter::rethrow_failure() {
  if (failure_) std::rethrow_exception(failure_);
}

void ChunkWriter::run() {
  Message message;
  try {
    while (next(message)) handle(message);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    queue_.clear();
  }
  wake_producer_.notify_all();
}

/// Waits for work and takes everything up to the first flush, so that many small chunks share one parallel
/// loop.
bool ChunkWriter::next(Message& message) {
  std::unique_lock lock(mutex_);
  wake_writer_.wait(lock, [&] { return stop_ || !queue_.empty(); });
  message = {};
  while (!queue_.empty() && !message.flush) {
    Message& front = queue_.front();
    std::move(front.jobs.begin(), front.jobs.end(), std::back_inserter(message.jobs));
    message.flush = front.flush;
    message.rows = std::move(front.rows);
    queue_.pop_front();
  }
  return message.flush || !message.jobs.empty();
}

void ChunkWriter::handle(Message& message) {
  const std::size_t raw_bytes = bytes_of(message.jobs);
  std::vector<StoredChunk> chunks = encode(message.jobs);
  const double start = now_seconds();
  std::size_t stored_bytes = 0;
  with_hdf5(partial_, [&] {
    for (StoredChunk& chunk : chunks) {
      stored_bytes += chunk.bytes.size();
      store(std::move(chunk));
    }
    if (message.flush) commit(message.rows);
  });
  const std::lock_guard lock(mutex_);
  cost_.write_seconds += now_seconds() - start;
  cost_.raw_bytes += raw_bytes;
  cost_.stored_bytes += stored_bytes;
  queued_bytes_ -= raw_bytes;
  if (message.flush) ++flushes_done_;
  for (ChunkJob& job : message.jobs)
    if (spares_[job.group].size() < kSpareSets) spares_[job.group].push_back(std::move(job.columns));
  wake_producer_.notify_all();
}

std::vector<ChunkWriter::StoredChunk> ChunkWriter::encode(const std::vector<ChunkJob>& jobs) {
  std::vector<StoredChunk> chunks;
  std::vector<std::span<const std::byte>> raw;
  for (const ChunkJob& job : jobs)
    for (std::size_t c = 0; c < job.columns.size(); ++c) {
      chunks.push_back({job.group, c, job.first_row, job.rows, {}});
      raw.push_back(job.columns[c]);
    }
  std::vector<double> seconds(chunks.size());
  parallel_each(chunks.size(), [&](std::size_t k) {
    const double start = now_seconds();
    const ElementType type = groups_[chunks[k].group].columns[chunks[k].column].type;
    encode_chunk(raw[k], element_size(type), compression_, chunks[k].bytes);
    seconds[k] = now_seconds() - start;
  });
  const std::lock_guard lock(mutex_);
  for (double s : seconds) cost_.compress_seconds += s;
  return chunks;
}

/// The coordinate of the growing axis waits for the flush: its length is what declares rows complete.
void ChunkWriter::store(StoredChunk chunk) {
  OpenGroup& group = groups_[chunk.group];
  if (chunk.column + 1 == group.columns.size())
    group.waiting.push_back(std::move(chunk));
  else
    write_chunk(chunk);
}

void ChunkWriter::write_chunk(const StoredChunk& chunk) {
  extend(chunk.group, chunk.column, chunk.first_row + chunk.rows);
  const OpenGroup& group = groups_[chunk.group];
  std::vector<hsize_t> offset(1 + group.columns[chunk.column].inner_shape.size(), 0);
  offset[0] = chunk.first_row;
  checked(H5Dwrite_chunk(group.datasets[chunk.column].id(), H5P_DEFAULT, 0, offset.data(), chunk.bytes.size(),
                         chunk.bytes.data()),
          "cannot write", group.columns[chunk.column].name);
}

void ChunkWriter::extend(std::size_t group, std::size_t column, std::uint64_t rows) {
  OpenGroup& open = groups_[group];
  if (open.extents[column] >= rows) return;
  const Column& description = open.columns[column];
  std::vector<hsize_t> shape{rows};
  shape.insert(shape.end(), description.inner_shape.begin(), description.inner_shape.end());
  checked(H5Dset_extent(open.datasets[column].id(), shape.data()), "cannot extend", description.name);
  open.extents[column] = rows;
}

/// Data first, then the coordinates that say they are there.
void ChunkWriter::commit(const std::vector<std::uint64_t>& rows) {
  flush_to_disk();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (const StoredChunk& chunk : groups_[g].waiting) write_chunk(chunk);
    groups_[g].waiting.clear();
    extend(g, groups_[g].columns.size() - 1, rows[g]);
  }
  flush_to_disk();
}

void ChunkWriter::flush_to_disk() {
  checked(H5Fflush(file_.id(), H5F_SCOPE_LOCAL), "cannot write the file");
  void* descriptor = nullptr;
  checked(H5Fget_vfd_handle(file_.id(), H5P_DEFAULT, &descriptor), "cannot write the file");
  if (::fdatasync(*static_cast<int*>(descriptor)) != 0 && errno != EINVAL)
    throw Hdf5Error("cannot write the file", std::strerror(errno));
}

}  // namespace swarm::io
