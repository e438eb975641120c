#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/economy/appreciation.hpp"
#include "sim/economy/demurrage.hpp"
#include "sim/economy/futures.hpp"
#include "sim/economy/lending.hpp"
#include "sim/economy/quota.hpp"
#include "zero_drift_region.hpp"

/// Random calls of everything that moves money or quota, against tallies kept here in the most obvious way:
/// what was asked to be minted and burnt, each borrower's exact debt, the quota handed out. After every call
///   Σ accounts of all ledgers = minted − burnt, no account is negative, no share of a pool is worth less
///   (unless a loan was written off), lenders' claims are covered, margins are where they belong, debts are
///   exact, quota is conserved.
namespace swarm::economy {
namespace {

using namespace drift;

enum class Op {
  mint,
  burn,
  burn_up_to,
  transfer,
  transfer_many,
  abroad,
  deposit,
  withdraw,
  lend,
  repay,
  charge,
  write_off,
  lending_step,
  trade,
  settle,
  expire,
  demurrage,
  bonus,
  reserve,
  commit,
  release,
  offer,
  withdraw_offer,
  sell_quota,
  new_day,
  count
};
constexpr std::size_t kOps = static_cast<std::size_t>(Op::count);

enum class Fault {
  none,
  interest_minted,          ///< interest appears in the pool instead of being owed
  interest_rounded_down,    ///< the fraction of a step's interest is dropped
  repayment_counts_twice,   ///< a debt falls by twice what was paid
  deposit_rounded_up,       ///< a lender gets a share more than it pays for
  withdrawal_rounded_down,  ///< a lender gives up a share less
  written_off_still_owed,   ///< a loss that nobody bears
  gain_without_loss,        ///< winners are paid what losers could not pay
  variation_rounded_up,     ///< a winner gets 1 µTKN more
  margin_lost,              ///< returned security stays with the exchange too
  demurrage_burnt,          ///< a charge that arrives nowhere
  bonus_overdraws,          ///< the pool goes below zero
  quota_sold_twice,         ///< the seller keeps what it sold
  quota_from_nowhere,       ///< an earlier day's reservation comes back as today's quota
  count
};

class World {
 public:
  World(std::uint64_t seed, Fault fault) : draw_(Random(seed, Stream::experiment), 7, 0), fault_(fault) {
    for (Region& r : regions_)
      for (std::uint64_t i = kFund; i < kAccounts; ++i)
        if (i < kMargin0 || i >= kFirst) mint(r, {i}, 20'000);
  }

  /// False as soon as something does not add up. `mints` = false leaves out all that changes the supply.
  bool run(int calls, bool mints = true) {
    for (int n = 0; n < calls; ++n) {
      const auto op = static_cast<Op>(below(kOps));
      if (!mints && (op == Op::mint || op == Op::burn || op == Op::burn_up_to)) continue;
      Region& r = regions_[below(kRegions)];
      r.assets = r.pool.assets(r.ledger);
      r.shares = r.pool.shares();
      defaults_ = false;
      did_[static_cast<std::size_t>(op)] += carry_out(op, r);
      if (!holds(r)) return false;
      if (n % 500 == 0) audit();
    }
    audit();
    return true;
  }
  std::int64_t did(Op op) const { return did_[static_cast<std::size_t>(op)]; }
  std::int64_t defaults = 0, liquidated = 0, shortfalls = 0;
  Int128 supply() const { return minted_ - burnt_; }

 private:
  std::size_t below(std::size_t n) { return draw_.word() % n; }
  std::size_t agent() { return below(kAgents); }
  AccountId wallet() { return {kFirst + agent()}; }
  /// Mostly of the order of a wallet, sometimes 0, sometimes far too much.
  std::int64_t amount() {
    const std::size_t which = below(20);
    if (which == 0) return 0;
    return static_cast<std::int64_t>(below(which == 1 ? 4'000'000'000 : 8000));
  }
  bool mint(Region& r, AccountId to, std::int64_t a) {
    r.ledger.mint(to, {a}, Posting::deposit);
    minted_ += a;
    return true;
  }
  Posting any_move() {
    for (;;) {
      const auto kind = static_cast<Posting>(below(kPostings));
      if (effect(kind) == Effect::move) return kind;
    }
  }
  /// Whoever may pay or be paid by anybody: agents and fund; the pools may be paid.
  AccountId payer() { return below(8) == 0 ? AccountId{kFund} : wallet(); }
  AccountId payee() { return below(8) == 0 ? AccountId{below(kMargin0)} : wallet(); }

  bool carry_out(Op op, Region& r) {
    switch (op) {
      case Op::mint:
        return mint(r, payee(), amount() / 40);
      case Op::burn:
      case Op::burn_up_to:
      case Op::transfer:
      case Op::transfer_many:
      case Op::abroad:
        return move(op, r);
      case Op::deposit:
      case Op::withdraw:
      case Op::lend:
      case Op::repay:
      case Op::charge:
      case Op::write_off:
      case Op::lending_step:
        return credit(op, r);
      case Op::trade:
      case Op::settle:
      case Op::expire:
        return futures(op, r);
      case Op::demurrage:
        return demurrage(r);
      case Op::bonus:
        return bonus(r);
      default:
        return quota(op, r);
    }
  }

  bool move(Op op, Region& r) {
    const std::int64_t a = amount();
    if (op == Op::burn || op == Op::burn_up_to) {
      const AccountId from = payer();
      const std::int64_t had = r.ledger.balance(from).value;
      const bool all = op == Op::burn && a / 40 <= had;
      const std::int64_t burnt = all ? a / 40 : op == Op::burn ? 0 : std::min(a / 40, had);
      burnt_ += burnt;
      if (op == Op::burn) return r.ledger.burn(from, {a / 40}, Posting::withdrawal) == all && burnt > 0;
      return r.ledger.burn_up_to(from, {a / 40}, Posting::electricity).value == burnt && burnt > 0;
    }
    if (op == Op::transfer)
      return r.ledger.transfer(payer(), payee(), {below(30) ? a : -a}, any_move()) && a > 0;
    if (op == Op::transfer_many) {
      std::vector<Transfer> orders(below(6));
      for (Transfer& t : orders)
        t = {static_cast<std::uint32_t>(payer().value), static_cast<std::uint32_t>(payee().value), amount()};
      return r.ledger.transfer_many(orders, any_move()) > 0;
    }
    const Posting kind = any_move();
    if (!r.ledger.send_abroad(payer(), {a}, kind)) return false;
    regions_[below(kRegions)].ledger.receive_from_abroad(wallet(), {a}, kind);
    return a > 0;
  }

  bool credit(Op op, Region& r) {
    const std::size_t i = agent();
    const MicroTkn most{amount()};
    switch (op) {
      case Op::deposit: {
        const bool done = r.pool.deposit(r.ledger, i, most).value > 0;
        if (done && fault_ == Fault::deposit_rounded_up) change(r, [&](LendingColumns& c) { ++c.shares[i]; });
        return done;
      }
      case Op::withdraw: {
        const bool done = r.pool.withdraw(r.ledger, i, most).value > 0;
        if (done && fault_ == Fault::withdrawal_rounded_down)
          change(r, [&](LendingColumns& c) { ++c.shares[i]; });
        return done;
      }
      case Op::lend: {
        const std::int64_t lent = r.pool.lend(r.ledger, i, most, r.now_s).value;
        r.debt[i] += lent * unit();
        return lent > 0;
      }
      case Op::repay:
        return repay(r, i, most);
      case Op::charge:
        return charge(r);
      case Op::write_off: {
        if (below(4) != 0) return false;
        const std::int64_t owed = r.pool.owed(i).value;
        defaults_ = owed > 0;
        r.pool.write_off(r.ledger, i, r.now_s);
        if (owed > 0 && fault_ == Fault::written_off_still_owed)
          change(r, [&](LendingColumns& c) { c.principal[i] = owed; });
        r.debt[i] = 0;
        return owed > 0;
      }
      default:
        return lending_step(r);
    }
  }
  template <class Change>
  void change(Region& r, Change&& wrong) {
    LendingColumns columns = r.pool.columns();
    wrong(columns);
    r.pool.restore(columns);
  }
  bool repay(Region& r, std::size_t i, MicroTkn most) {
    const std::int64_t paid = r.pool.repay(r.ledger, i, most).value;
    r.debt[i] -= paid * unit();
    if (r.debt[i] < 0 && r.debt[i] > -unit()) r.debt[i] = 0;  // the begun µTKN, paid in full
    if (fault_ == Fault::repayment_counts_twice)
      change(r, [&](LendingColumns& c) { c.principal[i] -= std::min(paid, c.principal[i]); });
    return paid > 0;
  }
  bool charge(Region& r) {
    const FixedRate rate = FixedRate::per_hour(draw_.uniform() * 0.01);
    const auto seconds = static_cast<std::int64_t>(below(5000));
    for (std::size_t i = 0; i < kAgents; ++i)
      r.debt[i] += Int128{r.pool.columns().principal[i]} * rate.pico * seconds;
    const std::int64_t charged = r.pool.charge(rate, seconds).value;
    if (fault_ == Fault::interest_minted) r.ledger.raw_balances()[kPool] += charged;
    if (fault_ == Fault::interest_rounded_down)
      change(r, [](LendingColumns& c) { std::ranges::fill(c.remainder, 0); });
    return charged > 0;
  }
  bool lending_step(Region& r) {
    const auto seconds = static_cast<std::int64_t>(1 + below(7200));
    r.now_s += seconds;
    Numbers bills(kAgents), arrears(kAgents), earned(kAgents);
    for (std::size_t i = 0; i < kAgents; ++i) {
      bills[i] = amount() / 10;
      arrears[i] = below(3) == 0 ? amount() : 0;
      earned[i] = amount();
    }
    const LendingStep done = r.pool.step(r.ledger, {bills, arrears, earned}, r.now_s, seconds);
    defaults += done.defaults;
    defaults_ = done.defaults > 0;
    const LendingColumns& c = r.pool.columns();
    for (std::size_t i = 0; i < kAgents; ++i)
      r.debt[i] = (Int128{c.principal[i]} + c.interest[i]) * unit() + c.remainder[i];
    return true;
  }

  bool futures(Op op, Region& r) {
    const std::size_t b = below(kBooks);
    FuturesBook& book = r.books[b];
    const MicroTkn price{static_cast<std::int64_t>(below(8) == 0 ? below(3) : 50 + below(300))};
    if (op == Op::trade) {
      Numbers quantities(kAgents);
      for (std::int64_t& q : quantities) q = below(3) == 0 ? std::int64_t(below(200)) - 100 : 0;
      return book.trade(r.ledger, quantities, price) > 0;
    }
    if (op == Op::expire && below(4) != 0) return false;
    const FuturesSettlement done =
        op == Op::expire ? book.expire(r.ledger, price) : book.settle(r.ledger, price);
    liquidated += done.liquidated;
    shortfalls += done.shortfall.value > 0;
    if (fault_ == Fault::gain_without_loss)
      r.ledger.transfer({kMargin0 + b}, wallet(), done.shortfall, Posting::variation);
    if (fault_ == Fault::variation_rounded_up && done.gains.value > 0)
      ++r.ledger.raw_balances()[wallet().value];
    if (fault_ == Fault::margin_lost && op == Op::expire)
      r.ledger.transfer(wallet(), {kMargin0 + b}, {1}, Posting::margin);
    return done.gains.value > 0;
  }

  bool demurrage(Region& r) {
    Numbers bills(kAgents);
    for (std::int64_t& bill : bills) bill = amount() / 100;
    DemurrageParams params;
    params.rate_per_day = draw_.uniform() * 0.3;
    params.allowance = {86'400};
    const std::int64_t charged = charge_demurrage(r.ledger, params, {kFirst}, bills, r.demurrage_remainders,
                                                  {kFund}, std::int64_t(below(86'400)))
                                     .value;
    if (fault_ == Fault::demurrage_burnt) r.ledger.raw_balances()[kFund] -= charged;
    return charged > 0;
  }

  bool bonus(Region& r) {
    Numbers bonuses(kAgents);
    AppreciationParams params;
    params.enabled = true;
    for (std::int64_t& b : bonuses) b = appreciation_bonus(params, {amount() / 100}, amount()).value;
    const std::int64_t wanted = std::accumulate(bonuses.begin(), bonuses.end(), std::int64_t{0});
    const std::int64_t paid = pay_bonuses(r.ledger, {kBonusPool}, {kFirst}, bonuses, {amount()}).value;
    if (fault_ == Fault::bonus_overdraws) {
      r.ledger.raw_balances()[kBonusPool] -= wanted - paid;
      r.ledger.raw_balances()[kFirst] += wanted - paid;
    }
    return paid > 0;
  }

  bool quota(Op op, Region& r) {
    const std::size_t i = agent();
    const auto q = static_cast<std::int64_t>(below(80));
    const QuotaColumns& c = r.quota.columns();
    const std::int64_t part = c.reserved[i] == 0 ? 0 : std::int64_t(below(std::size_t(c.reserved[i]) + 1));
    const auto out = static_cast<std::int64_t>(below(std::size_t(c.offered[i]) + 2));  // at times 1 too many
    switch (op) {
      case Op::reserve: {
        const bool possible = q <= r.quota.available(i);
        return r.quota.reserve(i, q) == possible && possible && q > 0;
      }
      case Op::commit:
      case Op::release: {
        const std::int64_t used = op == Op::commit ? std::int64_t(below(std::size_t(part) + 1)) : 0;
        const std::int64_t old = std::min(part, r.carried[i]);
        r.carried[i] -= old;
        r.granted -= std::max<std::int64_t>(0, old - used);
        if (op == Op::commit) r.quota.commit(i, part, used, 0.5 + 0.5 * draw_.uniform());
        if (op == Op::release) r.quota.release(i, part);
        if (fault_ == Fault::quota_from_nowhere && old > used) change_quota(r, i, old - used);
        return part > 0;
      }
      case Op::offer:
        return r.quota.offer(i, q / 8) && q >= 8;
      case Op::withdraw_offer:
        return r.quota.withdraw_offer(i, out) && out > 0;
      case Op::sell_quota: {
        const std::size_t buyer = agent();
        const bool done = r.quota.transfer(i, buyer, out);
        if (done && fault_ == Fault::quota_sold_twice) change_quota(r, i, out);
        return done && out > 0;
      }
      default: {
        if (below(10) != 0) return false;
        Numbers base(kAgents);
        for (std::int64_t& x : base) x = std::int64_t(below(4000));
        r.granted = 0;
        for (std::size_t a = 0; a < kAgents; ++a) {
          r.carried[a] = c.reserved[a];
          r.granted += c.reserved[a];
        }
        const QuotaDay day = r.quota.new_day(base);
        r.granted += day.base + day.bonus;
        return day.bonus > 0 && day.bonus <= std::accumulate(base.begin(), base.end(), std::int64_t{0}) / 20;
      }
    }
  }
  void change_quota(Region& r, std::size_t i, std::int64_t more) {
    QuotaColumns columns = r.quota.columns();
    columns.allocated[i] += more;
    r.quota.restore(columns);
  }

  bool holds(const Region& r) const {
    return money_holds() && pool_holds(r, defaults_) && margins_hold(r) && quota_holds(r);
  }
  bool money_holds() const {
    Int128 sum = 0;
    for (const Region& region : regions_)
      for (const std::int64_t balance : region.ledger.balances()) {
        if (balance < 0) return false;
        sum += balance;
      }
    return sum == supply();
  }
  void audit() {
    Int128 abroad = 0;
    for (Region& r : regions_) {
      r.ledger.audit();
      r.ledger.clear_journal();
      abroad += r.ledger.net_abroad();
    }
    if (abroad != 0) throw ModelError("money is under way between regions");
  }

  RandomSequence draw_;
  Fault fault_;
  std::array<Region, kRegions> regions_;
  Int128 minted_ = 0, burnt_ = 0;
  bool defaults_ = false;
  std::array<std::int64_t, kOps> did_{};
};

TEST(ZeroDrift, AMillionCallsOfEveryKindAddUp) {
  std::array<std::int64_t, kOps> did{};
  std::int64_t defaults = 0, liquidated = 0, shortfalls = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    World world(seed, Fault::none);
    ASSERT_TRUE(world.run(250'000)) << "seed " << seed;
    for (std::size_t op = 0; op < kOps; ++op) did[op] += world.did(static_cast<Op>(op));
    defaults += world.defaults;
    liquidated += world.liquidated;
    shortfalls += world.shortfalls;
  }
  // The check is worth something only if calls of each kind really did something.
  for (std::size_t op = 0; op < kOps; ++op) EXPECT_GT(did[op], 300) << "operation " << op;
  EXPECT_GT(defaults, 300);
  EXPECT_GT(liquidated, 300);
  EXPECT_GT(shortfalls, 300);
}

TEST(ZeroDrift, NothingButMintMakesMoney) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    World world(seed, Fault::none);
    const Int128 before = world.supply();
    EXPECT_TRUE(world.run(10'000, false)) << "seed " << seed;
    EXPECT_TRUE(world.supply() == before);
  }
}

TEST(ZeroDrift, EveryFaultIsFound) {
  EXPECT_TRUE(World(5, Fault::none).run(20'000));
  for (int fault = 1; fault < static_cast<int>(Fault::count); ++fault) {
    bool holds = true;
    try {
      holds = World(5, static_cast<Fault>(fault)).run(20'000);
    } catch (const ModelError&) {  // the ledger's own checks were quicker
      holds = false;
    }
    EXPECT_FALSE(holds) << "fault " << fault;
  }
}

}  // namespace
}  // namespace swarm::economy
