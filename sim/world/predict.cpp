#include <algorithm>

#include "agents/nn/cost.hpp"
#include "agents/tasks/family.hpp"
#include "agents/tasks/given_models.hpp"
#include "sim/core/calendar.hpp"
#include "sim/world/emergency.hpp"
#include "sim/world/messages.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace world {
namespace {

// Bytes per row, counted from the columns (region_state.hpp) with vectors' growth on top.
constexpr double kBytesPerAgent = 160;
constexpr double kBytesPerBorrower = 72, kBytesPerHoarder = 16;  // more, with lending and with demurrage
constexpr double kBytesPerHedger = 112;                           // and with futures
constexpr double kBytesPerWindow = 48;                             // and with context windows, apart from snapshots
constexpr double kBytesPerBreaker = 24;                            // and with circuit breakers, with their gates
constexpr double kBytesPerHeld = 120;                             // of requests that are held back
constexpr double kBytesPerQuota = 144, kBytesPerReputation = 104;          // more, with quotas and with reputation
constexpr double kBytesPerRequest = 2.0 * (3 * sizeof(Order) + 2 * sizeof(Outcome)) + 64 * 4 + 200;
// Recorded, raw, of columns that vary: those of what is switched off hardly take room.
constexpr double kBytesPerRegionStep = 600, kBytesPerSiteStep = 90, kBytesPerMarketStep = 16;
constexpr double kBytesPerContractStep = 96, kBytesPerAllowanceStep = 104;  // more, with futures or bets; with quotas or reputation
constexpr double kBytesPerBattery = 40, kBytesPerHeat = 16;  // more per step of a site, with a battery or where heat is used
constexpr double kBytesPerEnergyAllowance = 24;
constexpr double kBytesPerCouncilStep = 48, kBytesPerBusStep = 32, kBytesPerMonitorStep = 36;  // with councils; with their bus; with a monitor
constexpr double kBytesPerFaultStep = 100;  // with faults or circuit breakers
constexpr double kBytesPerScheduleStep = 96;                                // more, where requests can wait
constexpr double kBytesPerPurposeStep = 24, kBytesPerDecision = 110;
constexpr double kDeflated = 0.45;  // share left after shuffle and deflate, measured on the shipped scenarios
constexpr double kBytesPerLearntHour = 2 * 3 * 8;  // estimates of a seasonal-ar forecast, of intensity and price
constexpr double kBytesPerWeight = 12;  // of the plan, of the weight store, and packed for the kernels
constexpr double kMacsPerWeightAndSample = 3;  // forward, and backward by inputs and by weights
constexpr double kProcessBytes = 60e6;

/// Weights and biases of the base specialists, one lineage of each type.
double parameters_of(const tasks::SpecialistParams& p) {
  double sum = 0;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
    sum += static_cast<double>(tasks::architecture_of(p, static_cast<workload::ProblemType>(t)).parameters());
  return sum;
}

/// Multiply-adds that a sample takes: those of a pass, and no fewer than one per parameter.
double macs_of(const nn::Architecture& network) {
  return static_cast<double>(std::max(nn::pass_cost(network).macs, std::uint64_t{network.parameters()}));
}

/// Multiply-adds of training one lineage of each type, with its teacher and what follows pruning.
double training_macs_of(const tasks::SpecialistParams& p) {
  const auto samples = static_cast<double>(p.training_samples);
  const double seen =
      samples + (p.pruning != tasks::Pruning::none ? static_cast<double>(p.finetune_samples) : 0.0);
  double sum = 0;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    if (!tasks::files_of(p)[t]->empty()) continue;
    const auto type = static_cast<workload::ProblemType>(t);
    sum += kMacsPerWeightAndSample * macs_of(tasks::architecture_of(p, type)) * seen;
    if (p.distillation)
      sum += macs_of(tasks::architecture_of(p, type, p.teacher_width)) *
             (kMacsPerWeightAndSample * samples + seen);
  }
  return sum;
}

/// Requests held back at a time, if all whose users can wait are held as long as may be, at the hour of the highest rate.
double most_held(const scenario::Scenario& s, double per_hour) {
  const double by_schedule = s.schedule.strategy == dispatch::ScheduleStrategy::none ? 0.0 : s.schedule.max_delay.seconds;
  const double longest = s.energy.allowance && s.energy.allowance_defer ? s.workload.flexibility.seconds : by_schedule;
  const double span = std::min({s.workload.flexibility.seconds, longest, s.run.warmup.seconds + s.run.duration.seconds});
  return per_hour * s.workload.flexible_share * (1.0 - s.workload.urgent_share) * span / kSecondsPerHour *
         (1.0 + s.workload.diurnal_amplitude);
}

}  // namespace

Forecast predict(const scenario::Scenario& s) {
  Forecast f;
  const double span = s.run.warmup.seconds + s.run.duration.seconds;
  f.steps = static_cast<std::uint32_t>(span / s.run.step.seconds + 0.5);
  const RecordedLoad recorded = read_recorded_load(s);
  const double per_hour = requests_per_hour(s, recorded);
  const double trace_bytes = recorded.requests ? static_cast<double>(recorded.requests->size()) * 16 : 0.0;
  f.requests = per_hour * span / kSecondsPerHour;
  double& agents = f.agents;
  for (const auto& r : s.regions) agents += std::max(static_cast<double>(r.agents), 0.0);
  if (std::any_of(s.regions.begin(), s.regions.end(), [](const auto& r) { return r.agents < 0; }))
    agents += static_cast<double>(s.population.agents);
  const auto regions = static_cast<double>(s.regions.size());
  const double banks = regions * workload::kProblemTypes * workload::kComplexityBuckets *
                       static_cast<double>(s.specialists.bank_items) * 65;
  const double held = most_held(s, per_hour), per_step = per_hour * s.run.step.seconds / kSecondsPerHour;
  const bool at_midnight = s.energy.allowance && s.energy.allowance_defer;  // then all at once; else what a slot may be promised
  const double let_go = at_midnight ? held : std::min(held, per_step * s.schedule.capacity_share / s.workload.load);
  const double peak_requests = 3.0 * per_step + let_go;
  const double learnt_hours = s.grid.forecast == grid::ForecastKind::seasonal_ar
                                  ? (s.grid.forecast_history.seconds + span) / kSecondsPerHour
                                  : 0.0;
  const double signals = regions * ((f.steps + s.grid.forecast_horizon.seconds / s.run.step.seconds) * 16 +
                                    learnt_hours * kBytesPerLearntHour);
  const double contracts = s.futures.enabled || s.prediction.enabled ? kBytesPerContractStep : 0.0;
  const double faults = s.faults.process || !s.fault_records.empty() || s.faults.breakers ? kBytesPerFaultStep : 0.0;
  const double allowances = s.quota.enabled || s.reputation.enabled ? kBytesPerAllowanceStep : 0.0;
  const double waiting = s.workload.flexible_share > 0 ? kBytesPerScheduleStep : 0.0;
  const double councils = (s.council.seats > 1 ? kBytesPerCouncilStep + (s.bus.enabled ? kBytesPerBusStep : 0.0) : 0.0) +
                          (s.monitor.enabled ? kBytesPerMonitorStep : 0.0);
  double supply = 0;
  for (const auto& site : s.sites) supply += (site.battery_kwh > 0 ? kBytesPerBattery : 0.0) + (site.heat_reuse > 0 ? kBytesPerHeat : 0.0);
  const double row = supply + regions * (kBytesPerRegionStep + allowances + faults + waiting + councils) + static_cast<double>(s.sites.size()) * kBytesPerSiteStep +
                     regions * workload::kProblemTypes * (kBytesPerMarketStep + contracts) + workload::kPurposes * kBytesPerPurposeStep;
  const double credit = (s.lending.enabled ? kBytesPerBorrower : 0.0) +
                        (s.demurrage.rate_per_day > 0 ? kBytesPerHoarder : 0.0) +
                        (s.futures.enabled ? kBytesPerHedger : 0.0) +
                        (s.context.enabled() ? kBytesPerWindow + 4.0 * static_cast<double>(s.context.window.snapshots) : 0.0) +
                        (s.faults.breakers ? kBytesPerBreaker : 0.0) + (s.energy.allowance ? kBytesPerEnergyAllowance : 0.0) + (s.quota.enabled ? kBytesPerQuota : 0.0) +
                        (s.reputation.enabled ? kBytesPerReputation : 0.0);
  const auto lineages = static_cast<double>(s.specialists.lineages);
  f.training_macs = lineages * training_macs_of(s.specialists);
  f.memory_bytes = kProcessBytes + lineages * parameters_of(s.specialists) * kBytesPerWeight +
                   agents * (kBytesPerAgent + credit) + banks + peak_requests * kBytesPerRequest + held * kBytesPerHeld + signals +
                   trace_bytes + 4 * row * static_cast<double>(s.record.chunk_steps);
  const double sampled = static_cast<double>(s.record.agents) * 80 * span / s.record.agent_interval.seconds;
  const double decisions = static_cast<double>(s.record.decisions) * regions * kBytesPerDecision * span /
                           std::max(s.record.decision_interval.seconds, s.run.step.seconds);
  f.file_bytes = (row * f.steps + sampled + decisions) * kDeflated + 1e5;
  return f;
}

void check_data(const scenario::Scenario& s) {
  const auto steps =
      static_cast<std::uint32_t>((s.run.warmup.seconds + s.run.duration.seconds) / s.run.step.seconds + 0.5);
  std::vector<Diagnostic> problems;
  const auto collect = [&](auto&& read) {
    try {
      read();
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.problems().begin(), e.problems().end());
    }
  };
  collect([&] {
    grid::Signals::build(s.grid, s.regions, parse_utc(s.run.start), round_half_even(s.run.step.seconds), steps,
                         static_cast<std::uint64_t>(s.run.seed), s.run.data_dir);
  });
  collect([&] {
    const std::int64_t start = parse_utc(s.run.start);
    policy::CarbonPrice::build(s.pricing, start, start + std::int64_t{steps} * round_half_even(s.run.step.seconds), s.run.data_dir);
  });
  collect([&] { build_hazards(s); });
  collect([&] { read_recorded_load(s); });
  if (!problems.empty()) throw InputError(std::move(problems));
}

}  // namespace world
}  // namespace swarm
