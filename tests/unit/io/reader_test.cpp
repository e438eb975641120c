#include "sim/io/reader.hpp"

#include <gtest/gtest.h>

#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/digest.hpp"

namespace swarm::io {
namespace {

std::string complaint(const std::filesystem::path& file) {
  try {
    digest(file);
  } catch (const FileError& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with(file.string() + ": ")) << e.what();
    return e.what();
  }
  return "";
}

bool says(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

TEST(Reader, EachKindOfWrongFileGetsItsOwnWords) {
  const sample::Folder folder;
  EXPECT_TRUE(says(complaint(folder / "none.h5"), "there is no such file; Check the path."));
  sample::put_bytes(folder / "none.h5.partial", "");
  EXPECT_TRUE(says(complaint(folder / "none.h5"), "go on with --resume"));
  EXPECT_TRUE(says(complaint(folder.path()), "is a folder"));
  sample::put_bytes(folder / "empty.h5", "");
  EXPECT_TRUE(says(complaint(folder / "empty.h5"), "the file is empty"));
  sample::put_bytes(folder / "text.h5", "id,region\n1,BD\n");
  EXPECT_TRUE(says(complaint(folder / "text.h5"), "is not an HDF5 file"));
}

TEST(Reader, TruncatedAtAnyLengthIsAFileErrorNeverAValue) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 40);
  const std::string whole = sample::bytes(folder / "a.h5");
  EXPECT_EQ(complaint(folder / "a.h5"), "");
  for (std::size_t size = 0; size < whole.size(); size += 997) {
    sample::put_bytes(folder / "cut.h5", whole.substr(0, size));
    EXPECT_NE(complaint(folder / "cut.h5"), "") << size;
  }
  sample::put_bytes(folder / "cut.h5", whole.substr(0, whole.size() - 1));
  EXPECT_TRUE(says(complaint(folder / "cut.h5"), "truncated")) << complaint(folder / "cut.h5");
}

TEST(Reader, ForeignAndNewerFilesAreNamed) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 2);
  // The attribute's text lies in the file as it is, so another program's name can be put in its place.
  std::string content = sample::bytes(folder / "a.h5");
  for (std::size_t at = 0; (at = content.find("swarmsim", at)) != std::string::npos; ++at) content[at] = 'S';
  sample::put_bytes(folder / "foreign.h5", content);
  EXPECT_TRUE(says(complaint(folder / "foreign.h5"), "is an HDF5 file, but not a result of swarmsim"));
  {
    ResultFile file = ResultFile::create(folder / "new.h5", sample::groups(), {}, sample::kStart, 1);
    file.finish({}, {{"format_version", kFormatVersion + 1}});
  }
  EXPECT_TRUE(
      says(complaint(folder / "new.h5"), "has format version 2 (this program reads versions up to 1)"));
}

TEST(Reader, WrongRequestsAreExplained) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 4);
  const ResultReader file(folder / "a.h5");
  const auto refusal = [](auto&& body) -> std::string {
    try {
      body();
    } catch (const FileError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_TRUE(
      says(refusal([&] { file.read<double>("/region/energy_kw"); }), "Did you mean /region/energy_kwh?"));
  EXPECT_TRUE(says(refusal([&] { file.read<std::int64_t>("/region/energy_kwh"); }), "holds fractions"));
  EXPECT_TRUE(says(refusal([&] { file.read<double>("/region/region"); }), "holds text"));
  EXPECT_TRUE(says(refusal([&] { file.read_text("/region/mode"); }), "holds numbers"));
  EXPECT_TRUE(says(refusal([&] { file.scalar<double>("/region/energy_kwh"); }), "is not a single value"));
  EXPECT_TRUE(says(refusal([&] { file.attribute_text("hosts"); }), "no attribute hosts"));
  double row[3];
  EXPECT_TRUE(says(refusal([&] { file.read_rows("/region/energy_kwh", 4, 1, ElementType::f64, row); }),
                   "4 to 5 of 4"));
  file.read_rows("/region/energy_kwh", 3, 1, ElementType::f64, row);
  EXPECT_EQ(row[2], sample::value(0, 0, 3, 2));
}

TEST(Reader, NeverChangesTheFile) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 4);
  const std::string before = sample::bytes(folder / "a.h5");
  digest(folder / "a.h5");
  EXPECT_TRUE(before == sample::bytes(folder / "a.h5"));
}

}  // namespace
}  // namespace swarm::io
