#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

/// A program run beside this one, with a pipe to its standard input and one from its standard output.
namespace swarm {
namespace study {

class ChildProcess {
 public:
  /// Starts it in a process group of its own, so that a terminal's Ctrl-C reaches the parent alone; its standard error is
  /// added to `log`. It is killed when this process dies. SIGINT, SIGTERM and SIGUSR1 are blocked in it and wait until
  /// it is ready for them. Throws FileError if it cannot be started.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~ChildProcess();  ///< kills it if it still runs
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  int output() const { return output_; }  ///< to be polled
  /// Writes a line; a child that is gone is noticed at its output. This process must ignore SIGPIPE.
  void tell(const std::string& line) const;
  void close_input();
  void signal(int number) const;
  /// Lines that have come completely; false when the child has closed its output.
  bool read_lines(std::vector<std::string>& lines);
  /// Waits for its end: the status of waitpid.
  int wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  std::string rest_;  ///< of a line that has not come completely
};

}  // namespace study
}  // namespace swarm
