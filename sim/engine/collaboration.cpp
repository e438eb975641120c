#include "sim/engine/collaboration.hpp"

#include <algorithm>

#include "agents/tasks/input.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace engine {
namespace {

using dispatch::Message;
using world::RegionState;
using world::World;
using Council = world::InferenceBatch::Council;

constexpr double kNanojoulesPerJoule = 1e9;

/// What it is worth to hear a member: the priority of the request, by its purpose and where it comes from, times its
/// complexity.
double worth(const World& w, const world::FlightColumns& f, std::size_t flight) {
  const auto& plan = *w.plan;
  const double complexity = (f.bucket[flight] + 0.5) / static_cast<double>(workload::kComplexityBuckets);
  return plan.scenario.purposes[f.purpose[flight]].priority * plan.regions[f.asker[flight]].priority * complexity;
}

/// Joules that the messages of one of the identical copies of the step may take.
double budget_j(const World& w, const RegionState& r) {
  const auto& plan = *w.plan;
  const auto& info = plan.regions[r.id.value];
  double servers = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) servers += plan.sites[info.first_site + k].servers;
  return plan.scenario.bus.watts_per_server * servers * plan.step_s / static_cast<double>(plan.multiplicity);
}

/// Each report's bytes, and an equal part of the batches that its receiver gets, of all copies.
void share_energy(const World& w, RegionState& r, std::span<const Message> all, std::span<const std::uint32_t> kept) {
  const auto& p = w.plan->scenario.bus;
  const double copies = static_cast<double>(w.plan->multiplicity);
  std::int64_t sum = 0;
  for (std::size_t first = 0, last = 0; first < kept.size(); first = last) {  // ordered by receiver
    while (last < kept.size() && all[kept[last]].to == all[kept[first]].to) ++last;
    const auto n = static_cast<std::int64_t>(last - first);
    const double batches = static_cast<double>((n + p.batch_messages - 1) / p.batch_messages);
    for (std::size_t k = first; k < last; ++k) {
      const Message& m = all[kept[k]];
      const double joules = p.j_per_byte * m.bytes + p.j_per_batch * batches / static_cast<double>(n);
      const std::int64_t nj = round_half_even(joules * copies * kNanojoulesPerJoule);
      r.scratch.reports.push_back({static_cast<std::uint32_t>(m.from), nj});
      sum = (NanoJoule{sum} + NanoJoule{nj}).value;
    }
  }
  r.collaboration.bus.energy_j = static_cast<double>(sum) / kNanojoulesPerJoule;
}

void carry_reports(const World& w, RegionState& r, std::span<Council> councils) {
  const auto& p = w.plan->scenario.bus;
  std::vector<Message> messages;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sender;  // row of the council, place in it
  for (std::uint32_t c = 0; c < councils.size(); ++c)
    for (std::uint32_t i = 1; i < councils[c].members; ++i) {
      messages.push_back({.value = worth(w, r.flights, councils[c].flight),
                          .bytes = static_cast<std::uint32_t>(p.report_bytes),
                          .to = councils[c].agent[0],
                          .from = councils[c].agent[i],
                          .sequence = c});
      sender.emplace_back(c, i);
    }
  std::vector<std::uint32_t> kept;
  const auto step = dispatch::carry(p, budget_j(w, r), messages, kept);
  for (auto& council : councils) council.heard = 1;
  for (const std::uint32_t row : kept) councils[sender[row].first].heard |= 1u << sender[row].second;
  r.collaboration.bus = {.sent = step.sent, .dropped = step.dropped, .batches = step.batches};
  share_energy(w, r, messages, kept);
}

}  // namespace

std::span<Council> councils_of(World& w, std::size_t region) {
  const auto found = std::ranges::equal_range(w.batch.councils, static_cast<std::uint32_t>(region), {}, &Council::region);
  return {found.begin(), found.end()};
}

std::span<const double> probabilities_of(const World& w, const Council& c) {
  return std::span(w.batch.council_probability)
      .subspan(std::size_t{c.first_seat} * tasks::kClasses, std::size_t{c.members} * tasks::kClasses);
}

void hear_reports(World& w) {
  const bool bus = w.plan->scenario.bus.enabled;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    r.collaboration.bus = {};
    r.scratch.reports.clear();
    const auto councils = councils_of(w, i);
    if (bus)
      carry_reports(w, r, councils);
    else
      for (auto& council : councils) council.heard = (1u << council.members) - 1;
  });
}

void note_collaboration(const World& w, Council& c, dispatch::SessionState& session) {
  dispatch::hold_session(probabilities_of(w, c), std::span(c.agent).first(c.members), w.regions[c.region].flights.type[c.flight], c.heard, session);
  c.how = dispatch::collaboration(w.plan->scenario.council.session, session);
}

void sum_sessions(World& w) {
  parallel_each(w.regions.size(), [&](std::size_t i) {
    auto& account = w.regions[i].collaboration;
    world::SessionSums s;
    for (const Council& c : councils_of(w, i)) {
      ++s.held;
      s.balanced += c.how.balanced;
      s.good += c.how.good;
      s.imbalance += c.how.imbalance;
      s.agreement += c.how.agreement;
      s.quality += c.how.quality;
    }
    account.session = s;
    account.imbalance = s.mean(&world::SessionSums::imbalance);
    account.agreement = s.mean(&world::SessionSums::agreement);
    account.quality = s.mean(&world::SessionSums::quality);
  });
}

void meter_reports(const World& w, RegionState& r) {
  std::ranges::fill(r.sites.bus_nj, Int128{0});
  const std::uint32_t first_site = w.plan->regions[r.id.value].first_site;
  for (const auto& report : r.scratch.reports) {
    std::int64_t& agent = r.agents.energy_nj[report.agent];
    agent = (NanoJoule{agent} + NanoJoule{report.nj}).value;
    r.sites.bus_nj[r.agents.site[report.agent] - first_site] += report.nj;
  }
}

}  // namespace engine
}  // namespace swarm
