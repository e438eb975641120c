#pragma once
#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// The three kinds of failure a caller can tell apart, and the message grammar they share:
/// `FILE:LINE:COL: PROBLEM (WHY IT MATTERS) SUGGESTION`; without a reason, `FILE:LINE:COL: PROBLEM; SUGGESTION`.
namespace swarm {
inline namespace core {

/// One problem in something a person wrote. Line and column count from 1; 0 means "not known".
struct Diagnostic {
  std::string file;
  int line = 0;
  int column = 0;
  std::string problem;
  std::string why;
  std::string suggestion;

  std::string text() const;
};

/// What was typed or written is wrong: exit code 2. Carries all problems found, not just the first.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> problems);
  explicit InputError(Diagnostic problem) : InputError(std::vector<Diagnostic>{std::move(problem)}) {}
  const std::vector<Diagnostic>& problems() const { return problems_; }

 private:
  std::vector<Diagnostic> problems_;
};

/// The model broke one of its own rules (conservation, overflow, contract): exit code 1.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An output or HDF5 file cannot be opened, read or written: exit code 4.
class FileError : public std::runtime_error {
 public:
  explicit FileError(const Diagnostic& problem) : std::runtime_error(problem.text()) {}
};

/// The candidate nearest to `word` by edit distance, or empty if none is close enough to be meant: at most a third
/// of its letters or 2 edits away, and always fewer edits than it has letters.
std::string nearest_spelling(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace core
}  // namespace swarm
