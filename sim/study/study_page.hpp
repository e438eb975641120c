#pragma once
#include <string>

namespace swarm {
namespace study {

/// docs/study.md: every key of a study file, and the columns and files of a study's folder.
std::string study_reference_markdown();

}  // namespace study
}  // namespace swarm
