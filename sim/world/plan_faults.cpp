#include "sim/world/plan_faults.hpp"

#include <algorithm>

namespace swarm {
namespace world {

void plan_faults(Plan& plan) {
  const auto& s = plan.scenario;
  if (!s.faults.process && s.fault_records.empty()) return;
  std::vector<std::string> regions;
  for (const auto& region : plan.regions) regions.push_back(region.name);
  std::vector<dispatch::FaultSite> sites;
  for (const auto& site : plan.sites) sites.push_back({site.name, site.region, site.agents});
  plan.faults = dispatch::Faults::build(s.faults, s.fault_records, regions, sites, plan.start_utc, plan.utc_of(plan.steps), plan.seed);
  const auto step_at = [&](std::int64_t utc) {  // the first that begins then or later
    const auto length = static_cast<std::int64_t>(plan.step_s);
    const std::int64_t seconds = std::max<std::int64_t>(0, utc - plan.start_utc);
    return static_cast<std::uint32_t>(std::min<std::int64_t>(plan.steps, (seconds + length - 1) / length));
  };
  for (std::uint16_t r = 0; r < regions.size(); ++r)
    for (const auto& fault : plan.faults.of(RegionId{r}))
      if (fault.kind == dispatch::FaultKind::forecast_outage)
        plan.signals.lose_forecasts(RegionId{r}, step_at(fault.start_utc), step_at(fault.end_utc));
}

void plan_rules(Plan& plan) {
  if (!plan.scenario.faults.rule_based) return;
  for (std::uint16_t r = 0; r < plan.regions.size(); ++r)
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
      for (std::size_t b = 0; b < workload::kComplexityBuckets; ++b) {
        std::array<std::uint32_t, tasks::kClasses> labels{};
        for (std::uint32_t item = 0; item < plan.banks->items(); ++item)
          ++labels[plan.banks->label(RegionId{r}, static_cast<workload::ProblemType>(t), b, item)];
        plan.rule_answers.push_back(static_cast<std::uint8_t>(std::ranges::max_element(labels) - labels.begin()));
      }
}

}  // namespace world
}  // namespace swarm
