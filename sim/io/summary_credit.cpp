#include "sim/io/summary_credit.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/stats.hpp"
#include "sim/engine/futures.hpp"

namespace swarm::io {
namespace {

using world::RegionState;
using world::RegionTotals;

/// What each of the region's specialists owns: wallet, security for futures and claim on the lender pool, less debt; 0
/// where that is more.
void add_wealth(const RegionState& r, std::vector<double>& wealth) {
  const auto& c = r.credit.lending;
  Int128 assets = r.ledger.balance(world::kLenderAccount).value, shares = 0;
  for (std::size_t i = 0; i < c.shares.size(); ++i) {
    assets += Int128{c.principal[i]} + c.interest[i];
    shares += c.shares[i];
  }
  const std::vector<std::int64_t> security = engine::security_of(r);
  for (std::size_t i = 0; i < r.agents.size(); ++i) {
    Int128 owns = Int128{r.ledger.balance(world::agent_account(i)).value} + security[i];
    if (shares > 0) owns += c.shares[i] * assets / shares;
    if (!c.principal.empty()) owns -= Int128{c.principal[i]} + c.interest[i];
    wealth.push_back(std::max(0.0, static_cast<double>(owns)));
  }
}

}  // namespace

std::vector<StaticVariable> credit_summary(const engine::Simulation& sim) {
  RegionTotals sum{};
  double loans = 0, defaulted = 0;
  std::vector<double> wealth;
  sim.each_region([&](const RegionState& r) {
    const RegionTotals& q = r.totals;
    for (auto field : {&RegionTotals::lent_usd, &RegionTotals::repaid_usd, &RegionTotals::interest_usd,
                       &RegionTotals::recovered_usd, &RegionTotals::written_off_usd, &RegionTotals::demurrage_usd,
                       &RegionTotals::bonuses_usd})
      sum.*field += q.*field;
    sum.loan_defaults += q.loan_defaults;
    loans += r.step.loans_usd;
    for (const std::int64_t barred : r.credit.lending.barred_until_s) defaulted += barred > 0;
    add_wealth(r, wealth);
  });
  std::vector<StaticVariable> all;
  const auto number = [&](std::string name, double value, std::string unit, std::string meaning) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning)});
  };
  number("loans_usd", loans, "USD", "owed by specialists to lender pools at the end, interest included");
  number("lent_usd", sum.lent_usd, "USD", "lent to specialists");
  number("repaid_usd", sum.repaid_usd, "USD", "principal that they repaid");
  number("interest_usd", sum.interest_usd, "USD", "interest that they paid");
  number("recovered_usd", sum.recovered_usd, "USD", "of defaulted debt, what was set off or seized");
  number("written_off_usd", sum.written_off_usd, "USD", "of defaulted debt, what lenders lost");
  number("demurrage_usd", sum.demurrage_usd, "USD", "charge on hoarded money, to the justice fund");
  number("bonuses_usd", sum.bonuses_usd, "USD", "bonuses for early contributions, out of the treasury");
  all.push_back({"loan_defaults", std::vector<std::int64_t>{static_cast<std::int64_t>(sum.loan_defaults)}, {}, "1",
                 "loans that ended in default"});
  const double none = std::numeric_limits<double>::quiet_NaN();
  number("defaulted_share", wealth.empty() ? none : defaulted / static_cast<double>(wealth.size()), "1",
         "share of specialists that ever defaulted, warm-up included");
  number("gini_wealth", gini(wealth), "1",
         "Gini coefficient of specialists' wallets, margins and claims on lender pools less debts (0 where these are more)");
  return all;
}

}  // namespace swarm::io
