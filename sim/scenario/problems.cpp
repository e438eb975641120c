#include "sim/scenario/problems.hpp"

#include <algorithm>
#include <tuple>

#include "sim/grid/region_table.hpp"
#include "sim/workload/purpose.hpp"

namespace swarm {
namespace scenario {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Between words as short as KE and BD any two are "near"; then at least one letter must stand in its place.
bool plausible(const std::string& word, const std::string& near) {
  if (word.size() > 3) return true;
  for (std::size_t i = 0; i < std::min(word.size(), near.size()); ++i)
    if (word[i] == near[i]) return true;
  return false;
}

}  // namespace

void Problems::add(const Place& place, std::string problem, std::string why, std::string suggestion) {
  Diagnostic d{place.file,         place.line,     place.column,
               std::move(problem), std::move(why), std::move(suggestion)};
  if (!place.argument.empty()) {
    d.file = "--set";
    d.problem = "'" + place.argument + "': " + d.problem;
  }
  found_.push_back(std::move(d));
}

void Problems::raise() {
  if (found_.empty()) return;
  std::map<std::string, std::size_t> order;
  for (const auto& d : found_) order.emplace(d.file, order.size());
  std::stable_sort(found_.begin(), found_.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(order[a.file], a.line, a.column) < std::tuple(order[b.file], b.line, b.column);
  });
  throw InputError(std::move(found_));
}

std::string list_text(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string meant(const std::string& word, const std::vector<std::string>& candidates) {
  for (const auto& candidate : candidates)
    if (lower(candidate) == lower(word)) return candidate;
  const std::string near = nearest_spelling(word, candidates);
  return plausible(word, near) ? near : std::string();
}

std::string suggest(const std::string& word, const std::vector<std::string>& candidates,
                    const std::string& label) {
  const std::string near = meant(word, candidates);
  if (!near.empty()) return "did you mean '" + near + "'?";
  return label + ": " + list_text(candidates);
}

std::string suggest_region(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& region : grid::region_table()) {
    if (meant(name, {region.title}) == region.title && name.size() > 3)
      return "did you mean '" + region.name + "' (" + region.title + ")?";
    names.push_back(region.name);
  }
  return suggest(name, names, "known regions");
}

std::string suggest_purpose(const std::string& name) {
  const auto known = workload::purpose_spellings();
  const std::string near = meant(name, {known.begin(), known.end()});
  const auto& purposes = EnumNames<workload::Purpose>::names;
  return near.empty() ? "purposes: " + list_text({purposes.begin(), purposes.end()}) : "did you mean '" + near + "'?";
}

}  // namespace scenario
}  // namespace swarm
