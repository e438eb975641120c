#include "sim/dispatch/triage.hpp"

#include <algorithm>

namespace swarm {
namespace dispatch {

double triage_score(const TriageParams& p, double tok, double kappa, bool urgent) {
  const double weights = p.weight_tok + p.weight_complexity + p.weight_urgency;
  if (weights <= 0) return 0;
  const double length = std::min(1.0, tok / p.tok_scale);
  return (p.weight_tok * length + p.weight_complexity * kappa + p.weight_urgency * (urgent ? 1.0 : 0.0)) / weights;
}

}  // namespace dispatch
}  // namespace swarm
