#include "sim/study/pool.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "sim/study/run_records.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

/// A folder of results, and workers that are shell scripts: they read the number of a run as $run, and do `body`.
class Shop {
 public:
  explicit Shop(const std::string& body, std::int64_t runs = 10, int jobs = 2) : folder_(root_ / "study") {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    std::signal(SIGINT, SIG_DFL);   // what runs in the background may ignore it, and so would the scripts
    for (const auto& f : {folder_.results(), folder_.logs()}) make_folder(f);
    root_.write("worker.sh", "cd '" + root_.path().string() + "'\nname=$1\nwhile read run; do echo \"$run\" >> begun\n" + body + "\ndone\n");
    for (std::int64_t run = 0; run < runs; ++run) {
      request_.runs.push_back(run);
      request_.ids.push_back("id" + std::to_string(run));
    }
    request_.jobs = jobs;
    request_.name = "local";
    request_.worker_command = {"/bin/sh", root_ / "worker.sh"};
  }
  PoolResult work(const std::function<PoolOrder(const PoolState&)>& order = [](const PoolState&) { return PoolOrder::go_on; }) {
    return run_pool(folder_, request_, order);
  }

  /// Run, id, exit code, signal and message of the failures that were recorded, by run.
  std::string failures() const {
    auto records = read_records(folder_.results()).records;
    std::sort(records.begin(), records.end(), [](const RunRecord& a, const RunRecord& b) { return a.run < b.run; });
    std::string text;
    for (const auto& r : records) text += fmt::format("{} {} {} {} {}; ", r.run, r.id, r.failure.exit_code, r.failure.signal, r.failure.message);
    return text;
  }
  /// How often each run was begun.
  std::vector<int> begun() const {
    std::vector<int> counts(request_.runs.size());
    std::ifstream in(root_ / "begun");
    for (std::size_t run; in >> run;) ++counts.at(run);
    return counts;
  }
  const Folder& root() const { return root_; }
  PoolRequest& request() { return request_; }

 private:
  Folder root_;
  StudyFolder folder_;
  PoolRequest request_;
};

std::vector<int> once_each(std::size_t n = 10) { return std::vector<int>(n, 1); }

TEST(Pool, EveryRunIsBegunOnce) {
  for (const int jobs : {1, 2, 5, 50}) {
    Shop shop("echo done $run", 10, jobs);
    const PoolResult r = shop.work();
    EXPECT_EQ(r.done * 100 + r.failed, 1000u);
    EXPECT_FALSE(r.stopped);
    EXPECT_EQ(shop.begun(), once_each());
    EXPECT_EQ(shop.failures(), "");
  }
}

TEST(Pool, WorkersAreNamedAndHaveTheirThreads) {
  Shop shop("echo \"$@\" >> words; echo done $run", 6, 3);
  shop.request().threads = 4;
  shop.work();
  std::set<std::string> words;
  std::ifstream in(shop.root() / "words");
  for (std::string line; std::getline(in, line);) words.insert(line);
  EXPECT_LE(words.size(), 3u);
  for (const auto& line : words) EXPECT_TRUE(line == "local-0 --threads 4" || line == "local-1 --threads 4" || line == "local-2 --threads 4") << line;
}

TEST(Pool, FailuresThatAWorkerReportsAreItsOwnToRecord) {
  Shop shop("[ $run = 3 ] && echo failed 3 || echo done $run");
  const PoolResult r = shop.work();
  EXPECT_EQ(r.done * 100 + r.failed, 901u);
  EXPECT_EQ(shop.failures(), "");
}

// A run that takes its worker down is one failed run; another worker goes on, also with what the dead one had not begun.
TEST(Pool, ARunThatEndsItsWorkerIsOneFailure) {
  for (const int jobs : {1, 2}) {
    Shop shop("[ $run = 3 ] && kill -SEGV $$; [ $run = 4 ] && exit 9; [ $run = 5 ] && kill -KILL $$; echo done $run", 10, jobs);
    const PoolResult r = shop.work();
    EXPECT_EQ(r.done * 100 + r.failed, 703u);
    EXPECT_EQ(shop.begun(), once_each());
    EXPECT_EQ(shop.failures(),
              "3 id3 0 11 the process was ended by signal 11 (Segmentation fault); 4 id4 9 0 the process ended with exit code 9 in the middle of the run; "
              "5 id5 0 9 the process was ended by signal 9 (Killed), perhaps for want of memory; ");
  }
}

TEST(Pool, ProgressIsThatOfTheRunsAtWork) {
  Shop shop("echo progress $run 0.5; while [ ! -e seen ]; do sleep 0.01; done; echo done $run", 3, 1);
  std::set<double> shares;
  shop.work([&](const PoolState& s) {
    EXPECT_EQ(s.runs, 3u);
    EXPECT_LE(s.running.size(), 1u);
    for (const double x : s.running) shares.insert(x);
    if (shares.contains(0.5)) shop.root().write("seen", "");
    return PoolOrder::go_on;
  });
  EXPECT_EQ(shares, (std::set<double>{0, 0.5}));
}

// ---- stopping --------------------------------------------------------------------------------------------------------

/// Stops as soon as a run says by a file that it is ready.
PoolResult stopped_when_ready(Shop& shop) {
  return shop.work([&](const PoolState&) { return std::filesystem::exists(shop.root() / "ready") ? PoolOrder::stop : PoolOrder::go_on; });
}

TEST(Pool, AskedToStopItAsksItsWorkers) {
  Shop shop("trap 'echo stopped $run; exit 75' USR1; : > ready; while :; do sleep 0.01; done");
  const PoolResult r = stopped_when_ready(shop);
  EXPECT_TRUE(r.stopped);
  EXPECT_EQ(r.done + r.failed, 0u);
  EXPECT_EQ(shop.failures(), "");
}

// The order may come before a worker can listen to it, or between two of its runs.
TEST(Pool, AWorkerThatCouldNotListenYetIsNoFailure) {
  for (const char* body : {": > ready; while :; do sleep 0.01; done", "trap 'exit 75' USR1; : > ready; while :; do sleep 0.01; done"}) {
    Shop shop(body);
    EXPECT_TRUE(stopped_when_ready(shop).stopped);
    EXPECT_EQ(shop.failures(), "") << body;
  }
}

// What really goes wrong while it stops is a failure.
TEST(Pool, ACrashWhileStoppingIsAFailure) {
  Shop shop("trap 'kill -SEGV $$' USR1; : > ready; while :; do sleep 0.01; done", 10, 1);
  EXPECT_TRUE(stopped_when_ready(shop).stopped);
  EXPECT_NE(shop.failures().find("0 id0 0 11 "), std::string::npos);
}

// A cluster may signal the workers itself, some before this process: the runs are done by others, if it is not told too.
TEST(Pool, AWorkerThatOthersStoppedIsReplaced) {
  // A worker is started deaf to these signals and listens once it is ready, which a shell cannot.
  const auto ended_by = [](const std::string& name) {
    return "exec python3 -c 'import os, signal; signal.pthread_sigmask(signal.SIG_SETMASK, []); signal.signal(signal." + name +
           ", signal.SIG_DFL); os.kill(os.getpid(), signal." + name + ")'";
  };
  for (const std::string& how : {std::string("echo stopped 3; exit 75"), std::string("exit 75"), ended_by("SIGUSR1"), ended_by("SIGTERM"), ended_by("SIGINT")}) {
    Shop shop("[ $run = 3 ] && [ ! -e told ] && { : > told; " + how + "; }; echo done $run");
    const PoolResult r = shop.work();
    EXPECT_EQ(r.done * 100 + r.failed, 1000u) << how;
    EXPECT_FALSE(r.stopped);
    std::vector<int> begun = once_each();
    begun[3] = 2;
    EXPECT_EQ(shop.begun(), begun) << how;
    EXPECT_EQ(shop.failures(), "") << how;
  }
}

// ---- what makes no sense to go on with --------------------------------------------------------------------------------

TEST(Pool, ABrokenWorkerEndsThePoolAndStopsTheOthers) {
  Shop shop("[ $run = 1 ] && { while [ ! -e ready ]; do sleep 0.01; done; echo 'broken the disk is full'; exit 4; }; trap ': > asked; exit 75' USR1; : > ready; "
            "while :; do sleep 0.01; done");
  EXPECT_EQ(said([&] { shop.work(); }, shop.root().path()), "file: study/results: the disk is full; Continue the study when this is mended; what was done is kept.");
  EXPECT_TRUE(std::filesystem::exists(shop.root() / "asked"));
  EXPECT_EQ(shop.failures(), "");
}

TEST(Pool, AProgramThatIsNotThere) {
  Shop shop("");
  shop.request().worker_command = {"/nowhere/swarmsim"};
  EXPECT_THROW(shop.work(), ModelError);
  EXPECT_EQ(shop.failures(), "");
}

TEST(Pool, AnAnswerMayComeInPieces) {
  Shop shop("printf 'do'; sleep 0.02; printf 'ne %s\\nprogress 1 0.1\\n' $run", 4, 1);
  EXPECT_EQ(shop.work().done, 4u);
}

}  // namespace
