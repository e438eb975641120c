#pragma once
#include <string>

#include "sim/core/params.hpp"
#include "sim/economy/bidder_params.hpp"

/// Prices and trade: `[pricing]` and `[market]`.
namespace swarm {
namespace economy {

enum class PricingRule : std::uint8_t { flat, carbon, justice, means_tested, legacy, legacy_sign_fixed, legacy_unit_fixed, cap_and_trade, per_capita };
enum class CarbonPriceKind : std::uint8_t { constant, path, series };
enum class BeyondSeries : std::uint8_t { error, hold };
enum class PricingBase : std::uint8_t { cost, tariff };
enum class Mechanism : std::uint8_t { uniform, pay_as_bid, second_price, vcg, cda, posted };
enum class Admission : std::uint8_t { arrival, priority };

struct PricingParams {
  PricingRule rule = PricingRule::flat;
  PricingBase base = PricingBase::cost;
  double tariff_usd_per_tok = 0.001;
  double tariff_kwh_per_tok = 1e-4;
  double carbon_price_usd_per_t = 100;
  CarbonPriceKind carbon_price = CarbonPriceKind::constant;
  double carbon_growth_per_year = 0.02;
  std::string carbon_series;
  std::string carbon_column;
  BeyondSeries carbon_beyond = BeyondSeries::error;
  double renewable_rebate = 0.15;
  double south_discount = 0.30;
  double north_premium = 0.20;
  double legacy_benefit = 0.30;
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
  v("rule", p.rule, {.unit = "", .doc = "Pricing rule of a quote: flat charges the base price; carbon adds the price of its footprint; justice also pays a rebate for renewables, lowers prices in the Global South and raises them elsewhere; means-tested does so continuously in income and vulnerability; cap-and-trade and per-capita add the price at which emission permits are auctioned under a cap, and per-capita pays its revenue back to people in equal parts; the legacy rules are the first prototype's, kept as a warning."});
  v("base", p.base, {.unit = "", .doc = "What the base price is: the seller's cost-based ask, or a tariff per tok that is the same everywhere; with the tariff, footprints are counted by tariff_kwh_per_tok."});
  v("tariff_usd_per_tok", p.tariff_usd_per_tok, {.unit = "USD/tok", .min = 0, .max = 1000, .doc = "Base price per tok with pricing.base = tariff.", .source = "first prototype"});
  v("tariff_kwh_per_tok", p.tariff_kwh_per_tok, {.unit = "kWh/tok", .min = 0, .max = 1000, .doc = "Energy per tok whose footprint is priced with pricing.base = tariff.", .source = "first prototype"});
  v("carbon_price_usd_per_t", p.carbon_price_usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e6, .doc = "Price of carbon in every rule but flat and those of permits: the constant one, or the one with which a path starts."});
  v("carbon_price", p.carbon_price, {.unit = "", .doc = "How the price of carbon moves: constant, a path that grows from the start of the run, or a series from a file."});
  v("carbon_growth_per_year", p.carbon_growth_per_year, {.unit = "1", .min = -0.99, .max = 10, .doc = "Relative rise of a path per year of 365.25 days, compounded continuously.", .source = kAssumed});
  v("carbon_series", p.carbon_series, {.unit = "", .doc = "CSV of a series, relative to run.data_dir: a time column (a UTC date or moment, or a column called year) and one or more columns of prices [USD/t]; a price holds until the next one."});
  v("carbon_column", p.carbon_column, {.unit = "", .doc = "Column of the series; empty takes usd_per_t, or the only column of prices."});
  v("carbon_beyond", p.carbon_beyond, {.unit = "", .doc = "What happens where the run reaches beyond the series: stop with an error, or hold its first and last price."});
  v("renewable_rebate", p.renewable_rebate, {.unit = "1", .min = 0, .max = 1, .doc = "Rebate on the base price where the serving site's contracted renewable share is 1; paid by the seller.", .source = "first prototype"});
  v("south_discount", p.south_discount, {.unit = "1", .min = 0, .max = 1, .doc = "Discount on the base price for requests from the Global South (justice), or at the greatest need (means-tested).", .source = "first prototype"});
  v("north_premium", p.north_premium, {.unit = "1", .min = 0, .max = 10, .doc = "Premium on the base price for requests from elsewhere (justice), or at the least need (means-tested).", .source = "first prototype"});
  v("legacy_benefit", p.legacy_benefit, {.unit = "1", .min = 0, .max = 1, .doc = "Both factors 0.3 of the legacy rules: benefit per tok or per base price, and its part in the price.", .source = "first prototype"});
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
  Admission admission = Admission::arrival;
  double full_priority = 2.0;
  std::int64_t offers = 32;
  std::int64_t candidates = 8;
  std::int64_t attempts = 3;
  Bidder buyers = Bidder::truthful;
  Bidder sellers = Bidder::markup;
  double price_share = 0.5;
  double price_move = 0.5;
  double minimum_balance_tkn = 100;
  double transfer_usd_per_kilotoken = 0;
};

template <class V>
void describe(V& v, MarketParams& p) {
  v("mechanism", p.mechanism, {.unit = "", .doc = "How requests and capacity are matched: at posted prices in order of arrival; in a sealed call auction per step, region and problem type, at one price for all (uniform), at each buyer's own bid (pay-as-bid), at the highest losing price (second-price) or at the loss that each buyer causes the others (vcg); or in a continuous double auction with an order book (cda)."});
  v("admission", p.admission, {.unit = "", .doc = "Who is admitted while capacity is scarce: whoever arrives first, or requests of higher priority, because others are admitted only while waits are short. Acts at posted prices: auctions go by what is bid."});
  v("full_priority", p.full_priority, {.unit = "1", .min = 0, .max = 1e6, .min_open = true, .doc = "Priority from which a request may use all the time to its deadline for waiting; below it, a proportional part (admission by priority).", .source = kAssumed});
  v("offers", p.offers, {.unit = "1", .min = 1, .max = 4096, .doc = "Specialists of each problem type that a region lists in its bulletin per step, spread evenly over the type."});
  v("candidates", p.candidates, {.unit = "1", .min = 1, .max = 8, .doc = "Specialists that quote a price for one request."});
  v("attempts", p.attempts, {.unit = "1", .min = 1, .max = 8, .doc = "Regions an order may be sent to, in the order of its best candidates, before it is refused for lack of capacity; an order that rests in a book stays there."});
  v("buyers", p.buyers, {.unit = "", .doc = "How users bid in a market."});
  v("sellers", p.sellers, {.unit = "", .doc = "How specialists ask in a market."});
  v("price_share", p.price_share, {.unit = "1", .min = 0, .max = 1, .doc = "Where the uniform price lies between the lowest and the highest that clear the market: 0 favours buyers, 1 sellers.", .source = "k-double auction, Chatterjee and Samuelson, Operations Research 31, 835, 1983"});
  v("price_move", p.price_move, {.unit = "1/h", .min = 0, .max = 1e6, .min_open = true, .doc = "Largest relative move of a market's price in an hour, up or (inversely) down; limits beyond it count as being at it.", .source = kAssumed});
  v("minimum_balance_tkn", p.minimum_balance_tkn, {.unit = "TKN", .min = 0, .max = 1e9, .doc = "Balance below which a specialist may not sell in a market.", .source = kAssumed});
  v("transfer_usd_per_kilotoken", p.transfer_usd_per_kilotoken, {.unit = "USD/ktok", .min = 0, .max = 1000, .doc = "What it costs to carry question and answer, per 1,000 tok of them, where a request is served in another region than its own; paid by the seller, who charges it."});
}

}  // namespace economy
inline namespace core {
template <>
struct EnumNames<economy::PricingRule> {
  static constexpr std::array<std::string_view, 9> names{"flat",   "carbon",           "justice",          "means-tested",
                                                           "legacy", "legacy-sign-fixed", "legacy-unit-fixed",
                                                           "cap-and-trade", "per-capita"};
};
template <>
struct EnumNames<economy::CarbonPriceKind> {
  static constexpr std::array<std::string_view, 3> names{"constant", "path", "series"};
};
template <>
struct EnumNames<economy::BeyondSeries> {
  static constexpr std::array<std::string_view, 2> names{"error", "hold"};
};
template <>
struct EnumNames<economy::PricingBase> {
  static constexpr std::array<std::string_view, 2> names{"cost", "tariff"};
};
template <>
struct EnumNames<economy::Admission> {
  static constexpr std::array<std::string_view, 2> names{"arrival", "priority"};
};
template <>
struct EnumNames<economy::Mechanism> {
  static constexpr std::array<std::string_view, 6> names{"uniform", "pay-as-bid", "second-price", "vcg", "cda", "posted"};
};
}  // namespace core
}  // namespace swarm
