#include <cmath>

#include "sim/core/math.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::RegionState;
using world::World;

/// Entitlements count in units so large that all together need no more than 40 bits, and a product with the fund fits.
constexpr int kEntitlementBits = 40;

/// Where the first `rows` regions' tranches end: the balances of all regions divided in proportion to entitlements.
/// Whole numbers, cut downwards, so that tranches add up to the fund exactly in any order.
Int128 tranches_before(std::span<const world::FundNotice> notices, std::size_t rows, Int128 fund, Int128 entitlements) {
  Int128 sum = 0;
  for (std::size_t i = 0; i < rows; ++i) sum += notices[i].entitlement;
  int shift = 0;
  while (entitlements >> shift >= Int128{1} << kEntitlementBits) ++shift;
  return rows == notices.size() ? fund : fund * (sum >> shift) / (entitlements >> shift);
}

}  // namespace

void share_fund(World& w) {
  const std::span<const world::FundNotice> notices = w.bulletin.funds;
  Int128 fund = 0, entitlements = 0;
  for (const auto& notice : notices) {
    fund += notice.balance;
    entitlements += notice.entitlement;
  }
  if (entitlements == 0) return;  // nobody is entitled to anything: what there is stays where it is
  for (RegionState& r : w.regions) {
    const std::size_t row = r.id.value;
    const auto tranche = static_cast<std::int64_t>(tranches_before(notices, row + 1, fund, entitlements) -
                                                   tranches_before(notices, row, fund, entitlements));
    const MicroTkn change{tranche - notices[row].balance};
    if (change.value > 0) r.ledger.receive_from_abroad(world::kFundAccount, change, Posting::tranche);
    if (change.value < 0) r.ledger.send_abroad(world::kFundAccount, -change, Posting::tranche);
  }
}

}  // namespace engine
}  // namespace swarm
