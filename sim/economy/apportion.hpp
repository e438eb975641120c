#pragma once
#include <span>

#include "sim/economy/ledger.hpp"

/// A pool of money divided in whole µTKN in proportion to weights (docs/models/incentives.md, "Dividing a
/// pool").
namespace swarm {
namespace economy {

/// Largest remainder (Hamilton): everybody gets pool·wᵢ/Σw rounded down, and what is left goes in single µTKN
/// to the largest remainders, of equal ones to the earlier row. Weights below zero count as zero. Weights are
/// first rounded to 2⁻⁵³ of the largest; from there on all arithmetic is exact, so a share is within 1 µTKN
/// of its proportion (plus n·pool·2⁻⁵³ for that rounding), equal weights differ by at most 1 µTKN, and the
/// shares add up to the pool.
///
/// Returns what was divided: the pool, or nothing where nobody has a positive weight or the pool is not
/// positive (all shares are then 0). ModelError if a weight is infinite or not a number.
MicroTkn apportion(MicroTkn pool, std::span<const double> weights, std::span<std::int64_t> shares);

/// Pays shares[i] ≥ 0 out of `from` to to[i]; shares of 0 leave no journal entry. All or nothing: false, and
/// nothing happens, if `from` does not hold their sum.
bool pay_shares(Ledger& ledger, AccountId from, std::span<const AccountId> to,
                std::span<const std::int64_t> shares, Posting kind);

}  // namespace economy
}  // namespace swarm
