#include "sim/world/recorded_load.hpp"

#include <filesystem>

#include "sim/core/units.hpp"

namespace swarm {
namespace world {

RecordedLoad read_recorded_load(const scenario::Scenario& s) {
  RecordedLoad load;
  if (s.workload.source != workload::Source::trace) return load;
  const auto table = CsvTable::read(std::filesystem::path(s.run.data_dir) / s.workload.trace);
  if (table.column("hour_index"))
    load.rates = std::make_shared<workload::RateTrace>(workload::RateTrace::from(table));
  else
    load.requests = std::make_shared<workload::RequestTrace>(workload::RequestTrace::from(table));
  return load;
}

double requests_per_hour(const scenario::Scenario& s, const RecordedLoad& load) {
  if (!load.requests) return s.workload.requests_per_hour;
  return static_cast<double>(load.requests->size()) / load.requests->span_s() * kSecondsPerHour;
}

workload::TokMean mean_tok(const scenario::Scenario& s, const RecordedLoad& load) {
  return load.requests ? workload::expected_tok(s.workload, *load.requests) : workload::expected_tok(s.workload);
}

}  // namespace world
}  // namespace swarm
