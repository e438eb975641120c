#include <algorithm>

#include "sim/core/parallel.hpp"
#include "sim/engine/context.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {

void remember(world::World& w) {
  if (!w.plan->scenario.context.enabled()) return;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    world::RegionState& r = w.regions[i];
    auto& answers = r.scratch.answers;
    std::ranges::stable_sort(answers, {}, &world::ContextAnswer::finish_s);  // equal ones as they were placed
    ContextDesk desk(w, r);
    for (const auto& answer : answers) desk.serve(answer);
    desk.coordinate();
    desk.read();
    if (!r.step.in_warmup) r.context.total.add(r.context.step);
  });
}

}  // namespace engine
}  // namespace swarm
