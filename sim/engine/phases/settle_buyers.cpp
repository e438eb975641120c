#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using economy::Posting;
using world::Outcome;
using world::Refusal;
using world::RegionState;
using world::World;

/// Pays the seller from escrow if that has not happened at home, and gives the rest back to the users.
void pay(RegionState& r, const Outcome& o) {
  bool paid = true;
  if (o.refusal == Refusal::none && o.server != r.id.value)
    paid = r.ledger.send_abroad(world::kEscrowAccount, {o.price}, Posting::payment);
  paid = paid && r.ledger.transfer(world::kEscrowAccount, world::kUsersAccount, {o.reserved - o.price}, Posting::refund);
  if (!paid) throw ModelError("escrow does not cover a request that it was opened for");
}

void count_answer(RegionState& r, const Outcome& o) {
  auto& s = r.step;
  ++s.requests_served;
  s.requests_late += o.late;
  s.requests_waited += o.wait_s > 0;
  s.requests_correct += o.correct;
  s.wait_s += static_cast<double>(o.wait_s);
  s.delay_s += static_cast<double>(o.delay_s);
  s.tok_served += o.tok;
  s.spend_usd += usd({o.price});
  s.carbon_caused_location_g += o.carbon_location_g;
  s.carbon_caused_market_g += o.carbon_market_g;
  if (s.in_warmup) return;
  const std::size_t cell = world::cell(o.type, o.bucket);
  ++r.answered_cells[cell];
  r.correct_cells[cell] += o.correct;
  ++r.delay_bins[world::delay_bin(static_cast<double>(o.delay_s))];
}

/// Totals take the sums; what is recorded of the step are means.
void close_step(RegionState& r) {
  auto& s = r.step;
  auto& q = r.totals;
  if (!s.in_warmup) {
    q.wait_s += s.wait_s;
    q.delay_s += s.delay_s;
  }
  const auto n = static_cast<double>(s.requests_served);
  const double none = std::numeric_limits<double>::quiet_NaN();
  s.accuracy = n > 0 ? s.requests_correct / n : none;
  s.wait_s = n > 0 ? s.wait_s / n : none;
  s.delay_s = n > 0 ? s.delay_s / n : none;
  s.users_usd = usd(r.ledger.balance(world::kUsersAccount));
  s.escrow_usd = usd(r.ledger.balance(world::kEscrowAccount));
  s.agents_usd =
      static_cast<double>(r.ledger.sum_of_accounts() - r.ledger.balance(world::kUsersAccount).value -
                          r.ledger.balance(world::kEscrowAccount).value) /
      kMicroTknPerUsd;
}

}  // namespace

void settle_buyers(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    for (const Outcome& o : r.scratch.inbox_outcomes) {
      pay(r, o);
      if (o.refusal == Refusal::none) {
        count_answer(r, o);
      } else {
        ++r.step.requests_rejected;
        ++r.step.rejected_capacity;
      }
    }
    r.scratch.inbox_outcomes.clear();
    close_step(r);
  });
}

}  // namespace engine
}  // namespace swarm
