#pragma once
#include "sim/core/params.hpp"

/// Prices and trade: `[pricing]` and `[market]`.
namespace swarm {
namespace economy {

enum class PricingRule : std::uint8_t { flat };
enum class PricingBase : std::uint8_t { cost };
enum class Mechanism : std::uint8_t { posted };

struct PricingParams {
  PricingRule rule = PricingRule::flat;
  PricingBase base = PricingBase::cost;
  double markup = 0.1;
  double markup_spread = 0.5;
  double load_knee = 0.7;
  double load_slope = 1.0;
  double load_cap = 3.0;
  Duration load_memory{3600};
  Duration endowment{7 * 86400.0};
};

template <class V>
void describe(V& v, PricingParams& p) {
  v("rule", p.rule, {.unit = "", .doc = "Pricing rule of a quote; flat charges the base price and nothing else."});
  v("base", p.base, {.unit = "", .doc = "What the base price is: the seller's cost-based ask."});
  v("markup", p.markup, {.unit = "1", .min = 0, .max = 10, .doc = "Mean profit share that sellers add to their cost.", .source = kAssumed});
  v("markup_spread", p.markup_spread, {.unit = "1", .min = 0, .max = 1, .doc = "Half-width of the uniform spread of markups between sellers, relative to the mean.", .source = kAssumed});
  v("load_knee", p.load_knee, {.unit = "1", .min = 0, .max = 1, .doc = "Forecast load of a site above which its sellers raise their asks.", .source = kAssumed});
  v("load_slope", p.load_slope, {.unit = "1", .min = 0, .max = 100, .doc = "Relative rise of the ask per unit of forecast load above the knee over the spare capacity left.", .source = kAssumed});
  v("load_cap", p.load_cap, {.unit = "1", .min = 1, .max = 1000, .doc = "Largest factor by which load can raise an ask.", .source = kAssumed});
  v("load_memory", p.load_memory, {.unit = "s", .min = 0, .doc = "Time constant with which a site's load is smoothed into the forecast that raises its asks.", .source = kAssumed});
  v("endowment", p.endowment, {.unit = "s", .min = 0, .doc = "How long an agent's initial wallet pays its idle cost.", .source = kAssumed});
}

struct MarketParams {
  Mechanism mechanism = Mechanism::posted;
  std::int64_t offers = 32;
  std::int64_t candidates = 8;
  std::int64_t attempts = 3;
};

template <class V>
void describe(V& v, MarketParams& p) {
  v("mechanism", p.mechanism, {.unit = "", .doc = "How requests and capacity are matched: posted price with admission in order of arrival."});
  v("offers", p.offers, {.unit = "1", .min = 1, .max = 4096, .doc = "Specialists of each problem type that a region lists in its bulletin per step, spread evenly over the type."});
  v("candidates", p.candidates, {.unit = "1", .min = 1, .max = 8, .doc = "Specialists that quote a price for one request."});
  v("attempts", p.attempts, {.unit = "1", .min = 1, .max = 8, .doc = "Regions an order may be sent to, in the order of its best candidates, before it is refused for lack of capacity."});
}

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::PricingRule> {
  static constexpr std::array<std::string_view, 1> names{"flat"};
};
template <>
struct EnumNames<economy::PricingBase> {
  static constexpr std::array<std::string_view, 1> names{"cost"};
};
template <>
struct EnumNames<economy::Mechanism> {
  static constexpr std::array<std::string_view, 1> names{"posted"};
};
}  // namespace core
}  // namespace swarm
