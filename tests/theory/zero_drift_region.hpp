#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "sim/economy/futures.hpp"
#include "sim/economy/lending.hpp"
#include "sim/economy/quota.hpp"

/// One region of the random calls of zero_drift_test.cpp with the tallies it is compared with.
namespace swarm::economy::drift {

inline constexpr std::size_t kRegions = 3, kAgents = 12, kBooks = 2;
enum : std::uint64_t {
  kPool,
  kFund,
  kBonusPool,
  kMargin0,
  kFirst = kMargin0 + kBooks,
  kAccounts = kFirst + kAgents
};
using Numbers = std::vector<std::int64_t>;

/// Debts are tallied in this part of a µTKN.
inline Int128 unit() {
  return FixedRate{}.remainders_per_utkn();
}

inline LendingParams lending_params() {
  LendingParams p;
  p.slope_per_h = 0.003;  // steep, so that interest matters within a few steps
  p.steep_slope_per_h = 0.2;
  p.term = {20 * 3600.0};
  p.grace = {5 * 3600.0};
  p.barred = {30 * 3600.0};
  return p;
}

inline QuotaParams quota_params() {
  QuotaParams p;
  p.efficient_from = 0.3;
  p.bonus_share = 0.3;
  return p;
}

struct Region {
  Ledger ledger{kAccounts};
  LenderPool pool{lending_params(), {200}, {kPool}, {kFirst}, kAgents};
  std::vector<FuturesBook> books;
  QuotaBook quota{quota_params(), kAgents};
  Numbers demurrage_remainders = Numbers(kAgents);
  std::array<Int128, kAgents> debt{};  // tally: exact, in units of the remainder of interest
  std::int64_t granted = 0;            // tally: Σ allocated quota
  std::array<std::int64_t, kAgents> carried{};
  std::int64_t now_s = 0;
  Int128 assets = 0, shares = 0;  // of the pool, before the call

  Region() {
    for (std::uint64_t b = 0; b < kBooks; ++b)
      books.emplace_back(FuturesParams{}, AccountId{kMargin0 + b}, AccountId{kFirst}, kAgents);
  }
};

/// `defaults`: the call wrote a loan off.
inline bool pool_holds(const Region& r, bool defaults) {
  Int128 claims = 0, lent = 0, interest = 0;
  const LendingColumns& c = r.pool.columns();
  for (std::size_t i = 0; i < kAgents; ++i) {
    claims += r.pool.claim(r.ledger, i).value;
    lent += c.principal[i];
    interest += c.interest[i];
    if (c.shares[i] < 0 || c.principal[i] < 0 || c.interest[i] < 0 || c.remainder[i] < 0) return false;
    if ((Int128{c.principal[i]} + c.interest[i]) * unit() + c.remainder[i] != r.debt[i]) return false;
  }
  const Int128 assets = r.ledger.balance({kPool}).value + lent + interest, shares = r.pool.shares();
  const bool worth_less = r.shares > 0 && shares > 0 && assets * r.shares < r.assets * shares;
  return claims <= assets && assets == r.pool.assets(r.ledger) && (defaults || !worth_less);
}

inline bool margins_hold(const Region& r) {
  for (std::size_t b = 0; b < kBooks; ++b) {
    Int128 contracts = 0, basis = 0, margin = 0;
    const FuturesColumns& c = r.books[b].columns();
    for (std::size_t i = 0; i < kAgents; ++i) {
      contracts += c.contracts[i];
      basis += c.basis[i];
      margin += c.margin[i];
      if (c.margin[i] < 0) return false;
    }
    if (contracts != 0 || basis != 0 || margin != r.ledger.balance({kMargin0 + b}).value) return false;
  }
  return true;
}

inline bool quota_holds(const Region& r) {
  std::int64_t allocated = 0;
  const QuotaColumns& c = r.quota.columns();
  for (std::size_t i = 0; i < kAgents; ++i) {
    allocated += c.allocated[i];
    if (r.quota.available(i) < 0 || c.used[i] < 0 || c.reserved[i] < 0 || c.offered[i] < 0) return false;
    if (c.offered[i] > c.tradeable[i] || c.carried[i] != r.carried[i]) return false;
  }
  return allocated == r.granted;
}

}  // namespace swarm::economy::drift
