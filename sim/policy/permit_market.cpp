#include "sim/policy/permit_market.hpp"

#include <algorithm>

#include "sim/core/units.hpp"
#include "sim/core/apportion.hpp"

namespace swarm {
namespace policy {
namespace {

void add_to(std::int64_t& sum, std::int64_t amount) {
  if (__builtin_add_overflow(sum, amount, &sum)) integer_overflow("addition of permits");
}

std::int64_t sum_of(std::span<const std::int64_t> amounts) {
  std::int64_t sum = 0;
  for (const std::int64_t a : amounts) add_to(sum, a);
  return sum;
}

}  // namespace

PermitMarket::PermitMarket(const PermitParams& params, Ownership ownership, std::span<const double> people)
    : params_(params), ownership_(ownership), holdings_mg_(people.size() + 1) {
  for (const double p : people) people_.push_back(round_half_even(p));
}

PermitStep PermitMarket::trade(std::int64_t from_utc, std::int64_t to_utc, std::span<const DemandCurve> curves) {
  EXPECT(curves.size() + 1 == holdings_mg_.size());
  PermitStep step;
  step.issued_mg = permits_issued(params_, from_utc, to_utc);
  issue(step.issued_mg);
  step.clearing = clear_permits(params_, sum_of(holdings_mg_), curves);
  step.paid_utkn = settle(step.clearing);
  ENSURE(sum_of(holdings_mg_) == step.clearing.unsold_mg);
  step.lapsed_mg = lapse(from_utc, to_utc);
  return step;
}

void PermitMarket::issue(std::int64_t amount_mg) {
  std::int64_t given = 0;
  if (ownership_ == Ownership::per_capita) {
    std::vector<std::int64_t> parts(people_.size());
    given = apportion(amount_mg, people_, parts);
    for (std::size_t r = 0; r < parts.size(); ++r) add_to(holdings_mg_[r], parts[r]);
  }
  add_to(holdings_mg_.back(), amount_mg - given);
}

/// Moves permits and money between owners; returns what each one pays.
std::vector<std::int64_t> PermitMarket::settle(const PermitClearing& clearing) {
  const std::size_t regions = people_.size();
  std::vector<std::int64_t> paid(regions + 1), sold(regions + 1);
  std::int64_t bought = 0, offered = holdings_mg_.back(), payments = 0;
  for (std::size_t r = 0; r < regions; ++r) {
    const std::int64_t over = holdings_mg_[r] - clearing.allotted_mg[r];
    holdings_mg_[r] = std::max<std::int64_t>(over, 0);
    if (over < 0) {
      paid[r] = permit_cost(clearing.price, -over);
      add_to(bought, -over);
      add_to(payments, paid[r]);
    } else {
      add_to(offered, over);
    }
  }
  apportion(std::min(bought, offered), holdings_mg_, sold);
  for (std::size_t o = 0; o <= regions; ++o) holdings_mg_[o] -= sold[o];
  sold.back() += clearing.beyond_cap_mg;  // out of nothing
  ENSURE(sum_of(sold) == bought);
  std::vector<std::int64_t> received(regions + 1);
  apportion(payments, sold, received);
  for (std::size_t o = 0; o <= regions; ++o) paid[o] -= received[o];
  return paid;
}

std::int64_t PermitMarket::lapse(std::int64_t from_utc, std::int64_t to_utc) {
  if (!permits_lapse(params_, from_utc, to_utc)) return 0;
  const std::int64_t lapsed = sum_of(holdings_mg_);
  std::ranges::fill(holdings_mg_, 0);
  return lapsed;
}

}  // namespace policy
}  // namespace swarm
