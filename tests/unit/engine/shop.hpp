#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/engine/small_world.hpp"
#include "tests/unit/engine/still_grid.hpp"

/// One country with one site whose prices are round figures, so that every quote can be followed by hand.
namespace swarm::engine {

/// A device that draws 360 W, 1e-4 kWh/s, and wears by 315.576 USD in a year of 31,557,600 s, 1e-5 USD/s. At 0.2 USD/kWh
/// a second costs 3e-5 USD; a service takes two: 60,000 µTKN. With the markup of 0.1 the base price is 66,000 µTKN, which
/// is also the baseline. At 500 g/kWh a request's footprint is 0.1 g, at 100 USD/t 10,000 µTKN.
inline constexpr std::int64_t kCost = 60000, kBase = 66000, kCarbon = 10000;

inline std::string shop(const std::string& region, double renewable = 0) {
  return R"(
regions = [")" + region + R"("]
[run]
warmup = 0
duration = "1h"
)" + kStillGrid + R"([workload]
requests_per_hour = 12000
multiplicity = 1
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
deadline = "1h"
urgent_deadline = "1h"
[demand]
budget_share = 1
urgent_shift = 0
income_elasticity = 0
[hardware]
service = "exponential"
mean_service = 2
[pricing]
markup = 0.1
markup_spread = 0
load_slope = 0
[fund]
endowment = 0
memory = 0
[population]
agents = 80
[[device]]
name = "plain"
max_w = 360
idle_w = 0
standby_w = 0
peak_fp32 = 1e12
peak_fp16 = 1e12
peak_int8 = 1e12
memory_bytes = 8e9
bandwidth = 5e10
price_usd = 315.576
life_years = 1
[[region]]
name = ")" + region + R"("
price_usd_per_kwh = 0.2
intensity_g_per_kwh = 500
[[site]]
name = "S"
region = ")" + region + R"("
device = "plain"
servers = 4000
pue = 1
contracted_renewable = )" + std::to_string(renewable) + "\n";
}

/// small_plan(), made once per process for each text and overrides.
inline std::shared_ptr<const world::Plan> quick_plan(const std::string& text, const std::vector<std::string>& overrides = {}) {
  static std::map<std::pair<std::string, std::vector<std::string>>, std::shared_ptr<const world::Plan>> plans;
  auto& plan = plans[{text, overrides}];
  if (!plan) plan = small_plan(text, overrides);
  return plan;
}

/// sense to quote of the first step in one world; `before_quote` may change what the region owns.
struct Quoted {
  std::shared_ptr<const world::Plan> plan;
  std::vector<std::unique_ptr<world::World>> worlds;
  world::RegionState& region() const { return worlds[0]->regions[0]; }
  const workload::RequestColumns& requests() const { return region().scratch.requests; }
  const world::Order& order(std::size_t row) const { return region().scratch.quoted[row]; }
  /// What the users of a request would pay [µTKN].
  double wtp(std::size_t row) const { return requests().wtp_ratio[row] * static_cast<double>(kBase); }
};

template <class BeforeQuote>
Quoted quoted(const std::string& text, const std::vector<std::string>& overrides, BeforeQuote&& before_quote) {
  Quoted q;
  q.plan = quick_plan(text, overrides);
  q.worlds = world::make_worlds(q.plan, 1);
  for (const auto& w : q.worlds) sense(*w);
  exchange_bulletins(q.worlds);
  for (const auto phase : {arrive, triage})
    for (const auto& w : q.worlds) phase(*w);
  before_quote(q.region());
  for (const auto& w : q.worlds) quote(*w);
  return q;
}
inline Quoted quoted(const std::string& text, const std::vector<std::string>& overrides) {
  return quoted(text, overrides, [](world::RegionState&) {});
}

}  // namespace swarm::engine
