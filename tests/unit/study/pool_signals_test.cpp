#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "sim/study/child_process.hpp"
#include "sim/study/pool.hpp"
#include "sim/study/status.hpp"
#include "sim/study/text_file.hpp"

/// Workers that are told to stop, at awkward moments; /bin/sh plays the worker.
namespace {

using namespace swarm;
namespace fs = std::filesystem;
using study::PoolOrder;

class PoolSignals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    std::string name = (fs::temp_directory_path() / "swarm_pool_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    for (const auto& f : {folder().results(), folder().logs()}) study::make_folder(f);
  }
  void TearDown() override { fs::remove_all(root_); }
  study::StudyFolder folder() const { return study::StudyFolder(root_); }

  /// Runs 0 and 1 by one worker that does this.
  study::PoolResult pool(const std::string& script, PoolOrder order = PoolOrder::go_on) {
    study::PoolRequest request;
    request.runs = {0, 1};
    request.ids = {"zero", "one"};
    request.name = std::string("p");
    request.worker_command = {"/bin/sh", "-c", script};
    return study::run_pool(folder(), request, [&](const study::PoolState&) { return order; });
  }
  std::vector<study::RunRecord> records() const { return study::read_records(folder().results()).records; }

  fs::path root_;
};

TEST_F(PoolSignals, WaitUntilTheWorkerIsReady) {
  // Not yet ready for signals, as any program that has just been started. Mutant: no signals blocked.
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) {
    study::ChildProcess child({"/bin/sh", "-c", "kill -" + std::to_string(number) + " $$; exit 5"}, root_ / "log");
    const int status = child.wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 5) << strsignal(number);
  }
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) EXPECT_FALSE(sigismember(&blocked, number)) << "the parent's own";
}

TEST_F(PoolSignals, AWorkerThatStoppedBeforeItBeganHasNotFailed) {
  const auto result = pool("exit 75", PoolOrder::stop);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.failed, 0U);
  EXPECT_TRUE(records().empty());
}

TEST_F(PoolSignals, AWorkerThatIsGoneForAnyOtherReasonHas) {
  const auto result = pool("exit 76");
  EXPECT_FALSE(result.stopped);
  EXPECT_EQ(result.failed, 2U);
  ASSERT_EQ(records().size(), 2U);
  EXPECT_EQ(records()[0].failure.exit_code, 76);
}

TEST_F(PoolSignals, ACrashStandsInTheLogThatItsRecordNames) {
  pool("kill -SEGV $$");
  ASSERT_EQ(records().size(), 2U);
  for (const auto& r : records()) {
    EXPECT_EQ(r.failure.signal, SIGSEGV);
    const std::string log = study::read_text_file(root_ / r.failure.log);
    EXPECT_NE(log.find("run " + std::to_string(r.run) + ": " + r.failure.message + "\n"), log.npos);
  }
}

}  // namespace
