#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/container.hpp"
#include "sim/io/digest.hpp"

namespace swarm::io {
namespace {

/// A disk of a few hundred kilobytes.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options) == 0;
    reason_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::string& reason() const { return reason_; }
  bool make_read_only() const {
    return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  const sample::Folder& folder() const { return folder_; }

 private:
  sample::Folder folder_;
  bool mounted_ = false;
  std::string reason_;
};

#define SKIP_IF_NOT_MOUNTED(disk) \
  if (!(disk).mounted()) GTEST_SKIP() << "mounting a small disk is not permitted: " << (disk).reason()

const Group kNoise{"/noise",
                   {{"time"}, {"place", 512}},
                   {{"v", ElementType::i64, {"time", "place"}, "1", "incompressible"}},
                   8};

std::vector<std::byte> noise(std::uint64_t row) {
  std::vector<std::byte> bytes(512 * 8);
  for (std::uint64_t k = 0; k < 512; ++k) {
    const std::uint64_t v = sample::mix(row * 512 + k + 1);
    std::memcpy(bytes.data() + 8 * k, &v, 8);
  }
  return bytes;
}

struct Outcome {
  std::string message;
  std::uint64_t flushed = 0;
};

Outcome record_until_full(const std::filesystem::path& name, std::uint64_t flush_every) {
  Outcome outcome;
  try {
    ResultFile file = ResultFile::create(name, {kNoise}, {}, sample::kStart, 1);
    for (std::uint64_t row = 0; row < 10000; ++row) {
      file.append(0, static_cast<double>(row), static_cast<std::int64_t>(row), noise(row));
      if ((row + 1) % flush_every == 0) outcome.flushed = file.flush()[0];
    }
  } catch (const FileError& e) {
    outcome.message = e.what();
  }
  return outcome;
}

TEST(DiskFull, IsAFileErrorAndLeavesAReadablePartialAndNoFinalFile) {
  for (const std::uint64_t flush_every : {1U, 3U, 8U, 20U}) {
    const SmallDisk disk("size=640k");
    SKIP_IF_NOT_MOUNTED(disk);
    const sample::Folder elsewhere;
    const auto outcome = record_until_full(disk.folder() / "a.h5", flush_every);
    EXPECT_NE(outcome.message.find("No space left on device) Free space"), std::string::npos)
        << outcome.message;
    EXPECT_EQ(disk.folder().names(), std::vector<std::string>{"a.h5.partial"});
    // A copy, so that the library looks at the disk and not at what this process still has in memory.
    std::filesystem::copy_file(disk.folder() / "a.h5.partial", elsewhere / "copy.h5.partial");
    const ResultReader file(elsewhere / "copy.h5.partial");
    const auto values = file.read<std::int64_t>("/noise/v");
    EXPECT_GT(outcome.flushed, 0U);
    ASSERT_GE(values.size(), outcome.flushed * 512);
    for (std::uint64_t row = 0; row < outcome.flushed; ++row)
      EXPECT_EQ(std::memcmp(values.data() + row * 512, noise(row).data(), 4096), 0) << row;
  }
}

TEST(DiskFull, TheErrorComesBackAtEveryLaterCall) {
  const SmallDisk disk("size=300k");
  SKIP_IF_NOT_MOUNTED(disk);
  ResultFile file = ResultFile::create(disk.folder() / "a.h5", {kNoise}, {}, sample::kStart, 1);
  EXPECT_THROW(for (std::uint64_t row = 0; row < 100000; ++row)  // more than the queue holds

               file.append(0, static_cast<double>(row), static_cast<std::int64_t>(row), noise(row)),
               FileError);
  EXPECT_THROW(file.flush(), FileError);
  EXPECT_THROW(file.finish({}, {}), FileError);
  EXPECT_FALSE(std::filesystem::exists(disk.folder() / "a.h5"));
}

TEST(DiskFull, AtCreationNothingStays) {
  const SmallDisk disk("size=4k");
  SKIP_IF_NOT_MOUNTED(disk);
  EXPECT_NE(record_until_full(disk.folder() / "a.h5", 1).message, "");
  EXPECT_TRUE(disk.folder().names().empty());
}

// Wherever the disk runs out — creating, recording, copying, closing — it is a FileError, the final name
// stays free, no temporary stays, and the process goes on.
TEST(DiskFull, AtEachStageNothingHalfWrittenStays) {
  std::uint64_t failed = 0, succeeded = 0;
  for (int kilobytes = 4; kilobytes <= 160; kilobytes += 4) {
    const SmallDisk disk(("size=" + std::to_string(kilobytes) + "k").c_str());
    SKIP_IF_NOT_MOUNTED(disk);
    try {
      sample::write(disk.folder() / "a.h5", 200, 7, 50);
      ++succeeded;
      EXPECT_EQ(disk.folder().names(), std::vector<std::string>{"a.h5"});
      EXPECT_EQ(ResultReader(disk.folder() / "a.h5").rows_of("/region/time"), 200U);
    } catch (const FileError& e) {
      ++failed;
      EXPECT_NE(std::string(e.what()).find("No space left on device"), std::string::npos) << e.what();
      const auto names = disk.folder().names();
      EXPECT_TRUE(names.empty() || names == std::vector<std::string>{"a.h5.partial"}) << kilobytes;
    }
  }
  EXPECT_GT(failed, 5U);
  EXPECT_GT(succeeded, 2U);
}

// Room for the file but not for a second copy: it is finished in place, with the same content.
TEST(DiskFull, NoRoomForACopyStillFinishes) {
  const SmallDisk disk("size=1200k");
  SKIP_IF_NOT_MOUNTED(disk);
  const sample::Folder elsewhere;
  const auto record = [](const std::filesystem::path& name) {
    ResultFile file = ResultFile::create(name, {kNoise}, {}, sample::kStart, 1);
    for (std::uint64_t row = 0; row < 100; ++row)
      file.append(0, static_cast<double>(row), static_cast<std::int64_t>(row), noise(row));
    file.finish({{"/noise", {}, {{"x", std::vector<double>(512, 1), {"place"}, "1", "x"}}}}, {});
    return digest(name);
  };
  EXPECT_EQ(record(disk.folder() / "a.h5"), record(elsewhere / "a.h5"));
  EXPECT_EQ(disk.folder().names(), std::vector<std::string>{"a.h5"});
}

TEST(DiskFull, ContainerKeepsTheEarlierFile) {
  const SmallDisk disk("size=200k");
  SKIP_IF_NOT_MOUNTED(disk);
  const std::vector<double> small(100, 1.5), large(100000, 2.5);
  ContainerWriter first, second;
  first.add("v", small);
  second.add("v", large);
  first.write(disk.folder() / "a.ckpt");
  EXPECT_THROW(second.write(disk.folder() / "a.ckpt"), FileError);
  EXPECT_EQ(ContainerReader::read(disk.folder() / "a.ckpt").get<double>("v"), small);
  EXPECT_EQ(disk.folder().names(), std::vector<std::string>{"a.ckpt"});
}

TEST(ReadOnlyDisk, WritingFailsReadingWorks) {
  const SmallDisk disk("size=2m");
  SKIP_IF_NOT_MOUNTED(disk);
  sample::write(disk.folder() / "a.h5", 5);
  ASSERT_TRUE(disk.make_read_only());
  EXPECT_NE(record_until_full(disk.folder() / "b.h5", 1).message.find("Read-only file system"),
            std::string::npos);
  EXPECT_EQ(ResultReader(disk.folder() / "a.h5").rows_of("/region/time"), 5U);
}

}  // namespace
}  // namespace swarm::io
