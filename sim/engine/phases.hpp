#pragma once
#include "sim/world/world.hpp"

/// The phases of a step, one file each in phases/. All read the world as earlier phases left it and write only
/// what is named here; regions run in parallel and never look at each other but through the bulletin and mail.
///
/// phase   | reads                                  | writes                              | random stream       | docs
/// ------- | -------------------------------------- | ----------------------------------- | ------------------- | ----
/// sense   | signals, loads, queues, hazards, faults, batteries | notices, offers, batteries' modes, lost answers | offer_sample | models/grid.md
/// fund    | bulletin                               | every region's part of the fund     | none                | models/policy.md
/// arrive  | plan, calendar, hazards                | requests, users' deposits, quotas   | arrival_*, request, demand, flexibility, emergency_count | models/demand.md
/// permits | bulletin                               | price of carbon, permits, dividends | none                | models/instruments.md
/// futures | mean prices, incomes, spending         | positions, margins, wallets         | futures_forecast    | models/credit.md
/// predict | answers of the last period             | shares, stakes, treasury            | prediction_order    | models/incentives.md
/// triage  | requests                               | triage scores, seats of councils    | none                | models/dispatch.md
/// defer   | requests, forecasts, promises          | held requests, promises, pieces of work | none               | models/shifting.md
/// quote   | requests, bulletin, users' balance     | orders, escrow, the fund, decisions | candidate, decision_sample, migration | models/policy.md
/// trade   | orders, booked work                    | admitted orders, refusals           | balance, emergency_admission | models/dispatch.md
/// assign  | admitted orders, server clocks, quotas, allowances | flights, server clocks, quotas, allowances, lost requests | balance, service | models/hardware.md
/// infer   | new flights, banks, weights            | answers, executed work, members' reports, the monitor | input_noise, coalition, fault_answer | models/tasks.md
/// settle  | flights, server states, prices         | energy, batteries, carbon, bills, payments, quotas, reputation, breakers | none                | models/hardware.md
/// lend    | wallets, bills, earnings               | lender pool, wallets, fund, treasury | none               | models/credit.md
/// remember | answers that landed, windows        | windows, budgets, server clocks     | handover            | models/context.md
/// credits | bulletin at the end of a period          | carbon credits, treasury, fund      | none                | models/instruments.md
/// audit   | everything                             | totals                              | none                | architecture.md
namespace swarm {
namespace engine {

/// What the clock is read for; input generation is timed apart from inference.
enum class Phase : std::uint8_t { sense, arrive, triage, defer, quote, trade, assign, generate, infer, settle, remember, audit, exchange, count };

void sense(world::World& w);
void arrive(world::World& w);
void triage(world::World& w);
/// Requests that can wait are held back until the slot that the schedule chooses; those whose time has come go on, and so
/// does interrupted work. Where the strategy is none, only those go on who waited for new allowances of energy.
void defer(world::World& w);
void quote(world::World& w);
/// Every region's part of the justice fund, in proportion to what its requests were lately entitled to.
void share_fund(world::World& w);
/// Auctions emission permits by what the last step's requests would have paid: the step's price of carbon, what every
/// region may emit, and, with per-capita ownership, what its users receive. Nothing where there is no cap.
void sell_permits(world::World& w);
/// As a period of futures begins: settles and marks contracts, sells those of the next period.
void trade_futures(world::World& w);
/// As a period of prediction markets begins: settles those that are open, opens the next.
void hold_predictions(world::World& w);
/// One round of admission: orders delivered to this world's regions are admitted, sent on, or refused.
void trade(world::World& w);
void assign(world::World& w);
/// Writes the inputs of this step's new flights, grouped by model.
void generate_inputs(world::World& w);
void infer(world::World& w);
/// Serving side: meters, bills and pays sellers; posts the outcomes of finished flights.
void settle_sellers(world::World& w);
/// Specialists lend to each other, pay demurrage, are paid for reputation and get bonuses, as far as these are switched
/// on.
void lend(world::World& w);
/// At the end of a period carbon credits are issued, traded and retired. Nothing where they are switched off.
void settle_credits(world::World& w);
/// Asking side: pays from escrow, refunds the rest, counts; puts requests away that wait for new allowances of energy.
void settle_buyers(world::World& w);
/// Answers enter the context windows of who gave them; snapshots, handovers, budgets, and the prediction for the next
/// step. Nothing where there are no windows.
void remember(world::World& w);
/// Conservation laws of each region, and its totals. Throws ModelError when one is broken.
void audit(world::World& w);

}  // namespace engine
inline namespace core {
template <>
struct EnumNames<engine::Phase> {
  static constexpr std::array<std::string_view, 13> names{"sense",    "arrive", "triage", "defer",    "quote", "trade",   "assign",
                                                          "generate", "infer",  "settle", "remember", "audit", "exchange"};
};
}  // namespace core
}  // namespace swarm
