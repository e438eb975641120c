#include "sim/world/credit_account.hpp"

#include <algorithm>
#include <tuple>

#include "sim/core/units.hpp"

namespace swarm {
namespace world {

void CreditBulletin::add(RegionId region, const CarbonCreditAccount& a, std::int64_t money) {
  notices.push_back({a.emitted_mg, a.counterfactual_mg, a.needed_mg, a.shortfall_mg, money});
  for (std::size_t k = 0; k < a.lot.size(); ++k) lots.push_back({a.lot[k], a.lot_issued_mg[k], a.lot_retired_mg[k]});
  for (std::size_t k = 0; k < a.holding_lot.size(); ++k)
    holdings.push_back({a.holding_lot[k], a.holding_mg[k], region.value});
}

policy::CreditRegistry CreditBulletin::registry() const {
  auto lot_rows = lots;
  auto holding_rows = holdings;
  std::ranges::sort(lot_rows, {}, &CreditLotRow::lot);
  std::ranges::sort(holding_rows, {}, [](const CreditHoldingRow& h) { return std::tuple(h.lot, h.owner); });
  policy::CreditRegistry registry;
  auto& c = registry.columns();
  for (const CreditLotRow& row : lot_rows) {
    c.lot.push_back(row.lot);
    c.issued_mg.push_back(row.issued_mg);
    c.retired_mg.push_back(row.retired_mg);
  }
  for (const CreditHoldingRow& row : holding_rows) {
    c.holding_lot.push_back(row.lot);
    c.holding_owner.push_back(static_cast<std::uint16_t>(row.owner));
    c.holding_mg.push_back(row.amount_mg);
  }
  return registry;
}

void keep_pages(const policy::CreditRegistry& registry, RegionId region, CarbonCreditAccount& a) {
  const auto& c = registry.columns();
  for (auto* column : {&a.lot, &a.holding_lot}) column->clear();
  for (auto* column : {&a.lot_issued_mg, &a.lot_retired_mg, &a.holding_mg}) column->clear();
  for (std::size_t k = 0; k < c.lot.size(); ++k) {
    if ((c.lot[k] & 0xFFFF) != region.value) continue;
    a.lot.push_back(c.lot[k]);
    a.lot_issued_mg.push_back(c.issued_mg[k]);
    a.lot_retired_mg.push_back(c.retired_mg[k]);
  }
  MicroTkn held;  // any checked sum
  for (std::size_t k = 0; k < c.holding_lot.size(); ++k) {
    if (c.holding_owner[k] != region.value) continue;
    a.holding_lot.push_back(c.holding_lot[k]);
    a.holding_mg.push_back(c.holding_mg[k]);
    held += MicroTkn{c.holding_mg[k]};
  }
  a.held_mg = held.value;
}

}  // namespace world
}  // namespace swarm
