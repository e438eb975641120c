#include "sim/engine/value.hpp"

#include "sim/economy/value.hpp"

namespace swarm {
namespace engine {

void note_answer(const world::World& w, world::RegionState& r, std::size_t flight, double delay_s) {
  const auto& params = w.plan->scenario.value;
  if (params.form == economy::ValueForm::none) return;
  const auto& f = r.flights;
  const auto& site = w.plan->sites[f.site[flight]];
  const std::size_t local_site = f.site[flight] - w.plan->regions[r.id.value].first_site;
  const double load = r.sites.load[local_site];
  const std::size_t cell = world::cell(f.type[flight], f.bucket[flight]);
  auto& v = r.value;
  // As if one answer before the first had been correct and one not (Laplace).
  const double probability = (static_cast<double>(v.correct[cell]) + 1.0) / (static_cast<double>(v.answered[cell]) + 2.0);
  const double cost_usd = kwh({f.metered_nj[flight]}) * site.pue * r.energy.supply.price[local_site];
  auto factors =
      economy::value_factors(params, load, delay_s, static_cast<double>(f.deadline_s[flight]), probability);
  if (const auto& councils = r.council.total; f.seats[flight] > 1)
    factors.collaboration = (static_cast<double>(councils.correct) + 1.0) / (static_cast<double>(councils.lead_correct) + 1.0);
  v.usd += economy::answer_value_usd(params, cost_usd, factors, probability);
  ++v.answered[cell];
  v.correct[cell] += f.correct[flight];
}

}  // namespace engine
}  // namespace swarm
