#include "sim/study/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "sim/core/errors.hpp"

namespace swarm {
namespace study {
namespace {

[[noreturn]] void refuse(const std::string& what, int reason) {
  throw FileError({.file = what, .problem = "a worker cannot be started", .why = std::strerror(reason), .suggestion = "check the limits on processes and open files."});
}

void close_all(const int (&fds)[5]) {
  for (const int fd : fds)
    if (fd >= 0) close(fd);
}

/// While it lives, what asks a program to stop has to wait, here and in children begun meanwhile.
class StopSignalsBlocked {
 public:
  StopSignalsBlocked() {
    sigset_t stops;
    sigemptyset(&stops);
    for (const int s : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&stops, s);
    pthread_sigmask(SIG_BLOCK, &stops, &before_);
  }
  ~StopSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignalsBlocked(const StopSignalsBlocked&) = delete;
  StopSignalsBlocked& operator=(const StopSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

/// In the child: streams, group, death with the parent, program. Only calls that are safe after a fork.
[[noreturn]] void become(char* const* words, int in, int out, int log, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before the line above
  std::signal(SIGPIPE, SIG_DFL);
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(log, 2) < 0) _exit(127);
  execv(words[0], words);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log) {
  int fds[5] = {-1, -1, -1, -1, -1};  // to the child (read, write), from it (read, write), log
  fds[4] = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fds[4] < 0) refuse(log.string(), errno);
  if (pipe2(fds, O_CLOEXEC) != 0 || pipe2(fds + 2, O_CLOEXEC) != 0) {
    const int reason = errno;
    close_all(fds);
    refuse(command[0], reason);
  }
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = getpid();
  const StopSignalsBlocked blocked;
  pid_ = fork();
  if (pid_ == 0) become(words.data(), fds[0], fds[3], fds[4], parent);
  if (pid_ < 0) {
    const int reason = errno;
    close_all(fds);
    refuse(command[0], reason);
  }
  input_ = fds[1];
  output_ = fds[2];
  close(fds[0]);
  close(fds[3]);
  close(fds[4]);
  fcntl(output_, F_SETFL, O_NONBLOCK);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), input_(std::exchange(other.input_, -1)), output_(std::exchange(other.output_, -1)), rest_(std::move(other.rest_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    signal(SIGKILL);
    wait();
  }
  close_input();
  if (output_ >= 0) close(output_);
}

void ChildProcess::tell(const std::string& line) const {
  const std::string text = line + "\n";
  while (write(input_, text.data(), text.size()) < 0 && errno == EINTR) {}
}

void ChildProcess::close_input() {
  if (input_ >= 0) close(std::exchange(input_, -1));
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool ChildProcess::read_lines(std::vector<std::string>& lines) {
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(output_, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return true;  // nothing more for now
    if (n == 0) return false;
    rest_.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t end; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1)) lines.push_back(rest_.substr(0, end));
  }
}

int ChildProcess::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
  pid_ = -1;
  return status;
}

}  // namespace study
}  // namespace swarm
