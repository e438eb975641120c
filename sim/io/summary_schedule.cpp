#include "sim/io/summary_schedule.hpp"

#include <limits>

namespace swarm::io {
namespace {

using world::RegionState;

double ratio(double part, double whole) { return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN(); }

}  // namespace

std::vector<StaticVariable> schedule_summary(const engine::Simulation& sim) {
  world::ScheduleSums t;
  std::uint64_t held = 0;
  std::vector<double> saving;
  const auto saved = [](const world::ScheduleSums& s) { return 100 * ratio(s.carbon_at_once_g - s.carbon_g, s.carbon_at_once_g); };
  sim.each_region([&](const RegionState& r) {
    t.add(r.schedule.total);
    held += r.held.size();
    saving.push_back(saved(r.schedule.total));
  });
  std::vector<StaticVariable> all;
  const auto count = [&](std::string name, std::uint64_t value, std::string meaning) {
    all.push_back({std::move(name), std::vector<std::int64_t>{static_cast<std::int64_t>(value)}, {}, "1", std::move(meaning)});
  };
  const auto number = [&](std::string name, double value, std::string unit, std::string meaning) {
    all.push_back({std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), ResultKind::modelled});
  };
  const auto released = static_cast<double>(t.released);
  count("requests_flexible", t.flexible, "requests that arrived and can wait");
  count("requests_deferred", t.deferred, "of these, those that were held back");
  count("requests_released", t.released, "requests that had been held back and went on");
  count("requests_held", held, "requests held back at the end; they are among requests_pending");
  number("held_s", ratio(t.held_s, released), "s", "mean time that released requests had been held back");
  number("released_gain_g_per_kwh", ratio(t.gain, released), "g/kWh", "by how much the asking region's intensity had fallen when requests were released, mean");
  number("released_gain_foreseen_g_per_kwh", ratio(t.foreseen, released), "g/kWh", "what the forecast had said of that when they arrived, mean (0 under strategy threshold)");
  count("pieces_resumed", t.resumed, "times that interrupted work went on");
  count("flexible_answered", t.answered, "answers to requests that can wait");
  number("flexible_kwh", t.kwh, "kWh", "grid energy of answers to requests that can wait, idle energy excluded");
  number("flexible_g_per_kwh", ratio(t.carbon_g, t.kwh), "g/kWh", "intensity at which requests that can wait were answered");
  number("flexible_at_once_g_per_kwh", ratio(t.carbon_at_once_g, t.kwh), "g/kWh", "intensity at which the same servers would have answered them at once");
  number("flexible_saving_pct", saved(t), "percent", "location-based carbon that holding back saved, of that which the same answers would have had at once");
  all.push_back({"flexible_saving_pct_by_region", std::move(saving), {"region"}, "percent", "the same by serving region", ResultKind::modelled});
  return all;
}

}  // namespace swarm::io
