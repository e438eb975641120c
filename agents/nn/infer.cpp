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

/// Parameters are asked for so many bytes before they are used: enough for memory to answer, little enough to wait in
/// the first-level cache; twice as much where several register blocks of rows use a panel of weights in turn.
constexpr std::intptr_t kAskAhead = std::intptr_t{16} << 10;
constexpr std::uint32_t kFewRows = 8;
/// Larger models that are read from front to back, by one register block of rows as wide as a panel, processors foresee
/// for themselves; requests would be in the way.
constexpr std::intptr_t kLargeModel = std::intptr_t{256} << 10;
constexpr std::uint32_t kOneBlock = 4;
/// Samples are asked for up to so many floats.
constexpr std::size_t kAskFloats = 1024;

/// Bytes from the parameters of piece p to those that should be asked for meanwhile, 0 for none. Models that lie side
/// by side are read as one stream, from others the one that is so far ahead in the plan.
std::intptr_t distance_ahead(const std::vector<Piece>& pieces, std::size_t p) {
  const auto distance = [&](std::size_t q) {
    return reinterpret_cast<std::intptr_t>(pieces[q].model.parameters) -
           reinterpret_cast<std::intptr_t>(pieces[p].model.parameters);
  };
  const Network* const network = pieces[p].model.network;
  if (p + 1 >= pieces.size() || pieces[p + 1].model.network != network) return 0;
  const auto bytes = static_cast<std::intptr_t>(pieces[p].model.cost().parameter_bytes);
  if (bytes > kLargeModel && pieces[p].n <= kOneBlock) return 0;
  const std::intptr_t next = distance(p + 1), ahead = pieces[p].n <= kFewRows ? kAskAhead : 2 * kAskAhead;
  if (next > 0 && next < bytes + ahead) return ahead;
  const std::size_t later = p + 1 + static_cast<std::size_t>(ahead / bytes);
  return later < pieces.size() && pieces[later].model.network == network ? distance(later) : 0;
}

/// Asks for what a piece reads and writes beside parameters.
void ask_for_samples(const Piece& piece) {
  constexpr std::size_t kLine = 16;
  const std::size_t in = std::min(kAskFloats, piece.n * piece.model.network->input_size());
  const std::size_t out = std::min(kAskFloats, piece.n * piece.model.network->output_size());
  for (std::size_t i = 0; i < in; i += kLine) __builtin_prefetch(piece.inputs + i, 0, 3);
  for (std::size_t i = 0; i < out; i += kLine) __builtin_prefetch(piece.outputs + i, 1, 3);
}

/// Runs pieces [begin, end) one after the other, small networks with one sample each several at a time.
void run_pieces(const std::vector<Piece>& pieces, std::size_t begin, std::size_t end) {
  constexpr std::size_t kAtOnce = 16;
  Scratch& scratch = scratch_of_this_thread();
  for (std::size_t p = begin; p < end;) {
    const Piece& piece = pieces[p];
    const auto alike = [&](std::size_t q) {
      return q < end && pieces[q].n == 1 && pieces[q].model.network == piece.model.network;
    };
    if (const SmallNetwork* small = piece.model.network->small(); small != nullptr && alike(p) && alike(p + 1)) {
      isa::SmallModel models[kAtOnce];
      std::size_t count = 0;
      for (; count < kAtOnce && alike(p); ++p)
        models[count++] = {reinterpret_cast<const float*>(pieces[p].model.parameters), pieces[p].inputs, pieces[p].outputs,
                           distance_ahead(pieces, p)};
      small->run(models, count);
      continue;
    }
    if (p + 1 < end) ask_for_samples(pieces[p + 1]);
    piece.model.network->run(piece.model.parameters, piece.inputs, piece.outputs, piece.n, scratch,
                             distance_ahead(pieces, p));
    ++p;
  }
}

WorkCount make_plan(const WeightStore& store, std::span<const Group> groups, Plan& plan) {
  plan.pieces.clear();
  plan.task_begin.clear();
  WorkCount work;
  std::uint64_t task_macs = kTaskMacs;
  for (const Group& group : groups) {
    if (group.n == 0) continue;
    const WeightStore::Ready model = store.ready(group.model);
    const PassCost cost = model.cost();
    work += cost.of(group.n);
    const std::size_t in = model.network->input_size(), out = model.network->output_size();
    for (std::uint32_t row = 0; row < group.n;) {
      const std::uint32_t rows = std::min(kPieceRows, group.n - row);
      if (task_macs >= kTaskMacs) {
        plan.task_begin.push_back(plan.pieces.size());
        task_macs = 0;
      }
      plan.pieces.push_back({model, group.inputs + row * in, group.outputs + row * out, rows});
      task_macs += cost.macs * rows;
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
      run_pieces(plan.pieces, plan.task_begin[task], plan.task_begin[task + 1]);
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
