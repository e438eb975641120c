#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/study/outcomes.hpp"

/// What runs of a study came to. Each worker appends to one file of its own, a line per run, which carries its own
/// checksum: a kill can tear at most the line being written, and damage of one line loses that run only.
namespace swarm {
namespace study {

struct Failure {
  int exit_code = 0;  ///< 0 if a signal ended it
  int signal = 0;
  std::string message, log;
};

struct RunRecord {
  std::int64_t run = 0;
  std::string id;
  bool done = false;
  double seconds = 0;  ///< of the wall clock
  std::shared_ptr<const FigureLayout> layout;  ///< if done
  std::vector<double> values;
  Failure failure;                             ///< if not
};

/// Appends to one file. One writer per file at a time.
class RecordWriter {
 public:
  /// Opens or creates the file and drops a line that a kill has torn. Throws FileError, also if another process has it.
  explicit RecordWriter(const std::filesystem::path& file);
  ~RecordWriter();
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;
  /// On FileError (disk full, …) nothing of the line is left.
  void done(std::int64_t run, const std::string& id, double seconds, const Figures& figures);
  void failed(std::int64_t run, const std::string& id, const Failure& failure);

 private:
  void append(const std::string& text);
  std::filesystem::path file_;
  int descriptor_ = -1;
  io::WriteLock lock_;
  std::map<std::string, std::size_t> layouts_;  ///< how many records were written of each, by its hash
};

struct Records {
  std::vector<RunRecord> records;      ///< files by name, lines in order
  std::vector<Diagnostic> damaged;     ///< lines that cannot be used
};
/// All records of a folder; one that is not there has none.
Records read_records(const std::filesystem::path& folder);

}  // namespace study
}  // namespace swarm
