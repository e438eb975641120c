#include "sim/policy/credit_session.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

std::int64_t in_price_units(double usd_per_t) { return round_half_even(usd_per_t * static_cast<double>(kPriceUnits)); }

std::int64_t bounded(const CreditParams& params, std::int64_t price) {
  return std::min(std::max(price, in_price_units(params.least_usd_per_t)), in_price_units(params.buyout_usd_per_t));
}

std::int64_t narrow(Int128 amount) {
  if (amount > std::numeric_limits<std::int64_t>::max()) integer_overflow("the cost of credits");
  return static_cast<std::int64_t>(amount);
}

/// The most that can be bought for some money.
std::int64_t affordable(std::int64_t price, std::int64_t money, std::int64_t wanted_mg) {
  if (price == 0) return wanted_mg;
  return static_cast<std::int64_t>(std::min<Int128>(Int128{money} * kPriceUnits / price, wanted_mg));
}

[[noreturn]] void not_there(std::size_t region, std::int64_t missing_mg) {
  throw ModelError(fmt::format("credits: region {} lacks {} mg of what it is to give or retire: they {}", region,
                               missing_mg, "were retired before, or never held"));
}

}  // namespace

std::int64_t credit_cost(std::int64_t price, std::int64_t amount_mg) {
  EXPECT(price >= 0 && amount_mg >= 0);
  return narrow((Int128{price} * amount_mg + (kPriceUnits - 1)) / kPriceUnits);
}

std::int64_t first_credit_price(const CreditParams& params) {
  return bounded(params, in_price_units(params.start_usd_per_t));
}

std::int64_t next_credit_price(const CreditParams& params, std::int64_t price, std::int64_t needed_mg,
                               std::int64_t held_mg) {
  EXPECT(price >= 0 && needed_mg >= 0 && held_mg >= 0);
  const double needed = static_cast<double>(needed_mg), held = static_cast<double>(held_mg);
  if (needed + held == 0) return price;
  const double factor = 1.0 + params.price_move * (needed - held) / (needed + held);
  return bounded(params, round_half_even(static_cast<double>(price) * factor));
}

std::vector<CreditOutcome> settle_credits(const CreditParams& params, std::int64_t price,
                                          std::span<const CreditPosition> regions) {
  std::vector<CreditOutcome> out(regions.size());
  std::vector<std::int64_t> needed(regions.size()), offered(regions.size()), money(regions.size());
  for (std::size_t r = 0; r < regions.size(); ++r) {
    const CreditPosition& p = regions[r];
    EXPECT(p.needed_mg >= 0 && p.held_mg >= 0 && p.money_utkn >= 0);
    out[r].own_mg = std::min(p.needed_mg, p.held_mg);
    out[r].own_paid_utkn = std::min(p.money_utkn, narrow(Int128{price} * out[r].own_mg / kPriceUnits));
    money[r] = p.money_utkn - out[r].own_paid_utkn;
    needed[r] = affordable(price, money[r], p.needed_mg - out[r].own_mg);
    offered[r] = p.held_mg - out[r].own_mg;
  }
  const CreditMatch match = match_credits(params, price, needed, offered);
  for (std::size_t r = 0; r < regions.size(); ++r) {
    out[r].bought_mg = match.bought_mg[r];
    out[r].sold_mg = match.sold_mg[r];
    out[r].paid_utkn = match.paid_utkn[r];
    out[r].unmet_mg = regions[r].needed_mg - out[r].own_mg - out[r].bought_mg;
    out[r].buyout_utkn = money[r] - std::max<std::int64_t>(0, out[r].paid_utkn);
    ENSURE(out[r].buyout_utkn >= 0);
  }
  return out;
}

void carry_out(CreditRegistry& registry, std::span<const CreditOutcome> outcomes) {
  const auto region = [](std::size_t row) { return RegionId{static_cast<std::uint16_t>(row)}; };
  std::size_t seller = 0;
  std::int64_t left = outcomes.empty() ? 0 : outcomes[0].sold_mg;
  for (std::size_t buyer = 0; buyer < outcomes.size(); ++buyer) {
    for (std::int64_t open = outcomes[buyer].bought_mg; open > 0;) {
      while (left == 0) left = outcomes[++seller].sold_mg;  // as much is sold as is bought
      const std::int64_t part = std::min(left, open);
      const std::int64_t moved = registry.transfer_oldest(region(seller), region(buyer), part);
      if (moved != part) not_there(seller, part - moved);
      left -= part;
      open -= part;
    }
  }
  for (std::size_t r = 0; r < outcomes.size(); ++r) {
    const std::int64_t due = outcomes[r].own_mg + outcomes[r].bought_mg;
    const std::int64_t retired = registry.retire_oldest(region(r), due);
    if (retired != due) not_there(r, due - retired);
  }
}

}  // namespace policy
}  // namespace swarm
