#include "sim/economy/ask.hpp"

#include <algorithm>

namespace swarm {
namespace economy {

double load_factor(const PricingParams& params, double forecast_load) {
  EXPECT(forecast_load >= 0);  // also refuses NaN; infinite load (a site without capacity) is allowed
  if (forecast_load <= params.load_knee || params.load_slope == 0) return 1.0;
  const double spare = std::max(1.0 - forecast_load, kSmallestSpare);
  return std::min(1.0 + params.load_slope * (forecast_load - params.load_knee) / spare, params.load_cap);
}

}  // namespace economy
}  // namespace swarm
