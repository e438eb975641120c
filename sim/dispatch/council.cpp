#include "sim/dispatch/council.hpp"

#include <algorithm>
#include <vector>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"

namespace swarm {
namespace dispatch {
namespace {

/// `together`: scratch, one sum for each class.
std::uint32_t best_class(std::span<const double> probability, std::uint32_t coalition, std::span<double> together) {
  const std::size_t classes = together.size();
  std::ranges::fill(together, 0.0);
  for (std::size_t i = 0; i * classes < probability.size(); ++i)
    if (coalition >> i & 1)
      for (std::size_t c = 0; c < classes; ++c) together[c] += probability[i * classes + c];
  return static_cast<std::uint32_t>(std::ranges::max_element(together) - together.begin());
}

}  // namespace

void probabilities_of(std::span<const float> logits, std::size_t classes, std::span<double> probability) {
  EXPECT(logits.size() == probability.size() && logits.size() % classes == 0);
  for (std::size_t first = 0; first < logits.size(); first += classes) {
    const auto row = logits.subspan(first, classes);
    const float largest = *std::ranges::max_element(row);
    const auto out = probability.subspan(first, classes);
    for (std::size_t c = 0; c < classes; ++c) out[c] = static_cast<double>(row[c]) - static_cast<double>(largest);
    math::exp(out, out);
    double sum = 0;
    for (const double p : out) sum += p;
    for (double& p : out) p /= sum;
  }
}

std::uint32_t coalitions_right(std::span<const double> probability, std::size_t classes, std::uint32_t truth) {
  const std::size_t members = probability.size() / classes;
  EXPECT(members >= 1 && members <= kMostSeats && probability.size() == members * classes && truth < classes);
  std::uint32_t right = 0;
  std::vector<double> together(classes);
  for (std::uint32_t coalition = 1; coalition < 1u << members; ++coalition)
    right |= static_cast<std::uint32_t>(best_class(probability, coalition, together) == truth) << coalition;
  return right;
}

std::uint32_t answer_of(std::span<const double> probability, std::size_t classes, std::uint32_t coalition) {
  std::vector<double> together(classes);
  return best_class(probability, coalition, together);
}

std::uint32_t as_heard(std::uint32_t coalitions, std::size_t members, std::uint32_t heard) {
  std::uint32_t word = 0;
  for (std::uint32_t s = 1; s < 1u << members; ++s) word |= static_cast<std::uint32_t>(is_right(coalitions, s & heard)) << s;
  return word;
}

void hold_session(std::span<const double> probability, std::span<const std::uint32_t> members, std::uint32_t type, std::uint32_t heard,
                  SessionState& s) {
  const std::size_t n = members.size(), classes = probability.size() / n;
  const std::uint32_t answer = answer_of(probability, classes, heard);
  s.roles.assign(members.begin(), members.end());
  s.focus = type;
  s.contributed.assign(n, 0.0);
  s.next_actions.resize(n);
  std::uint32_t votes = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto own = probability.subspan(i * classes, classes);
    const bool is_heard = (heard >> i & 1) != 0;
    if (is_heard) s.contributed[i] = own[answer];
    votes += is_heard && std::ranges::max_element(own) - own.begin() == static_cast<std::ptrdiff_t>(answer);
    s.next_actions[i] = {.role = i, .done = is_heard};
  }
  s.decisions.assign(1, {.number = 0, .votes = votes, .voters = static_cast<std::uint32_t>(n)});
  s.artefacts.assign(1, {.number = answer, .maker = 0});
}

}  // namespace dispatch
}  // namespace swarm
