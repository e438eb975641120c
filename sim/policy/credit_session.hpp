#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/policy/credit_market.hpp"
#include "sim/policy/credits.hpp"

/// What happens to credits at the end of a period: each region uses its own, the rest is traded at the period's price,
/// what was needed is retired, and the price moves.
namespace swarm {
namespace policy {

/// Credits that `amount_mg` needs at a price in 1e-6 USD/t, in whole µTKN, rounded up: what is collected need by need is
/// never less than what the needs cost together.
std::int64_t credit_cost(std::int64_t price, std::int64_t amount_mg);

/// The price, in 1e-6 USD/t, that holds in the first period.
std::int64_t first_credit_price(const CreditParams& params);
/// The price of the next period: p·(1 + move·(needed − held)/(needed + held)), at least the lowest and at most the
/// buy-out; unchanged where nothing is needed and nothing held.
std::int64_t next_credit_price(const CreditParams& params, std::int64_t price, std::int64_t needed_mg,
                               std::int64_t held_mg);

/// One region at the end of a period.
struct CreditPosition {
  std::int64_t needed_mg = 0;
  std::int64_t held_mg = 0;     ///< new ones included
  std::int64_t money_utkn = 0;  ///< collected for what is needed
};

/// What it does. own + bought + unmet = needed, and own_paid + max(0, paid) + buyout = money, exactly.
struct CreditOutcome {
  std::int64_t own_mg = 0;         ///< of its own credits, to be retired
  std::int64_t bought_mg = 0;      ///< of others, to be retired as well
  std::int64_t sold_mg = 0;
  std::int64_t unmet_mg = 0;       ///< no credits could be bought for it, or no money was collected
  std::int64_t own_paid_utkn = 0;  ///< for its own credits, to itself
  std::int64_t paid_utkn = 0;      ///< to other regions, net; negative: received. Σ over regions = 0
  std::int64_t buyout_utkn = 0;    ///< what was collected and no credits could be bought for
};

/// Regions in their order. A region buys for no more money than it has.
std::vector<CreditOutcome> settle_credits(const CreditParams& params, std::int64_t price,
                                          std::span<const CreditPosition> regions);

/// Moves credits from sellers to buyers, the oldest first and both in order of their regions, and retires what was own
/// or bought. Throws ModelError if an owner does not hold what it is to give or retire: then credits would be used that
/// are not there, or were retired before.
void carry_out(CreditRegistry& registry, std::span<const CreditOutcome> outcomes);

}  // namespace policy
}  // namespace swarm
