#pragma once
#include <span>
#include <string>

#include "sim/cli/verbs.hpp"

/// Scripts with which a shell completes command lines of the program, made from the table of verbs alone.
namespace swarm {
namespace cli {

/// Each script stands alone: it needs neither a package of completions nor to run the program.
std::string bash_completion(std::span<const Verb> verbs);
std::string zsh_completion(std::span<const Verb> verbs);
std::string fish_completion(std::span<const Verb> verbs);

}  // namespace cli
}  // namespace swarm
