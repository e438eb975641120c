#include "sim/io/summary_faults.hpp"

#include <limits>

namespace swarm::io {

std::vector<StaticVariable> fault_summary(const engine::Simulation& sim) {
  std::vector<StaticVariable> all;
  world::FaultSums sums;
  std::vector<std::int64_t> rejected;
  std::vector<double> recovery;
  const auto mean = [](const world::FaultSums& q) {
    return q.recovered > 0 ? q.recovery_s / static_cast<double>(q.recovered) : std::numeric_limits<double>::quiet_NaN();
  };
  sim.each_region([&](const world::RegionState& r) {
    sums.add(r.faults.total);
    rejected.push_back(static_cast<std::int64_t>(r.faults.total.rejected));
    recovery.push_back(mean(r.faults.total));
  });
  const auto count = [&](std::string name, std::uint64_t value, std::string meaning, ResultKind kind = ResultKind::accounting) {
    all.push_back({std::move(name), std::vector<std::int64_t>{static_cast<std::int64_t>(value)}, {}, "1", std::move(meaning), kind});
  };
  count("faults_begun", sums.begun, "faults that began", ResultKind::modelled);
  count("faults_measured", sums.measured, "of those, the ones after which recovery was measured: served shares were known before");
  count("faults_recovered", sums.recovered, "of those, the ones after which the region's served share came back to faults.recovered_share of what it usually was");
  all.push_back({"recovery_s", std::vector<double>{mean(sums)}, {}, "s", "mean time from the beginning of a fault until then (NaN if none)"});
  count("requests_lost", sums.lost, "times that a specialist was asked and never answered because of a fault");
  count("requests_fell_back", sums.fell_back, "requests that another specialist took after that");
  count("answered_by_rule", sums.by_rule, "requests that a rule answered because no specialist did", ResultKind::executed);
  count("rule_correct", sums.rule_correct, "of those, the correct ones", ResultKind::executed);
  count("answers_held", sums.held, "answers that a partition held up");
  count("rejected_fault", sums.rejected, "refused because no answer came");
  all.push_back({"rejected_fault_by_region", rejected, {"region"}, "1", "refused because no answer came, by asking region"});
  all.push_back({"recovery_s_by_region", recovery, {"region"}, "s", "mean time from the beginning of a fault in the region until its served share came back (NaN if none)"});
  return all;
}

}  // namespace swarm::io
