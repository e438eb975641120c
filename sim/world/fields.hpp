#pragma once
#include <span>
#include <string_view>

#include "sim/world/region_state.hpp"

/// The field registry: every column of a region is declared here once. The recorder, the checkpoint, the
/// restore and the format page are visitors of this one function.
namespace swarm {
namespace world {

/// What a row of the column stands for.
enum class Dim : std::uint8_t { region, site, purpose, market, bidder, agent, decision, flight, waiting, resting, server, account, posting, cell, delay_bin, price_bin };
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
  std::span<const std::string_view> flags = {};  ///< of a code: the meaning of 0, 1, 2, …
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
  v({"rejected_price", region, output, accounting, "1", "refused because no quote was within the users' willingness to pay"}, s.rejected_price);
  v({"rejected_budget", region, output, accounting, "1", "refused because no quote fitted the remaining daily budget"}, s.rejected_budget);
  v({"rejected_capacity", region, output, accounting, "1", "refused because nobody offered capacity before the deadline"}, s.rejected_capacity);
  v({"rejected_deadline", region, output, accounting, "1", "refused because of those who offered even an idle server would have been too slow"}, s.rejected_deadline);
  v({"requests_pending", region, both, accounting, "1", "requests admitted and not settled at the end of the step, by asking region"}, r.requests_pending);
  v({"requests_correct", region, output, executed, "1", "answers that agreed with the ground truth, by asking region"}, s.requests_correct);
  v({"accuracy", region, output, executed, "1", "share of answers that agreed with the ground truth (NaN without answers), by asking region"}, s.accuracy);
  v({"wait_s", region, output, modelled, "s", "mean wait for a server over answered requests (NaN without answers), by asking region"}, s.wait_s);
  v({"delay_s", region, output, modelled, "s", "mean time from arrival to answer: network, wait and service (NaN without answers), by asking region"}, s.delay_s);
  v({"triage_score", region, output, modelled, "1", "mean triage score of arriving requests (NaN without arrivals)"}, s.triage_score);
  v({"tok_served", region, output, accounting, "tok", "tok in and out of answered requests, one per simulated request"}, s.tok_served);
  v({"price_usd_per_kilotoken", region, output, accounting, "USD/ktok", "mean of quotes offered, accepted or not (NaN without quotes), by asking region"}, s.price_usd_per_kilotoken);
  v({"spend_usd", region, output, accounting, "USD", "paid for answers, by asking region"}, s.spend_usd);
  v({"value_usd", region, output, accounting, "USD", "willingness to pay of correct answers, by asking region (NaN if unlimited)"}, s.value_usd);
  v({"consumer_surplus_usd", region, output, accounting, "USD", "value_usd less spend_usd, by asking region"}, s.consumer_surplus_usd);
  v({"received_usd", region, output, accounting, "USD", "paid to the region's specialists, by serving region"}, s.received_usd);
  v({"resource_cost_usd", region, output, accounting, "USD", "electricity and wear of the region's sites, paid or due, by serving region"}, s.resource_cost_usd);
  v({"producer_surplus_usd", region, output, accounting, "USD", "received_usd less resource_cost_usd, by serving region"}, s.producer_surplus_usd);
  v({"carbon_levy_usd", region, output, accounting, "USD", "carbon price paid, by asking region"}, s.carbon_levy_usd);
  v({"premium_usd", region, output, accounting, "USD", "premium paid to the justice fund, by asking region"}, s.premium_usd);
  v({"grants_usd", region, output, accounting, "USD", "discounts that the justice fund paid, by asking region"}, s.grants_usd);
  v({"fund_flow_usd", region, output, accounting, "USD", "grants less what the region's users paid into the justice fund; over all regions minus the change of the fund, demurrage and public money apart"}, s.fund_flow_usd);
  v({"fund_deficit_usd", region, output, accounting, "USD", "public money minted because the fund could not pay a discount (revenue_neutral = false)"}, s.fund_deficit_usd);
  v({"fund_usd", region, output, accounting, "USD", "the region's part of the justice fund, discounts set aside included"}, s.fund_usd);
  v({"treasury_usd", region, output, accounting, "USD", "carbon revenue kept outside the fund"}, s.treasury_usd);
  v({"quotes", region, output, accounting, "1", "quotes offered to the region's requests"}, s.quotes);
  v({"grants_beyond_fund", region, output, accounting, "1", "requests whose discount was more than the justice fund had left: refused, or paid by public money"}, s.grants_beyond_fund);
  v({"quotes_withdrawn", region, output, accounting, "1", "quotes not offered because the seller would lose by them"}, s.quotes_withdrawn);
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
  v({"escrow_usd", region, output, accounting, "USD", "held for requests that are not settled, users' money and discounts"}, s.escrow_usd);
  v({"agents_usd", region, output, accounting, "USD", "balance of the region's specialists together"}, s.agents_usd);
  v({"inferences", region, output, executed, "1", "network passes executed for requests placed in this region"}, s.inferences);
  v({"executed_macs", region, output, executed, "1", "multiply-adds executed for requests placed in this region"}, s.executed_macs);
  v({"lender_pool_usd", region, output, accounting, "USD", "money of the region's lender pool that is not lent"}, s.lender_pool_usd);
  v({"loans_usd", region, output, accounting, "USD", "owed to the lender pool, interest included"}, s.loans_usd);
  v({"lender_utilisation", region, output, accounting, "1", "lent share of the pool's money when interest was charged"}, s.lender_utilisation);
  v({"loan_rate_per_h", region, output, accounting, "1/h", "interest that was charged on loans"}, s.loan_rate_per_h);
  v({"lent_usd", region, output, accounting, "USD", "lent to the region's specialists"}, s.lent_usd);
  v({"repaid_usd", region, output, accounting, "USD", "principal that borrowers repaid"}, s.repaid_usd);
  v({"interest_usd", region, output, accounting, "USD", "interest that borrowers paid"}, s.interest_usd);
  v({"recovered_usd", region, output, accounting, "USD", "of defaulted debt, what was set off or seized"}, s.recovered_usd);
  v({"written_off_usd", region, output, accounting, "USD", "of defaulted debt, what lenders lost"}, s.written_off_usd);
  v({"loan_defaults", region, output, accounting, "1", "loans that ended in default"}, s.loan_defaults);
  v({"demurrage_usd", region, output, accounting, "USD", "charge on hoarded money, to the justice fund"}, s.demurrage_usd);
  v({"bonuses_usd", region, output, accounting, "USD", "bonuses for early contributions, out of the treasury"}, s.bonuses_usd);
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
  v({"balance", account, state, accounting, "1e-9 USD", "balance of users, escrow, fund, treasury, lender pool and specialists"}, r.ledger.raw_balances());
  v({"posted", posting, state, accounting, "1e-9 USD", "sums of the ledger by kind of posting"}, r.ledger.raw_totals());

  PurposeColumns& u = r.purposes;
  v({"requests_arrived", purpose, output, accounting, "1", "simulated requests that arrived"}, u.requests_arrived);
  v({"requests_served", purpose, output, accounting, "1", "requests answered, in time or late"}, u.requests_served);
  v({"requests_late", purpose, output, accounting, "1", "of those answered, the ones answered after their deadline"}, u.requests_late);
  v({"requests_rejected", purpose, output, accounting, "1", "requests refused for any reason"}, u.requests_rejected);
  v({"spend_usd", purpose, output, accounting, "USD", "paid for answers"}, u.spend_usd);
  v({"total_in_time", purpose, state, accounting, "1", "sum after the warm-up"}, u.total_in_time);
  v({"total_settled", purpose, state, accounting, "1", "sum after the warm-up"}, u.total_settled);

  DecisionColumns& d = r.decisions;
  v({"region", decision, output, accounting, "1", "asking region, row of /region/region"}, d.region);
  v({"sequence", decision, output, accounting, "1", "number within step and asking region"}, d.sequence);
  v({"arrival_s", decision, output, accounting, "s", "arrival since the start"}, d.arrival_s);
  v({"purpose", decision, output, accounting, "1", "what the request is for", EnumNames<workload::Purpose>::names}, d.purpose);
  v({"problem_type", decision, output, accounting, "1", "problem type", EnumNames<workload::ProblemType>::names}, d.type);
  v({"tok_in", decision, output, accounting, "tok", "input"}, d.tok_in);
  v({"tok_out", decision, output, accounting, "tok", "output"}, d.tok_out);
  v({"urgent", decision, output, accounting, "1", "1 if urgent"}, d.urgent);
  v({"deadline_s", decision, output, accounting, "s", "deadline after arrival"}, d.deadline_s);
  v({"outcome", decision, output, accounting, "1", "how the quote ended: none means that an order was placed", EnumNames<Refusal>::names}, d.outcome);
  v({"site", decision, output, accounting, "1", "site of the quote that decided, row of /site/site; 4294967295 without one"}, d.site);
  v({"base_usd", decision, output, accounting, "USD", "base price of one real request"}, d.base_usd);
  v({"carbon_usd", decision, output, accounting, "USD", "price of its footprint"}, d.carbon_usd);
  v({"justice_usd", decision, output, accounting, "USD", "discount (negative) or premium"}, d.justice_usd);
  v({"renewable_usd", decision, output, accounting, "USD", "rebate for the site's contracted renewables"}, d.renewable_usd);
  v({"total_usd", decision, output, accounting, "USD", "base + carbon + justice - renewable, at least 0"}, d.total_usd);
  v({"granted", decision, output, accounting, "1", "0 if the fund had nothing left for a discount"}, d.granted);
  v({"wtp_usd", decision, output, accounting, "USD", "what the users of one real request would pay"}, d.wtp_usd);
  v({"footprint_g", decision, output, modelled, "g", "market-based footprint that was priced"}, d.footprint_g);
  v({"expected_delay_s", decision, output, modelled, "s", "delay expected when quoted"}, d.expected_delay_s);
  v({"priority", decision, output, accounting, "1", "purpose times geography times renewables"}, d.priority);

  MarketColumns& m = r.markets;
  v({"orders_received", market, output, accounting, "1", "orders that asked this region's specialists of the type for admission"}, m.orders_received);
  v({"orders_admitted", market, output, accounting, "1", "of those, the ones admitted"}, m.orders_admitted);
  v({"price_usd_per_kilotoken", market, output, accounting, "USD/ktok", "mean price of admitted orders (NaN without any)"}, m.price_usd_per_kilotoken);
  v({"clearing_price_usd", market, output, accounting, "USD", "last price of a standard request in the market, before justice (NaN without a trade, and at posted prices)"}, m.clearing_price_usd);
  v({"offered", market, output, accounting, "1", "standard requests that specialists offered to serve (0 at posted prices, as the next three)"}, m.offered);
  v({"demanded", market, output, accounting, "1", "standard requests that were bid for"}, m.demanded);
  v({"volume", market, output, accounting, "1", "standard requests sold"}, m.volume);
  v({"surplus_usd", market, output, accounting, "USD", "what those served would pay less what serving them costs, carbon included"}, m.surplus_usd);
  v({"best_surplus_usd", market, output, accounting, "USD", "the greatest that surplus_usd could have been with the same orders and lots"}, m.best_surplus_usd);
  v({"efficiency", market, output, accounting, "1", "surplus_usd over best_surplus_usd (NaN where nothing could be gained)"}, m.efficiency);
  v({"reference_price", market, state, accounting, "1e-9 USD", "price of a standard request from which the next step's limits are drawn, all multiplicity; 0: none yet"}, m.reference);
  v({"margin", bidder, state, accounting, "1", "what users of a class of worth have learnt to bid below what a request is worth, as a share"}, r.bidders.margin);
  v({"momentum", bidder, state, accounting, "1", "their last change of price, smoothed"}, r.bidders.momentum);

  AgentColumns& a = r.agents;
  v({"model", agent, state, executed, "1", "row of the weight store"}, a.model);
  v({"bill_remainder", agent, state, accounting, "1", "part of the energy bill below 1 µTKN, carried over"}, a.bill_remainder);
  v({"arrears_utkn", agent, both, accounting, "1e-9 USD", "bills that the wallet could not pay yet"}, a.arrears);
  v({"metered_kwh", agent, both, modelled, "kWh", "energy metered since the start, server side"}, a.metered_kwh);
  v({"earned_utkn", agent, both, accounting, "1e-9 USD", "money earned since the start"}, a.earned);
  v({"wallet_utkn", agent, output, accounting, "1e-9 USD", "balance"}, r.ledger.balances().subspan(kFirstAgentAccount));
  v({"answered", agent, both, accounting, "1", "requests answered since the start"}, a.answered);
  v({"correct", agent, both, executed, "1", "correct answers since the start"}, a.correct);
  v({"margin", agent, state, accounting, "1", "what the specialist has learnt to ask above its cost, as a share"}, a.margin);
  v({"margin_momentum", agent, state, accounting, "1", "last change of margin, smoothed"}, a.momentum);
  v({"posted", agent, state, accounting, "1", "work of the last ask in a book, millionths of a standard request"}, a.posted);
  v({"oversold", agent, state, accounting, "1", "work sold beyond the last lot, millionths of a standard request"}, a.oversold);

  CreditColumns& c = r.credit;
  v({"bills_per_day", agent, state, accounting, "1e-9 USD", "bills of a day, smoothed; without rows where nothing goes by it"}, c.bills_per_day);
  v({"earned_lately", agent, state, accounting, "1e-9 USD", "payments, fading with time; without rows unless there is lending"}, c.earned_lately);
  v({"demurrage_remainder", agent, state, accounting, "1", "parts of 1 µTKN of demurrage, carried over; without rows unless it is charged"}, c.demurrage_remainder);
  v({"pool_shares", agent, state, accounting, "1", "shares of the lender pool; this and the next five without rows unless there is lending"}, c.lending.shares);
  v({"loan_principal", agent, state, accounting, "1e-9 USD", "lent and not repaid"}, c.lending.principal);
  v({"loan_interest", agent, state, accounting, "1e-9 USD", "interest charged and not paid"}, c.lending.interest);
  v({"loan_remainder", agent, state, accounting, "1", "parts of 1 µTKN of interest, carried over"}, c.lending.remainder);
  v({"loan_due", agent, state, accounting, "s", "when the loan is due, since the start; 0 without one"}, c.lending.due_s);
  v({"barred_until", agent, state, accounting, "s", "no loan before, since the start"}, c.lending.barred_until_s);
  v({"defaulted_principal", region, state, accounting, "1e-9 USD", "principal of loans that ended in default, since the start"}, c.defaulted);

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
  v({"grant", flight, state, accounting, "1e-9 USD", "discount paid by the fund"}, f.grant);
  v({"reserved_grant", flight, state, accounting, "1e-9 USD", "held in the asking region's escrow for the discount"}, f.reserved_grant);
  v({"carbon_levy", flight, state, accounting, "1e-9 USD", "carbon revenue in price and grant"}, f.carbon);
  v({"premium", flight, state, accounting, "1e-9 USD", "premium in the price"}, f.premium);
  v({"wtp_usd", flight, state, accounting, "USD", "what its users would pay"}, f.wtp_usd);
  v({"work", flight, state, accounting, "1", "millionths of a standard request; 0 at posted prices"}, f.work);
  v({"market_price", flight, state, accounting, "1e-9 USD", "what its work cost in the market that sold it; 0 at posted prices"}, f.market_price);
  v({"purpose", flight, state, accounting, "1", "what it is for"}, f.purpose);
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

  WaitingColumns& o = r.waiting;
  v({"id", waiting, state, accounting, "1", "number in the order book"}, o.id);
  v({"offset_s", waiting, state, accounting, "s", "arrival within its step"}, o.offset_s);
  v({"wtp_usd", waiting, state, accounting, "USD", "what its users would pay"}, o.wtp_usd);
  v({"reserved", waiting, state, accounting, "1e-9 USD", "held in the asking region's escrow"}, o.reserved);
  v({"reserved_grant", waiting, state, accounting, "1e-9 USD", "held in the asking region's escrow for the discount"}, o.reserved_grant);
  v({"work", waiting, state, accounting, "1", "millionths of a standard request"}, o.work);
  v({"premium", waiting, state, accounting, "1e-9 USD", "premium to be added to the price"}, o.premium);
  v({"grant", waiting, state, accounting, "1e-9 USD", "discount to be taken off the price"}, o.grant);
  v({"deadline_s", waiting, state, accounting, "s", "deadline after arrival"}, o.deadline_s);
  v({"arrival_step", waiting, state, accounting, "1", "step of arrival"}, o.arrival_step);
  v({"sequence", waiting, state, accounting, "1", "number within step and asking region"}, o.sequence);
  v({"tok_in", waiting, state, accounting, "tok", "input"}, o.tok_in);
  v({"tok_out", waiting, state, accounting, "tok", "output"}, o.tok_out);
  v({"bank_item", waiting, state, executed, "1", "problem posed"}, o.bank_item);
  v({"asker", waiting, state, accounting, "1", "asking region"}, o.asker);
  v({"type", waiting, state, accounting, "1", "problem type"}, o.type);
  v({"bucket", waiting, state, accounting, "1", "complexity bucket"}, o.bucket);
  v({"purpose", waiting, state, accounting, "1", "what it is for"}, o.purpose);
  v({"granted", waiting, state, accounting, "1", "0 if the fund had nothing left for a discount"}, o.granted);
  RestingColumns& b = r.resting;
  v({"type", resting, state, accounting, "1", "problem type of the book"}, b.type);
  v({"side", resting, state, accounting, "1", "side of the book"}, b.side);
  v({"id", resting, state, accounting, "1", "number of a waiting order, or of a specialist with the highest bit set"}, b.id);
  v({"price", resting, state, accounting, "1e-9 USD", "limit per standard request"}, b.price);
  v({"quantity", resting, state, accounting, "1", "millionths of a standard request"}, b.quantity);
  v({"next_bid", region, state, accounting, "1", "number of the next bid that comes to rest"}, r.next_bid);

  v({"grants_reserved", region, state, accounting, "1e-9 USD", "the justice fund's part of escrow"}, r.grants_reserved);
  v({"entitlement", region, state, accounting, "1e-9 USD", "smoothed discounts per step that requests were entitled to"}, r.entitlement);
  v({"turns", region, state, accounting, "1", "requests quoted so far, modulo 2^32"}, r.turns);
  PermitAccount& e = r.permits;
  v({"rejected_carbon", region, output, accounting, "1", "refused because the region's permits did not cover its footprint"}, s.rejected_carbon);
  v({"carbon_price_usd_per_t", region, output, accounting, "USD/t", "price of carbon in the step's quotes: given, or that of permits"}, s.carbon_price_usd_per_t);
  v({"dividends_usd", region, output, accounting, "USD", "revenue of permits paid back to the region's users (per-capita)"}, s.dividends_usd);
  v({"permits_allotted_mg", region, output, accounting, "mg", "permits at hand when the step's requests came"}, e.allotted_mg);
  v({"permits_held_mg", region, both, accounting, "mg", "permits at hand or banked at the end of the step"}, e.held_mg);
  v({"permits_reserved_mg", region, both, accounting, "mg", "permits set aside for the region's requests that are not settled"}, e.reserved_mg);
  v({"permits_used_mg", region, both, accounting, "mg", "permits used since the start: priced footprint of settled requests, by asking region"}, e.used_mg);
  v({"permits_lapsed_mg", region, both, accounting, "mg", "permits that lapsed unused since the start"}, e.lapsed_mg);
  v({"permits_beyond_mg", region, both, accounting, "mg", "permits sold beyond the cap since the start, at the ceiling price"}, e.beyond_mg);
  v({"permit_demand_mg", price_bin, state, accounting, "mg", "permits that the last step's requests would have reserved, by what they would have paid"}, std::span<std::int64_t>(e.demand.mg));
  v({"permits_mg", flight, state, accounting, "mg", "permits reserved"}, f.permits_mg);
  v({"permits_used_mg", flight, state, accounting, "mg", "of those, used"}, f.permits_used_mg);
  v({"permits_mg", waiting, state, accounting, "mg", "permits reserved"}, o.permits_mg);

  RegionTotals& q = r.totals;
  v({"total_rejected_carbon", region, state, accounting, "1", "sum after the warm-up"}, q.rejected_carbon);
  v({"total_dividends_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.dividends_usd);
  v({"total_requests_arrived", region, state, accounting, "1", "sum after the warm-up"}, q.requests_arrived);
  v({"total_requests_served", region, state, accounting, "1", "sum after the warm-up"}, q.requests_served);
  v({"total_requests_in_time", region, state, accounting, "1", "sum after the warm-up"}, q.requests_in_time);
  v({"total_requests_late", region, state, accounting, "1", "sum after the warm-up"}, q.requests_late);
  v({"total_requests_waited", region, state, accounting, "1", "sum after the warm-up"}, q.requests_waited);
  v({"total_requests_correct", region, state, executed, "1", "sum after the warm-up"}, q.requests_correct);
  v({"total_rejected_price", region, state, accounting, "1", "sum after the warm-up"}, q.rejected_price);
  v({"total_quotes", region, state, accounting, "1", "sum after the warm-up"}, q.quotes);
  v({"total_grants_beyond_fund", region, state, accounting, "1", "sum after the warm-up"}, q.grants_beyond_fund);
  v({"total_quotes_withdrawn", region, state, accounting, "1", "sum after the warm-up"}, q.quotes_withdrawn);
  v({"total_value_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.value_usd);
  v({"total_received_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.received_usd);
  v({"total_resource_cost_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.resource_cost_usd);
  v({"total_carbon_levy_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.carbon_levy_usd);
  v({"total_premium_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.premium_usd);
  v({"total_grants_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.grants_usd);
  v({"total_fund_flow_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.fund_flow_usd);
  v({"total_fund_deficit_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.fund_deficit_usd);
  v({"fund_at_start_usd", region, state, accounting, "USD", "the region's part of the fund when the warm-up ended"}, q.fund_at_start_usd);
  v({"treasury_at_start_usd", region, state, accounting, "USD", "treasury when the warm-up ended"}, q.treasury_at_start_usd);
  v({"total_lent_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.lent_usd);
  v({"total_repaid_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.repaid_usd);
  v({"total_interest_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.interest_usd);
  v({"total_recovered_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.recovered_usd);
  v({"total_written_off_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.written_off_usd);
  v({"total_demurrage_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.demurrage_usd);
  v({"total_bonuses_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.bonuses_usd);
  v({"total_loan_defaults", region, state, accounting, "1", "sum after the warm-up"}, q.loan_defaults);
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
inline namespace core {
template <>
struct EnumNames<world::Dim> {
  static constexpr std::array<std::string_view, 16> names{"region", "site", "purpose", "market", "bidder", "agent", "decision", "flight", "waiting", "resting", "server", "account", "posting", "cell", "delay_bin", "price_bin"};
};
}  // namespace core
}  // namespace swarm
