#pragma once
#include <span>
#include <string>

#include "sim/cli/verbs.hpp"

namespace swarm {
namespace cli {

/// swarmsim(1) in roff with the macros of man(7): every verb with its explanation and options, exit codes, files,
/// environment.
std::string man_page(std::span<const Verb> verbs);

/// One line of UTF-8 so that roff prints it as it is, whatever stands in it.
std::string roff_line(std::string_view text);

}  // namespace cli
}  // namespace swarm
