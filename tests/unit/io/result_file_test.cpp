#include "sim/io/result_file.hpp"

#include <gtest/gtest.h>

#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/digest.hpp"
#include "sim/io/reader.hpp"

namespace swarm::io {
namespace {

template <class Body>
std::string file_error(Body&& body) {
  try {
    body();
  } catch (const FileError& e) {
    return e.what();
  }
  return "";
}

TEST(ResultFile, EveryTypeReadsBackAsWritten) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 40);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.h5"});
  const ResultReader file(folder / "a.h5");
  const auto groups = sample::groups();
  for (std::size_t g = 0; g < groups.size(); ++g) {
    EXPECT_EQ(file.rows_of(groups[g].path + "/time"), sample::rows_after(40, g));
    EXPECT_EQ(sample::wrong_values(file, groups[g], g, sample::rows_after(40, g)), 0U);
  }
  // Mutant: values of another group's stream must not pass.
  EXPECT_GT(sample::wrong_values(file, groups[0], 1, 40), 0U);
  EXPECT_EQ(file.dataset("/region/latency_s").axes, (std::vector<std::string>{"time", "region", "slot"}));
  EXPECT_EQ(file.dataset("/region/latency_s").shape, (std::vector<std::uint64_t>{40, 3, 4}));
  EXPECT_EQ(file.dataset("/region/mode").flag_meanings, (std::vector<std::string>{"idle", "green", "grid"}));
  EXPECT_EQ(file.dataset("/region/energy_kwh").kind, "modelled");
  EXPECT_EQ(file.dataset("/region/time").units, "seconds since 2022-01-03 00:00:00");
  EXPECT_TRUE(file.dataset("/region/slot").bare_dimension);
  EXPECT_EQ(file.read_text("/region/region")[2], "Deutschland-Süd");
}

TEST(ResultFile, ClosingGroupsAndAttributesReadBack) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 3);
  const ResultReader file(folder / "a.h5");
  EXPECT_EQ(file.scalar<double>("/summary/energy_kwh"), 12.5);
  EXPECT_EQ(file.scalar<std::int64_t>("/summary/token_supply"),
            9007199254740993);  // 2^53 + 1: no way through double
  EXPECT_EQ(file.read<std::uint32_t>("/summary/counts")[2], 4000000000U);
  EXPECT_EQ(file.read_text("/summary/names"), (std::vector<std::string>{"x", "", "żółw"}));
  EXPECT_EQ(file.read<double>("/region/latitude"), (std::vector<double>{23.7, -1.3, 48.1}));
  EXPECT_EQ(file.dataset("/region/latitude").axes, std::vector<std::string>{"region"});
  EXPECT_EQ(file.attribute_text("scenario"), "[run]\nname = \"Prüfung\"\n");
  EXPECT_EQ(file.attribute_text("seed"), "42");
  EXPECT_EQ(file.attribute_text("filetype"), "swarmsim");
  EXPECT_EQ(file.attribute_text("Conventions"), "CF-1.10");
  EXPECT_EQ(file.attribute_text("finished"), "2022-01-04T00:00:00Z");
  EXPECT_TRUE(file.finished());
  EXPECT_EQ(file.groups(), (std::vector<std::string>{"/agent", "/evolution", "/region", "/summary"}));
}

TEST(ResultFile, EqualDataGiveEqualBytesHoweverTheyWereFlushed) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 33);
  sample::write(folder / "b.h5", 33);
  sample::write(folder / "c.h5", 33, 7, 1);
  sample::write(folder / "d.h5", 34);
  const std::string a = sample::bytes(folder / "a.h5");
  EXPECT_GT(a.size(), 10000U);
  EXPECT_TRUE(a == sample::bytes(folder / "b.h5"));
  EXPECT_TRUE(a == sample::bytes(folder / "c.h5"));
  EXPECT_FALSE(a == sample::bytes(folder / "d.h5"));  // mutant: one row more
}

TEST(ResultFile, DigestIgnoresChunksAndCompressionButNoValue) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 40, 7);
  sample::write(folder / "b.h5", 40, 16, 3, 1);
  sample::write(folder / "c.h5", 40, 1, 0, 0);
  const std::string a = digest(folder / "a.h5");
  EXPECT_EQ(a.size(), 32U);
  EXPECT_EQ(a, digest(folder / "b.h5"));
  EXPECT_EQ(a, digest(folder / "c.h5"));
  sample::write(folder / "d.h5", 39);
  EXPECT_NE(a, digest(folder / "d.h5"));
}

/// A file with one group and one i64 column `name` that holds the given values.
std::string digest_of(const std::filesystem::path& path, const std::string& group, const std::string& name,
                      ElementType type, std::vector<std::int64_t> values, const std::string& provenance) {
  const Group description{group, {{"time"}, {"place", 2}}, {{name, type, {"time", "place"}, "1", "x"}}, 4};
  ResultFile file = ResultFile::create(path, {description}, {{"host", provenance}}, sample::kStart, 2);
  for (std::size_t k = 0; k + 1 < values.size(); k += 2) {
    std::vector<std::byte> row(row_bytes(description));
    if (type == ElementType::i64)
      std::memcpy(row.data(), &values[k], 16);
    else
      for (std::size_t j = 0; j < 2; ++j) {
        const double v = static_cast<double>(values[k + j]);
        std::memcpy(row.data() + 8 * j, &v, 8);
      }
    file.append(0, static_cast<double>(k), static_cast<std::int64_t>(k), row);
  }
  file.finish({{"/timing",
                {},
                {{"seconds", std::vector<double>{static_cast<double>(provenance.size())}, {}, "s", "s"}}}},
              {});
  return digest(path);
}

TEST(Digest, SeesNameTypeAndEachValueButNotProvenanceOrTiming) {
  const sample::Folder folder;
  const auto path = folder / "x.h5";
  const auto base = digest_of(path, "/g", "v", ElementType::i64, {1, 2, 3, 4}, "one");
  EXPECT_EQ(base, digest_of(path, "/g", "v", ElementType::i64, {1, 2, 3, 4}, "another"));
  EXPECT_NE(base, digest_of(path, "/g", "v", ElementType::i64, {1, 2, 4, 3}, "one"));
  EXPECT_NE(base, digest_of(path, "/g", "w", ElementType::i64, {1, 2, 3, 4}, "one"));
  EXPECT_NE(base, digest_of(path, "/h", "v", ElementType::i64, {1, 2, 3, 4}, "one"));
  EXPECT_NE(base, digest_of(path, "/g", "v", ElementType::f64, {1, 2, 3, 4}, "one"));
}

TEST(ResultFile, AbandonedFileHoldsEverythingAndGoesOnToTheSameBytes) {
  const sample::Folder folder;
  sample::write(folder / "whole.h5", 50);
  const auto name = folder / "a.h5";
  const auto groups = sample::groups();
  {
    ResultFile file = ResultFile::create(name, groups, sample::root(), sample::kStart, 4);
    for (std::uint64_t step = 0; step < 31; ++step) sample::record_step(file, groups, step);
    EXPECT_EQ(file.rows(), sample::rows_after(31));
  }
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a.h5.partial", "whole.h5"}));
  const auto partial = ResultFile::partial_name(name);
  {
    const ResultReader reader(partial);
    EXPECT_FALSE(reader.finished());
    for (std::size_t g = 0; g < groups.size(); ++g)
      EXPECT_EQ(sample::wrong_values(reader, groups[g], g, sample::rows_after(31, g)), 0U);
  }
  // Resume from step 24: what was recorded later is dropped and recorded again.
  ResultFile file = ResultFile::reopen(name, groups, sample::rows_after(24), sample::kStart, 4);
  EXPECT_EQ(ResultReader(partial).rows_of("/region/time"), 24U);
  EXPECT_EQ(ResultReader(partial).rows_of("/region/raw"), 24U);
  for (std::uint64_t step = 24; step < 50; ++step) sample::record_step(file, groups, step);
  file.finish(sample::closing(), {{"finished", std::string("2022-01-04T00:00:00Z")}});
  EXPECT_TRUE(sample::bytes(name) == sample::bytes(folder / "whole.h5"));
}

TEST(ResultFile, ReaderSeesFlushedRowsWhileTheFileIsWritten) {
  const sample::Folder folder;
  const auto groups = sample::groups();
  ResultFile file = ResultFile::create(folder / "a.h5", groups, {}, sample::kStart, 1);
  const auto partial = ResultFile::partial_name(folder / "a.h5");
  for (std::uint64_t step = 0; step < 20; ++step) sample::record_step(file, groups, step);
  EXPECT_EQ(file.flush(), sample::rows_after(20));
  EXPECT_EQ(sample::wrong_values(ResultReader(partial), groups[0], 0, 20), 0U);
  for (std::uint64_t step = 20; step < 40; ++step) sample::record_step(file, groups, step);
  file.flush();
  EXPECT_EQ(sample::wrong_values(ResultReader(partial), groups[0], 0, 40), 0U);
}

TEST(ResultFile, FinishedFileIsReplacedByTheRenameOnly) {
  const sample::Folder folder;
  const auto name = folder / "a.h5";
  sample::put_bytes(name, "earlier");
  const auto groups = sample::groups();
  ResultFile file = ResultFile::create(name, groups, {}, sample::kStart, 1);
  sample::record_step(file, groups, 0);
  file.flush();
  EXPECT_EQ(sample::bytes(name), "earlier");
  file.finish({}, {});
  EXPECT_EQ(ResultReader(name).rows_of("/region/time"), 1U);
  EXPECT_THROW(file.flush(), ModelError);
  EXPECT_THROW(sample::record_step(file, groups, 1), ModelError);
}

TEST(ResultFile, TwoWritersOfOneFileAreRefused) {
  const sample::Folder folder;
  const auto groups = sample::groups();
  ResultFile file = ResultFile::create(folder / "a.h5", groups, {}, sample::kStart, 1);
  const auto again = [&] { ResultFile::create(folder / "a.h5", groups, {}, sample::kStart, 1); };
  EXPECT_NE(file_error(again).find("being written by another run"), std::string::npos);
  EXPECT_NE(file_error([&] {
              ResultFile::reopen(folder / "a.h5", groups, {0, 0, 0}, sample::kStart, 1);
            }).find("being written by another run"),
            std::string::npos);
  file.abandon();
  EXPECT_EQ(file_error(again), "");
}

TEST(ResultFile, ReopenRefusesAnotherSchemaOrTooManyRows) {
  const sample::Folder folder;
  const auto name = folder / "a.h5";
  const auto groups = sample::groups();
  const auto reopen = [&](const std::vector<Group>& description, std::vector<std::uint64_t> rows) {
    return file_error([&] { ResultFile::reopen(name, description, rows, sample::kStart, 1).abandon(); });
  };
  EXPECT_NE(reopen(groups, {0, 0, 0}).find("No such file"), std::string::npos);
  {
    ResultFile file = ResultFile::create(name, groups, {}, sample::kStart, 1);
    for (std::uint64_t step = 0; step < 8; ++step) sample::record_step(file, groups, step);
  }
  EXPECT_EQ(reopen(groups, {8, 2, 2}), "");
  EXPECT_NE(reopen(groups, {9, 2, 2}).find("holds 8 rows, 9 are needed"), std::string::npos);
  auto other = groups;
  other[0].variables[0].type = ElementType::f32;
  EXPECT_NE(reopen(other, {8, 2, 2}).find("another type, shape or chunk size"), std::string::npos);
  other = groups;
  other[1].variables[0].name = "purse";
  EXPECT_NE(reopen(other, {8, 2, 2}).find("no dataset /agent/purse"), std::string::npos);
  EXPECT_EQ(reopen(groups, {8, 2, 2}), "");  // the refusals left the file as it was
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.h5.partial"});
}

TEST(ResultFile, ImpossiblePlacesAreFileErrorsAndLeaveNothing) {
  const sample::Folder folder;
  const auto create = [&](const std::filesystem::path& name) {
    return file_error([&] { ResultFile::create(name, sample::groups(), {}, sample::kStart, 1); });
  };
  EXPECT_NE(create(folder / "absent/a.h5").find("No such file or directory"), std::string::npos);
  sample::put_bytes(folder / "file", "x");
  EXPECT_NE(create(folder / "file/a.h5"), "");
  EXPECT_NE(create("/proc/a.h5"), "");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"file"});
}

TEST(ResultFile, NoRowsAtAllIsAValidFile) {
  const sample::Folder folder;
  sample::write(folder / "a.h5", 0);
  const ResultReader file(folder / "a.h5");
  EXPECT_EQ(file.rows_of("/region/energy_kwh"), 0U);
  EXPECT_TRUE(file.read<double>("/region/energy_kwh").empty());
  EXPECT_EQ(digest(folder / "a.h5").size(), 32U);
}

TEST(ResultFile, FinishWithFaultyClosingGroupsKeepsTheFileOpen) {
  const sample::Folder folder;
  const auto groups = sample::groups();
  ResultFile file = ResultFile::create(folder / "a.h5", groups, {}, sample::kStart, 1);
  sample::record_step(file, groups, 0);
  EXPECT_THROW(file.finish({{"/summary", {}, {{"x", std::vector<double>{1, 2}, {}, "1", "x"}}}}, {}),
               ModelError);
  EXPECT_THROW(file.finish({{"/region", {}, {{"mode", std::vector<double>{1}, {}, "1", "x"}}}}, {}),
               ModelError);
  file.finish(sample::closing(), {});
  EXPECT_EQ(ResultReader(folder / "a.h5").rows_of("/region/time"), 1U);
}

}  // namespace
}  // namespace swarm::io
