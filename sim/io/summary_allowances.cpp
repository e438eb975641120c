#include "sim/io/summary_allowances.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include "sim/io/summary_collaboration.hpp"

namespace swarm::io {
namespace {

using world::RegionState;
using world::RegionTotals;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}

class Variables {
 public:
  std::vector<StaticVariable> all;
  void number(std::string name, double value, std::string unit, std::string meaning,
              ResultKind kind = ResultKind::accounting) {
    all.push_back(
        {std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), kind});
  }
  void counts(std::string name, std::vector<std::int64_t> values, std::vector<std::string> axes,
              std::string meaning) {
    all.push_back({std::move(name), std::move(values), std::move(axes), "1", std::move(meaning)});
  }
};

/// Mean and standard deviation of reputation at the end, over the specialists of all regions.
void add_reputation(Variables& v, const engine::Simulation& sim, double paid_usd) {
  double n = 0, sum = 0, squares = 0;
  const auto each = [&](auto&& add) {
    sim.each_region([&](const RegionState& r) {
      for (const double x : r.reputation.score) add(x);
    });
  };
  each([&](double x) {
    sum += x;
    ++n;
  });
  const double mean = ratio(sum, n);
  each([&](double x) { squares += (x - mean) * (x - mean); });
  v.number("reputation_mean", mean, "1", "mean reputation of specialists at the end", ResultKind::executed);
  v.number("reputation_spread", std::sqrt(ratio(squares, n)), "1", "standard deviation of reputation among specialists at the end",
           ResultKind::executed);
  v.number("reputation_paid_usd", paid_usd, "USD",
           "paid to specialists for their reputation, out of treasuries");
}

/// How much better councils answered than who was asked would have alone, and what they were paid for it.
void add_councils(Variables& v, const engine::Simulation& sim) {
  world::CouncilSums sum;
  sim.each_region([&](const RegionState& r) { sum.add(r.council.total); });
  const auto n = static_cast<double>(sum.answers);
  v.counts("council_answers", {static_cast<std::int64_t>(sum.answers)}, {}, "answers that councils gave");
  v.counts("councils_asked", {static_cast<std::int64_t>(sum.asked)}, {}, "requests that triage wanted a council for");
  v.counts("councils_declined", {static_cast<std::int64_t>(sum.declined)}, {},
           "requests for a council that went on with one specialist: it was too dear or too late");
  v.number("council_accuracy", ratio(static_cast<double>(sum.correct), n), "1", "share of councils' answers that were correct",
           ResultKind::executed);
  v.number("council_lead_accuracy", ratio(static_cast<double>(sum.lead_correct), n), "1",
           "share of councils' answers that the specialist who was asked would have given correctly alone", ResultKind::executed);
  v.number("council_member_accuracy", ratio(static_cast<double>(sum.members_correct), static_cast<double>(sum.members)), "1",
           "share of correct answers among those that members of councils would have given alone", ResultKind::executed);
  v.number("council_bonus_usd", sum.bonus_usd, "USD", "paid to members of councils by what they contributed (Shapley value)");
}

}  // namespace

std::vector<StaticVariable> allowance_summary(const engine::Simulation& sim) {
  RegionTotals sum{};
  std::vector<std::int64_t> by_region, by_income(EnumNames<grid::IncomeGroup>::names.size(), 0);
  sim.each_region([&](const RegionState& r) {
    const RegionTotals& q = r.totals;
    for (auto field :
         {&RegionTotals::quota_used_tok, &RegionTotals::quota_correct_tok, &RegionTotals::quota_traded_tok,
          &RegionTotals::quota_spend_usd, &RegionTotals::reputation_paid_usd})
      sum.*field += q.*field;
    sum.rejected_quota += q.rejected_quota;
    sum.quota_turned += q.quota_turned;
    by_region.push_back(static_cast<std::int64_t>(q.rejected_quota));
    const auto group = static_cast<std::size_t>(sim.plan().scenario.regions[r.id.value].income_group);
    by_income[group] += static_cast<std::int64_t>(q.rejected_quota);
  });
  Variables v;
  v.counts("rejected_quota", {static_cast<std::int64_t>(sum.rejected_quota)}, {},
           "refused: no specialist of the site had quota left for it");
  v.counts("rejected_quota_by_region", by_region, {"region"}, "refused for want of quota, by asking region");
  v.counts("rejected_quota_by_income", by_income, {"income_group"},
           "refused for want of quota by World Bank income group");
  v.counts("quota_turned", {static_cast<std::int64_t>(sum.quota_turned)}, {},
           "requests that turned to another specialist for want of quota");
  v.number("quota_used_tok", sum.quota_used_tok, "tok", "quota that answers used, tok of simulated requests");
  v.number("quota_traded_tok", sum.quota_traded_tok, "tok", "quota sold among specialists");
  v.number("quota_spend_usd", sum.quota_spend_usd, "USD", "paid by specialists to specialists for quota");
  v.number("token_budget_return",
           sum.quota_used_tok > 0 ? sum.quota_correct_tok / sum.quota_used_tok - 1.0 : 0.0, "1",
           "market value of token budgets less what was used, over what was used; 0 where nothing was",
           ResultKind::executed);
  add_reputation(v, sim, sum.reputation_paid_usd);
  add_councils(v, sim);
  std::ranges::move(collaboration_summary(sim), std::back_inserter(v.all));
  return v.all;
}

}  // namespace swarm::io
