#include "sim/engine/context.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace swarm {
namespace engine {
namespace {

using dispatch::HandoverKind;
using world::ContextAnswer;
using world::RegionState;
using world::World;

/// Draws that one handover may take.
constexpr std::uint32_t kDraws = 1024;

std::uint32_t rounded_up(double tok) { return static_cast<std::uint32_t>(std::ceil(tok)); }

/// What a window holds of its session after a handover.
std::uint32_t record_tok(const dispatch::WindowParams& p, HandoverKind kind, std::uint32_t used) {
  const double record = kind == HandoverKind::emergency ? p.essential_tok : p.essential_tok + p.rationale_tok + p.breakdown_tok;
  return std::min(used, rounded_up(record));
}

double access_time_s(const dispatch::ContextParams& p, HandoverKind kind) {
  const auto& w = p.window;
  const double essential = access_s(p.tiers, w.essential_tok);
  return kind == HandoverKind::emergency ? essential
                                         : essential + access_s(p.tiers, w.rationale_tok) + access_s(p.tiers, w.breakdown_tok);
}

}  // namespace

void note_for_context(const World& w, RegionState& r, std::size_t flight, const Members& members) {
  if (!w.plan->scenario.context.enabled()) return;
  const auto& f = r.flights;
  r.scratch.answers.push_back({.finish_s = f.finish_s[flight],
                               .tok = f.tok[flight],
                               .session = f.asker[flight] * 256u + f.purpose[flight] + 1u,
                               .type = f.type[flight],
                               .bucket = f.bucket[flight],
                               .seats = static_cast<std::uint8_t>(members.count),
                               .agent = members.agent});
}

void meter_upkeep(const World& w, RegionState& r) {
  auto& c = r.context;
  if (c.upkeep_agent.empty()) return;
  const auto& plan = *w.plan;
  std::size_t kept = 0;
  for (std::size_t k = 0; k < c.upkeep_agent.size(); ++k) {
    const std::uint32_t agent = c.upkeep_agent[k];
    const std::uint32_t s = r.agents.site[agent];
    const auto& site = plan.sites[s];
    const double gang = site.servers / site.gangs;
    const bool out = r.scratch.faults.down_site(s - plan.regions[r.id.value].first_site);  // an outage ends it
    const double start = c.upkeep_start_s[k], finish = out ? std::min(c.upkeep_finish_s[k], w.now()) : c.upkeep_finish_s[k];
    const double before = gang * std::max(0.0, std::min(finish, w.now()) - start);
    const double after = gang * std::max(0.0, std::min(finish, w.step_end()) - start);
    const double power = site.device.max_w * 1e9, wear = site.amortisation_usd_per_s * kMicroTknPerUsd;
    const std::int64_t nj = round_half_even(power * after) - round_half_even(power * before);
    r.agents.energy_nj[agent] = (NanoJoule{r.agents.energy_nj[agent]} + NanoJoule{nj}).value;
    r.sites.busy_nj[s - plan.regions[r.id.value].first_site] += nj;
    r.scratch.amortisation[agent] += round_half_even(wear * after) - round_half_even(wear * before);
    if (finish <= w.step_end()) continue;
    c.upkeep_agent[kept] = agent;
    c.upkeep_start_s[kept] = start;
    c.upkeep_finish_s[kept++] = finish;
  }
  c.upkeep_agent.resize(kept);
  c.upkeep_start_s.resize(kept);
  c.upkeep_finish_s.resize(kept);
}

ContextDesk::ContextDesk(const World& w, RegionState& r)
    : w_(w), r_(r), p_(w.plan->scenario.context), a_(r.context.windows), sums_(r.context.step), random_(w.plan->seed, Stream::handover) {
  alarm_ = p_.strategy == dispatch::ContextStrategy::preemptive &&
           (p_.predictor.level_gate ? r.context.alarm_gated : r.context.alarm_plain) != 0;
}

RandomSequence ContextDesk::next_draw(std::uint32_t agent) {
  return {random_, w_.step, AgentId(r_.id, agent).packed, kDraws * draws_++};
}

double ContextDesk::expected(const ContextAnswer& a) const {
  return dispatch::expected_tok(p_.budget, r_.context.budgets, a.type * 2u, 0);
}

void ContextDesk::serve(const ContextAnswer& a) {
  const bool council = a.seats > 1;
  const double complexity = (a.bucket + 0.5) / static_cast<double>(workload::kComplexityBuckets);
  const auto outcome = dispatch::learn_budget(p_.budget, r_.context.budgets, a.type * 2u + council, council ? a.seats : 0u,
                                              std::max(1.0, static_cast<double>(a.tok)), complexity);
  ++sums_.budgets;
  sums_.budgets_close += outcome.close;
  for (std::size_t i = 0; i < a.seats; ++i) enter(a, a.agent[i], a.tok / a.seats);
}

void ContextDesk::enter(const ContextAnswer& a, std::uint32_t agent, std::uint32_t tok) {
  ++sums_.answers;
  if (a_.session[agent] != a.session || !in_use(agent, a.finish_s)) begin_session(a, agent);
  complete_handover(agent, a.finish_s);
  if (snapshot_due(p_.window, a_.since_snapshot[agent], a.finish_s - a_.dirty_s[agent])) keep_snapshot(agent);
  a_.last_s[agent] = a.finish_s;
  if (a_.used[agent] + static_cast<double>(tok) > p_.window.window_tok) return exhaust(agent, tok, a.finish_s);
  if (a_.since_snapshot[agent] == 0) a_.dirty_s[agent] = a.finish_s;
  a_.used[agent] += tok;
  a_.since_snapshot[agent] += tok;
  ++a_.items[agent];
  if (snapshot_due(p_.window, a_.since_snapshot[agent], 0)) keep_snapshot(agent);
  if (p_.strategy == dispatch::ContextStrategy::preemptive) anticipate(a, agent);
}

bool ContextDesk::in_use(std::uint32_t agent, double now_s) const {
  return a_.session[agent] != 0 && now_s - a_.last_s[agent] < p_.session_gap.seconds;
}

/// What was in the window is archived: nobody asks for it again.
void ContextDesk::begin_session(const ContextAnswer& a, std::uint32_t agent) {
  ++sums_.sessions;
  a_.session[agent] = a.session;
  for (auto* column : {&a_.used, &a_.since_snapshot, &a_.items, &a_.out_drop, &a_.out_lost}) (*column)[agent] = 0;
  a_.out_until_s[agent] = 0;
  const auto kept = static_cast<std::size_t>(p_.window.snapshots);
  std::fill_n(a_.snapshot_items.begin() + static_cast<std::ptrdiff_t>(agent * kept), kept, 0u);
}

void ContextDesk::keep_snapshot(std::uint32_t agent) {
  a_.since_snapshot[agent] = 0;
  const auto kept = static_cast<std::size_t>(p_.window.snapshots);
  if (kept == 0) return;
  const auto first = a_.snapshot_items.begin() + static_cast<std::ptrdiff_t>(agent * kept);
  std::move_backward(first, first + static_cast<std::ptrdiff_t>(kept - 1), first + static_cast<std::ptrdiff_t>(kept));
  *first = a_.items[agent];
  ++sums_.snapshots;
}

std::uint32_t ContextDesk::cached_items(std::uint32_t agent, RandomSequence& draw) const {
  const auto kept = static_cast<std::size_t>(p_.window.snapshots);
  for (std::size_t k = 0; k < kept; ++k) {
    const std::uint32_t items = a_.snapshot_items[agent * kept + k];
    if (items == 0) return 0;
    if (draw.uniform() >= p_.handover.transfer_failure) return std::min(items, a_.items[agent]);
  }
  return 0;
}

/// What came while it was under way has followed into the fresh window.
void ContextDesk::complete_handover(std::uint32_t agent, double now_s) {
  if (a_.out_until_s[agent] == 0 || now_s < a_.out_until_s[agent]) return;
  sums_.items_at_risk += a_.items[agent];
  a_.used[agent] -= std::exchange(a_.out_drop[agent], 0);
  a_.items[agent] -= std::exchange(a_.out_lost[agent], 0);
  sums_.items_kept += a_.items[agent];
  a_.out_until_s[agent] = 0;
}

/// The window runs over: what is not in a snapshot is lost, and so is what of the answer did not fit.
void ContextDesk::exhaust(std::uint32_t agent, std::uint32_t tok, double now_s) {
  ++sums_.exhaustions;
  sums_.truncated_tok += a_.used[agent] + tok - static_cast<std::uint64_t>(p_.window.window_tok);
  a_.out_until_s[agent] = 0;
  a_.out_drop[agent] = a_.out_lost[agent] = 0;
  auto draw = next_draw(agent);
  const std::uint32_t before = a_.items[agent], kept = cached_items(agent, draw);
  const double similarity = before > 0 ? static_cast<double>(kept) / before : 1.0;
  const auto tok_kept = kept > 0 ? rounded_up(p_.window.essential_tok) : 0u;
  const auto result = dispatch::carry_out(p_.handover, HandoverKind::emergency,
                                          {.transition_s = tok_kept / p_.handover.tok_per_s,
                                           .transfer_works = false,  // there is nothing left to transfer but the snapshot
                                           .snapshot_similarity = similarity});
  ++sums_.emergency;
  sums_.failed += result.state == dispatch::HandoverState::failed;
  sums_.critical += result.critical;
  sums_.items_at_risk += before;
  sums_.items_kept += kept;
  a_.items[agent] = kept;
  a_.used[agent] = std::min(tok_kept, static_cast<std::uint32_t>(p_.window.window_tok));
  a_.since_snapshot[agent] = 0;
  a_.dirty_s[agent] = now_s;
  take_servers(agent, result.seconds);
}

void ContextDesk::anticipate(const ContextAnswer& a, std::uint32_t agent) {
  if (a_.out_until_s[agent] != 0) return;
  const auto level = level_of(p_.window, a_.used[agent]);
  if (level == dispatch::WindowLevel::emergency)
    hand_over(agent, HandoverKind::emergency, a.finish_s, 0, 0);
  else if (level == dispatch::WindowLevel::handover || too_little_room(p_.window, a_.used[agent], expected(a)))
    hand_over(agent, HandoverKind::graceful, a.finish_s, 0, 0);
  else if (level == dispatch::WindowLevel::warn && alarm_)
    loaded_.push_back(agent);
}

void ContextDesk::hand_over(std::uint32_t agent, HandoverKind kind, double now_s, double ready_s, double gain) {
  const bool emergency = kind == HandoverKind::emergency;
  const std::uint32_t items = a_.items[agent], record = record_tok(p_.window, kind, a_.used[agent]);
  const double unsaved = emergency ? std::min<double>(a_.since_snapshot[agent], p_.window.essential_tok) : a_.since_snapshot[agent];
  auto draw = next_draw(agent);
  const bool works = draw.uniform() >= p_.handover.transfer_failure;
  const std::uint32_t cached = emergency && !works ? cached_items(agent, draw) : items;
  const double transfer = record / p_.handover.tok_per_s + access_time_s(p_, kind);
  const auto result = dispatch::carry_out(p_.handover, kind,
                                          {.checkpoint_s = unsaved / p_.handover.tok_per_s,
                                           .ready_s = ready_s,
                                           .transition_s = transfer * (1.0 - gain),
                                           .transfer_works = works,
                                           .snapshot_similarity = static_cast<double>(cached) / items});
  const bool failed = result.state == dispatch::HandoverState::failed;
  ++(emergency ? sums_.emergency : kind == HandoverKind::graceful ? sums_.graceful : sums_.coordinated);
  sums_.failed += failed;
  sums_.fallbacks += result.fell_back;
  sums_.critical += result.critical;
  take_servers(agent, result.seconds);
  if (failed && !emergency) return;  // the old window goes on, and the next answer tries again
  if (!result.fell_back) keep_snapshot(agent);
  a_.out_drop[agent] = a_.used[agent] - record;
  a_.out_lost[agent] = result.fell_back ? items - cached : 0;
  a_.out_until_s[agent] = now_s + result.seconds;
}

void ContextDesk::take_servers(std::uint32_t agent, double seconds) {
  if (seconds <= 0) return;
  const std::uint32_t site = r_.agents.site[agent];
  auto& pool = r_.pools[site - w_.plan->regions[r_.id.value].first_site];
  const auto placed = pool.place(w_.step_end(), seconds * w_.plan->sites[site].occupancy_factor);
  r_.context.upkeep_agent.push_back(agent);
  r_.context.upkeep_start_s.push_back(placed.start);
  r_.context.upkeep_finish_s.push_back(placed.finish);
  sums_.handover_s += seconds;
}

void ContextDesk::coordinate() {
  std::ranges::sort(loaded_);
  loaded_.erase(std::unique(loaded_.begin(), loaded_.end()), loaded_.end());
  std::erase_if(loaded_, [&](std::uint32_t agent) {
    return a_.out_until_s[agent] != 0 || level_of(p_.window, a_.used[agent]) != dispatch::WindowLevel::warn;
  });
  if (loaded_.empty()) return;
  double ready = 0;
  std::size_t groups = 0;  // specialists are numbered site after site
  for (std::size_t k = 1; k < loaded_.size(); ++k) {
    const auto site = [&](std::size_t j) { return r_.agents.site[loaded_[j]]; };
    groups += site(k) == site(k - 1) && (k < 2 || site(k) != site(k - 2));
  }
  for (const std::uint32_t agent : loaded_)
    ready = std::max(ready, a_.since_snapshot[agent] / p_.handover.tok_per_s);
  const auto& f = r_.flights;  // an answer that is being given is given first
  for (std::size_t k = 0; k < f.size(); ++k)
    if (f.start_s[k] < w_.step_end() && std::ranges::binary_search(loaded_, f.agent[k]))
      ready = std::max(ready, f.finish_s[k] - w_.step_end());
  const double gain = dispatch::parallel_gain(p_.handover, groups);
  for (const std::uint32_t agent : loaded_) hand_over(agent, HandoverKind::coordinated, w_.step_end(), ready, gain);
}

void ContextDesk::read() {
  auto& c = r_.context;
  const std::size_t n = r_.agents.size(), watched = std::min(n, static_cast<std::size_t>(p_.predictor.watched));
  if (watched == 0) return;
  const std::size_t rows = c.readings.size() / watched;
  if (c.reading_steps == rows)
    std::move(c.readings.begin() + static_cast<std::ptrdiff_t>(watched), c.readings.end(), c.readings.begin());
  else
    ++c.reading_steps;
  for (std::size_t j = 0; j < watched; ++j) {
    const auto agent = static_cast<std::uint32_t>(j * n / watched);
    const bool handed_over = a_.out_until_s[agent] != 0 && a_.out_until_s[agent] <= w_.step_end();
    const double used = a_.used[agent] - (handed_over ? a_.out_drop[agent] : 0u);
    const double load = in_use(agent, w_.step_end()) ? used / p_.window.window_tok : 0.0;
    c.readings[(c.reading_steps - 1) * watched + j] = static_cast<float>(load);
  }
  const bool exhausted = sums_.exhaustions > 0;
  sums_.exhausted_steps = exhausted;
  sums_.hits_plain = exhausted && c.alarm_plain != 0;
  sums_.hits_gated = exhausted && c.alarm_gated != 0;
  const auto seen = dispatch::predict_load(p_.predictor, {std::span(c.readings).first(c.reading_steps * watched), watched});
  c.synchrony = seen.synchrony;
  c.mean_window = seen.mean;
  sums_.alarms_plain = c.alarm_plain = seen.plain;
  sums_.alarms_gated = c.alarm_gated = seen.gated;
}

}  // namespace engine
}  // namespace swarm
