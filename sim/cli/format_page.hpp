#pragma once
#include <string>

namespace swarm {
namespace cli {

/// docs/format.md: every path of a result file with type, shape, unit and meaning, from the same declarations
/// that write it.
std::string format_markdown();

}  // namespace cli
}  // namespace swarm
