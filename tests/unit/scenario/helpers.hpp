#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace scenario {

inline Scenario read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return load_text(text, "/studies/pilot.toml", overrides);
}

/// All problems as text, or "" if there are none.
inline std::string problems_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    load_text(text, "pilot.toml", overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// A folder of files that goes away at the end of the test.
class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = std::filesystem::temp_directory_path() /
            (std::string("swarm_scenario_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~Folder() { std::filesystem::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto file = root_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

inline std::vector<std::string> region_names(const Scenario& s) {
  std::vector<std::string> names;
  for (const auto& region : s.regions) names.push_back(region.name);
  return names;
}

inline std::vector<std::string> site_names(const Scenario& s) {
  std::vector<std::string> names;
  for (const auto& site : s.sites) names.push_back(site.name);
  return names;
}

}  // namespace scenario
}  // namespace swarm
