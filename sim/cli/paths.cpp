#include "sim/cli/paths.hpp"

#include <cstdlib>

namespace swarm {
namespace cli {

namespace fs = std::filesystem;

fs::path cache_folder(const scenario::Scenario& s) {
  fs::path folder = s.run.cache_dir;
  if (folder.empty()) {
    const char* xdg = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (xdg && *xdg)
      folder = fs::path(xdg) / "swarmsim";
    else if (home && *home)
      folder = fs::path(home) / ".cache" / "swarmsim";
  }
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  return error ? fs::path() : folder;
}

fs::path scenarios_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  for (fs::path at = self.parent_path(); !error && at.has_relative_path(); at = at.parent_path())
    for (const fs::path& folder : {at / "scenarios", at / "share" / "swarmsim" / "scenarios"})
      if (fs::is_regular_file(folder / "pilot.toml")) return folder;
  return "scenarios";
}

}  // namespace cli
}  // namespace swarm
