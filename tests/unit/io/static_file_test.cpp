#include "sim/io/static_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "sample.hpp"
#include "sim/core/errors.hpp"
#include "sim/io/digest.hpp"

namespace swarm::io {
namespace {

const std::vector<Attribute> kAttributes{{"filetype", std::string(kStudyFileType)}, {"format_version", kFormatVersion}, {"question", std::string("warum?")}};

/// A grid of a factor and replicates, with a second coordinate and names along a third axis.
StaticGroup grid(double last = 5) {
  StaticGroup g{"/", {{"price", 2}, {"replicate", 3}, {"region", 2, {"BD", "KE"}}}, {}};
  g.variables.push_back({"price", std::vector<double>{0, 50}, {"price"}, "USD/t", "carbon price"});
  g.variables.push_back({"replicate", std::vector<std::int64_t>{0, 1, 2}, {"replicate"}, "1", "replicate"});
  g.variables.push_back({"status", std::vector<std::int8_t>{0, 1, 0, 0, 0, 0}, {"price", "replicate"}, "1", "how it ended", ResultKind::accounting, {"done", "failed"}});
  g.variables.push_back({"cost", std::vector<double>{0, 1, 2, 3, 4, last}, {"price", "replicate"}, "USD", "what it cost", ResultKind::modelled, {}, "status"});
  g.variables.push_back({"energy", std::vector<double>(12, 1.5), {"price", "replicate", "region"}, "kWh", "energy"});
  return g;
}

std::string fault(const StaticGroup& g) {
  const sample::Folder folder;
  try {
    write_static_file(folder / "a.h5", g, kAttributes);
  } catch (const ModelError& e) {
    EXPECT_TRUE(folder.names().empty());
    return e.what();
  }
  return "";
}

TEST(StaticFile, ReadsBack) {
  const sample::Folder folder;
  write_static_file(folder / "a.h5", grid(), kAttributes);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.h5"});
  const ResultReader file(folder / "a.h5");
  EXPECT_EQ(file.attribute_text("question"), "warum?");
  EXPECT_EQ(file.dataset("/cost").axes, (std::vector<std::string>{"price", "replicate"}));
  EXPECT_EQ(file.read<double>("/cost"), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(file.read<double>("/price"), (std::vector<double>{0, 50}));
  EXPECT_EQ(file.dataset("/price").units, "USD/t");
  EXPECT_FALSE(file.dataset("/price").bare_dimension);
  EXPECT_EQ(file.read_text("/region"), (std::vector<std::string>{"BD", "KE"}));
  EXPECT_EQ(file.dataset("/status").flag_meanings, (std::vector<std::string>{"done", "failed"}));
  EXPECT_TRUE(file.finished());
}

TEST(StaticFile, DigestSeesValuesAndNotAttributes) {
  const sample::Folder folder;
  write_static_file(folder / "a.h5", grid(), kAttributes);
  write_static_file(folder / "b.h5", grid(), {kAttributes[0], kAttributes[1]});
  write_static_file(folder / "c.h5", grid(6), kAttributes);
  EXPECT_EQ(digest(folder / "a.h5"), digest(folder / "b.h5"));
  EXPECT_NE(digest(folder / "a.h5"), digest(folder / "c.h5"));
}

TEST(StaticFile, FaultsOfTheDescription) {
  EXPECT_EQ(fault(grid()), "");
  StaticGroup g = grid();
  g.variables[3].values = std::vector<double>(5);
  g.variables[4].axes[2] = "regoin";
  g.variables[0].units.clear();
  const std::string text = fault(g);
  EXPECT_NE(text.find("/cost: has 5 values, its axes ask for 6"), std::string::npos) << text;
  EXPECT_NE(text.find("there is no fixed axis 'regoin'"), std::string::npos) << text;
  EXPECT_NE(text.find("/price: units or long_name are missing"), std::string::npos) << text;
  StaticGroup twice = grid();
  twice.variables.push_back(twice.variables[3]);
  EXPECT_NE(fault(twice).find("the name is empty or taken"), std::string::npos);
  StaticGroup labelled = grid();  // a coordinate of names and one of values for one axis
  labelled.variables.push_back({"region", std::vector<double>{1, 2}, {"region"}, "1", "x"});
  EXPECT_NE(fault(labelled).find("the name is empty or taken"), std::string::npos);
}

TEST(StaticFile, TheOldFileStaysUntilTheNewOneIsWhole) {
  const sample::Folder folder;
  write_static_file(folder / "a.h5", grid(), kAttributes);
  const std::string before = sample::bytes(folder / "a.h5");
  StaticGroup big = grid();
  big.variables.push_back({"more", std::vector<double>(12, 2), {"price", "replicate", "region"}, "1", "more"});
  rlimit unlimited{};
  getrlimit(RLIMIT_FSIZE, &unlimited);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  int failed = 0;
  for (rlim_t room = 1000; room < before.size(); room += 1000) {  // with no room at all the library itself leaks
    const rlimit limit{room, unlimited.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_static_file(folder / "a.h5", big, kAttributes);
    } catch (const FileError& e) {
      ++failed;
      EXPECT_NE(std::string(e.what()).find("File too large"), std::string::npos) << e.what();
    }
    setrlimit(RLIMIT_FSIZE, &unlimited);
    EXPECT_EQ(folder.names(), std::vector<std::string>{"a.h5"}) << room;
    EXPECT_TRUE(sample::bytes(folder / "a.h5") == before) << room;
  }
  std::signal(SIGXFSZ, old);
  EXPECT_GT(failed, 3);
  write_static_file(folder / "a.h5", big, kAttributes);
  EXPECT_TRUE(ResultReader(folder / "a.h5").has("/more"));
  EXPECT_THROW(write_static_file(folder / "no/a.h5", grid(), kAttributes), FileError);
}

}  // namespace
}  // namespace swarm::io
