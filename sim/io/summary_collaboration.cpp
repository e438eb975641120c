#include "sim/io/summary_collaboration.hpp"

#include <fmt/format.h>

#include <limits>

namespace swarm::io {
namespace {

using world::RegionState;

double ratio(double part, double whole) { return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN(); }
double ratio(std::uint64_t part, std::uint64_t whole) { return ratio(static_cast<double>(part), static_cast<double>(whole)); }

StaticVariable number(std::string name, double value, std::string unit, std::string meaning, ResultKind kind) {
  return {std::move(name), std::vector<double>{value}, {}, std::move(unit), std::move(meaning), kind};
}
StaticVariable counts(std::string name, std::vector<std::int64_t> values, std::vector<std::string> axes, std::string meaning, ResultKind kind) {
  return {std::move(name), std::move(values), std::move(axes), "1", std::move(meaning), kind};
}

void add_reports(std::vector<StaticVariable>& all, const engine::Simulation& sim) {
  world::BusSums s;
  sim.each_region([&](const RegionState& r) { s.add(r.collaboration.total_bus); });
  const auto count = [&](const char* name, std::uint64_t value, const char* meaning) {
    all.push_back(counts(name, {static_cast<std::int64_t>(value)}, {}, meaning, ResultKind::accounting));
  };
  count("bus_sent", s.sent, "reports of members of councils that were carried to who presides");
  count("bus_dropped", s.dropped, "reports of members of councils that were dropped for want of energy");
  count("bus_batches", s.batches, "batches of reports to one specialist");
  all.push_back(number("bus_energy_kwh", s.energy_j / kJoulesPerKwh, "kWh", "energy of reports, of all identical requests, PUE not included", ResultKind::modelled));
  all.push_back(number("bus_unheard_share", ratio(s.dropped, s.sent + s.dropped), "1",
                       "share of members of councils, apart from who presides, that are not heard; NaN without reports", ResultKind::accounting));
}

void add_sessions(std::vector<StaticVariable>& all, const engine::Simulation& sim) {
  world::SessionSums s;
  sim.each_region([&](const RegionState& r) { s.add(r.collaboration.total_session); });
  const auto share = [&](const char* name, double value, const char* meaning) {
    all.push_back(number(name, value, "1", meaning, ResultKind::executed));
  };
  all.push_back(counts("councils_held", {static_cast<std::int64_t>(s.held)}, {}, "councils that were held, when their answer was placed", ResultKind::accounting));
  share("council_imbalance", s.mean(&world::SessionSums::imbalance), "mean contribution imbalance of councils");
  share("council_balanced_share", ratio(s.balanced, s.held), "share of councils with a contribution imbalance within council.imbalance_limit");
  share("council_agreement", s.mean(&world::SessionSums::agreement), "mean share of members of a council who are heard and would have chosen its answer alone");
  share("council_quality", s.mean(&world::SessionSums::quality), "mean collaboration quality of councils");
  share("council_good_share", ratio(s.good, s.held), "share of councils with a collaboration quality of at least council.quality_aim");
}

void add_monitor(std::vector<StaticVariable>& all, const engine::Simulation& sim) {
  for (std::size_t k = 0; k < world::kMonitorFigures; ++k) {
    const auto figure = EnumNames<world::MonitorFigure>::names[k];
    double sum = 0;
    std::uint64_t readings = 0;
    std::vector<std::int64_t> anomalies;
    sim.each_region([&](const RegionState& r) {
      const auto& m = r.collaboration.monitor;
      sum += m.total[k];
      readings += m.total_readings[k];
      anomalies.push_back(static_cast<std::int64_t>(m.total_anomalies[k]));
    });
    all.push_back(number(fmt::format("monitor_{}", figure), ratio(sum, static_cast<double>(readings)), k == 0 ? "nat" : "1",
                         "mean reading of the monitor over regions and steps in which it is a number", ResultKind::executed));
    all.push_back(counts(fmt::format("monitor_{}_anomalies", figure), std::move(anomalies), {"region"},
                         "steps in which the monitor found this figure out of the ordinary, by serving region", ResultKind::executed));
  }
}

}  // namespace

std::vector<StaticVariable> collaboration_summary(const engine::Simulation& sim) {
  std::vector<StaticVariable> all;
  add_reports(all, sim);
  add_sessions(all, sim);
  add_monitor(all, sim);
  return all;
}

}  // namespace swarm::io
