#pragma once
#include <string_view>

#include "sim/world/region_state.hpp"

/// The field registry: every column of a region is declared here once. The recorder, the checkpoint, the
/// restore and the format page are visitors of this one function.
namespace swarm {
namespace world {

/// What a row of the column stands for.
enum class Dim : std::uint8_t { region, site, market, agent, flight, server, account, posting, cell, delay_bin };
/// State can change a later step and is checkpointed; output is recorded; both is both.
enum class Role : std::uint8_t { state, output, both };
/// How a figure came about; never mixed up.
enum class Kind : std::uint8_t { executed, modelled, accounting };

struct FieldSpec {
  std::string_view name;
  Dim dim;
  Role role;
  Kind kind;
  std::string_view unit;
  std::string_view meaning;
};

constexpr bool is_state(Role role) { return role != Role::output; }
constexpr bool is_output(Role role) { return role != Role::state; }

/// Calls v(spec, column) for each column of the region; a column is a scalar (Dim::region), a vector, or a
/// span of fixed length (the ledger's books).
template <class V>
void describe_fields(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  RegionStep& s = r.step;
  v({"requests_arrived", region, output, accounting, "1", "simulated requests that arrived, by asking region"}, s.requests_arrived);
  v({"requests_served", region, output, accounting, "1", "requests answered, in time or late, by asking region"}, s.requests_served);
  v({"requests_late", region, output, accounting, "1", "of those answered, the ones answered after their deadline"}, s.requests_late);
  v({"requests_waited", region, output, accounting, "1", "of those answered, the ones that waited for a server"}, s.requests_waited);
  v({"requests_rejected", region, output, accounting, "1", "requests refused for any reason, by asking region"}, s.requests_rejected);
  v({"rejected_budget", region, output, accounting, "1", "refused because no quote fitted the remaining daily budget"}, s.rejected_budget);
  v({"rejected_capacity", region, output, accounting, "1", "refused because no candidate had capacity before the deadline"}, s.rejected_capacity);
  v({"rejected_deadline", region, output, accounting, "1", "refused because even an idle server would have been too slow"}, s.rejected_deadline);
  v({"requests_pending", region, both, accounting, "1", "requests admitted and not settled at the end of the step, by asking region"}, r.requests_pending);
  v({"requests_correct", region, output, executed, "1", "answers that agreed with the ground truth, by asking region"}, s.requests_correct);
  v({"accuracy", region, output, executed, "1", "share of answers that agreed with the ground truth (NaN without answers), by asking region"}, s.accuracy);
  v({"wait_s", region, output, modelled, "s", "mean wait for a server over answered requests (NaN without answers), by asking region"}, s.wait_s);
  v({"delay_s", region, output, modelled, "s", "mean time from arrival to answer: network, wait and service (NaN without answers), by asking region"}, s.delay_s);
  v({"triage_score", region, output, modelled, "1", "mean triage score of arriving requests (NaN without arrivals)"}, s.triage_score);
  v({"tok_served", region, output, accounting, "tok", "tok in and out of answered requests, one per simulated request"}, s.tok_served);
  v({"price_usd_per_kilotoken", region, output, accounting, "USD/ktok", "mean of quotes offered, accepted or not (NaN without quotes), by asking region"}, s.price_usd_per_kilotoken);
  v({"spend_usd", region, output, accounting, "USD", "paid for answers, by asking region"}, s.spend_usd);
  v({"carbon_caused_location_g", region, output, modelled, "g", "location-based carbon of answering this region's requests, wherever served, when settled; idle energy excluded"}, s.carbon_caused_location_g);
  v({"carbon_caused_market_g", region, output, modelled, "g", "market-based carbon of answering this region's requests, wherever served, when settled; idle energy excluded"}, s.carbon_caused_market_g);
  v({"energy_kwh", region, output, modelled, "kWh", "grid energy of the region's sites, PUE and idle servers included"}, s.energy_kwh);
  v({"carbon_location_g", region, output, modelled, "g", "location-based carbon of the region's sites"}, s.carbon_location_g);
  v({"carbon_market_g", region, output, modelled, "g", "market-based carbon of the region's sites"}, s.carbon_market_g);
  v({"embodied_g", region, output, modelled, "g", "embodied carbon of the region's servers written off in the step"}, s.embodied_g);
  v({"carbon_intensity", region, output, modelled, "g/kWh", "average carbon intensity of the grid"}, s.carbon_intensity);
  v({"electricity_price_usd_per_kwh", region, output, modelled, "USD/kWh", "price of electricity"}, s.electricity_price_usd_per_kwh);
  v({"renewable_share", region, output, modelled, "1", "renewable share of the grid"}, s.renewable_share);
  v({"deposits_usd", region, output, accounting, "USD", "money users brought in (minted)"}, s.deposits_usd);
  v({"withdrawals_usd", region, output, accounting, "USD", "unspent money users took out (burnt)"}, s.withdrawals_usd);
  v({"electricity_usd", region, output, accounting, "USD", "electricity paid by the region's specialists net of receipts at negative prices (burnt)"}, s.electricity_usd);
  v({"amortisation_usd", region, output, accounting, "USD", "hardware written off by the region's specialists (burnt)"}, s.amortisation_usd);
  v({"arrears_usd", region, output, accounting, "USD", "bills that wallets could not pay yet, at the end of the step"}, s.arrears_usd);
  v({"users_usd", region, output, accounting, "USD", "balance of the region's users"}, s.users_usd);
  v({"escrow_usd", region, output, accounting, "USD", "held for requests that are not settled"}, s.escrow_usd);
  v({"agents_usd", region, output, accounting, "USD", "balance of the region's specialists together"}, s.agents_usd);
  v({"inferences", region, output, executed, "1", "network passes executed for requests placed in this region"}, s.inferences);
  v({"executed_macs", region, output, executed, "1", "multiply-adds executed for requests placed in this region"}, s.executed_macs);
  v({"in_warmup", region, output, accounting, "1", "1 while the step belongs to the warm-up"}, s.in_warmup);

  SiteColumns& t = r.sites;
  v({"grid_kwh", site, output, modelled, "kWh", "grid energy of the site, PUE and idle servers included"}, t.grid_kwh);
  v({"carbon_intensity", site, output, modelled, "g/kWh", "average carbon intensity of the site's grid"}, t.carbon_intensity);
  v({"carbon_location_g", site, output, modelled, "g", "grid_kwh times carbon_intensity"}, t.carbon_location_g);
  v({"carbon_market_g", site, output, modelled, "g", "grid_kwh not covered by contracts times the residual intensity"}, t.carbon_market_g);
  v({"embodied_g", site, output, modelled, "g", "embodied carbon of the site's servers written off in the step"}, t.embodied_g);
  v({"busy_s", site, output, modelled, "s", "server-seconds spent serving"}, t.busy_s);
  v({"idle_s", site, output, modelled, "s", "server-seconds awake and idle"}, t.idle_s);
  v({"standby_s", site, output, modelled, "s", "server-seconds asleep"}, t.standby_s);
  v({"utilisation", site, output, modelled, "1", "busy share of all server-seconds"}, t.utilisation);
  v({"queue_s", site, output, modelled, "s", "work booked per server at the end of the step"}, t.queue_s);
  v({"requests_placed", site, output, accounting, "1", "requests placed on the site"}, t.requests_placed);
  v({"load", site, state, modelled, "1", "smoothed utilisation that raises asks"}, t.load);
  v({"idle_carry_nj", site, state, accounting, "nJ", "idle energy that did not divide evenly among residents"}, t.idle_carry_nj);

  v({"free_at_s", server, state, modelled, "s", "when a gang of servers becomes free, since the start"}, r.free_at);
  v({"balance", account, state, accounting, "1e-9 USD", "balance of users, escrow and specialists"}, r.ledger.raw_balances());
  v({"posted", posting, state, accounting, "1e-9 USD", "sums of the ledger by kind of posting"}, r.ledger.raw_totals());

  MarketColumns& m = r.markets;
  v({"orders_received", market, output, accounting, "1", "orders that asked this region's specialists of the type for admission"}, m.orders_received);
  v({"orders_admitted", market, output, accounting, "1", "of those, the ones admitted"}, m.orders_admitted);
  v({"price_usd_per_kilotoken", market, output, accounting, "USD/ktok", "mean price of admitted orders (NaN without any)"}, m.price_usd_per_kilotoken);

  AgentColumns& a = r.agents;
  v({"model", agent, state, executed, "1", "row of the weight store"}, a.model);
  v({"bill_remainder", agent, state, accounting, "1", "part of the energy bill below 1 µTKN, carried over"}, a.bill_remainder);
  v({"arrears_utkn", agent, both, accounting, "1e-9 USD", "bills that the wallet could not pay yet"}, a.arrears);
  v({"metered_kwh", agent, both, modelled, "kWh", "energy metered since the start, server side"}, a.metered_kwh);
  v({"earned_utkn", agent, both, accounting, "1e-9 USD", "money earned since the start"}, a.earned);
  v({"wallet_utkn", agent, output, accounting, "1e-9 USD", "balance"}, r.ledger.balances().subspan(kFirstAgentAccount));
  v({"answered", agent, both, accounting, "1", "requests answered since the start"}, a.answered);
  v({"correct", agent, both, executed, "1", "correct answers since the start"}, a.correct);

  FlightColumns& f = r.flights;
  v({"arrival_s", flight, state, accounting, "s", "arrival since the start"}, f.arrival_s);
  v({"start_s", flight, state, modelled, "s", "start of service"}, f.start_s);
  v({"finish_s", flight, state, modelled, "s", "when the servers are free again"}, f.finish_s);
  v({"service_s", flight, state, modelled, "s", "service time"}, f.service_s);
  v({"carbon_location_so_far_g", flight, state, modelled, "g", "location-based carbon metered so far"}, f.carbon_location_g);
  v({"carbon_market_so_far_g", flight, state, modelled, "g", "market-based carbon metered so far"}, f.carbon_market_g);
  v({"metered_nj", flight, state, modelled, "nJ", "energy metered so far, server side"}, f.metered_nj);
  v({"price", flight, state, accounting, "1e-9 USD", "price agreed"}, f.price);
  v({"reserved", flight, state, accounting, "1e-9 USD", "held in the asking region's escrow"}, f.reserved);
  v({"arrival_step", flight, state, accounting, "1", "step of arrival"}, f.arrival_step);
  v({"sequence", flight, state, accounting, "1", "number within step and asking region"}, f.sequence);
  v({"agent", flight, state, accounting, "1", "answering specialist, local number"}, f.agent);
  v({"site", flight, state, accounting, "1", "serving site"}, f.site);
  v({"tok", flight, state, accounting, "tok", "tok in and out"}, f.tok);
  v({"bank_item", flight, state, executed, "1", "problem posed"}, f.bank_item);
  v({"deadline_s", flight, state, accounting, "s", "deadline after arrival"}, f.deadline_s);
  v({"asker", flight, state, accounting, "1", "asking region"}, f.asker);
  v({"type", flight, state, accounting, "1", "problem type"}, f.type);
  v({"bucket", flight, state, accounting, "1", "complexity bucket"}, f.bucket);
  v({"correct", flight, state, executed, "1", "whether the answer agreed with the ground truth"}, f.correct);

  v({"turns", region, state, accounting, "1", "requests quoted so far, modulo 2^32"}, r.turns);
  RegionTotals& q = r.totals;
  v({"total_requests_arrived", region, state, accounting, "1", "sum after the warm-up"}, q.requests_arrived);
  v({"total_requests_served", region, state, accounting, "1", "sum after the warm-up"}, q.requests_served);
  v({"total_requests_in_time", region, state, accounting, "1", "sum after the warm-up"}, q.requests_in_time);
  v({"total_requests_late", region, state, accounting, "1", "sum after the warm-up"}, q.requests_late);
  v({"total_requests_waited", region, state, accounting, "1", "sum after the warm-up"}, q.requests_waited);
  v({"total_requests_correct", region, state, executed, "1", "sum after the warm-up"}, q.requests_correct);
  v({"total_rejected_budget", region, state, accounting, "1", "sum after the warm-up"}, q.rejected_budget);
  v({"total_rejected_capacity", region, state, accounting, "1", "sum after the warm-up"}, q.rejected_capacity);
  v({"total_rejected_deadline", region, state, accounting, "1", "sum after the warm-up"}, q.rejected_deadline);
  v({"total_tok_capped", region, state, accounting, "1", "requests whose tok counts were cut to workload.tok_max"}, q.tok_capped);
  v({"total_inferences", region, state, executed, "1", "sum after the warm-up"}, q.inferences);
  v({"total_executed_macs", region, state, executed, "1", "sum after the warm-up"}, q.executed_macs);
  v({"total_spend_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.spend_usd);
  v({"total_wait_s", region, state, modelled, "s", "sum after the warm-up"}, q.wait_s);
  v({"total_delay_s", region, state, modelled, "s", "sum after the warm-up"}, q.delay_s);
  v({"total_tok_served", region, state, accounting, "tok", "sum after the warm-up"}, q.tok_served);
  v({"total_carbon_caused_location_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_caused_location_g);
  v({"total_carbon_caused_market_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_caused_market_g);
  v({"total_energy_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.energy_kwh);
  v({"total_busy_kwh", region, state, modelled, "kWh", "sum after the warm-up"}, q.busy_kwh);
  v({"total_carbon_location_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_location_g);
  v({"total_carbon_market_g", region, state, modelled, "g", "sum after the warm-up"}, q.carbon_market_g);
  v({"total_embodied_g", region, state, modelled, "g", "sum after the warm-up"}, q.embodied_g);
  v({"total_busy_server_s", region, state, modelled, "s", "sum after the warm-up"}, q.busy_server_s);
  v({"total_server_s", region, state, modelled, "s", "sum after the warm-up"}, q.server_s);
  v({"pending_at_start", region, state, accounting, "1", "admitted during the warm-up and open when it ended"}, q.pending_at_start);
  v({"answered_cells", cell, state, accounting, "1", "answers after the warm-up by problem type and complexity bucket"}, r.answered_cells);
  v({"correct_cells", cell, state, executed, "1", "correct answers after the warm-up by problem type and complexity bucket"}, r.correct_cells);
  v({"delay_bins", delay_bin, state, modelled, "1", "answers after the warm-up by delay"}, r.delay_bins);
}

}  // namespace world
}  // namespace swarm
