#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace swarm::grid::test {

/// A folder of its own that lives as long as the object, also beside other runs of the same test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "swarm_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file into it; its name within the folder.
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace swarm::grid::test
