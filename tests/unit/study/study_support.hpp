#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"
#include "sim/study/run_plan.hpp"
#include "sim/study/study_folder.hpp"
#include "sim/study/text_file.hpp"

/// What the tests of studies share: a folder with a small scenario, studies of it, and messages as text.
namespace swarm {
namespace study {
namespace support {

/// Twelve steps of a world that hardly trains: some hundredths of a second.
inline const std::string kScenario = R"(regions = ["BD", "KE"]
[run]
warmup = "0d"
duration = "1h"
[population]
agents = 50
[workload]
requests_per_hour = 600
[specialists]
training_samples = 50
hidden_1 = 4
hidden_2 = 0
lineages = 1
[record]
agents = 4
)";

/// A folder of its own that vanishes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "swarm_study_XXXXXX").string();
    if (mkdtemp(name.data())) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// What this throws as text, the folder's name left out; "file: …" for a FileError.
template <class Body>
std::string said(const Body& body, const std::filesystem::path& folder = {}) {
  std::string text;
  try {
    body();
  } catch (const InputError& e) {
    text = e.what();
  } catch (const FileError& e) {
    text = std::string("file: ") + e.what();
  }
  const std::string prefix = folder.empty() ? "" : folder.string() + "/";
  for (std::size_t at; !prefix.empty() && (at = text.find(prefix)) != text.npos;) text.erase(at, prefix.size());
  return text;
}

/// A folder with scenario.toml, and a study of it.
class StudyTest {
 public:
  explicit StudyTest(const std::string& text, const std::vector<std::string>& overrides = {}, const std::string& scenario = kScenario) {
    folder.write("scenario.toml", scenario);
    folder.write("study.toml", text);
    study = load_study(folder / "study.toml", overrides);
  }
  StudyRecord record() const {
    const Design design = make_design(study);
    return record_of(study, design, plan_runs(study, design));
  }
  StudyFolder results() const { return StudyFolder(folder / "results"); }

  Folder folder;
  Study study;
};

/// Two factors, two and three values, two replicates.
inline const std::string kGrid = R"([study]
name = "prices"
question = "What does it cost?"
scenario = "scenario.toml"
replicates = 2
[[factor]]
key = "pricing.markup"
values = [0.1, 0.2]
[[factor]]
key = "pricing.carbon_price_usd_per_t"
name = "carbon_price"
values = [0, 50, 100]
)";

}  // namespace support
}  // namespace study
}  // namespace swarm
