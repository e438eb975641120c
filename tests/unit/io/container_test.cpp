#include "sim/io/container.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "sample.hpp"
#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

const std::vector<double> kDoubles{0.1, -0.0, std::numeric_limits<double>::infinity(), 5e-324};
const std::vector<std::uint8_t> kBytes{1, 2, 255};
const std::vector<std::int64_t> kNone{};
const std::vector<float> kFloats{1.5F};

ContainerWriter filled() {
  ContainerWriter out;
  out.add("doubles", kDoubles);
  out.add("bytes", std::span<const std::uint8_t>(kBytes));
  out.add("none", kNone);
  out.add("floats", kFloats);
  out.add("step", std::uint64_t{1} << 60);
  out.add("scenario", "name = \"Prüfung\"\n");
  out.add("empty", std::string());
  return out;
}

std::string complaint(const std::filesystem::path& file) {
  try {
    ContainerReader::read(file);
  } catch (const FileError& e) {
    return e.what();
  }
  return "";
}

TEST(Container, RoundTripKeepsEveryBit) {
  const sample::Folder folder;
  filled().write(folder / "a.ckpt");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.ckpt"});
  const auto in = ContainerReader::read(folder / "a.ckpt");
  const auto doubles = in.get<double>("doubles");
  ASSERT_EQ(doubles.size(), kDoubles.size());
  EXPECT_EQ(std::memcmp(doubles.data(), kDoubles.data(), 8 * kDoubles.size()), 0);
  EXPECT_EQ(in.get<std::uint8_t>("bytes"), kBytes);
  EXPECT_EQ(in.get<std::int64_t>("none"), kNone);
  EXPECT_EQ(in.get<float>("floats"), kFloats);
  EXPECT_EQ(in.value<std::uint64_t>("step"), std::uint64_t{1} << 60);
  EXPECT_EQ(in.text("scenario"), "name = \"Prüfung\"\n");
  EXPECT_EQ(in.text("empty"), "");
  EXPECT_EQ(in.names().size(), 7U);
  EXPECT_TRUE(in.has("step"));
  EXPECT_FALSE(in.has("stop"));
}

TEST(Container, ViewsSurviveMovingTheReader) {
  const sample::Folder folder;
  filled().write(folder / "a.ckpt");
  auto first = ContainerReader::read(folder / "a.ckpt");
  const auto second = std::move(first);
  EXPECT_EQ(second.view<std::uint8_t>("bytes")[2], 255);
}

TEST(Container, EveryFlippedBitAndEveryCutIsNoticed) {
  const sample::Folder folder;
  filled().write(folder / "a.ckpt");
  const std::string whole = sample::bytes(folder / "a.ckpt");
  EXPECT_EQ(complaint(folder / "a.ckpt"), "");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    sample::put_bytes(folder / "b.ckpt", damaged);
    EXPECT_NE(complaint(folder / "b.ckpt"), "") << at;
    sample::put_bytes(folder / "b.ckpt", whole.substr(0, at));
    EXPECT_NE(complaint(folder / "b.ckpt"), "") << at;
  }
  sample::put_bytes(folder / "b.ckpt", whole + std::string(8, '\0'));
  EXPECT_NE(complaint(folder / "b.ckpt"), "");
}

TEST(Container, WrongFilesAreNamed) {
  const sample::Folder folder;
  EXPECT_NE(complaint(folder / "none").find("No such file"), std::string::npos);
  sample::put_bytes(folder / "x", "id,region\n");
  EXPECT_NE(complaint(folder / "x").find("is not a checkpoint of swarmsim"), std::string::npos);
  sample::put_bytes(folder / "x", "SWCONT99");
  EXPECT_NE(complaint(folder / "x").find("another format"), std::string::npos);
  filled().write(folder / "a.ckpt");
  const auto in = ContainerReader::read(folder / "a.ckpt");
  EXPECT_THROW(in.get<float>("doubles"), FileError);
  EXPECT_THROW(in.get<std::int64_t>("step"), FileError);
  EXPECT_THROW(in.get<float>("absent"), FileError);
  EXPECT_THROW(in.value<double>("doubles"), FileError);
  EXPECT_THROW(in.text("doubles"), FileError);
}

TEST(Container, FailedWriteKeepsTheEarlierFile) {
  const sample::Folder folder;
  EXPECT_THROW(filled().write(folder / "absent/a.ckpt"), FileError);
  ContainerWriter twice;
  twice.add("a", 1);
  EXPECT_THROW(twice.add("a", 2), ModelError);
  filled().write(folder / "a.ckpt");
  twice.write(folder / "a.ckpt");
  EXPECT_EQ(ContainerReader::read(folder / "a.ckpt").value<int>("a"), 1);
}

}  // namespace
}  // namespace swarm::io
