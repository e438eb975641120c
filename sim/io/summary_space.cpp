#include "sim/io/summary_space.hpp"

#include <limits>
#include <numeric>

namespace swarm::io {
namespace {

using world::RegionState;

/// Mean share of the steps that sites spent in a state; NaN without any.
double share_of(double steps, double all) { return all > 0 ? steps / all : std::numeric_limits<double>::quiet_NaN(); }

}  // namespace

std::vector<StaticVariable> space_summary(const engine::Simulation& sim) {
  using enum ResultKind;
  const double steps = static_cast<double>(sim.plan().steps - sim.plan().warmup_steps);
  std::vector<double> hot_by_region, idle_by_region;
  std::vector<std::int64_t> rejected;
  double kwh = 0, grams = 0, hot = 0, idle = 0, site_steps = 0;
  sim.each_region([&](const RegionState& r) {
    const auto total = [](const std::vector<std::uint64_t>& column) {
      return static_cast<double>(std::accumulate(column.begin(), column.end(), std::uint64_t{0}));
    };
    const double here = steps * static_cast<double>(r.sites.total_hot.size());
    hot_by_region.push_back(share_of(total(r.sites.total_hot), here));
    idle_by_region.push_back(share_of(total(r.sites.total_idle), here));
    rejected.push_back(static_cast<std::int64_t>(r.totals.rejected_residency));
    hot += total(r.sites.total_hot);
    idle += total(r.sites.total_idle);
    site_steps += here;
    kwh += r.totals.transfer_kwh;
    grams += r.totals.transfer_carbon_g;
  });
  std::vector<StaticVariable> all;
  const auto number = [&](std::string name, double value, std::string unit, std::string meaning) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), modelled});
  };
  const auto shares = [&](std::string name, std::vector<double> values, std::string meaning) {
    all.push_back({std::move(name), std::move(values), {"region"}, "1", std::move(meaning), modelled});
  };
  const std::int64_t refused = std::accumulate(rejected.begin(), rejected.end(), std::int64_t{0});
  all.push_back({"rejected_residency", std::vector<std::int64_t>{refused}, {}, "1", "refused: residency rules out all who were listed", accounting});
  all.push_back({"rejected_residency_by_region", rejected, {"region"}, "1", "refused because residency rules out all who were listed, by asking region", accounting});
  number("transfer_kwh", kwh, "kWh", "energy of carrying questions and answers between regions, not in energy_kwh");
  number("transfer_carbon_g", grams, "g", "its carbon at the mean intensity of the two ends, not in carbon_location_g");
  number("hot_share", share_of(hot, site_steps), "1", "share of time in which sites were hotspots (utilisation above balance.hot_above), mean over sites");
  number("idle_share", share_of(idle, site_steps), "1", "share of time in which sites were idle (utilisation below balance.idle_below), mean over sites");
  shares("hot_share_by_region", hot_by_region, "share of time in which the region's sites were hotspots");
  shares("idle_share_by_region", idle_by_region, "share of time in which the region's sites were idle");
  return all;
}

}  // namespace swarm::io
