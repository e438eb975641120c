#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sim/core/errors.hpp"

namespace swarm::grid::test {

/// A file of the shared data folder (which need not be there).
inline std::filesystem::path shared_file(const std::string& name) {
  const char* folder = std::getenv("SWARM_SHARED");
  return std::filesystem::path(folder ? folder : SWARM_SOURCE_DIR "/../shared/data") / name;
}

/// A file with the given text that lives as long as the object.
class TempFile {
 public:
  TempFile(const std::string& name, std::string_view text)
      : path_(std::filesystem::path(::testing::TempDir()) /
              (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + "_" + name)) {
    std::ofstream(path_) << text;
  }
  ~TempFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The message of the InputError that `action` throws, or empty.
template <class Action>
std::string input_error(Action&& action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return {};
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace swarm::grid::test

#define SKIP_WITHOUT(file) \
  if (!std::filesystem::exists(shared_file(file))) GTEST_SKIP() << "real data absent: " << (file)
