#include "sim/engine/slot_work.hpp"

#include <algorithm>
#include <cmath>

namespace swarm {
namespace engine {
namespace {

constexpr double kMicroseconds = 1e6;
constexpr double kMostMicroseconds = 1e18;  ///< sums of a few of these fit 64 bits

}  // namespace

SlotWork::SlotWork(const world::World& w, RegionId asker) : plan_(*w.plan) {
  const bool home = plan_.scenario.schedule.signal == dispatch::ScheduleSignal::home && plan_.regions[asker.value].agents > 0;
  double servers = 0;
  for (const auto& site : plan_.sites)
    if (site.agents > 0 && (!home || site.region == asker)) servers += site.servers;
  const double share = home ? 1.0 : plan_.regions[asker.value].request_share;
  const double limit = plan_.scenario.schedule.capacity_share * share * servers * plan_.step_s * kMicroseconds;
  limit_us_ = round_half_even(std::min(limit, kMostMicroseconds));
  for (std::size_t t = 0; t < rows_.size(); ++t) {
    const auto collect = [&](bool everywhere) {
      double all = 0;
      for (const auto& notice : w.bulletin.sites) {
        const auto& site = plan_.sites[notice.site];
        if (notice.residents[t] == 0 || (!everywhere && site.region != asker)) continue;
        rows_[t].push_back({&site, static_cast<double>(notice.residents[t])});
        all += notice.residents[t];
      }
      for (Row& row : rows_[t]) row.weight /= all;
    };
    collect(!home);
    if (rows_[t].empty()) collect(true);
  }
}

dispatch::FlexibleWork SlotWork::of(std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out, std::uint8_t seats) const {
  double service = 0, occupancy = 0;
  for (const Row& row : rows_[type]) {
    const double seconds = row.weight * seats * row.site->service[type].seconds(tok_in, tok_out);
    service += seconds;
    occupancy += seconds * row.site->occupancy_factor;
  }
  const double work = std::min(service * static_cast<double>(plan_.multiplicity) * kMicroseconds, kMostMicroseconds);
  return {.length = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(std::min(occupancy / plan_.step_s, 1e9)))),
          .work_us = round_half_even(work)};
}

}  // namespace engine
}  // namespace swarm
