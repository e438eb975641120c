#pragma once
#include "sim/core/params.hpp"

/// What an answer is worth beyond the energy it took (docs/models/incentives.md, "Value of an answer").
namespace swarm {
namespace economy {

/// none: answers are not valued. product: the cost of energy times all factors. sum: raised by what each exceeds 1 by.
enum class ValueForm : std::uint8_t { none, product, sum };

struct ValueParams {
  ValueForm form = ValueForm::none;
  double scarcity_weight = 2;
  double timing_weight = 1;
  double late_factor = 0.5;
  double quality_weight = 2;
  bool tiers = false;
  double good_quality = 0.8;
  double high_quality = 0.9;
  double top_quality = 0.95;
  double good_factor = 1e4;
  double high_factor = 1e5;
  double top_factor = 1e6;
  double value_cap = 1e6;
};

template <class V>
void describe(V& v, ValueParams& p) {
  v("form", p.form, {.unit = "", .doc = "How the factors of an answer's value combine: product multiplies the cost of its energy by all of them; sum raises it by the sum of what each exceeds 1 by; none values no answer."});
  v("scarcity_weight", p.scarcity_weight, {.unit = "1", .min = 0, .max = 1e3, .doc = "What full load of the answering site adds to the factor of scarcity, which is 1 where it is idle.", .source = kAssumed});
  v("timing_weight", p.timing_weight, {.unit = "1", .min = 0, .max = 1e3, .doc = "What an answer at once adds to the factor of timing, which is 1 for one at its deadline.", .source = kAssumed});
  v("late_factor", p.late_factor, {.unit = "1", .min = 0, .max = 1, .doc = "Factor of timing of an answer after its deadline.", .source = kAssumed});
  v("quality_weight", p.quality_weight, {.unit = "1", .min = 0, .max = 1e3, .doc = "Factor of quality of an answer that is certainly correct; it is proportional to the probability of that.", .source = kAssumed});
  v("tiers", p.tiers, {.unit = "", .doc = "Whether answers above a threshold of quality are worth a further factor."});
  v("good_quality", p.good_quality, {.unit = "1", .min = 0, .max = 1, .doc = "Quality above which an answer is good.", .source = kAssumed});
  v("high_quality", p.high_quality, {.unit = "1", .min = 0, .max = 1, .doc = "Quality above which an answer is of high quality.", .source = kAssumed});
  v("top_quality", p.top_quality, {.unit = "1", .min = 0, .max = 1, .doc = "Quality above which an answer is of top quality.", .source = kAssumed});
  v("good_factor", p.good_factor, {.unit = "1", .min = 0, .max = 1e9, .doc = "Factor on the value of a good answer.", .source = kAssumed});
  v("high_factor", p.high_factor, {.unit = "1", .min = 0, .max = 1e9, .doc = "Factor on the value of an answer of high quality.", .source = kAssumed});
  v("top_factor", p.top_factor, {.unit = "1", .min = 0, .max = 1e9, .doc = "Factor on the value of an answer of top quality.", .source = kAssumed});
  v("value_cap", p.value_cap, {.unit = "1", .min = 0, .max = 1e12, .doc = "Largest value of an answer in multiples of the cost of its energy.", .source = kAssumed});
}

/// By how much each of four things multiplies an answer's value; 1 leaves it as it is.
struct ValueFactors {
  double scarcity = 1;
  double timing = 1;
  double quality = 1;
  double collaboration = 1;
};

/// Scarcity from a site's load, timing from a delay and a deadline [s], quality from the probability of being correct;
/// collaboration is 1, as of who answers alone. A deadline that is not positive has passed.
ValueFactors value_factors(const ValueParams& params, double load, double delay_s, double deadline_s,
                           double correct_probability);

/// Value of an answer over the cost of its energy: the product of the factors, or 1 + Σ (factor − 1), the
/// tier of its quality (a score in [0, 1]) being one more factor where tiers are on; at least 0, which the
/// sum may fall below, and at most params.value_cap. Thresholds themselves do not count as passed, and the
/// highest one passed decides. 0 where answers are not valued.
double value_multiple(const ValueParams& params, const ValueFactors& factors, double quality_score);

/// The same times the energy's cost [USD]; 0 where electricity is free or pays, since no answer is worth less
/// than nothing. NaN stays NaN.
double answer_value_usd(const ValueParams& params, double energy_cost_usd, const ValueFactors& factors,
                        double quality_score);

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::ValueForm> {
  static constexpr std::array<std::string_view, 3> names{"none", "product", "sum"};
};
}  // namespace core
}  // namespace swarm
