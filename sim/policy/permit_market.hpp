#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/policy/permits.hpp"

/// Cap-and-trade and tradeable per-capita allowances: one market, in which only the first owner of permits differs.
namespace swarm {
namespace policy {

/// What one step did. Owners are the regions in their order, and last the authority that sets the cap.
struct PermitStep {
  PermitClearing clearing;
  std::int64_t issued_mg = 0;
  std::int64_t lapsed_mg = 0;           ///< unused and not banked
  std::vector<std::int64_t> paid_utkn;  ///< per owner, net; negative: received. Sums to zero exactly
};

/// Each step permits are issued (to the authority, or to regions in proportion to their people), added to what was
/// banked, and all of them are sold at one price. A region first uses its own permits, sells what it has left over and
/// buys what it lacks. Price and emissions therefore do not depend on who owned the permits, only payments do (Coase).
/// Where less is sold than is on offer (at the floor), sellers share the sale in proportion to what they offer.
class PermitMarket {
 public:
  /// `people` per region, for their parts of a per-capita issue; without people anywhere the authority gets it.
  PermitMarket(const PermitParams& params, Ownership ownership, std::span<const double> people);

  /// The step [from_utc, to_utc), with one curve per region. A step that reaches the end of a period ends it.
  PermitStep trade(std::int64_t from_utc, std::int64_t to_utc, std::span<const DemandCurve> curves);

  /// State: unused permits [mg] per owner.
  std::vector<std::int64_t>& holdings_mg() { return holdings_mg_; }
  const std::vector<std::int64_t>& holdings_mg() const { return holdings_mg_; }

 private:
  void issue(std::int64_t amount_mg);
  std::vector<std::int64_t> settle(const PermitClearing& clearing);
  std::int64_t lapse(std::int64_t from_utc, std::int64_t to_utc);

  PermitParams params_;
  Ownership ownership_;
  std::vector<std::int64_t> people_;
  std::vector<std::int64_t> holdings_mg_;  ///< regions, then the authority
};

}  // namespace policy
}  // namespace swarm
