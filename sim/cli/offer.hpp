#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace swarm {
namespace cli {

/// What a shell can offer for one word of a command line: an argument of a verb, or the value of an option.
struct Offer {
  enum class Also : std::uint8_t {
    nothing,
    folders,
    overrides,   ///< `words` are keys of scenarios as in all_keys(), and KEY=VALUE is asked for
    unfinished,  ///< the final names of runs that have not ended, too
  };
  std::vector<std::string> (*words)() = nullptr;
  std::string_view suffix = {};  ///< files of such names, e.g. ".toml", and the folders on the way to them
  Also also = Also::nothing;

  bool empty() const { return words == nullptr && suffix.empty() && also == Also::nothing; }
};

}  // namespace cli
}  // namespace swarm
