#include "sim/dispatch/session_state.hpp"

#include <algorithm>
#include <cmath>

namespace swarm {
namespace dispatch {

double contribution_imbalance(std::span<const double> contributed) {
  double sum = 0, farthest = 0;
  for (const double c : contributed) sum += c;
  if (sum <= 0) return 0;
  for (const double c : contributed) farthest = std::max(farthest, std::abs(c / sum - 1.0 / static_cast<double>(contributed.size())));
  return farthest;
}

Collaboration collaboration(const SessionParams& p, const SessionState& s) {
  Collaboration c;
  c.imbalance = contribution_imbalance(s.contributed);
  if (!s.decisions.empty()) {
    double sum = 0;
    for (const Decision& d : s.decisions) sum += d.voters > 0 ? static_cast<double>(d.votes) / d.voters : 1.0;
    c.agreement = sum / static_cast<double>(s.decisions.size());
  }
  if (!s.next_actions.empty())
    c.completion = static_cast<double>(std::ranges::count(s.next_actions, true, &NextAction::done)) / static_cast<double>(s.next_actions.size());
  const auto n = static_cast<double>(s.contributed.size());
  const double balance = n > 1 ? 1.0 - c.imbalance / (1.0 - 1.0 / n) : 1.0;
  c.quality = (balance + c.agreement + c.completion) / 3.0;
  c.balanced = c.imbalance <= p.imbalance_limit;
  c.good = c.quality >= p.quality_aim;
  return c;
}

}  // namespace dispatch
}  // namespace swarm
