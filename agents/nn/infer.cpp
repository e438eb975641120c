#include "agents/nn/infer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "agents/nn/isa.hpp"
#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows that walk through all layers together: their activations stay in the first-level cache.
constexpr std::uint32_t kPassRows = 64;
/// Rows of a large group that make one piece of parallel work.
constexpr std::uint32_t kPieceRows = 256;
/// Multiply-adds worth a task: some ten microseconds, well above the cost of handing it to a thread.
constexpr std::uint64_t kTaskMacs = std::uint64_t{1} << 20;

/// Rows of one group.
struct Piece {
  const Model* model;
  const float* inputs;
  float* outputs;
  std::uint32_t n;
};

/// The pieces of one call and where each task begins.
struct Plan {
  std::vector<Piece> pieces;
  std::vector<std::size_t> task_begin;
};

/// Activations of the layer being read and of the one being written.
struct Scratch {
  AlignedFloats front, back;
};

Scratch& scratch_of_this_thread(const Model& model, std::uint32_t rows) {
  thread_local Scratch scratch;
  std::size_t widest = 0;
  for (std::size_t l = 0; l + 1 < model.blocks(); ++l) widest = std::max(widest, model.width(l));
  if (scratch.front.size() < widest * rows) {
    scratch.front.resize(widest * rows);
    scratch.back.resize(widest * rows);
  }
  return scratch;
}

/// Bytes from one model's weights to those of the model that comes next, if they line up; else 0.
std::intptr_t distance_ahead(const Model& model, const Model* next) {
  if (next == nullptr || next->data().size() != model.data().size()) return 0;
  return reinterpret_cast<std::intptr_t>(next->data().data()) -
         reinterpret_cast<std::intptr_t>(model.data().data());
}

void run_rows(const isa::Kernels& kernels, const Model& model, const float* inputs, float* outputs,
              std::uint32_t n, Scratch& scratch, std::intptr_t ahead) {
  const float* x = inputs;
  std::size_t x_stride = model.rows(0);
  float* target = scratch.front.data();
  float* other = scratch.back.data();
  for (std::size_t l = 0; l < model.blocks(); ++l) {
    const bool last = l + 1 == model.blocks();
    const std::size_t width = model.width(l);
    float* y = last ? outputs : target;
    const std::size_t y_stride = last ? model.columns(l) : width;
    kernels.dense.forward({.x = x,
                     .x_stride = x_stride,
                     .weights = model.weights(l).data(),
                     .bias = model.bias(l).data(),
                     .y = y,
                     .y_stride = y_stride,
                     .rows = n,
                     .in = model.rows(l),
                     .width = width,
                     .columns = y_stride,
                     .activation = last ? Activation::none : Activation::relu,
                     .ahead = ahead});
    x = y;
    x_stride = y_stride;
    std::swap(target, other);
  }
}

void run_piece(const isa::Kernels& kernels, const Piece& piece, const Model* next) {
  const Model& model = *piece.model;
  Scratch& scratch = scratch_of_this_thread(model, std::min(piece.n, kPassRows));
  const std::size_t in = model.input().size(), out = model.output().size();
  std::intptr_t ahead = distance_ahead(model, next);
  for (std::uint32_t row = 0; row < piece.n; row += kPassRows) {
    run_rows(kernels, model, piece.inputs + row * in, piece.outputs + row * out,
             std::min(kPassRows, piece.n - row), scratch, ahead);
    ahead = 0;
  }
}

WorkCount make_plan(const WeightStore& store, std::span<const Group> groups, Plan& plan) {
  plan.pieces.clear();
  plan.task_begin.clear();
  WorkCount work;
  std::uint64_t task_macs = kTaskMacs;
  for (const Group& group : groups) {
    if (group.n == 0) continue;
    const Model& model = store.get(group.model);
    const WorkCount cost = model.cost().of(group.n);
    work += cost;
    const std::uint64_t row_macs = cost.macs / group.n;
    const std::size_t in = model.input().size(), out = model.output().size();
    for (std::uint32_t row = 0; row < group.n;) {
      const std::uint32_t rows = std::min(kPieceRows, group.n - row);
      if (task_macs >= kTaskMacs) {
        plan.task_begin.push_back(plan.pieces.size());
        task_macs = 0;
      }
      plan.pieces.push_back({&model, group.inputs + row * in, group.outputs + row * out, rows});
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
  const isa::Kernels& kernels = kernels_of(active_isa());
  const std::size_t tasks = plan.task_begin.size() - 1;
  if (tasks > 0) {
    parallel_each(tasks, [&](std::size_t task) {
      const std::size_t end = plan.task_begin[task + 1];
      for (std::size_t p = plan.task_begin[task]; p < end; ++p)
        run_piece(kernels, plan.pieces[p], p + 1 < plan.pieces.size() ? plan.pieces[p + 1].model : nullptr);
    });
  }
  idle_plan = std::move(plan);
  return work;
}

void forward(const Model& model, const float* inputs, float* outputs, std::uint32_t n) {
  run_piece(kernels_of(active_isa()), {&model, inputs, outputs, n}, nullptr);
}

}  // namespace nn
}  // namespace swarm
