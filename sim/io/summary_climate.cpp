#include "sim/io/summary_climate.hpp"

#include "sim/policy/permits.hpp"

namespace swarm::io {
namespace {

using world::RegionState;

constexpr double kMilligramsPerTonne = 1e9;

}  // namespace

std::vector<StaticVariable> climate_summary(const engine::Simulation& sim) {
  std::vector<StaticVariable> all;
  std::vector<std::int64_t> issued, bought, retired, unmet;
  Int128 sums[5] = {};
  double collected = 0, buyout = 0, requested = 0, allocated = 0;
  std::int64_t beyond = 0, late = 0, price = 0;
  sim.each_region([&](const RegionState& r) {
    const auto& a = r.carbon_credits;
    issued.push_back(a.issued_mg);
    bought.push_back(a.bought_mg);
    retired.push_back(a.retired_mg);
    unmet.push_back(a.unmet_mg);
    const std::int64_t amounts[] = {a.issued_mg, a.bought_mg, a.retired_mg, a.unmet_mg, a.held_mg};
    for (std::size_t k = 0; k < 5; ++k) sums[k] += amounts[k];
    price = a.price;
    collected += r.totals.credits_usd;
    buyout += r.totals.credits_buyout_usd;
    requested += r.totals.capacity_requested_s;
    allocated += r.totals.capacity_allocated_s;
    beyond += static_cast<std::int64_t>(r.totals.beyond_allocation);
    late += static_cast<std::int64_t>(r.totals.promised_late);
  });
  const auto number = [&](std::string name, double value, std::string unit, std::string meaning) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning)});
  };
  const auto tonnes = [&](std::string name, Int128 mg, std::string meaning) {
    number(std::move(name), static_cast<double>(mg) / kMilligramsPerTonne, "t", std::move(meaning));
  };
  const auto count = [&](std::string name, std::int64_t value, std::string meaning) {
    all.push_back({std::move(name), std::vector<std::int64_t>{value}, {}, "1", std::move(meaning)});
  };
  const auto by_region = [&](std::string name, std::vector<std::int64_t> values, std::string meaning) {
    all.push_back({std::move(name), std::move(values), {"region"}, "mg", std::move(meaning)});
  };
  tonnes("credits_issued_t", sums[0], "carbon credits issued, warm-up included");
  tonnes("credits_traded_t", sums[1], "carbon credits traded between regions, warm-up included");
  tonnes("credits_retired_t", sums[2], "carbon credits retired, warm-up included");
  tonnes("credits_unmet_t", sums[3], "needs that no carbon credits met, warm-up included");
  tonnes("credits_held_t", sums[4], "carbon credits held at the end");
  number("credit_price_end_usd_per_t", static_cast<double>(price) / policy::kPriceUnits, "USD/t", "price of carbon credits at the end (0 without them)");
  number("credits_usd", collected, "USD", "collected for carbon credits");
  number("credits_buyout_usd", buyout, "USD", "of what was collected, what no credits could be bought for, to the justice fund");
  number("capacity_requested_s", requested, "s", "server-seconds that were to be allocated, in all rounds of trade");
  number("capacity_allocated_s", allocated, "s", "server-seconds that were allocated");
  count("beyond_allocation", beyond, "orders sent away because what was allocated to their like was used up");
  count("promised_late", late, "orders admitted because capacity was allocated to them although they were expected to be late");
  by_region("credits_issued_mg_by_region", issued, "carbon credits issued, warm-up included");
  by_region("credits_bought_mg_by_region", bought, "carbon credits bought, warm-up included");
  by_region("credits_retired_mg_by_region", retired, "carbon credits retired, warm-up included");
  by_region("credits_unmet_mg_by_region", unmet, "needs that no carbon credits met, warm-up included");
  return all;
}

}  // namespace swarm::io
