#include "sim/engine/carbon_credits.hpp"
#include "sim/engine/permits.hpp"
#include "sim/engine/simulation.hpp"

/// THE page: one step, top to bottom, as the model's story. A line runs one phase in every world (phases.hpp says
/// what each reads and writes); between phases the worlds exchange mail.
namespace swarm {
namespace engine {

void Simulation::step() {
  const auto run = [this](Phase name, void (*phase)(world::World&)) {
    const auto scope = timer_.time(name);
    for (const auto& w : worlds_) phase(*w);
  };
  const auto mail = [this](void (*exchange)(Worlds)) {
    const auto scope = timer_.time(Phase::exchange);
    exchange(worlds_);
  };

  run(Phase::sense, sense);              // signals, queues, loads, batteries → every region's notices and offers
  mail(exchange_bulletins);              //   the bulletin: all that regions know of each other
  run(Phase::quote, share_fund);         // the justice fund, divided anew over regions
  run(Phase::arrive, arrive);            // calendar and budgets → this step's requests
  run(Phase::quote, sell_permits);       // last step's demand and the cap → price of carbon, every region's permits
  run(Phase::quote, trade_futures);      // as a day begins: the last day's prices → settlements, the next day's contracts
  run(Phase::quote, hold_predictions);   //   the last day's answers → payouts, the new day's bets
  run(Phase::triage, triage);            // requests → scores
  run(Phase::defer, defer);              // requests that can wait → held back; those held → let go
  run(Phase::quote, quote);              // requests and bulletin → itemised quotes; orders and escrow
  for (auto round = plan_->trade_rounds(); round > 0; --round) {
    mail(exchange_orders);               //   orders, each to the region of its best line not yet tried
    run(Phase::trade, trade);            // orders and booked work → admitted, sent on, or refused
  }
  run(Phase::assign, assign);            // admitted orders in order of arrival → flights on servers
  run(Phase::generate, generate_inputs); // new flights → network inputs, grouped by model
  run(Phase::infer, infer);              // the networks run and are scored against the truth
  run(Phase::settle, settle_sellers);    // energy, carbon, bills, sellers' pay → outcomes
  run(Phase::settle, lend);              // sellers' wallets → loans and repayments, demurrage, bonuses
  mail(exchange_credits);                //   at the end of a period: what regions emitted, hold and need
  run(Phase::settle, settle_credits);    // carbon credits issued, traded, retired
  mail(exchange_outcomes);               //   what became of each request, to its asking region; those that wait for new allowances
  run(Phase::settle, settle_buyers);     // escrow → payments and refunds, counts; requests put away
  run(Phase::remember, remember);        // answers → context windows; handovers, which take servers from the next step on
  run(Phase::audit, audit);              // conservation laws, totals
  audit_mail(worlds_, steps_done_);
  audit_permits(worlds_, steps_done_);
  audit_credits(worlds_, steps_done_);

  ++steps_done_;
  for (const auto& w : worlds_) w->step = steps_done_;
}

}  // namespace engine
}  // namespace swarm
