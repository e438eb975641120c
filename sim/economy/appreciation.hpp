#pragma once
#include <span>

#include "sim/economy/credit_params.hpp"
#include "sim/economy/ledger.hpp"

/// Early contributions count for more, and bonuses come out of a fixed pool
/// (docs/models/credit.md, "Appreciation and bonuses").
namespace swarm {
namespace economy {

/// Factor on the value of use number `uses` + 1 of an agent: of its first uses, of those after them, and so
/// on; at most the cap, and 1 if switched off.
double appreciation(const AppreciationParams& params, std::int64_t uses);

/// What a contribution of `value` ≥ 0 earns on top: value·(factor − 1), half to even [µTKN].
MicroTkn appreciation_bonus(const AppreciationParams& params, MicroTkn value, std::int64_t uses);

/// Pays bonuses[i] ≥ 0 from `pool` to account first + i, all scaled down pro rata in order of i if they
/// exceed `most` or what the pool holds; an empty pool pays nothing. Writes what was paid over the bonuses
/// and returns the sum. The pool is no account of these.
MicroTkn pay_bonuses(Ledger& ledger, AccountId pool, AccountId first, std::span<std::int64_t> bonuses,
                     MicroTkn most);

}  // namespace economy
}  // namespace swarm
