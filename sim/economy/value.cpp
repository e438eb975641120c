#include "sim/economy/value.hpp"

#include <cmath>

namespace swarm {
namespace economy {
namespace {

double tier_factor(const ValueParams& params, double quality_score) {
  if (!params.tiers) return 1;
  if (quality_score > params.top_quality) return params.top_factor;
  if (quality_score > params.high_quality) return params.high_factor;
  if (quality_score > params.good_quality) return params.good_factor;
  return std::isnan(quality_score) ? quality_score : 1.0;
}

}  // namespace

double value_multiple(const ValueParams& params, const ValueFactors& f, double quality_score) {
  const double tier = tier_factor(params, quality_score);
  const double multiple = params.form == ValueForm::multiplicative
                              ? f.scarcity * f.timing * f.quality * f.collaboration * tier
                              : f.scarcity + f.timing + f.quality + f.collaboration + tier - 4;
  if (multiple < 0) return 0;
  return multiple > params.value_cap ? params.value_cap : multiple;
}

double answer_value_usd(const ValueParams& params, double energy_cost_usd, const ValueFactors& factors,
                        double quality_score) {
  return energy_cost_usd < 0 ? 0.0 : energy_cost_usd * value_multiple(params, factors, quality_score);
}

}  // namespace economy
}  // namespace swarm
