#include "agents/nn/infer.hpp"

#include <algorithm>
#include <numeric>

#include "agents/nn/train.hpp"
#include "agents/tasks/input.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/collaboration.hpp"
#include "sim/engine/council.hpp"
#include "sim/engine/faults.hpp"
#include "sim/engine/monitor.hpp"
#include "sim/engine/phases.hpp"

namespace swarm {
namespace engine {
namespace {

using world::RegionState;
using world::World;

constexpr std::size_t kCouncilsTogether = 32;

/// New flights of all regions, one row for each specialist that answers, ordered by model so that requests sharing
/// weights run together.
void group_by_model(World& w) {
  auto& batch = w.batch;
  batch.rows.clear();
  batch.models.clear();
  batch.councils.clear();
  std::uint32_t seats = 0;
  for (std::uint32_t i = 0; i < w.regions.size(); ++i) {
    const RegionState& r = w.regions[i];
    for (std::size_t k = r.scratch.first_new_flight; k < r.flights.size(); ++k)
      if (const auto flight = static_cast<std::uint32_t>(k); r.flights.seats[k] == 1) {
        batch.rows.push_back({r.agents.model[r.flights.agent[k]], i, flight, world::InferenceBatch::kAlone});
      } else {
        const Members members = members_of(w, r, k);
        batch.councils.push_back({i, flight, seats, static_cast<std::uint32_t>(members.count), members.agent});
        for (const std::uint32_t agent : members.all()) batch.rows.push_back({r.agents.model[agent], i, flight, seats++});
      }
  }
  batch.council_logits.resize(std::size_t{seats} * tasks::kClasses);
  // Counting sort by model: stable, so rows of one model stay in order of region and arrival.
  std::vector<std::uint32_t> first(w.weights.next_id() + 1, 0);
  for (const auto& row : batch.rows) ++first[row.model + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  for (std::uint32_t model = 0; model + 1 < first.size(); ++model)
    if (first[model + 1] > first[model]) batch.models.push_back({model, first[model], first[model + 1] - first[model]});
  batch.sorted.resize(batch.rows.size());
  for (const auto& row : batch.rows) batch.sorted[first[row.model]++] = row;
}

/// The class that is the truth of a flight's question.
std::uint32_t truth_of(const World& w, const world::FlightColumns& f, std::size_t flight) {
  return w.plan->banks->label(RegionId{f.asker[flight]}, static_cast<workload::ProblemType>(f.type[flight]), f.bucket[flight],
                              f.bank_item[flight]);
}

/// What every coalition of a council would answer if all were heard.
void consult_members(World& w) {
  auto& batch = w.batch;
  batch.council_probability.resize(batch.council_logits.size());
  parallel_each(batch.councils.size(), [&](std::size_t i) {
    auto& c = batch.councils[i];
    const RegionState& r = w.regions[c.region];
    const std::size_t first = std::size_t{c.first_seat} * tasks::kClasses, size = std::size_t{c.members} * tasks::kClasses;
    const auto logits = std::span(batch.council_logits).subspan(first, size);
    const auto probability = std::span(batch.council_probability).subspan(first, size);
    if (disturbs(r))
      for (std::size_t m = 0; m < c.members; ++m)
        disturb(w, r, c.flight, c.agent[m], logits.subspan(m * tasks::kClasses, tasks::kClasses));
    dispatch::probabilities_of(logits, tasks::kClasses, probability);
    c.right = dispatch::coalitions_right(probability, tasks::kClasses, truth_of(w, r.flights, c.flight));
  });
}

/// The answer is that of all members who are heard.
void hold_councils(World& w) {
  consult_members(w);
  hear_reports(w);
  parallel_blocks(w.batch.councils.size(), kCouncilsTogether, [&](std::size_t begin, std::size_t end) {
    dispatch::SessionState session;
    for (std::size_t i = begin; i < end; ++i) {
      auto& c = w.batch.councils[i];
      auto& f = w.regions[c.region].flights;
      f.coalitions_right[c.flight] = dispatch::as_heard(c.right, c.members, c.heard);
      f.correct[c.flight] = dispatch::is_right(c.right, c.heard);
      note_collaboration(w, c, session);
      if (watched(w)) see_council(w, c);
    }
  });
  sum_sessions(w);
}

}  // namespace

void generate_inputs(World& w) {
  group_by_model(w);
  auto& batch = w.batch;
  batch.inputs.resize(batch.sorted.size() * tasks::kInputs);
  const Random noise(w.plan->seed, Stream::input_noise);
  parallel_blocks(batch.sorted.size(), kBlockRows, [&](std::size_t begin, std::size_t end) {
    std::array<const std::uint8_t*, kBlockRows> items;
    std::array<std::uint64_t, kBlockRows> requests;
    std::array<std::uint32_t, kBlockRows> arrival;
    const std::size_t n = end - begin;
    for (std::size_t k = 0; k < n; ++k) {
      const auto& row = batch.sorted[begin + k];
      const auto& f = w.regions[row.region].flights;
      arrival[k] = f.arrival_step[row.flight];
      const RegionId asker{f.asker[row.flight]};
      items[k] = w.plan->banks->input(asker, static_cast<workload::ProblemType>(f.type[row.flight]),
                                      f.bucket[row.flight], f.bank_item[row.flight]);
      requests[k] = RequestId(asker, f.sequence[row.flight]).packed;
    }
    // One call for each run of requests of one step: nearly all arrived in this one.
    for (std::size_t first = 0, last = 0; first < n; first = last) {
      while (last < n && arrival[last] == arrival[first]) ++last;
      tasks::make_inputs(std::span(items).subspan(first, last - first), noise, arrival[first],
                         std::span(requests).subspan(first, last - first),
                         batch.inputs.data() + (begin + first) * tasks::kInputs);
    }
  });
}

void infer(World& w) {
  auto& batch = w.batch;
  batch.outputs.resize(batch.sorted.size() * tasks::kClasses);
  std::vector<nn::Group> groups;
  for (const auto& m : batch.models)
    groups.push_back({ModelId{m.model}, batch.inputs.data() + std::size_t{m.first} * tasks::kInputs,
                      batch.outputs.data() + std::size_t{m.first} * tasks::kClasses, m.count});
  nn::infer_groups(w.weights, groups);
  open_eyes(w);
  parallel_blocks(batch.sorted.size(), kBlockRows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const auto& row = batch.sorted[k];
      auto& f = w.regions[row.region].flights;
      const float* output = batch.outputs.data() + k * tasks::kClasses;
      const bool alone = row.seat == world::InferenceBatch::kAlone;
      std::array<float, tasks::kClasses> disturbed;
      if (const RegionState& r = w.regions[row.region]; alone && disturbs(r)) {
        std::copy_n(output, tasks::kClasses, disturbed.begin());
        disturb(w, r, row.flight, f.agent[row.flight], disturbed);
        output = disturbed.data();
      }
      if (!alone) {
        std::copy_n(output, tasks::kClasses, batch.council_logits.data() + std::size_t{row.seat} * tasks::kClasses);
        continue;
      }
      f.correct[row.flight] = nn::argmax(output, tasks::kClasses) == truth_of(w, f, row.flight);
      if (watched(w)) see_answer(w.regions[row.region], row.flight, std::span(output, tasks::kClasses));
    }
  });
  hold_councils(w);
  read_monitor(w);
  for (const auto& m : batch.models) {
    const std::uint64_t macs = w.weights.ready(ModelId{m.model}).cost().macs;
    for (std::size_t k = m.first; k < m.first + m.count; ++k) {
      RegionState& r = w.regions[batch.sorted[k].region];
      ++r.step.inferences;
      r.step.executed_macs += macs;
    }
  }
}

}  // namespace engine
}  // namespace swarm
