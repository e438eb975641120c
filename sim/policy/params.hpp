#pragma once
#include "sim/core/params.hpp"

/// What society demands of prices: `[policy]` and `[fund]`. Rule, base and rates of a quote are in `[pricing]`.
namespace swarm {
namespace policy {

enum class SocialCostPath : std::uint8_t { epa_2_5, epa_2_0, epa_1_5 };

struct PolicyParams {
  double vulnerable_from = 0.40;
  double priority_south = 2.0;
  double priority_vulnerable = 1.5;
  double priority_renewable = 0.5;
  double need_income_low_usd = 1145;
  double need_income_high_usd = 14005;
  double need_vulnerability_low = 0.30;
  double need_vulnerability_high = 0.55;
  SocialCostPath social_cost = SocialCostPath::epa_2_0;
  double distribution_aversion = 1.3;
};

template <class V>
void describe(V& v, PolicyParams& p) {
  v("vulnerable_from", p.vulnerable_from, {.unit = "1", .min = 0, .max = 1, .doc = "Climate vulnerability from which a region outside the Global South counts as vulnerable.", .source = kAssumed});
  v("priority_south", p.priority_south, {.unit = "1", .min = 0, .max = 1000, .doc = "Factor of priority for requests from the Global South.", .source = "first prototype"});
  v("priority_vulnerable", p.priority_vulnerable, {.unit = "1", .min = 0, .max = 1000, .doc = "Factor of priority for requests from other vulnerable regions.", .source = "first prototype"});
  v("priority_renewable", p.priority_renewable, {.unit = "1", .min = 0, .max = 1000, .doc = "Rise of priority where the serving site's contracted renewable share is 1.", .source = "first prototype"});
  v("need_income_low_usd", p.need_income_low_usd, {.unit = "USD", .min = 1, .max = 1e6, .doc = "Income per inhabitant at and below which need is greatest (means-tested).", .source = "World Bank, upper limit of low income, fiscal year 2025"});
  v("need_income_high_usd", p.need_income_high_usd, {.unit = "USD", .min = 1, .max = 1e6, .doc = "Income per inhabitant at and above which need is least (means-tested).", .source = "World Bank, lower limit of high income, fiscal year 2025"});
  v("need_vulnerability_low", p.need_vulnerability_low, {.unit = "1", .min = 0, .max = 1, .doc = "Vulnerability at and below which need is least (means-tested).", .source = kAssumed});
  v("need_vulnerability_high", p.need_vulnerability_high, {.unit = "1", .min = 0, .max = 1, .doc = "Vulnerability at and above which need is greatest (means-tested).", .source = kAssumed});
  v("social_cost", p.social_cost, {.unit = "", .doc = "Social cost of carbon in welfare: the EPA's path at a near-term discount rate of 2.5, 2.0 or 1.5 percent.", .source = "US EPA, Report on the Social Cost of Greenhouse Gases, 2023"});
  v("distribution_aversion", p.distribution_aversion, {.unit = "1", .min = 0, .max = 5, .doc = "Exponent of (typical income / income) by which distribution-weighted welfare counts a region's surplus.", .source = "UK Treasury, Green Book, 2022: elasticity of marginal utility of income 1.3"});
}

struct FundParams {
  double carbon_share = 1;
  bool revenue_neutral = true;
  Duration endowment{86400};
  Duration memory{3600};
};

template <class V>
void describe(V& v, FundParams& p) {
  v("carbon_share", p.carbon_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of carbon revenue that goes to the justice fund; the rest goes to the treasury."});
  v("revenue_neutral", p.revenue_neutral, {.unit = "", .doc = "Whether discounts end where the fund ends; otherwise what is missing is minted and recorded as a deficit."});
  v("endowment", p.endowment, {.unit = "s", .min = 0, .max = 3.2e7, .doc = "Time for which the fund can pay the expected discounts when the run starts.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 0, .doc = "Time constant with which a region's entitlements to discounts are smoothed; the fund is divided in proportion to them.", .source = kAssumed});
}

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::SocialCostPath> {
  static constexpr std::array<std::string_view, 3> names{"epa-2.5", "epa-2.0", "epa-1.5"};
};
}  // namespace core
}  // namespace swarm
