#pragma once
#include "sim/world/field_spec.hpp"
#include "sim/world/region_state.hpp"

/// The part of the field registry (fields.hpp) that is about instruments of the economy which few runs switch on.
namespace swarm {
namespace world {

/// Columns of futures, prediction markets and the value of answers.
template <class V>
void describe_instruments(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  FuturesAccount& f = r.futures;
  v({"futures_price_usd", market, output, accounting, "USD", "price agreed on for a standard request of the period after the one that begins (NaN in other steps, and where nothing was sold)"}, f.price_usd);
  v({"futures_realised_usd", market, output, accounting, "USD", "mean price of a standard request over the period that has ended, before justice (NaN in other steps, and where nothing was sold)"}, f.realised_usd);
  v({"futures_open_interest", market, both, accounting, "1", "contracts on either side"}, f.open_interest);
  v({"futures_calls_usd", market, output, accounting, "USD", "security that owners of contracts had to add"}, f.calls_usd);
  v({"futures_flow_usd", market, output, accounting, "USD", "paid from losers to winners at settlements"}, f.flow_usd);
  v({"futures_shortfall_usd", market, output, accounting, "USD", "losses that were not paid, and so not received"}, f.shortfall_usd);
  v({"futures_defaults", market, output, accounting, "1", "owners who could not pay a loss or a margin"}, f.defaults);
  v({"futures_value", market, state, accounting, "1e-9 USD", "price before justice of what was sold in the period, all multiplicity; this and the others of futures without rows unless there are any"}, f.value);
  v({"futures_work", market, state, accounting, "1", "its work, millionths of a standard request"}, f.work);
  v({"futures_expected_usd", market, state, accounting, "USD", "smoothed price of a standard request; 0: none yet"}, f.expected_usd);
  v({"futures_spent", market, state, accounting, "1e-9 USD", "spent by the region's users in the period"}, f.spent);
  v({"futures_spending", market, state, accounting, "1e-9 USD", "the same per period, smoothed"}, f.spending);
  v({"futures_agreed", position, state, accounting, "1e-9 USD", "price of a contract, by parity of the period of sale and problem type; 0: none sold"}, f.agreed);
  v({"futures_contracts", position, state, accounting, "1", "contracts held, by parity and problem type: of users, then of specialists"}, f.contracts);
  v({"futures_basis", position, state, accounting, "1e-9 USD", "their value that is settled"}, f.basis);
  v({"futures_margin", position, state, accounting, "1e-9 USD", "security for them"}, f.margin);
  v({"futures_gain", position, state, accounting, "1e-9 USD", "received less paid since they were opened"}, f.gain);
  v({"futures_earned_before", agent, state, accounting, "1e-9 USD", "earned when the period of futures began"}, f.earned_before);
  v({"futures_income", agent, state, accounting, "1e-9 USD", "earned per period, smoothed"}, f.income);
  v({"spot_sum_usd", agent, state, accounting, "USD", "income per period, sum over counted periods"}, f.spot_sum);
  v({"spot_squares_usd2", agent, state, accounting, "USD2", "the same of its square"}, f.spot_squares);
  v({"hedged_sum_usd", agent, state, accounting, "USD", "income and gain on the period's contract, sum over counted periods"}, f.hedged_sum);
  v({"hedged_squares_usd2", agent, state, accounting, "USD2", "the same of its square"}, f.hedged_squares);
  v({"futures_closed", region, state, accounting, "1", "whole periods of futures that have ended"}, f.closed);
  v({"futures_counted", region, state, accounting, "1", "of these, the ones counted"}, f.counted);
  v({"total_futures_settled", region, state, accounting, "1", "markets' contracts that ended at a realised price, after the warm-up, as the next ones"}, f.totals.markets);
  v({"total_futures_error", region, state, accounting, "1", "their |agreed - realised|/realised, sum"}, f.totals.error_sum);
  v({"total_futures_contracts", region, state, accounting, "1", "contracts sold"}, f.totals.contracts);
  v({"total_futures_defaults", region, state, accounting, "1", "owners who could not pay"}, f.totals.defaults);
  v({"total_futures_calls_usd", region, state, accounting, "USD", "margins called"}, f.totals.calls_usd);
  v({"total_futures_flow_usd", region, state, accounting, "USD", "paid from losers to winners"}, f.totals.flow_usd);
  v({"total_futures_shortfall_usd", region, state, accounting, "USD", "losses not paid"}, f.totals.shortfall_usd);

  PredictionAccount& p = r.prediction;
  v({"prediction_forecast", market, output, accounting, "1", "market's probability that the share of correct answers in the period that begins lies above its trailing mean (NaN in other steps, and without a market)"}, p.forecast);
  v({"prediction_outcome", market, output, executed, "1", "bin, from 0, that the share of correct answers of the period that has ended fell into (NaN without a market or answers)"}, p.outcome);
  v({"prediction_brier", market, output, executed, "1", "Brier score of the market's prices, 0 to 2 (NaN without a market or answers)"}, p.brier);
  v({"climatology_brier", market, output, executed, "1", "Brier score of how often outcomes came about before, 0 to 2 (NaN without a market or answers)"}, p.climate_brier);
  v({"prediction_staked_usd", market, output, accounting, "USD", "staked by specialists"}, p.staked_usd);
  v({"prediction_paid_usd", market, output, accounting, "USD", "paid to specialists when the market was settled"}, p.paid_usd);
  v({"prediction_loss_usd", market, output, accounting, "USD", "paid to specialists less staked by them: lost by the maker, from the treasury"}, p.loss_usd);
  v({"prediction_open", market, state, accounting, "1", "1 while the market is open; this and the others of predictions without rows unless there are any"}, p.open);
  v({"prediction_trailing_mean", market, state, executed, "1", "smoothed share of correct answers; negative: none yet"}, p.trailing_mean);
  v({"prediction_mean", market, state, executed, "1", "the same as the market was opened"}, p.mean);
  v({"prediction_deviation", market, state, executed, "1", "by how much chance parts a period's share from it"}, p.deviation);
  v({"prediction_answered_before", market, state, accounting, "1", "answers since the start when the period began"}, p.answered_before);
  v({"prediction_correct_before", market, state, executed, "1", "of these, the correct ones"}, p.correct_before);
  v({"prediction_outstanding", outcome, state, accounting, "1", "shares sold, by problem type and outcome"}, p.outstanding);
  v({"prediction_occurred", outcome, state, executed, "1", "how often the outcome came about"}, p.occurred);
  v({"prediction_trader", trader, state, accounting, "1", "specialist, by problem type and row; 4294967295 for none"}, p.trader);
  v({"prediction_held", stake, state, accounting, "1", "shares, by problem type, row and outcome"}, p.held);
  v({"total_prediction_markets", region, state, accounting, "1", "markets settled by answers, after the warm-up, as the next ones"}, p.totals.markets);
  v({"total_prediction_unfunded", region, state, accounting, "1", "markets that the treasury could not fund"}, p.totals.unfunded);
  v({"total_prediction_bets", region, state, accounting, "1", "bets"}, p.totals.bets);
  v({"total_prediction_brier", region, state, executed, "1", "Brier scores, sum"}, p.totals.brier_sum);
  v({"total_climatology_brier", region, state, executed, "1", "Brier scores, sum"}, p.totals.climate_brier_sum);
  v({"total_prediction_loss_usd", region, state, accounting, "USD", "lost by makers"}, p.totals.loss_usd);

  v({"answer_value_usd", region, output, modelled, "USD", "value of answers by energy, scarcity, timing and quality, by serving region (NaN where answers are not valued)"}, r.value.usd);
  v({"valued_answers", cell, state, accounting, "1", "answers since the start by problem type and complexity bucket, by serving region; without rows where answers are not valued, as the next"}, r.value.answered);
  v({"valued_correct", cell, state, executed, "1", "of these, the correct ones"}, r.value.correct);
  v({"total_answer_value_usd", region, state, modelled, "USD", "sum after the warm-up"}, r.value.total_usd);
}

/// Columns of quotas and reputation.
template <class V>
void describe_allowances(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  RegionStep& s = r.step;
  QuotaState& h = r.quota;
  ReputationState& p = r.reputation;
  v({"rejected_quota", region, output, accounting, "1", "refused because no specialist of the site had quota left for it, by asking region"}, s.rejected_quota);
  v({"quota_turned", region, output, accounting, "1", "requests that turned to another specialist because theirs had no quota left, by serving region"}, s.quota_turned);
  v({"quota_allocated_tok", region, output, accounting, "tok", "quota of the region's specialists for the UTC day, tok of simulated requests (0 without quotas)"}, s.quota_allocated_tok);
  v({"quota_used_tok", region, output, accounting, "tok", "quota of the UTC day that the region's specialists used so far, tok of simulated requests (0 without quotas)"}, s.quota_used_tok);
  v({"quota_reserved_tok", region, output, accounting, "tok", "quota that the region's specialists hold reserved for requests being answered, tok of simulated requests (0 without quotas)"}, s.quota_reserved_tok);
  v({"quota_bonus_tok", region, output, accounting, "tok", "bonus quota of efficient specialists, in the first step of a UTC day"}, s.quota_bonus_tok);
  v({"quota_traded_tok", region, output, accounting, "tok", "quota sold among specialists, in the first step of a UTC day"}, s.quota_traded_tok);
  v({"quota_price_usd_per_kilotoken", region, output, accounting, "USD/ktok", "price of quota sold among specialists, for one real request (NaN without a sale)"}, s.quota_price_usd_per_kilotoken);
  v({"quota_spend_usd", region, output, accounting, "USD", "paid by specialists to specialists for quota"}, s.quota_spend_usd);
  v({"token_budget_value_tok", region, output, executed, "tok", "market value of the UTC day's token budget so far: tok used times the correct share of them"}, s.token_budget_value_tok);
  v({"token_budget_return", region, output, executed, "1", "market value of the UTC day's token budget so far less the tok used, over the tok used; 0 where none were"}, s.token_budget_return);
  v({"reputation_mean", region, output, executed, "1", "mean reputation of the region's specialists, at the end of the step; 0 where it is off"}, s.reputation_mean);
  v({"reputation_spread", region, output, executed, "1", "standard deviation of reputation among the region's specialists, at the end of the step; 0 where it is off"}, s.reputation_spread);
  v({"reputation_paid_usd", region, output, accounting, "USD", "paid to specialists for their reputation, out of the treasury, in the last step of a UTC day"}, s.reputation_paid_usd);
  v({"quota_allocated", agent, both, accounting, "tok", "quota for the UTC day (0 without quotas)"}, h.book.allocated);
  v({"quota_used", agent, both, accounting, "tok", "quota of the UTC day used so far (0 without quotas)"}, h.book.used);
  v({"quota_reserved", agent, both, accounting, "tok", "quota reserved for requests that are being answered (0 without quotas)"}, h.book.reserved);
  v({"reputation", agent, output, executed, "1", "reputation by past answers; 0 where it is off"}, p.score);
  v({"quota_tradeable", agent, state, accounting, "tok", "of the bonus, what could still be sold; this and the next four without rows unless there are quotas"}, h.book.tradeable);
  v({"quota_carried", agent, state, accounting, "tok", "of what is reserved, the part that stems from an earlier day"}, h.book.carried);
  v({"quota_uses", agent, state, accounting, "1", "answers that used quota, since the start"}, h.book.uses);
  v({"quota_recent", agent, state, accounting, "1", "expected quality times utilisation of the last ten, in a ring; ten rows each"}, h.book.recent);
  v({"quota_missed", agent, state, accounting, "tok", "tok of the day's requests that did not fit"}, h.missed);
  v({"quota_correct_tok", region, state, executed, "tok", "of the day's answers so far, tok of the correct ones"}, h.correct_tok);
  v({"rating_sum", agent, state, executed, "1", "faded sums of ratings, one row per aspect; no rows without reputation"}, p.ratings.sum);
  v({"rating_count", agent, state, accounting, "1", "faded numbers of ratings, one row per aspect; no rows without reputation"}, p.ratings.count);
  v({"total_rejected_quota", region, state, accounting, "1", "sum after the warm-up"}, r.totals.rejected_quota);
  v({"total_quota_turned", region, state, accounting, "1", "sum after the warm-up"}, r.totals.quota_turned);
  v({"total_quota_used_tok", region, state, accounting, "tok", "used by answers after the warm-up"}, r.totals.quota_used_tok);
  v({"total_quota_correct_tok", region, state, executed, "tok", "of that, by correct answers"}, r.totals.quota_correct_tok);
  v({"total_quota_traded_tok", region, state, accounting, "tok", "sum after the warm-up"}, r.totals.quota_traded_tok);
  v({"total_quota_spend_usd", region, state, accounting, "USD", "sum after the warm-up"}, r.totals.quota_spend_usd);
  v({"total_reputation_paid_usd", region, state, accounting, "USD", "sum after the warm-up"}, r.totals.reputation_paid_usd);
}

/// Columns of councils.
template <class V>
void describe_councils(V& v, RegionState& r) {
  using enum Dim;
  using enum Role;
  using enum Kind;
  CouncilSums& s = r.council.step;
  CouncilSums& q = r.council.total;
  v({"council_answers", region, output, accounting, "1", "answers that councils gave, by serving region"}, s.answers);
  v({"council_correct", region, output, executed, "1", "correct answers that councils gave, by serving region"}, s.correct);
  v({"council_lead_correct", region, output, executed, "1", "answers of councils that the specialist who was asked would have given correctly alone, by serving region"}, s.lead_correct);
  v({"council_members", region, output, accounting, "1", "specialists that sat in councils, one count for every answer, by serving region"}, s.members);
  v({"council_members_correct", region, output, executed, "1", "answers of single members of councils that were correct, by serving region"}, s.members_correct);
  v({"councils_asked", region, output, accounting, "1", "requests that triage wanted a council for, by asking region"}, s.asked);
  v({"councils_declined", region, output, accounting, "1", "requests whose triage score asked for a council and that went on with one specialist, since a council was too dear, too late, or beyond what any asked site has, by asking region"}, s.declined);
  v({"council_bonus_usd", region, output, accounting, "USD", "paid to members of councils by what they contributed (Shapley value), by serving region"}, s.bonus_usd);
  v({"total_council_answers", region, state, accounting, "1", "sum after the warm-up"}, q.answers);
  v({"total_council_correct", region, state, executed, "1", "sum after the warm-up"}, q.correct);
  v({"total_council_lead_correct", region, state, executed, "1", "sum after the warm-up"}, q.lead_correct);
  v({"total_council_members", region, state, accounting, "1", "sum after the warm-up"}, q.members);
  v({"total_council_members_correct", region, state, executed, "1", "sum after the warm-up"}, q.members_correct);
  v({"total_councils_asked", region, state, accounting, "1", "sum after the warm-up"}, q.asked);
  v({"total_councils_declined", region, state, accounting, "1", "sum after the warm-up"}, q.declined);
  v({"total_council_bonus_usd", region, state, accounting, "USD", "sum after the warm-up"}, q.bonus_usd);
}

}  // namespace world
}  // namespace swarm
