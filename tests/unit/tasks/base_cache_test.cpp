#include "agents/tasks/base_cache.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

namespace swarm {
namespace tasks {
namespace {

namespace fs = std::filesystem;

class BaseCache : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "swarm_cache_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string contents() const {
    std::ifstream in(cache_file(dir_, kKey), std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  void replace(const std::string& bytes) const {
    std::ofstream(cache_file(dir_, kKey), std::ios::binary) << bytes;
  }

  static constexpr Hash128 kKey{1, 2};
  const TrainedWeights weights_{{1.5f, -0.0f, 3e-40f}, 0.75};
  fs::path dir_;
};

TEST_F(BaseCache, ReturnsWhatWasStored) {
  EXPECT_FALSE(read_cache(dir_, kKey, 3).has_value());
  ASSERT_TRUE(write_cache(dir_ / "a" / "b", kKey, weights_)) << "missing directories are made";
  ASSERT_TRUE(write_cache(dir_, kKey, weights_));
  const auto got = read_cache(dir_, kKey, 3);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->parameters, weights_.parameters);
  EXPECT_EQ(got->test_accuracy, 0.75);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 2) << "no temporary is left behind";
}

TEST_F(BaseCache, EveryDamagedByteIsNoticed) {
  ASSERT_TRUE(write_cache(dir_, kKey, weights_));
  const std::string good = contents();
  ASSERT_EQ(good.size(), 40u + 3 * 4 + 16);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    replace(bad);
    EXPECT_FALSE(read_cache(dir_, kKey, 3).has_value()) << "byte " << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    replace(good.substr(0, size));
    EXPECT_FALSE(read_cache(dir_, kKey, 3).has_value()) << "cut to " << size;
  }
  replace(good + "x");
  EXPECT_FALSE(read_cache(dir_, kKey, 3).has_value());
  replace(good);
  EXPECT_TRUE(read_cache(dir_, kKey, 3).has_value());
}

TEST_F(BaseCache, AnotherKeyOrSizeIsNotTaken) {
  ASSERT_TRUE(write_cache(dir_, kKey, weights_));
  EXPECT_FALSE(read_cache(dir_, kKey, 4).has_value());
  const Hash128 other{1, 3};
  fs::copy_file(cache_file(dir_, kKey), cache_file(dir_, other));
  EXPECT_FALSE(read_cache(dir_, other, 3).has_value()) << "a renamed entry is still another key's";
}

TEST_F(BaseCache, WritersAtTheSameTimeLeaveWholeEntries) {
  std::atomic<int> torn{0};
  const TrainedWeights large{std::vector<float>(20000, 2.5f), 0.5};
  ASSERT_TRUE(write_cache(dir_, kKey, large));
  const auto work = [&] {
    for (int i = 0; i < 20; ++i) {
      if (!write_cache(dir_, kKey, large)) ++torn;
      const auto got = read_cache(dir_, kKey, large.parameters.size());
      if (!got || got->parameters != large.parameters) ++torn;
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(BaseCache, AnUnusableDirectoryIsOnlyReported) {
  std::ofstream(dir_ / "file") << "not a directory";
  EXPECT_FALSE(write_cache(dir_ / "file", kKey, weights_));
  EXPECT_FALSE(read_cache(dir_ / "file", kKey, 3).has_value());
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
