#include <fmt/format.h>

#include <algorithm>

#include "sim/hardware/roofline.hpp"
#include "sim/workload/moments.hpp"
#include "sim/world/plan.hpp"

namespace swarm {
namespace world {
namespace {

/// The plan as it will be, but with networks that were hardly trained, also where they come from files: only sizes
/// matter here.
std::shared_ptr<const Plan> untrained_plan(scenario::Scenario s) {
  auto& p = s.specialists;
  p.training_samples = 1;
  p.finetune_samples = 0;
  p.distillation = false;
  for (std::string* file : {&p.onnx_vision, &p.onnx_language, &p.onnx_reasoning, &p.onnx_memory}) file->clear();
  s.credits.enabled = false;
  return make_plan(s, {});
}

void note_empty_sites(const Plan& plan, std::vector<std::string>& notes) {
  for (const auto& region : plan.regions)
    if (region.agents == 0) notes.push_back(fmt::format("region {} has no specialists: others answer all its requests", region.name));
  std::vector<std::string> names;
  for (const auto& site : plan.sites)
    if (site.agents == 0 && plan.regions[site.region.value].agents > 0) names.push_back(site.name);
  if (!names.empty())
    notes.push_back(fmt::format("no specialists live at {}: {} servers there idle", fmt::join(names, ", "), names.size() == 1 ? "its" : "their"));
}

/// The largest specialist in demand: what is too much for an edge device is too much because of it.
workload::ProblemType largest_type(const scenario::Scenario& s) {
  const auto shares = workload::type_shares(s.workload);
  const auto size = [&](std::size_t t) {
    return shares[t] > 0 ? nominal_parameters(s.specialists, static_cast<workload::ProblemType>(t)) : 0.0;
  };
  std::size_t largest = 0;
  for (std::size_t t = 1; t < shares.size(); ++t)
    if (size(t) > size(largest)) largest = t;
  return static_cast<workload::ProblemType>(largest);
}

/// What a specialist as large as the scenario says would break on each edge device in use, at mean tok counts.
void note_edge_devices(const Plan& plan, std::vector<std::string>& notes) {
  const auto& s = plan.scenario;
  if (s.energy.scale == hardware::EnergyScale::executed) return;
  const auto tok = mean_tok(s, plan.recorded);
  const auto type = largest_type(s);
  const ModelInfo& model = plan.models[static_cast<std::size_t>(type) * static_cast<std::size_t>(s.specialists.lineages)];
  const double bytes = nominal_parameters(s.specialists, type) * static_cast<double>(model.parameter_bytes) /
                       static_cast<double>(model.base.whole_parameters);
  std::vector<std::string> seen;
  for (const auto& site : plan.sites) {
    if (site.agents == 0 || std::find(seen.begin(), seen.end(), site.device.name) != seen.end()) continue;
    seen.push_back(site.device.name);
    const double seconds = site.service[static_cast<std::size_t>(type)].seconds(static_cast<std::uint32_t>(tok.in),
                                                                                static_cast<std::uint32_t>(tok.out));
    for (const auto& broken : hardware::edge_violations(site.device, bytes, bytes, seconds, site.device.max_w, bytes))
      notes.push_back(fmt::format("{} specialists: {}", enum_name(type), broken));
  }
}

/// Members of a council of one lineage say all the same.
void note_councils(const Plan& plan, std::vector<std::string>& notes) {
  const auto& s = plan.scenario;
  if (s.council.seats > s.specialists.lineages)
    notes.push_back(fmt::format("councils have {} seats, but there are only {} lineages of networks per problem type: "
                                "some members repeat what others say, at full cost (specialists.lineages)",
                                s.council.seats, s.specialists.lineages));
}

}  // namespace

std::vector<std::string> notes(const scenario::Scenario& s) {
  const auto plan = untrained_plan(s);
  std::vector<std::string> notes;
  note_empty_sites(*plan, notes);
  note_edge_devices(*plan, notes);
  note_councils(*plan, notes);
  return notes;
}

}  // namespace world
}  // namespace swarm
