#include "sim/dispatch/council.hpp"
#include "sim/dispatch/triage.hpp"

#include <algorithm>
#include <limits>

#include "sim/core/parallel.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {

void triage(world::World& w) {
  const auto& params = w.plan->scenario.triage;
  const auto& council = w.plan->scenario.council;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    world::RegionState& r = w.regions[i];
    const auto& q = r.scratch.requests;
    auto& score = r.scratch.triage_score;
    auto& seats = r.scratch.seats;
    score.resize(q.size());
    seats.resize(q.size());
    parallel_blocks(q.size(), kBlockRows, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k) {
        score[k] = static_cast<float>(dispatch::triage_score(
            params, static_cast<double>(q.tok_in[k]) + q.tok_out[k], q.complexity[k], q.urgent[k] != 0));
        const auto mode = dispatch::triage_mode(council, static_cast<double>(score[k]), r.scratch.emergency.concerns(q.purpose[k]));
        seats[k] = dispatch::seats_for(council, mode);
      }
    });
    r.council.step.asked = static_cast<std::uint64_t>(std::ranges::count_if(seats, [](std::uint8_t n) { return n > 1; }));
    double sum = 0;
    for (const float s : score) sum += s;
    r.step.triage_score = score.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(score.size());
  });
}

}  // namespace engine
}  // namespace swarm
