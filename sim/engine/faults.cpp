#include "sim/engine/faults.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/math.hpp"
#include "sim/engine/answers.hpp"
#include "sim/engine/council.hpp"
#include "sim/engine/markets.hpp"

namespace swarm {
namespace engine {
namespace {

using dispatch::Fault;
using dispatch::FaultKind;
using world::FaultView;
using world::Order;
using world::OrderLine;
using world::RegionState;
using world::World;

template <class T>
void mark(std::vector<T>& column, std::size_t n, std::size_t row, T value) {
  if (column.empty()) column.assign(n, T{});
  column[row] = std::max(column[row], value);
}

/// One fault that is going on joins the view.
void add_to_view(const World& w, RegionState& r, const Fault& fault) {
  FaultView& v = r.scratch.faults;
  const std::size_t n = r.agents.size();
  const std::uint32_t first_site = w.plan->regions[r.id.value].first_site;
  switch (fault.kind) {
    case FaultKind::agent_crash:
      for (const std::uint32_t agent : fault.agents) mark<std::uint8_t>(v.agent_down, n, agent, 1);
      break;
    case FaultKind::slow_agent:
      if (v.agent_slow.empty()) v.agent_slow.assign(n, 1.0);
      for (const std::uint32_t agent : fault.agents) mark(v.agent_slow, n, agent, fault.factor);
      break;
    case FaultKind::wrong_answers:
      for (const std::uint32_t agent : fault.agents) mark<std::uint8_t>(v.agent_wrong, n, agent, 1);
      break;
    case FaultKind::site_outage:
      for (std::uint32_t k = 0; k < fault.sites; ++k)
        mark<std::uint8_t>(v.site_down, r.pools.size(), fault.first_site - first_site + k, 1);
      break;
    case FaultKind::forecast_outage: r.faults.forecast_down = 1; break;
    case FaultKind::partition: r.faults.cut_off = 1; break;
  }
}

/// Requests that a breaker lets through in a step that begins now.
std::uint8_t gate(const dispatch::BreakerParams& p, const dispatch::Breaker& b, double now_s) {
  if (b.state == dispatch::BreakerState::closed) return FaultView::kOpenGate;
  if (b.state == dispatch::BreakerState::open) return now_s < b.open_until_s ? 0 : static_cast<std::uint8_t>(p.probes);
  return static_cast<std::uint8_t>(std::max<std::int64_t>(0, p.probes - b.probing - b.probed));
}

void open_gates(const World& w, RegionState& r) {
  const auto& p = w.plan->scenario.breaker;
  const auto gates = [&](const world::BreakerColumns& breakers, std::vector<std::uint8_t>& out) {
    out.clear();
    for (std::size_t k = 0; k < breakers.size(); ++k) {
      out.push_back(gate(p, breakers.get(k), w.now()));
      r.faults.breakers_open += out.back() == 0;
    }
  };
  gates(r.faults.agents, r.scratch.faults.agent_gate);
  gates(r.faults.sites, r.scratch.faults.site_gate);
}

/// All gangs of a site are free from then on.
void clear_clocks(const World& w, RegionState& r, std::size_t site, double from) {
  const auto& plan = *w.plan;
  const std::uint32_t first_site = plan.regions[r.id.value].first_site;
  std::size_t first = 0;
  for (std::size_t k = 0; k < site; ++k) first += plan.sites[first_site + k].gangs;
  const auto gangs = std::span(r.free_at).subspan(first, plan.sites[first_site + site].gangs);
  std::ranges::fill(gangs, from);
  r.pools[site].rebind(gangs);
}

/// Answers that were not finished when their specialist or site failed will not come. A site's servers stop; those of a
/// specialist that crashed are held to the end that was planned.
void lose_flights(const World& w, RegionState& r) {
  const FaultView& v = r.scratch.faults;
  if (v.site_down.empty() && v.agent_down.empty()) return;
  auto& f = r.flights;
  const std::uint32_t first_site = w.plan->regions[r.id.value].first_site;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (f.finish_s[k] <= w.now() && f.left_s[k] == 0) continue;  // finished, and held up by a partition
    const std::uint32_t site = f.site[k] - first_site;
    if (v.down_site(site)) {
      f.finish_s[k] = std::min(f.finish_s[k], w.now());
      f.start_s[k] = std::min(f.start_s[k], w.now());
    }
    if (f.lost[k] != 0 || !v.down(f.agent[k], site)) continue;
    f.lost[k] = 1;
    f.left_s[k] = 0;  // what is left of it does not run
    ++r.faults.step.lost;
  }
  for (std::size_t k = 0; k < v.site_down.size(); ++k)
    if (v.site_down[k] != 0) clear_clocks(w, r, k, w.now());
}

void count_down(const World& w, RegionState& r) {
  const FaultView& v = r.scratch.faults;
  const std::uint32_t first_site = w.plan->regions[r.id.value].first_site;
  for (const std::uint8_t down : v.site_down) r.faults.sites_down += down;
  if (v.site_down.empty() && v.agent_down.empty()) return;
  for (std::uint32_t a = 0; a < r.agents.size(); ++a) r.faults.agents_down += v.down(a, r.agents.site[a] - first_site);
}

/// Recovery is measured of faults that begin after the warm-up, once it is known what is usual.
void count_begun(const World& w, RegionState& r, std::uint64_t begun) {
  auto& a = r.faults;
  a.step.begun = begun;
  if (r.step.in_warmup != 0 || a.usual_share < 0) return;
  a.step.measured = begun;
  a.tracked += begun;
  a.tracked_since_s += static_cast<double>(begun) * w.now();
}

/// A request that a rule answers, free of charge, after so much time.
void answer_by_rule(World& w, RegionState& r, world::Outcome o, std::uint32_t bank_item, double arrival_s, double delay_s,
                    double deadline_s) {
  const auto& plan = *w.plan;
  const auto type = static_cast<workload::ProblemType>(o.type);
  const std::size_t row = (o.asker * workload::kProblemTypes + o.type) * workload::kComplexityBuckets + o.bucket;
  o.correct = plan.rule_answers[row] == plan.banks->label(RegionId{o.asker}, type, o.bucket, bank_item);
  o.wait_s = o.delay_s = static_cast<float>(delay_s);
  o.late = delay_s > deadline_s;
  o.answered_s = arrival_s + delay_s;
  ++r.faults.step.by_rule;
  r.faults.step.rule_correct += o.correct;
  w.outcomes.from_to(r.id.value - w.first_region, o.asker).push_back(o);
}

}  // namespace

void note_partitions(World& w) {
  w.cut_off.clear();
  if (w.plan->faults.none()) return;
  const std::size_t n = w.plan->regions.size();
  for (std::uint16_t k = 0; k < n; ++k)
    if (w.plan->faults.active(RegionId{k}, w.plan->utc_of(w.step), FaultKind::partition)) mark<std::uint8_t>(w.cut_off, n, k, 1);
}

void note_faults(const World& w, RegionState& r) {
  if (!w.plan->may_fail()) return;
  r.scratch.faults = {};
  auto& a = r.faults;
  a.step = {};
  a.agents_down = a.sites_down = a.breakers_open = 0;
  a.cut_off = a.forecast_down = 0;
  const std::int64_t now = w.plan->utc_of(w.step), before = w.step > 0 ? w.plan->utc_of(w.step - 1) : now;
  std::uint64_t begun = 0;
  w.plan->faults.each_active(r.id, now, [&](const Fault& fault) {
    begun += w.step == 0 || fault.start_utc > before;
    add_to_view(w, r, fault);
  });
  count_begun(w, r, begun);
  lose_flights(w, r);
  count_down(w, r);
  open_gates(w, r);
}

std::vector<std::uint32_t> who_may_be_asked(const World& w, const RegionState& r, std::size_t type) {
  if (r.scratch.faults.agent_gate.empty()) return r.agents_of_type[type];
  std::vector<std::uint32_t> all;
  for (const std::uint32_t agent : r.agents_of_type[type])
    if (gate_of(w, r, agent) > 0) all.push_back(agent);
  return all;
}

FaultDesk::FaultDesk(World& w, RegionState& r) : w_(w), r_(r), on_(w.plan->may_fail()) {}

Order& FaultDesk::take_again() {
  now_ = again_.front();
  again_.pop_front();
  silent_ = now_.silent;
  count_ = now_.count;
  return now_.order;
}

Order& FaultDesk::take_first(Order& order) {
  count_ = 0;
  return order;
}

bool FaultDesk::may_ask(std::uint32_t agent) const {
  if (!on_) return true;
  return gate_of(w_, r_, agent) > 0 && std::find(silent_.begin(), silent_.begin() + count_, agent) == silent_.begin() + count_;
}

void FaultDesk::keep_lines(Order& order) const {
  if (!on_) return;
  const auto end = std::remove_if(order.line.begin(), order.line.begin() + order.lines, [&](const OrderLine& line) {
    return w_.plan->sites[line.site].region == r_.id && !may_ask(line.agent);
  });
  order.lines = static_cast<std::uint8_t>(end - order.line.begin());
}

bool FaultDesk::gives_up(const Order& order, const Route& route) {
  if (!on_ || (route.line != nullptr && (!tried() || in_time(order, *route.line)))) return false;
  end(order);
  return true;
}

bool FaultDesk::in_time(const Order& order, const OrderLine& line) const {
  const auto& site = w_.plan->sites[line.site];
  const double ready = w_.now() + order.ready_s, start = std::max(ready, r_.pools[local_site(line.site)].earliest());
  const double asked = w_.plan->step_s * order.asked_step + order.offset_s;
  return start - asked + site.seconds(order) * site.answer_factor + w_.plan->network_s(RegionId{order.asker}, r_.id, order.tok_in + order.tok_out) <=
         static_cast<double>(order.deadline_s);
}

/// A specialist or site that is probed has one probe less to go.
void FaultDesk::pass_gate(const OrderLine& line) {
  FaultView& v = r_.scratch.faults;
  if (v.agent_gate.empty()) return;
  const auto pass = [&](std::vector<std::uint8_t>& gates, world::BreakerColumns& breakers, std::size_t row) {
    if (gates[row] == FaultView::kOpenGate) return std::uint8_t{0};
    dispatch::Breaker b = breakers.get(row);
    const bool passed = dispatch::lets_pass(w_.plan->scenario.breaker, b, w_.now());
    ENSURE(passed && gates[row] > 0);  // nobody is asked whose gate is shut
    breakers.set(row, b);
    --gates[row];
    return dispatch::probed_round(b);
  };
  probe_ = {.agent = pass(v.agent_gate, r_.faults.agents, line.agent), .site = pass(v.site_gate, r_.faults.sites, local_site(line.site))};
}

bool FaultDesk::answers(Order& order, const OrderLine& line) {
  if (!on_) return true;
  pass_gate(line);
  if (r_.scratch.faults.down(line.agent, local_site(line.site))) {
    lose(order, line);
    return false;
  }
  r_.faults.step.fell_back += tried();
  return true;
}

void FaultDesk::lose(Order& order, const OrderLine& line) {
  const auto& params = w_.plan->scenario.faults;
  const std::uint32_t site = local_site(line.site);
  FaultView& v = r_.scratch.faults;
  v.silent.push_back({line.agent, site, probe_.agent, probe_.site});
  ++r_.faults.step.lost;
  if (v.down_site(site)) {  // booked all the same: nobody knows yet
    const auto& info = w_.plan->sites[line.site];
    r_.pools[site].place(w_.now() + order.ready_s, info.seconds(order) * info.occupancy_factor);
  }
  order.ready_s += params.timeout.seconds;
  silent_[count_++] = line.agent;
  if (static_cast<std::int64_t>(count_) <= params.retries)
    again_.push_back({order, silent_, count_});
  else
    end(order);
}

void FaultDesk::end(const Order& order) {
  --r_.markets.orders_admitted[order.type];
  const dispatch::Fallback way = dispatch::fallback({.rule = w_.plan->scenario.faults.rule_based});
  if (way == dispatch::Fallback::reject) return refuse(w_, r_, order, world::Refusal::fault, 0);
  const double arrival = w_.plan->step_s * order.arrival_step + order.offset_s;
  const double delay = w_.now() + order.ready_s - arrival + w_.plan->network_s(RegionId{order.asker}, r_.id, order.tok_in + order.tok_out);
  answer_by_rule(w_, r_,
                 {.reserved = order.reserved,
                  .reserved_grant = order.reserved_grant,
                  .work = order.work,
                  .permits_mg = order.permits_mg,
                  .wtp_usd = order.wtp_usd,
                  .asker = order.asker,
                  .server = r_.id.value,
                  .type = order.type,
                  .bucket = order.bucket,
                  .purpose = order.purpose,
                  .emergency = order.emergency},
                 order.bank_item, arrival, delay, static_cast<double>(order.deadline_s) + static_cast<double>(order.slack_s));
}

void disturb(const World& w, const RegionState& r, std::size_t flight, std::uint32_t agent, std::span<float> logits) {
  const FaultView& v = r.scratch.faults;
  const auto& f = r.flights;
  if (!v.agent_down.empty() && v.agent_down[agent] != 0) std::ranges::fill(logits, 0.0f);
  if (!v.wrong(agent)) return;
  const RandomBlock draw = Random(w.plan->seed, Stream::fault_answer)
                               .block(f.arrival_step[flight], RequestId(RegionId{f.asker[flight]}, f.sequence[flight]).packed, agent);
  const auto classes = static_cast<std::uint32_t>(logits.size());
  std::ranges::rotate(logits, logits.begin() + 1 + uniform_below(draw[0], classes - 1));
}

hardware::StateSeconds end_step(const World& w, RegionState& r, std::size_t site) {
  const hardware::StateSeconds seconds = r.pools[site].end_step(w.step_end());
  if (!r.scratch.faults.down_site(static_cast<std::uint32_t>(site))) return seconds;
  clear_clocks(w, r, site, w.step_end());
  return {};
}

void settle_lost(World& w, RegionState& r, std::size_t k) {
  const auto& f = r.flights;
  world::Outcome o{.reserved = f.reserved[k],
                   .reserved_grant = f.reserved_grant[k],
                   .work = f.work[k],
                   .permits_mg = f.permits_mg[k],
                   .wtp_usd = f.wtp_usd[k],
                   .asker = f.asker[k],
                   .server = r.id.value,
                   .type = f.type[k],
                   .bucket = f.bucket[k],
                   .refusal = world::Refusal::fault,
                   .purpose = f.purpose[k],
                   .emergency = f.emergency[k]};
  if (!w.plan->scenario.faults.rule_based) return w.outcomes.from_to(r.id.value - w.first_region, o.asker).push_back(o);
  o.refusal = world::Refusal::none;
  const double known = f.finish_s[k] + w.plan->scenario.faults.timeout.seconds + f.held_s[k];
  answer_by_rule(w, r, o, f.bank_item[k], f.arrival_s[k], known - f.arrival_s[k] + w.plan->network_s(RegionId{o.asker}, r.id, f.tok[k] / f.seats[k]),
                 static_cast<double>(f.deadline_s[k]));
}

namespace {

/// What breakers hear of a step's answers. A site's count alike but for probes: in a row of thousands any window fails by
/// chance.
class BreakerDesk {
 public:
  BreakerDesk(const World& w, RegionState& r) : w_(w), r_(r), p_(w.plan->scenario.breaker), sites_(r.faults.sites.size()) {}

  void hear_agent(std::uint32_t agent, bool failure, std::uint8_t probe) { note(r_.faults.agents, agent, failure, probe); }
  void hear_site(std::size_t site, bool failure, std::uint8_t probe) {
    if (probe != 0) return note(r_.faults.sites, site, failure, probe);
    ++sites_[site].answers;
    sites_[site].failed += failure;
  }
  void close() {
    for (std::size_t k = 0; k < sites_.size(); ++k) {
      const bool failure = sites_[k].failed > 0 && sites_[k].failed >= p_.failure_share * sites_[k].answers;
      for (std::int64_t n = std::min<std::int64_t>(sites_[k].answers, p_.window); n > 0; --n) note(r_.faults.sites, k, failure, 0);
    }
  }

 private:
  void note(world::BreakerColumns& breakers, std::size_t row, bool failure, std::uint8_t probe) {
    dispatch::Breaker b = breakers.get(row);
    dispatch::note_outcome(p_, b, failure, w_.step_end(), probe);
    breakers.set(row, b);
  }
  struct Heard {
    std::uint32_t answers = 0, failed = 0;
  };
  const World& w_;
  RegionState& r_;
  const dispatch::BreakerParams& p_;
  std::vector<Heard> sites_;
};

}  // namespace

void note_breakers(const World& w, RegionState& r) {
  if (r.faults.agents.size() == 0) return;
  const auto& params = w.plan->scenario.faults;
  const FaultView& v = r.scratch.faults;
  BreakerDesk desk(w, r);
  for (const auto& s : v.silent) {
    desk.hear_agent(s.agent, params.lost_counts, s.agent_probe);
    desk.hear_site(s.site, params.lost_counts, s.site_probe);
  }
  const auto& f = r.flights;
  const std::uint32_t first_site = w.plan->regions[r.id.value].first_site;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (r.scratch.landed[k] == 0) continue;
    const bool lost = f.lost[k] != 0;
    const bool late = !lost && answer_delay(*w.plan, r, k) > static_cast<double>(f.deadline_s[k]);
    const bool failed = (lost && params.lost_counts) || (late && params.late_counts);
    const Members members = members_of(w, r, k);
    for (std::size_t i = 0; i < (lost ? 1 : members.count); ++i) {  // lost because of the first one, who was asked, or of its site
      const std::uint32_t agent = members.agent[i];
      const bool silent = i > 0 && !v.agent_down.empty() && v.agent_down[agent] != 0;
      const bool right = members.council() ? dispatch::is_right(f.coalitions_right[k], 1u << i) : f.correct[k] != 0;
      const bool wrong = !lost && !right && params.wrong_counts;
      desk.hear_agent(agent, failed || wrong || (silent && params.lost_counts), i == 0 ? f.agent_probe[k] : std::uint8_t{0});
    }
    desk.hear_site(f.site[k] - first_site, failed || (!lost && f.correct[k] == 0 && params.wrong_counts), f.site_probe[k]);
  }
  desk.close();
}

void note_recovery(const World& w, RegionState& r) {
  if (!w.plan->may_fail()) return;
  const auto& s = r.step;
  const double settled = static_cast<double>(s.requests_served) + s.requests_rejected;
  if (settled == 0) return;
  const auto& params = w.plan->scenario.faults;
  const double share = static_cast<double>(s.requests_served - s.requests_late) / settled;
  auto& a = r.faults;
  if (a.tracked == 0) {
    const double fresh = 1.0 - math::exp(-w.plan->step_s / params.memory.seconds);
    a.usual_share = a.usual_share < 0 ? share : a.usual_share + fresh * (share - a.usual_share);
  } else if (share >= params.recovered_share * a.usual_share) {
    a.step.recovered = a.tracked;
    a.step.recovery_s = static_cast<double>(a.tracked) * w.step_end() - a.tracked_since_s;
    a.tracked = 0;
    a.tracked_since_s = 0;
  }
}

}  // namespace engine
}  // namespace swarm
