#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/container.hpp"
#include "sim/io/digest.hpp"

extern char** environ;

/// A writer process is killed at random moments — while creating, recording, flushing, resuming, finishing —
/// and each time the file must open, hold what was flushed, and go on to the bytes of a run nobody disturbed.
namespace swarm::io {
namespace {

constexpr std::uint64_t kChunkRows = 7;

std::uint64_t environment_number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::uint64_t flushed_steps(const std::filesystem::path& name) {
  const std::filesystem::path note = name.string() + ".note";
  return std::filesystem::exists(note) ? ContainerReader::read(note).value<std::uint64_t>("steps") : 0;
}

/// The child: goes on from the last noted step, flushes at irregular steps and notes each flush.
TEST(Kill, DISABLED_Writer) {
  const char* text = std::getenv("SWARM_KILL_FILE");
  ASSERT_NE(text, nullptr);
  const std::filesystem::path name = text;
  const std::uint64_t steps = environment_number("SWARM_KILL_STEPS", 0);
  const auto groups = sample::groups(kChunkRows);
  const std::uint64_t first = flushed_steps(name);
  const bool resume = std::filesystem::exists(ResultFile::partial_name(name));
  ResultFile file = resume ? ResultFile::reopen(name, groups, sample::rows_after(first), sample::kStart, 4)
                           : ResultFile::create(name, groups, sample::root(), sample::kStart, 4);
  for (std::uint64_t step = first; step < steps; ++step) {
    sample::record_step(file, groups, step);
    if (sample::mix(step) % 5 != 0) continue;
    file.flush();
    ContainerWriter note;
    note.add("steps", step + 1);
    note.write(name.string() + ".note");
  }
  file.finish(sample::closing(), {{"finished", std::string("2022-01-04T00:00:00Z")}});
}

pid_t start_writer(const std::filesystem::path& name, std::uint64_t steps) {
  setenv("SWARM_KILL_FILE", name.c_str(), 1);
  setenv("SWARM_KILL_STEPS", std::to_string(steps).c_str(), 1);
  std::array<std::string, 3> words{"unit_io", "--gtest_filter=Kill.DISABLED_Writer",
                                   "--gtest_also_run_disabled_tests"};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  EXPECT_EQ(posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

/// Kills the child after `microseconds`; true if it was still running.
bool kill_after(pid_t child, std::uint64_t microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

/// What a reader finds after a kill: at least the rows last noted, all of them right.
void check_partial(const std::filesystem::path& name) {
  const auto partial = ResultFile::partial_name(name);
  if (!std::filesystem::exists(partial)) {
    EXPECT_EQ(flushed_steps(name), 0U);
    return;
  }
  const ResultReader file(partial);
  const auto groups = sample::groups(kChunkRows);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::uint64_t rows = file.rows_of(groups[g].path + "/time");
    EXPECT_GE(rows, sample::rows_after(flushed_steps(name), g));
    EXPECT_EQ(sample::wrong_values(file, groups[g], g, rows), 0U);
  }
  // Mutant: this check must be able to fail.
  const std::uint64_t rows = file.rows_of("/region/time");
  if (rows > 0) {
    EXPECT_GT(sample::wrong_values(file, groups[0], 1, rows), 0U);
  }
}

/// Kills writers of a run of `steps` steps until `kills` struck; returns how many struck after a finished
/// file.
void torment(std::uint64_t steps, std::uint64_t kills, std::uint64_t longest_us) {
  const sample::Folder folder;
  const auto whole = folder / "whole.h5", name = folder / "a.h5";
  sample::write(whole, steps, kChunkRows);
  const std::string expected = sample::bytes(whole);
  std::uint64_t struck = 0, finished = 0;
  for (std::uint64_t attempt = 0; struck < kills; ++attempt) {
    ASSERT_LT(attempt, 100 * kills + 100) << "the writer never lives long enough to be killed";
    const bool killed = kill_after(start_writer(name, steps), sample::mix(attempt + steps) % longest_us);
    struck += killed;
    if (!std::filesystem::exists(name)) {
      ASSERT_TRUE(killed) << "the writer failed by itself";
      check_partial(name);
      if (::testing::Test::HasFailure()) return;
      continue;
    }
    ++finished;
    ASSERT_TRUE(sample::bytes(name) == expected);
    for (const char* ending : {"", ".note", ".partial"}) std::filesystem::remove(name.string() + ending);
  }
  // The last one may finish in peace.
  int status = 0;
  ::waitpid(start_writer(name, steps), &status, 0);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(digest(name), digest(whole));
  EXPECT_TRUE(sample::bytes(name) == expected);
  ::testing::Test::RecordProperty("killed", static_cast<int>(struck));
  ::testing::Test::RecordProperty("finished", static_cast<int>(finished));
}

// A run long enough that it is mostly killed while recording and resuming.
TEST(Kill, FlushedRowsSurviveAndTheRunGoesOnToTheSameBytes) {
  torment(400, environment_number("SWARM_IO_KILLS", 32), 120000);
}

// A run so short that it is mostly killed while creating and finishing.
TEST(Kill, CreatingAndFinishingSurviveToo) {
  torment(3, environment_number("SWARM_IO_KILLS", 32) / 2, 50000);
}

}  // namespace
}  // namespace swarm::io
