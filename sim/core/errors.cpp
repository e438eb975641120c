#include "sim/core/errors.hpp"

#include <algorithm>
#include <numeric>

namespace swarm {
inline namespace core {
namespace {

std::string joined(const std::vector<Diagnostic>& problems) {
  std::string text;
  for (const auto& p : problems) {
    if (!text.empty()) text += '\n';
    text += p.text();
  }
  return text;
}

/// Levenshtein distance with adjacent transpositions counted as one edit.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string Diagnostic::text() const {
  std::string place = file;
  if (line > 0) place += fmt::format(":{}", line);
  if (line > 0 && column > 0) place += fmt::format(":{}", column);
  std::string out = place.empty() ? problem : place + ": " + problem;
  if (!why.empty()) out += " (" + why + ")";
  if (!suggestion.empty()) out += (why.empty() ? "; " : " ") + suggestion;
  return out;
}

InputError::InputError(std::vector<Diagnostic> problems)
    : std::runtime_error(joined(problems)), problems_(std::move(problems)) {}

std::string nearest_spelling(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  // As many edits as the word has letters would turn it into any other of its length.
  std::size_t best_distance = std::min(std::max<std::size_t>(2, word.size() / 3) + 1, word.size());
  for (const auto& candidate : candidates) {
    const std::size_t d = edit_distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace core
}  // namespace swarm
