#pragma once
#include <map>
#include <string>
#include <vector>

#include "sim/core/errors.hpp"

/// Collects everything that is wrong with a scenario, so that it is reported at once.
namespace swarm {
namespace scenario {

/// Where something was written: in a file, or in the argument of a `--set`.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string argument;  ///< the whole KEY=VALUE if this came from `--set`, else empty
};

/// Dotted key → where it was last stated; a key that is absent has its default.
using Stated = std::map<std::string, Place>;

class Problems {
 public:
  void add(const Place& place, std::string problem, std::string why, std::string suggestion);
  void add(Diagnostic problem) { found_.push_back(std::move(problem)); }
  bool any() const { return !found_.empty(); }
  /// Throws InputError if there is any problem: files in order of appearance, each from top to bottom.
  void raise();

 private:
  std::vector<Diagnostic> found_;
};

/// "a, b, c".
std::string list_text(const std::vector<std::string>& words);
/// The candidate that `word` was probably meant to be (upper and lower case aside first), or empty.
std::string meant(const std::string& word, const std::vector<std::string>& candidates);
/// "did you mean 'x'?", or "LABEL: a, b, c" if nothing is near.
std::string suggest(const std::string& word, const std::vector<std::string>& candidates,
                    const std::string& label);
/// The same for built-in regions; people write "Kenya" where the name is KE.
std::string suggest_region(const std::string& name);
/// The same for purposes and their aliases.
std::string suggest_purpose(const std::string& name);

}  // namespace scenario
}  // namespace swarm
