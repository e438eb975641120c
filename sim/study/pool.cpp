#include "sim/study/pool.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <memory>
#include <utility>

#include "sim/core/errors.hpp"
#include "sim/study/child_process.hpp"
#include "sim/study/run_records.hpp"
#include "sim/study/worker.hpp"

namespace swarm {
namespace study {
namespace {

constexpr int kPollMilliseconds = 200;

struct Worker {
  std::string name;
  std::unique_ptr<ChildProcess> process;
  std::int64_t run = -1;  ///< at work; none: idle
  double share = 0;       ///< of it that is done
  bool answered = false;  ///< it has ended a run
  bool stopped = false;   ///< in the middle of its run, with a checkpoint
};

class Pool {
 public:
  Pool(const StudyFolder& folder, const PoolRequest& request) : folder_(folder), request_(request), queue_(request.runs.begin(), request.runs.end()) {
    const std::size_t n = std::min(static_cast<std::size_t>(std::max(1, request.jobs)), request.runs.size());
    for (std::size_t i = 0; i < n; ++i) workers_.push_back({fmt::format("{}-{}", request.name, i), nullptr});
  }

  PoolResult work(const std::function<PoolOrder(const PoolState&)>& order) {
    for (auto& w : workers_) assign(w);
    while (std::any_of(workers_.begin(), workers_.end(), [](const Worker& w) { return w.process != nullptr; })) {
      if (!result_.stopped && order(state()) == PoolOrder::stop) stop();
      wait_for_events();
    }
    order(state());
    if (!broken_.empty()) throw FileError({.file = folder_.results().string(), .problem = broken_, .why = "", .suggestion = "Continue the study when this is mended; what was done is kept."});
    return result_;
  }

 private:
  PoolState state() const {
    PoolState s{request_.runs.size(), result_.done, result_.failed, {}};
    for (const auto& w : workers_)
      if (w.run >= 0) s.running.push_back(w.share);
    return s;
  }

  void start(Worker& w) {
    std::vector<std::string> command = request_.worker_command;
    for (const auto& word : {w.name, std::string("--threads"), std::to_string(request_.threads)}) command.push_back(word);
    w.process = std::make_unique<ChildProcess>(command, folder_.log_of(w.name));
    w.answered = w.stopped = false;
  }

  /// Gives it the next run, or sends it home.
  void assign(Worker& w) {
    w.run = -1;
    w.share = 0;
    if (result_.stopped || queue_.empty()) {
      if (w.process) w.process->close_input();
      return;
    }
    if (!w.process) start(w);
    w.run = queue_.front();
    queue_.pop_front();
    w.process->tell(std::to_string(w.run));
  }

  void stop() {
    result_.stopped = true;
    for (auto& w : workers_) {
      if (!w.process) continue;
      w.process->close_input();
      w.process->signal(SIGUSR1);
    }
  }

  void wait_for_events() {
    std::vector<pollfd> fds;
    std::vector<Worker*> of;
    for (auto& w : workers_)
      if (w.process) {
        fds.push_back({w.process->output(), POLLIN, 0});
        of.push_back(&w);
      }
    if (poll(fds.data(), fds.size(), kPollMilliseconds) <= 0) return;
    for (std::size_t i = 0; i < fds.size(); ++i)
      if (fds[i].revents != 0) listen(*of[i]);
  }

  void listen(Worker& w) {
    std::vector<std::string> lines;
    const bool open = w.process->read_lines(lines);
    for (const auto& line : lines) heard(w, line);
    if (!open) ended(w);
  }

  void heard(Worker& w, const std::string& line) {
    const auto space = line.find(' ');
    const std::string word = line.substr(0, space), rest = space == line.npos ? "" : line.substr(space + 1);
    if (word == "progress") {
      w.share = std::atof(rest.c_str() + std::min(rest.find(' '), rest.size()));
    } else if (word == "broken") {
      if (broken_.empty()) broken_ = rest;  // what others then meet while they stop follows from it
      w.run = -1;
      if (!result_.stopped) stop();
    } else if (word == "stopped") {
      w.stopped = true;
    } else if (word == "done" || word == "failed") {
      ++(word == "done" ? result_.done : result_.failed);
      w.answered = true;
      assign(w);
    }
  }

  /// The process is gone: in good order, or taken down by its run.
  void ended(Worker& w) {
    const int status = w.process->wait();
    w.process.reset();
    const std::int64_t run = std::exchange(w.run, -1);
    if (run < 0) return;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0, signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    // Told to stop, perhaps before it could listen and perhaps by others than this process: no fault of the run.
    const bool asked = signal == SIGUSR1 || signal == SIGTERM || signal == SIGINT || code == kStopped;
    if (w.stopped || asked) {
      queue_.push_front(run);
      return assign(w);
    }
    if (code == 127 && !w.answered) throw ModelError(fmt::format("{}: a worker cannot be started", request_.worker_command[0]));
    record_crash(w, run, code, signal);
    if (!result_.stopped) assign(w);
  }

  void record_crash(const Worker& w, std::int64_t run, int code, int signal) {
    const std::string message = signal != 0 ? fmt::format("the process was ended by signal {} ({}){}", signal, strsignal(signal), signal == SIGKILL ? ", perhaps for want of memory" : "")
                                            : fmt::format("the process ended with exit code {} in the middle of the run", code);
    std::ofstream(folder_.log_of(w.name), std::ios::app) << fmt::format("run {}: {}\n", run, message);
    RecordWriter(folder_.results_of(w.name)).failed(run, request_.ids.at(static_cast<std::size_t>(run)), {code, signal, message, "logs/" + w.name + ".log"});
    ++result_.failed;
  }

  const StudyFolder& folder_;
  const PoolRequest& request_;
  std::vector<Worker> workers_;
  std::deque<std::int64_t> queue_;  ///< not yet begun
  PoolResult result_;
  std::string broken_;
};

}  // namespace

PoolResult run_pool(const StudyFolder& folder, const PoolRequest& request, const std::function<PoolOrder(const PoolState&)>& order) {
  return Pool(folder, request).work(order);
}

}  // namespace study
}  // namespace swarm
