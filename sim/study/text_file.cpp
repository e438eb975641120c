#include "sim/study/text_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "sim/core/errors.hpp"
#include "sim/io/file_safety.hpp"

namespace swarm {
namespace study {

namespace fs = std::filesystem;

std::string read_text_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  std::error_code error;
  const bool folder = fs::is_directory(file, error);
  if (in && !folder) content << in.rdbuf();
  if (!in || folder)
    throw FileError({.file = file.string(), .problem = "cannot be read", .why = folder ? "it is a folder" : std::strerror(errno),
                     .suggestion = "check that this is the folder of a study."});
  return content.str();
}

void write_text_file(const fs::path& file, const std::string& text) {
  fs::path beside = file;
  beside += ".tmp" + std::to_string(getpid());
  io::TemporaryFile temporary(beside);
  std::ofstream out(beside, std::ios::binary);
  out << text;
  out.close();
  if (!out)
    throw FileError({.file = file.string(), .problem = "cannot be written", .why = std::strerror(errno),
                     .suggestion = "check the folder, its permissions and the room on the disk."});
  temporary.move_to(file);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    throw FileError({.file = folder.string(), .problem = "cannot be created", .why = error ? error.message() : "a file of that name is there",
                     .suggestion = "choose another folder with -o."});
}

}  // namespace study
}  // namespace swarm
