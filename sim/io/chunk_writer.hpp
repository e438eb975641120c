#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "sim/io/hdf5_handle.hpp"
#include "sim/io/result_file.hpp"
#include "sim/io/schema.hpp"

namespace swarm::io {

/// One chunk of one group: for each column `chunk_rows` rows, of which the first `rows` are real, the rest 0.
struct ChunkJob {
  std::size_t group = 0;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
  std::vector<std::vector<std::byte>> columns;
};

/// The background thread that owns the partial file: takes chunks from a bounded queue, compresses all
/// columns of all waiting chunks in parallel tasks, and writes them in the order they came. A failure is kept
/// and thrown at every later call. Internal to the room.
class ChunkWriter {
 public:
  ChunkWriter(std::filesystem::path partial, const std::vector<Group>& groups, int compression);
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;
  ~ChunkWriter();

  /// Waits while the queue is full.
  void submit(ChunkJob job);
  /// Writes `tails` (unfinished chunks) and returns when `rows` rows per group are on the disk.
  void flush(std::vector<ChunkJob> tails, std::vector<std::uint64_t> rows);
  /// Ends the thread and closes the file. Throws if the file could not be closed properly.
  void close();
  /// A buffer set of an earlier chunk of this group to use again, or empty.
  std::vector<std::vector<std::byte>> take_spare(std::size_t group);
  RecordingCost cost() const;

 private:
  struct StoredChunk {
    std::size_t group, column;
    std::uint64_t first_row, rows;
    std::vector<std::byte> bytes;
  };
  struct OpenGroup {
    std::vector<Column> columns;
    std::vector<DatasetHandle> datasets;
    std::vector<std::uint64_t> extents;  ///< rows each dataset has in the file
    std::vector<StoredChunk> waiting;    ///< chunks of the growing coordinate, written at the flush
  };
  struct Message {
    std::vector<ChunkJob> jobs;
    bool flush = false;
    std::vector<std::uint64_t> rows;
  };

  void run();
  bool next(Message& message);
  void handle(Message& message);
  std::vector<StoredChunk> encode(const std::vector<ChunkJob>& jobs);
  void store(StoredChunk chunk);
  void write_chunk(const StoredChunk& chunk);
  void extend(std::size_t group, std::size_t column, std::uint64_t rows);
  void commit(const std::vector<std::uint64_t>& rows);
  void flush_to_disk();
  void rethrow_failure();

  std::filesystem::path partial_;
  int compression_;
  FileHandle file_;
  std::vector<OpenGroup> groups_;

  mutable std::mutex mutex_;
  std::condition_variable wake_writer_, wake_producer_;
  std::deque<Message> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t flushes_asked_ = 0, flushes_done_ = 0;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::vector<std::vector<std::vector<std::vector<std::byte>>>> spares_;  ///< per group, buffer sets
  RecordingCost cost_;
  std::thread thread_;
};

}  // namespace swarm::io
