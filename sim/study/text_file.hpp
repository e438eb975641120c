#pragma once
#include <filesystem>
#include <string>

/// Small text files of a study's folder, read and replaced as a whole.
namespace swarm {
namespace study {

/// Throws FileError.
std::string read_text_file(const std::filesystem::path& file);
/// Replaces the file, so that a crash leaves the old text or the new one. Throws FileError.
void write_text_file(const std::filesystem::path& file, const std::string& text);

/// Creates a folder with its parents, if it is not there. Throws FileError.
void make_folder(const std::filesystem::path& folder);

}  // namespace study
}  // namespace swarm
