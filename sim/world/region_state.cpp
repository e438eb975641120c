#include "sim/world/region_state.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>

#include "sim/core/rng.hpp"

namespace swarm {
namespace world {
namespace {

constexpr int kFirstOctave = -10;
constexpr int kBinsPerOctave = 8;

}  // namespace

RegionState::RegionState(RegionId region) : id(region), ledger(kFirstAgentAccount) {}
RegionState::RegionState(RegionState&&) noexcept = default;
RegionState& RegionState::operator=(RegionState&&) noexcept = default;
RegionState::~RegionState() = default;

std::size_t delay_bin(double seconds) {
  if (!(seconds > 0)) return 0;
  // Exponent and the top three mantissa bits: exact, no logarithm.
  const auto bits = std::bit_cast<std::uint64_t>(seconds);
  const int octave = static_cast<int>(bits >> 52) - 1023 - kFirstOctave;
  if (octave < 0) return 0;
  const auto bin = static_cast<std::size_t>(octave) * kBinsPerOctave + ((bits >> 49) & 7u);
  return bin < kDelayBins ? bin : kDelayBins - 1;
}

double delay_bin_start(std::size_t bin) {
  const int octave = static_cast<int>(bin / kBinsPerOctave) + kFirstOctave;
  return std::ldexp(1.0 + static_cast<double>(bin % kBinsPerOctave) / kBinsPerOctave, octave);
}

void FlightColumns::push(const Row& row) {
  arrival_s.push_back(row.arrival_s);
  start_s.push_back(row.start_s);
  finish_s.push_back(row.finish_s);
  service_s.push_back(row.service_s);
  at_once_s.push_back(row.at_once_s);
  worked_s.push_back(0);
  left_s.push_back(row.left_s);
  carbon_location_g.push_back(0);
  carbon_market_g.push_back(0);
  metered_nj.push_back(0);
  price.push_back(row.price);
  reserved.push_back(row.reserved);
  grant.push_back(row.grant);
  reserved_grant.push_back(row.reserved_grant);
  carbon.push_back(row.carbon);
  premium.push_back(row.premium);
  wtp_usd.push_back(row.wtp_usd);
  work.push_back(row.work);
  market_price.push_back(row.market_price);
  permits_mg.push_back(row.permits_mg);
  permits_used_mg.push_back(row.permits_used_mg);
  credits_mg.push_back(row.credits_mg);
  credits.push_back(row.credits);
  estimate_uj.push_back(row.estimate_uj);
  passes.push_back(row.passes);
  arrival_step.push_back(row.arrival_step);
  sequence.push_back(row.sequence);
  agent.push_back(row.agent);
  site.push_back(row.site);
  tok.push_back(row.tok);
  bank_item.push_back(row.bank_item);
  deadline_s.push_back(row.deadline_s);
  asker.push_back(row.asker);
  type.push_back(row.type);
  bucket.push_back(row.bucket);
  purpose.push_back(row.purpose);
  correct.push_back(0);
  emergency.push_back(row.emergency);
  seats.push_back(row.seats);
  coalitions_right.push_back(0);
  lost.push_back(0);
  agent_probe.push_back(row.agent_probe);
  site_probe.push_back(row.site_probe);
  held_s.push_back(row.held_s);
}

void FlightColumns::erase(const std::vector<std::uint8_t>& gone) {
  std::apply(
      [&](auto&... column) {
        const auto compact = [&](auto& c) {
          std::size_t kept = 0;
          for (std::size_t k = 0; k < c.size(); ++k) {  // no branch: which flights land is hard to predict
            c[kept] = c[k];
            kept += gone[k] == 0;
          }
          c.resize(kept);
        };
        (compact(column), ...);
      },
      columns());
}

LoadState load_state(const dispatch::BalanceParams& p, double utilisation) {
  if (utilisation > p.hot_above) return LoadState::hot;
  return utilisation < p.idle_below ? LoadState::idle : LoadState::normal;
}

void PurposeColumns::clear_step() {
  for (auto* column : {&requests_arrived, &requests_served, &requests_late, &requests_rejected})
    column->assign(workload::kPurposes, 0);
  spend_usd.assign(workload::kPurposes, 0.0);
}

std::size_t bidder_row(std::size_t type, double ratio) {
  constexpr double kRootOfTwo = 1.4142135623730951;
  std::size_t worth_class = 0;  // the lowest is everything below a quarter, the highest everything from 32 on
  for (double bound = 0.25; worth_class + 1 < kWorthClasses && ratio >= bound; bound *= kRootOfTwo) ++worth_class;
  return type * kWorthClasses + worth_class;
}

void MarketColumns::clear_step() {
  for (auto* column : {&orders_received, &orders_admitted}) column->assign(workload::kProblemTypes, 0);
  for (auto* column : {&offered, &demanded, &volume, &surplus_usd, &best_surplus_usd, &efficiency})
    column->assign(workload::kProblemTypes, 0.0);
  clearing_price_usd.assign(workload::kProblemTypes, std::numeric_limits<double>::quiet_NaN());
}

void RegionState::rebuild_derived(const Plan& plan) {
  const RegionInfo& info = plan.regions[id.value];
  pools.clear();
  std::size_t first = 0;
  for (std::uint32_t k = 0; k < info.sites; ++k) {
    const SiteInfo& site = plan.sites[info.first_site + k];
    pools.emplace_back(std::span(free_at).subspan(first, site.gangs), site.device.idle_timeout.seconds);
    first += site.gangs;
  }
  for (auto& list : agents_of_type) list.clear();
  residents_of_type.assign(workload::kProblemTypes * info.sites, 0);
  for (std::uint32_t a = 0; a < agents.size(); ++a) {
    agents_of_type[agents.type[a]].push_back(a);
    ++residents_of_type[agents.type[a] * info.sites + (agents.site[a] - info.first_site)];
  }
  for (auto& list : ask_moments) list.clear();
  if (plan.scenario.market.mechanism != economy::Mechanism::cda) return;
  const Random moment(plan.seed, Stream::ask_moment);
  for (std::uint32_t a = 0; a < agents.size(); ++a)
    ask_moments[agents.type[a]].emplace_back(uniform_open(moment.block(0, AgentId(id, a).packed)[0]) * plan.step_s, a);
  for (auto& list : ask_moments) std::sort(list.begin(), list.end());
}

}  // namespace world
}  // namespace swarm
