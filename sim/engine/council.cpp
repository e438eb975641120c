#include "sim/engine/council.hpp"

#include <algorithm>

#include "sim/economy/apportion.hpp"
#include "sim/economy/shapley.hpp"

namespace swarm {
namespace engine {
namespace {

using dispatch::is_right;
using dispatch::kMostSeats;
using world::RegionState;
using world::World;

/// Specialists that are looked at for another network before anybody is taken.
constexpr std::size_t kLook = 64;

}  // namespace

Members members_of(const World& w, const RegionState& r, std::size_t flight) {
  const auto& f = r.flights;
  const std::size_t seats = f.seats[flight];
  Members m;
  m.agent[0] = f.agent[flight];
  if (seats < 2) return m;
  const auto residents = std::ranges::equal_range(r.agents_of_type[f.type[flight]], f.site[flight], {},
                                                  [&](std::uint32_t agent) { return r.agents.site[agent]; });
  const auto n = static_cast<std::uint32_t>(residents.size());
  const RandomBlock draw = Random(w.plan->seed, Stream::coalition)
                               .block(f.arrival_step[flight], RequestId(RegionId{f.asker[flight]}, f.sequence[flight]).packed);
  const std::uint32_t start = uniform_below(draw[0], n);
  const auto fill = [&](std::size_t look, auto&& suits) {
    for (std::size_t j = 0; j < look && m.count < seats; ++j) {
      const std::uint32_t agent = residents[(start + j) % n];
      if (std::ranges::none_of(m.all(), [&](std::uint32_t member) { return member == agent || !suits(member, agent); }))
        m.agent[m.count++] = agent;
    }
  };
  fill(std::min<std::size_t>(n, kLook), [&](std::uint32_t member, std::uint32_t agent) { return r.agents.model[member] != r.agents.model[agent]; });
  fill(n, [](std::uint32_t, std::uint32_t) { return true; });
  ENSURE(m.count == seats);
  return m;
}

std::array<double, kMostSeats> contributions(std::uint32_t coalitions_right, std::size_t members) {
  std::array<double, std::size_t{1} << kMostSeats> worth;
  const std::size_t coalitions = std::size_t{1} << members;
  for (std::uint32_t s = 0; s < coalitions; ++s) worth[s] = is_right(coalitions_right, s) ? 1.0 : 0.0;
  std::array<double, kMostSeats> value{};
  economy::shapley_of_table(std::span(worth).first(coalitions), std::span(value).first(members));
  return value;
}

void share_equally(std::vector<std::int64_t>& column, const Members& members, std::int64_t amount) {
  const auto n = static_cast<std::int64_t>(members.count);
  const std::int64_t part = members.council() ? amount / n : 0;
  if (members.council())
    for (const std::uint32_t agent : members.all()) column[agent] = (NanoJoule{column[agent]} + NanoJoule{part}).value;
  std::int64_t& first = column[members.agent[0]];
  first = (NanoJoule{first} + NanoJoule{amount - part * n}).value;
}

std::array<std::int64_t, kMostSeats> divide_pay(const World& w, RegionState& r, std::size_t flight, const Members& members,
                                                MicroTkn pay) {
  const auto value = contributions(r.flights.coalitions_right[flight], members.count);
  double sum = 0;
  for (const double x : value) sum += std::max(0.0, x);
  const double share = sum > 0 ? w.plan->scenario.council.synergy_share : 0.0;
  std::array<double, kMostSeats> weight{};
  for (std::size_t i = 0; i < members.count; ++i) {
    const double bonus = share > 0 ? share * std::max(0.0, value[i]) / sum : 0.0;
    weight[i] = (1.0 - share) / static_cast<double>(members.count) + bonus;
    r.council.step.bonus_usd += usd(pay) * bonus;
  }
  std::array<std::int64_t, kMostSeats> part{};
  const std::size_t n = members.count;
  economy::apportion(pay, std::span(weight).first(n), std::span(part).first(n));
  std::array<AccountId, kMostSeats> to;
  for (std::size_t i = 0; i < n; ++i) to[i] = world::agent_account(members.agent[i]);
  if (!economy::pay_shares(r.ledger, to[0], std::span(to).first(n).subspan(1), std::span(part).first(n).subspan(1),
                           economy::Posting::council))
    throw ModelError("who leads a council cannot pay the other members out of what it was paid please report it with the scenario and seed");
  return part;
}

void note_council(RegionState& r, std::size_t flight, const Members& members) {
  const std::uint32_t right = r.flights.coalitions_right[flight];
  auto& s = r.council.step;
  ++s.answers;
  s.correct += r.flights.correct[flight];
  s.lead_correct += is_right(right, 1);
  s.members += static_cast<std::uint32_t>(members.count);
  for (std::size_t i = 0; i < members.count; ++i) s.members_correct += is_right(right, 1u << i);
}

}  // namespace engine
}  // namespace swarm
