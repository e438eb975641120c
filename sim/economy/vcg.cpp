#include <algorithm>

#include "sim/economy/clearing_rules.hpp"

/// What a bid's presence costs all others. Without a bid of f units the f dearest units sold, c₁ ≤ … ≤ c_f, are free
/// again; each goes to the best unit left out, r₁ ≥ r₂ ≥ …, if that is worth more than making it, and is not made
/// otherwise. The others gain rⱼ − cⱼ in the first case, so together with the cost of all f units, which the bid
/// occupied, it owes Σⱼ max(rⱼ, cⱼ). As r falls and c rises, the first j ≤ J units are resold and the rest is not made.
/// (A unit beyond the f is never worth making for those left out, or it would have been sold to them before.)
namespace swarm {
namespace economy {
namespace {

/// Units of many orders in a row, and what the first so many of them cost.
class Steps {
 public:
  void add(std::int64_t price, std::int64_t quantity) {
    ends_.push_back(units() + quantity);
    values_.push_back((values_.empty() ? 0 : values_.back()) + Int128{price} * quantity);
    prices_.push_back(price);
  }
  std::size_t size() const { return ends_.size(); }
  std::int64_t units() const { return ends_.empty() ? 0 : ends_.back(); }
  std::int64_t begin(std::size_t step) const { return step == 0 ? 0 : ends_[step - 1]; }
  std::int64_t end(std::size_t step) const { return ends_[step]; }
  std::int64_t price(std::size_t step) const { return prices_[step]; }
  /// Σ prices of the first `n` ≤ units().
  Int128 value(std::int64_t n) const {
    if (n == 0) return 0;
    const auto step = static_cast<std::size_t>(std::ranges::lower_bound(ends_, n) - ends_.begin());
    return values_[step] - Int128{prices_[step]} * (ends_[step] - n);
  }
  /// Units at no more than `price`, prices rising.
  std::int64_t units_up_to(std::int64_t price) const {
    return begin(static_cast<std::size_t>(std::ranges::upper_bound(prices_, price) - prices_.begin()));
  }

 private:
  std::vector<std::int64_t> ends_, prices_;
  std::vector<Int128> values_;
};

/// The table of r against c.
class Externality {
 public:
  /// `left_out` from the highest price on, `sold` from the lowest.
  Externality(Steps left_out, const Steps& sold) : left_out_(std::move(left_out)), sold_(sold) {
    for (std::size_t step = 0; step < left_out_.size(); ++step) {
      worth_.push_back(sold_.units_up_to(left_out_.price(step)));
      lead_.push_back(worth_.back() - left_out_.begin(step));
    }
  }

  /// What a bid filled with `f` units owes.
  Int128 of(std::int64_t f) const {
    const std::int64_t kept = sold_.units() - f;  // units sold to others all the same
    const std::int64_t resold = resold_above(kept);
    return left_out_.value(resold) + sold_.value(sold_.units()) - sold_.value(kept + resold);
  }

 private:
  /// The first unit of a step is resold if more than kept + begin units sold are worth no more to make than it; `lead_`
  /// falls from step to step.
  std::int64_t resold_above(std::int64_t kept) const {
    const auto steps = static_cast<std::size_t>(
        std::ranges::partition_point(lead_, [kept](std::int64_t lead) { return lead > kept; }) - lead_.begin());
    return steps == 0 ? 0 : std::min(left_out_.end(steps - 1), worth_[steps - 1] - kept);
  }

  const Steps left_out_;
  const Steps& sold_;
  std::vector<std::int64_t> worth_;  // units sold that cost no more than the step is worth
  std::vector<std::int64_t> lead_;   // the same, less what stands before the step
};

/// Who is left out from the highest bid on, without the order `except`.
Steps left_out_bids(const MarketSide& bids, const std::vector<std::size_t>& from_highest, std::size_t except) {
  Steps steps;
  for (const std::size_t b : from_highest)
    if (const std::int64_t rest = bids.orders[b].quantity - bids.filled[b]; rest > 0 && b != except)
      steps.add(bids.orders[b].price, rest);
  return steps;
}

/// Adds n·units/volume of a whole to each part, so that the parts add up: differences of sums rounded down.
class Division {
 public:
  Division(Int128 whole, std::int64_t volume) : each_(whole / volume), rest_(whole % volume), volume_(volume) {}
  Int128 next(std::int64_t units) {
    units_ += units;
    const Int128 given = given_;
    given_ = rest_ * units_ / volume_;  // both below 2⁶³
    return each_ * units + given_ - given;
  }

 private:
  const Int128 each_, rest_;
  const std::int64_t volume_;
  std::int64_t units_ = 0;
  Int128 given_ = 0;
};

}  // namespace

void clear_vcg(const Market& market, std::span<Settlement> settlements) {
  const MarketSide &bids = market.bids, &asks = market.asks;
  Steps sold;
  for (const std::size_t a : asks.from_lowest())
    if (asks.filled[a] > 0) sold.add(asks.orders[a].price, asks.filled[a]);
  const std::vector<std::size_t> buyers = bids.from_highest();
  const Externality externality(left_out_bids(bids, buyers, bids.orders.size()), sold);
  Int128 left_over = -sold.value(sold.units());
  for (std::size_t b = 0; b < bids.orders.size(); ++b) {
    const std::int64_t filled = bids.filled[b];
    if (filled == 0) continue;
    // The one bid that is filled in part does not stand in line behind itself.
    const bool whole = filled == bids.orders[b].quantity;
    const Int128 owes = whole ? externality.of(filled) : Externality(left_out_bids(bids, buyers, b), sold).of(filled);
    settlements[bids.row[b]] = {filled, owes};
    left_over += owes;
  }
  Division shares(left_over, market.efficient.volume);
  for (std::size_t a = 0; a < asks.orders.size(); ++a)
    if (const std::int64_t filled = asks.filled[a]; filled > 0)
      settlements[asks.row[a]] = {filled, Int128{asks.orders[a].price} * filled + shares.next(filled)};
}

}  // namespace economy
}  // namespace swarm
