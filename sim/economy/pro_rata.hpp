#pragma once
#include <limits>

#include "sim/core/units.hpp"

/// Dividing what there is among whole-numbered claims (docs/models/credit.md, "Pro rata").
namespace swarm {
namespace economy {

/// Gives each claim, one after the other, its part of `total` ≥ 0: everything if the claims (≥ 0) add up to
/// no more, else claim·total/Σ claims, rounded so that the parts add up to `total` exactly: the parts of the
/// first k claims are together their exact share rounded down. No part exceeds its claim and each lies within
/// 1 of its exact share; which claims gain that 1 depends on the order, so it must be one that does not
/// depend on threads (here: order of ids). ModelError if the claims exceed 64 bits.
class ProRata {
 public:
  ProRata(Int128 claims, std::int64_t total) : claims_(claims), total_(total) {
    EXPECT(claims >= 0 && total >= 0);
    if (claims > std::numeric_limits<std::int64_t>::max()) integer_overflow("sum of claims");
  }
  std::int64_t next(std::int64_t claim) {
    EXPECT(claim >= 0 && seen_ + claim <= claims_);
    if (claims_ <= total_) return claim;
    seen_ += claim;
    const auto until_now = static_cast<std::int64_t>(seen_ * total_ / claims_);
    const std::int64_t part = until_now - given_;
    given_ = until_now;
    return part;
  }

 private:
  Int128 claims_, seen_ = 0;
  std::int64_t total_, given_ = 0;
};

}  // namespace economy
}  // namespace swarm
