#include <fmt/core.h>

#include <utility>

#include "sim/policy/rule.hpp"
#include "sim/scenario/checks.hpp"

namespace swarm {
namespace scenario {
namespace {

class EconomyChecks : public Checks {
 public:
  explicit EconomyChecks(const Checks& checks) : Checks(checks) {}

  void check_all() const {
    check_appreciation();
    check_reputation();
    check_market();
    check_carbon_price();
    check_permits();
    check_futures();
    check_prediction();
    check_value();
    check_credits();
    check_allocation();
  }

 private:
  /// A tariff says what users pay, an auction asks.
  void check_market() const {
    const auto mechanism = s_.market.mechanism;
    if (mechanism != economy::Mechanism::posted && s_.pricing.base == economy::PricingBase::tariff)
      problems_.add(place("pricing.base", {"market.mechanism"}),
                    fmt::format("'pricing.base' is \"tariff\" but 'market.mechanism' is \"{}\"", enum_name(mechanism)),
                    "a price that is fixed cannot be bid for",
                    "use pricing.base = \"cost\" or market.mechanism = \"posted\"");
    const auto check = [&](const std::string& trait, double least, double most) {
      if (least <= most) return;
      const std::string lower = "bidding.zip_" + trait + "_least", upper = "bidding.zip_" + trait + "_most";
      problems_.add(place(lower, {upper}),
                    fmt::format("'{}' is {}, more than '{}' = {}", lower, number_text(least), upper, number_text(most)),
                    "bidders are drawn from between them", "swap them");
    };
    const auto& b = s_.bidding;
    check("rate", b.zip_rate_least, b.zip_rate_most);
    check("momentum", b.zip_momentum_least, b.zip_momentum_most);
    check("margin", b.zip_margin_least, b.zip_margin_most);
  }

  void check_appreciation() const {
    const auto& a = s_.appreciation;
    if (!a.enabled) return;
    const auto rise = [&](const std::string& low, std::int64_t lower, const std::string& high, std::int64_t upper) {
      if (lower > upper)
        problems_.add(place("appreciation." + low, {"appreciation." + high}),
                      fmt::format("'appreciation.{}' is {}, more than '{}' = {}", low, lower, high, upper),
                      "both are counted from the first use, so the later factor would never hold", "let them rise");
    };
    rise("first_uses", a.first_uses, "second_uses", a.second_uses);
    rise("second_uses", a.second_uses, "third_uses", a.third_uses);
    if (s_.fund.carbon_share == 1 && !s_.credits.enabled)
      problems_.add(place("appreciation.enabled", {"fund.carbon_share"}),
                    "'appreciation.enabled' is true but 'fund.carbon_share' is 1",
                    "bonuses come out of the treasury, which gets nothing", "lower fund.carbon_share");
  }

  void check_reputation() const {
    const auto& p = s_.reputation;
    if (!p.enabled) return;
    const bool per_capita = s_.pricing.rule == economy::PricingRule::per_capita;
    if (p.treasury_share > 0 && per_capita)
      problems_.add(place("reputation.enabled", {"pricing.rule"}),
                    "'reputation.enabled' is true but 'pricing.rule' is \"per-capita\"",
                    "reputation is paid out of the treasury, all of which goes back to people",
                    "use another rule, or write reputation.treasury_share = 0 to pay nothing");
    if (p.treasury_share > 0 && s_.fund.carbon_share == 1 && !s_.credits.enabled && !per_capita)
      problems_.add(place("reputation.enabled", {"fund.carbon_share"}),
                    "'reputation.enabled' is true but 'fund.carbon_share' is 1",
                    "reputation is paid out of the treasury, which gets nothing",
                    "lower fund.carbon_share, or write reputation.treasury_share = 0 to pay nothing");
    if (p.weight > 0 && s_.balance.policy != dispatch::BalancePolicy::weighted)
      problems_.add(place("reputation.weight", {"balance.policy"}),
                    fmt::format("'reputation.weight' is {} but 'balance.policy' is \"{}\"", number_text(p.weight),
                                enum_name(s_.balance.policy)),
                    "only a weighted score has room for it", "use balance.policy = \"weighted\" or weight 0");
  }

  void check_carbon_price() const {
    if (s_.pricing.carbon_price == economy::CarbonPriceKind::series && s_.pricing.carbon_series.empty())
      report("pricing.carbon_price", "'pricing.carbon_price' is \"series\" but 'pricing.carbon_series' is empty",
             "there is nothing to read prices from", "name a CSV file in pricing.carbon_series");
  }

  void check_permits() const {
    const auto& p = s_.permits;
    if (policy::under_cap(s_.pricing.rule))
      check_period("permits", p.period, "the caps of several periods would be one");
    else
      check_whole("permits.period", p.period.seconds);
    if (p.ceiling_usd_per_t == policy::PermitParams::kNoCeiling || p.ceiling_usd_per_t >= p.floor_usd_per_t) return;
    problems_.add(place("permits.ceiling_usd_per_t", {"permits.floor_usd_per_t"}),
                  fmt::format("'permits.ceiling_usd_per_t' is {}, less than 'permits.floor_usd_per_t' = {}",
                              number_text(p.ceiling_usd_per_t), number_text(p.floor_usd_per_t)),
                  "no price would be allowed", "raise it, or write 0 for no ceiling");
  }

  static constexpr const char* kWithinAStep = "markets would begin and end within a step";

  /// A period is whole seconds, and no step holds two beginnings.
  void check_period(const std::string& section, Duration period, std::string why) const {
    check_whole(section + ".period", period.seconds);
    if (period.seconds >= s_.run.step.seconds) return;
    problems_.add(place(section + ".period", {"run.step"}),
                  fmt::format("'{}.period' is {}, less than 'run.step' = {}", section, duration_text(period),
                              duration_text(s_.run.step)),
                  std::move(why), "lengthen it or shorten run.step");
  }

  void check_futures() const {
    const auto& f = s_.futures;
    if (!f.enabled) return;
    check_period("futures", f.period, kWithinAStep);
    if (f.maintenance_margin > f.initial_margin)
      problems_.add(place("futures.maintenance_margin", {"futures.initial_margin"}),
                    fmt::format("'futures.maintenance_margin' is {}, more than 'futures.initial_margin' = {}",
                                number_text(f.maintenance_margin), number_text(f.initial_margin)),
                    "every position would be called at once", "lower it");
  }

  void check_prediction() const {
    const auto& p = s_.prediction;
    if (!p.enabled) return;
    check_period("prediction", p.period, kWithinAStep);
    if (s_.fund.carbon_share == 1 && !s_.credits.enabled)
      problems_.add(place("prediction.enabled", {"fund.carbon_share"}),
                    "'prediction.enabled' is true but 'fund.carbon_share' is 1",
                    "makers are funded by the treasury, which gets nothing", "lower fund.carbon_share");
  }

  /// The best tier that an answer reaches is the one that counts.
  void check_value() const {
    const auto& v = s_.value;
    if (v.form == economy::ValueForm::none || !v.tiers) return;
    const auto rise = [&](const std::string& low, double lower, const std::string& high, double upper) {
      if (lower > upper)
        problems_.add(place("value." + low, {"value." + high}),
                      fmt::format("'value.{}' is {}, more than 'value.{}' = {}", low, number_text(lower), high, number_text(upper)),
                      "an answer gets the factor of the highest tier that it reaches, so the lower tier would never hold", "let them rise");
    };
    rise("good_quality", v.good_quality, "high_quality", v.high_quality);
    rise("high_quality", v.high_quality, "top_quality", v.top_quality);
  }

  void check_credits() const {
    const auto& c = s_.credits;
    if (c.enabled)
      check_period("credits", c.period, kWithinAStep);
    else
      check_whole("credits.period", c.period.seconds);
    if (c.enabled && c.counterfactual.empty())
      report("credits.enabled", "'credits.enabled' is true but 'credits.counterfactual' is empty",
             "credits are issued for what was avoided against it",
             "run the scenario without the policy and name its result in credits.counterfactual");
    if (c.least_usd_per_t > c.buyout_usd_per_t)
      problems_.add(place("credits.least_usd_per_t", {"credits.buyout_usd_per_t"}),
                    fmt::format("'credits.least_usd_per_t' is {}, more than 'credits.buyout_usd_per_t' = {}",
                                number_text(c.least_usd_per_t), number_text(c.buyout_usd_per_t)),
                    "no price would be allowed", "swap them");
  }

  /// A market has allocated its capacity by what was bid.
  void check_allocation() const {
    const auto mechanism = s_.market.mechanism;
    if (s_.allocation.rule == policy::AllocationRule::none || mechanism == economy::Mechanism::posted) return;
    problems_.add(place("allocation.rule", {"market.mechanism"}),
                  fmt::format("'allocation.rule' is \"{}\" but 'market.mechanism' is \"{}\"",
                              enum_name(s_.allocation.rule), enum_name(mechanism)),
                  "a market allocates capacity by what is bid for it",
                  "use allocation.rule = \"none\" or market.mechanism = \"posted\"");
  }
};

}  // namespace

void check_economy(const Checks& checks) { EconomyChecks(checks).check_all(); }

}  // namespace scenario
}  // namespace swarm
