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

ValueFactors value_factors(const ValueParams& params, double load, double delay_s, double deadline_s,
                           double correct_probability) {
  const bool late = !(delay_s <= deadline_s && deadline_s > 0);
  return {.scarcity = 1.0 + params.scarcity_weight * load,
          .timing = late ? params.late_factor : 1.0 + params.timing_weight * (1.0 - delay_s / deadline_s),
          .quality = params.quality_weight * correct_probability};
}

double value_multiple(const ValueParams& params, const ValueFactors& f, double quality_score) {
  if (params.form == ValueForm::none) return 0;
  const double tier = tier_factor(params, quality_score);
  const double multiple = params.form == ValueForm::product
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
