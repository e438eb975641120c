#include "sim/engine/allocation.hpp"

#include <algorithm>

#include "sim/policy/allocation.hpp"
#include "sim/workload/purpose.hpp"

namespace swarm {
namespace engine {
namespace {

using workload::Purpose;
using world::Order;
using world::RegionState;
using world::World;

constexpr double kMicroseconds = 1e6;

/// Adapting to climate change, slowing it, and understanding it.
constexpr bool for_climate(Purpose purpose) {
  return purpose == Purpose::climate_adaptation || purpose == Purpose::renewable_energy_optimisation ||
         purpose == Purpose::climate_science;
}

std::size_t group_of(const Order& order) {
  return order.asker * workload::kPurposes + order.purpose;
}

/// What gives way to an emergency gains nothing by it.
bool helped(Purpose purpose) { return purpose != Purpose::luxury && purpose != Purpose::cryptocurrency_mining; }

/// In the first round, what each site can still do in the step: its length less the wait for the first free gang. What
/// is being served as the step begins takes nothing from that, as what is served when it ends reaches into the next
/// one.
void open_capacity(const World& w, RegionState& r) {
  if (w.round > 0) return;
  r.scratch.capacity_us.clear();
  for (const auto& pool : r.pools) {
    const double wait_s = std::max(0.0, pool.earliest() - w.now());
    r.scratch.capacity_us.push_back(round_half_even(kMicroseconds * std::max(0.0, w.plan->step_s - wait_s)));
  }
}

}  // namespace

std::int64_t Allocator::work_us(const World& w, const Order& order, std::uint32_t site) {
  const auto& info = w.plan->sites[site];
  const double service = info.seconds(order);
  return std::max<std::int64_t>(1, round_half_even(kMicroseconds * service * info.occupancy_factor / info.gangs));
}

Allocator::Allocator(const World& w, RegionState& r, const Random& balance)
    : w_(w),
      r_(r),
      balance_(balance),
      random_(w.plan->seed, Stream::allocation),
      first_site_(w.plan->regions[r.id.value].first_site),
      groups_(w.plan->regions.size() * workload::kPurposes),
      left_(groups_ * r.pools.size()),
      free_(r.pools.size()) {
  for (std::uint16_t asker = 0; asker < w.plan->regions.size(); ++asker)
    emergency_.push_back(world::emergency_in(*w.plan, RegionId{asker}, w.step).response.allocation);
  open_capacity(w, r);
  const std::vector<std::int64_t> asked = requested();
  for (std::size_t k = 0; k < free_.size(); ++k) divide(k, std::span(asked).subspan(k * groups_, groups_));
}

std::vector<std::int64_t> Allocator::requested() const {
  std::vector<std::int64_t> asked(left_.size());
  std::vector<double> free_s = r_.scratch.fluid_free_s;
  for (const auto& [offset, row] : r_.scratch.by_arrival) {
    const Order& order = r_.scratch.inbox_orders[row];
    const Route likely = route(w_, r_, order, balance_, [&](std::uint32_t k) { return free_s[k] - order.offset_s; });
    const std::size_t k = likely.line->site - first_site_;
    const std::int64_t work = work_us(w_, order, likely.line->site);
    free_s[k] = std::max(free_s[k], order.offset_s) + static_cast<double>(work) / kMicroseconds;
    asked[k * groups_ + group_of(order)] += work;
  }
  return asked;
}

void Allocator::divide(std::size_t k, std::span<const std::int64_t> requested) {
  const auto& params = w_.plan->scenario.allocation;
  const auto& site = w_.plan->sites[first_site_ + k];
  std::vector<policy::AllocationRequest> requests(groups_);
  for (std::size_t g = 0; g < groups_; ++g) {
    const auto purpose = static_cast<Purpose>(g % workload::kPurposes);
    requests[g] = {.requested = requested[g],
                   .climate = for_climate(purpose),
                   .adaptation = purpose == Purpose::climate_adaptation,
                   .renewable = site.contracted_renewable,
                   .available = r_.step.renewable_share,
                   .emergency = helped(purpose) ? emergency_[g / workload::kPurposes] : 1.0};
  }
  std::int64_t& capacity = r_.scratch.capacity_us[k];
  const std::vector<std::int64_t> allocated = policy::allocate(params, capacity, requests);
  std::int64_t asked = 0, given = 0, taken = 0;
  for (std::size_t g = 0; g < groups_; ++g) {
    asked += requested[g];
    given += allocated[g];
    left_[k * groups_ + g] = params.normalise ? std::min(allocated[g], requested[g]) : allocated[g];
    taken += params.return_unused ? left_[k * groups_ + g] : allocated[g];
  }
  if (params.normalise) {
    free_[k] = capacity - taken;
    if (!params.return_unused) capacity -= given;
  }
  r_.step.capacity_requested_s += static_cast<double>(asked) / kMicroseconds * site.servers;
  r_.step.capacity_allocated_s += static_cast<double>(given) / kMicroseconds * site.servers;
}

/// Takes the work, or of what is less than that the rest with so much probability: on average an allocation is used to
/// the last bit, however large requests are.
bool Allocator::take(std::int64_t& left, std::int64_t work, const Order& order, std::size_t site, std::size_t word) const {
  if (left >= work) {
    left -= work;
    return true;
  }
  if (left <= 0) return false;
  const double part = static_cast<double>(std::exchange(left, 0)) / static_cast<double>(work);
  const std::uint64_t request = RequestId(RegionId{order.asker}, order.sequence).packed;
  return uniform_open(random_.block(w_.step, request, static_cast<std::uint32_t>(w_.round * r_.pools.size() + site))[word]) < part;
}

bool Allocator::admits(const Order& order, const Route& expected) {
  const auto& params = w_.plan->scenario.allocation;
  const std::size_t k = expected.line->site - first_site_;
  const std::int64_t work = work_us(w_, order, expected.line->site);
  const bool own = take(left_[k * groups_ + group_of(order)], work, order, k, 0);
  if (!own && !take(free_[k], work, order, k, 1)) return false;
  std::int64_t& capacity = r_.scratch.capacity_us[k];
  if (params.normalise && (params.return_unused || !own)) capacity = std::max<std::int64_t>(0, capacity - work);
  r_.step.promised_late += !expected.in_time;
  return true;
}

std::optional<world::OrderLine> Allocator::place(const Order& order) {
  const bool promises = !w_.plan->scenario.allocation.normalise;
  const auto& fluid = r_.scratch.fluid_free_s;
  Order rest = order;
  for (bool first = true;; first = false) {
    const Route expected = route(w_, r_, rest, balance_, [&](std::uint32_t k) { return fluid[k] - order.offset_s; });
    if (expected.line == nullptr || (!expected.in_time && !promises)) {
      r_.step.beyond_allocation += !first;
      return std::nullopt;
    }
    if (admits(rest, expected)) return *expected.line;
    const std::uint32_t full = expected.line->site;
    const auto end = rest.line.begin() + rest.lines;
    const auto kept = std::remove_if(rest.line.begin(), end, [&](const auto& line) { return line.site == full; });
    rest.lines = static_cast<std::uint8_t>(kept - rest.line.begin());
  }
}

}  // namespace engine
}  // namespace swarm
