#include "agents/nn/infer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "agents/nn/network.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows of a large group that make one piece of parallel work.
constexpr std::uint32_t kPieceRows = 256;
/// Multiply-adds worth a task: some ten microseconds, well above the cost of handing it to a thread.
constexpr std::uint64_t kTaskMacs = std::uint64_t{1} << 20;

/// Rows of one group.
struct Piece {
  WeightStore::Ready model;
  const float* inputs;
  float* outputs;
  std::uint32_t n;
};

/// The pieces of one call and where each task begins.
struct Plan {
  std::vector<Piece> pieces;
  std::vector<std::size_t> task_begin;
};

Scratch& scratch_of_this_thread() {
  thread_local Scratch scratch;
  return scratch;
}

/// Parameters are asked for so many bytes before they are used: what memory takes to answer.
constexpr std::size_t kAskAhead = std::size_t{32} << 10;

/// Bytes from the parameters of piece p to those that should be asked for meanwhile, if they line up; else 0.
std::intptr_t distance_ahead(const std::vector<Piece>& pieces, std::size_t p) {
  const WeightStore::Ready& model = pieces[p].model;
  const std::size_t later = p + 1 + kAskAhead / model.network->cost(model.parameters).parameter_bytes;
  if (later >= pieces.size() || pieces[later].model.network != model.network) return 0;
  return reinterpret_cast<std::intptr_t>(pieces[later].model.parameters) -
         reinterpret_cast<std::intptr_t>(model.parameters);
}

WorkCount make_plan(const WeightStore& store, std::span<const Group> groups, Plan& plan) {
  plan.pieces.clear();
  plan.task_begin.clear();
  WorkCount work;
  std::uint64_t task_macs = kTaskMacs;
  for (const Group& group : groups) {
    if (group.n == 0) continue;
    const WeightStore::Ready model = store.ready(group.model);
    const WorkCount cost = model.network->cost(model.parameters).of(group.n);
    work += cost;
    const std::uint64_t row_macs = cost.macs / group.n;
    const std::size_t in = model.network->input_size(), out = model.network->output_size();
    for (std::uint32_t row = 0; row < group.n;) {
      const std::uint32_t rows = std::min(kPieceRows, group.n - row);
      if (task_macs >= kTaskMacs) {
        plan.task_begin.push_back(plan.pieces.size());
        task_macs = 0;
      }
      plan.pieces.push_back({model, group.inputs + row * in, group.outputs + row * out, rows});
      task_macs += row_macs * rows;
      row += rows;
    }
  }
  plan.task_begin.push_back(plan.pieces.size());
  return work;
}

}  // namespace

WorkCount infer_groups(const WeightStore& store, std::span<const Group> groups) {
  // The plan is taken out while it is in use: a thread that waits here may pick up another call of this
  // function.
  thread_local Plan idle_plan;
  Plan plan = std::exchange(idle_plan, {});
  const WorkCount work = make_plan(store, groups, plan);
  const std::size_t tasks = plan.task_begin.size() - 1;
  if (tasks > 0) {
    parallel_each(tasks, [&](std::size_t task) {
      Scratch& scratch = scratch_of_this_thread();
      for (std::size_t p = plan.task_begin[task]; p < plan.task_begin[task + 1]; ++p) {
        const Piece& piece = plan.pieces[p];
        piece.model.network->run(piece.model.parameters, piece.inputs, piece.outputs, piece.n, scratch,
                                 distance_ahead(plan.pieces, p));
      }
    });
  }
  idle_plan = std::move(plan);
  return work;
}

void forward(const Model& model, const float* inputs, float* outputs, std::uint32_t n) {
  PackedModel(model).run(inputs, outputs, n, scratch_of_this_thread());
}

}  // namespace nn
}  // namespace swarm
