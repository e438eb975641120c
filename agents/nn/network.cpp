#include "agents/nn/network.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "agents/nn/conv.hpp"
#include "agents/nn/lookup.hpp"
#include "agents/nn/row_layers.hpp"
#include "agents/nn/rows.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Rows of a signal that walk through all layers together: their activations stay in the first-level cache.
constexpr std::uint32_t kPassRows = 64;

/// At the begin of packed sparse parameters: what its matrices cost, then where each begins.
struct SparseTable {
  std::uint64_t macs;   // of a sample
  std::uint64_t bytes;  // that are read
};

std::size_t table_bytes(std::size_t matrices) {
  return (sizeof(SparseTable) + matrices * sizeof(std::uint64_t) + 63) / 64 * 64;
}

}  // namespace

/// What one layer reads and the next will: rows of all samples, one after the other.
struct Network::Signal {
  const float* x;
  std::size_t stride;
};

/// Some samples on their way through the layers.
class Network::Pass {
 public:
  Pass(const Network& network, const std::byte* parameters, Scratch& scratch, std::uint32_t samples, std::intptr_t ahead,
       Range* seen)
      : network_(network), parameters_(parameters), scratch_(scratch), samples_(samples), ahead_(ahead), seen_(seen) {}

  void run(const float* inputs, float* outputs) {
    const std::vector<Step>& steps = network_.steps_;
    signal_ = {inputs, steps.front().in.width};
    target_ = scratch_.front.data();
    other_ = scratch_.back.data();
    for (std::size_t s = 0; s < steps.size(); ++s) {
      step_ = &steps[s];
      outputs_ = s + 1 == steps.size() ? outputs : nullptr;
      std::visit([&](const auto& layer) { apply(layer); }, step_->layer);
    }
    if (signal_.x != outputs) copy_rows(steps.back().out, outputs, steps.back().out.width);
  }

 private:
  std::size_t rows_in() const { return std::size_t{samples_} * step_->in.rows; }
  std::size_t rows_out() const { return std::size_t{samples_} * step_->out.rows; }
  Rows<const float> input() const { return {signal_.x, rows_in(), step_->in.width, signal_.stride}; }

  /// Where the layer writes: the network's outputs, packed, or rows with padding.
  float* begin() { return outputs_ != nullptr ? outputs_ : target_; }
  std::size_t stride() const { return outputs_ != nullptr ? step_->out.width : padded(step_->out.width); }
  Rows<float> output() { return {begin(), rows_out(), step_->out.width, stride()}; }
  void written() {
    signal_ = {begin(), stride()};
    if (outputs_ == nullptr) std::swap(target_, other_);
  }
  /// A layer that cannot but write padded rows.
  void written_padded() {
    signal_ = {target_, padded(step_->out.width)};
    std::swap(target_, other_);
  }
  void copy_rows(const Extent& extent, float* to, std::size_t to_stride) const {
    for (std::size_t r = 0; r < std::size_t{samples_} * extent.rows; ++r)
      std::copy_n(signal_.x + r * signal_.stride, extent.width, to + r * to_stride);
  }
  /// Gives rows their padding, which the input of a network lacks.
  void pad() {
    const std::size_t wanted = padded(step_->in.width);
    if (signal_.stride == wanted) return;
    copy_rows(step_->in, target_, wanted);
    signal_ = {target_, wanted};
    std::swap(target_, other_);
  }

  const float* weights() const { return reinterpret_cast<const float*>(parameters_ + step_->weights); }
  const float* bias() const { return reinterpret_cast<const float*>(parameters_ + step_->bias); }

  /// A run of some of the step's matrices; over which rows is left to the caller.
  LinearRun linear(std::size_t first, std::size_t count) const {
    const std::size_t matrix = step_->matrix + first;
    LinearRun run{};
    run.layers = std::span(network_.matrices_).subspan(matrix, count);
    run.parameters = parameters_;
    run.seen = seen_ != nullptr ? seen_ + matrix : nullptr;
    return run;
  }

  void apply(const Linear&) {
    LinearRun run = linear(0, step_->matrices);
    run.x = signal_.x;
    run.x_stride = signal_.stride;
    run.y = begin();
    run.y_stride = stride();
    run.columns = stride();
    run.rows = rows_in();
    run.ahead = ahead_;
    run_linear(run, scratch_.linear);
    written();
  }

  void apply(const DepthwiseConv& layer) {
    const ConvShape shape = conv_shape(layer, step_->in);
    pad();
    if (const std::size_t floats = conv_scratch(shape); scratch_.conv.size() < floats) scratch_.conv.resize(floats);
    conv_forward(shape, {.x = signal_.x,
                         .x_stride = signal_.stride,
                         .parameters = weights(),
                         .y = target_,
                         .samples = samples_,
                         .length = step_->in.rows,
                         .activation = layer.activation,
                         .scratch = scratch_.conv.data()});
    written_padded();
  }

  void apply(const Attention& layer) {
    const std::size_t width = padded(step_->in.width);
    attention_forward({.x = signal_.x,
                       .x_stride = signal_.stride,
                       .parameters = nullptr,
                       .lengths = nullptr,
                       .y = target_,
                       .samples = samples_},
                      scratch_.workspace(attention_shape(layer, step_->in)),
                      [this, width](Projection which, const float* x, std::size_t x_stride, float* y, std::size_t rows) {
                        LinearRun run = linear(static_cast<std::size_t>(which), 1);
                        run.x = x;
                        run.x_stride = x_stride;
                        run.y = y;
                        run.y_stride = run.columns = width;
                        run.rows = rows;
                        run_linear(run, scratch_.linear);
                      });
    if (layer.residual) add_rows(input(), {target_, rows_out(), step_->out.width, width});
    written_padded();
  }

  void apply(const LayerNorm& layer) {
    const std::size_t width = step_->in.width;
    layer_norm(input(), {{weights(), width}, {bias(), width}, layer.epsilon}, output());
    written();
  }

  void apply(const Embedding& layer) {
    scratch_.ids.resize(rows_in());
    read_ids(input(), layer.vocabulary, scratch_.ids);
    embed({weights(), layer.vocabulary, layer.width, padded(layer.width)}, scratch_.ids, output());
    written();
  }

  void apply(const Positions&) {
    add_places(input(), {weights(), step_->in.rows, step_->in.width, padded(step_->in.width)}, output());
    written();
  }

  void apply(const Flatten&) {
    flatten(input(), step_->in.rows, output());
    written();
  }

  void apply(const MeanRows&) {
    mean_rows(input(), step_->in.rows, output());
    written();
  }

  void apply(const Softmax&) {
    softmax(input(), output());
    written();
  }

  const Network& network_;
  const std::byte* parameters_;
  Scratch& scratch_;
  std::uint32_t samples_;
  std::intptr_t ahead_;
  Range* seen_;
  const Step* step_ = nullptr;
  Signal signal_{};
  float* outputs_ = nullptr;  // in the last layer
  float *target_ = nullptr, *other_ = nullptr;
};

AttentionWorkspace& Scratch::workspace(const AttentionShape& shape) {
  const auto same = [&](const AttentionWorkspace& w) { return w.shape == shape; };
  const auto found = std::find_if(attention.begin(), attention.end(), same);
  return found != attention.end() ? *found : attention.emplace_back(shape);
}

Network::Network(const Architecture& architecture, const Numerics& numerics)
    : architecture_(architecture), numerics_(numerics), cost_(pass_cost(architecture, numerics)) {
  check(numerics);
  const std::vector<Extent> extents = architecture.extents();
  const std::vector<Block> blocks = architecture.blocks();
  std::size_t matrices = 0;
  for (const Block& b : blocks) matrices += b.panels ? 1 : 0;
  std::size_t at = numerics.sparse ? table_bytes(matrices) : 0;
  auto block = blocks.begin();
  std::uint32_t rows = 1;
  for (std::size_t l = 0; l < architecture.layers.size(); ++l) {
    add_layer(architecture.layers[l], extents[l], extents[l + 1]);
    for (std::size_t owned = block_count(architecture.layers[l]); owned > 0; --owned) at += add_block(architecture.layers[l], *block++, at);
    rows = std::max({rows, extents[l].rows, extents[l + 1].rows});
  }
  packed_bytes_ = at;
  for (const Step& step : steps_)
    floats_ = std::max({floats_, step.in.rows * padded(step.in.width), step.out.rows * padded(step.out.width)});
  for (const LinearStep& m : matrices_) widest_ = std::max({widest_, m.matrix.in, m.matrix.out});
  if (!packs()) small_ = SmallNetwork::of(architecture);
  pass_samples_ = std::max(1u, kPassRows / rows);
}

void Network::add_layer(const Layer& layer, const Extent& in, const Extent& out) {
  if (std::holds_alternative<Linear>(layer) && !steps_.empty() && std::holds_alternative<Linear>(steps_.back().layer))
    steps_.back().out = out;
  else
    steps_.push_back({layer, in, out, 0, 0, matrices_.size(), 0});
}

std::size_t Network::add_block(const Layer& layer, const Block& block, std::size_t at) {
  Step& step = steps_.back();
  if (!block.panels) {
    const std::size_t weights = std::size_t{block.rows} * padded(block.columns) * sizeof(float);
    step.weights = at;
    step.bias = at + weights;
    return weights + (block.bias ? padded(block.columns) * sizeof(float) : 0);
  }
  const auto* linear = std::get_if<Linear>(&layer);
  const Matrix matrix{numerics_, block.rows, block.columns};
  ++step.matrices;
  if (numerics_.sparse) at = sizeof(SparseTable) + matrices_.size() * sizeof(std::uint64_t);
  matrices_.push_back({matrix, linear != nullptr ? linear->activation : Activation::none, at});
  return numerics_.sparse ? 0 : matrix.packed_bytes();
}

AlignedBytes Network::pack(const Model& model, std::span<const Affine> ranges) const {
  EXPECT(packs() && model.architecture() == architecture_);
  EXPECT(ranges.size() == (numerics_.calibrated ? matrices_.size() : 0));
  AlignedBytes packed;
  if (numerics_.sparse)
    packed.resize(table_bytes(matrices_.size()));
  else
    packed.reserve(packed_bytes_);
  std::vector<std::size_t> matrices;  // blocks
  for (std::size_t b = 0; b < model.blocks(); ++b) {
    if (!model.is_matrix(b)) {
      append(model.weights(b).data(), model.weights(b).size_bytes(), packed);
      append(model.bias(b).data(), model.bias(b).size_bytes(), packed);
      continue;
    }
    if (!numerics_.sparse) append_matrix(model, b, numerics_, numerics_.calibrated ? &ranges[matrices.size()] : nullptr, packed);
    matrices.push_back(b);
  }
  if (numerics_.sparse) append_sparse(model, matrices, packed);
  return packed;
}

void Network::append_sparse(const Model& model, std::span<const std::size_t> blocks, AlignedBytes& packed) const {
  SparseTable table{0, 0};
  for (const Step& step : steps_)
    for (std::size_t m = step.matrix; m < step.matrix + step.matrices; ++m) {
      const std::uint64_t at = packed.size();
      append_matrix(model, blocks[m], numerics_, nullptr, packed);
      const SparseView view = sparse_view(packed.data() + at);
      table.macs += view.nonzeros * step.in.rows;
      table.bytes += view.bytes;
      std::memcpy(packed.data() + matrices_[m].at, &at, sizeof at);
    }
  std::memcpy(packed.data(), &table, sizeof table);
}

PassCost Network::sparse_cost(const std::byte* parameters) const {
  const auto& table = *reinterpret_cast<const SparseTable*>(parameters);
  return {cost_.macs + table.macs, cost_.parameter_bytes + table.bytes, cost_.activation_bytes};
}

void Network::run(const std::byte* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
                  std::intptr_t ahead) const {
  run(parameters, inputs, outputs, n, scratch, ahead, nullptr);
}

std::vector<Range> Network::seen(const std::byte* parameters, const float* inputs, std::uint32_t n, Scratch& scratch) const {
  EXPECT(!packs());
  std::vector<Range> ranges(matrices_.size());
  std::vector<float> outputs(n * output_size());
  run(parameters, inputs, outputs.data(), n, scratch, 0, ranges.data());
  return ranges;
}

void Network::run(const std::byte* parameters, const float* inputs, float* outputs, std::uint32_t n, Scratch& scratch,
                  std::intptr_t ahead, Range* seen) const {
  const std::size_t floats = floats_ * std::min(n, pass_samples_);
  if (scratch.front.size() < floats) {
    scratch.front.resize(floats);
    scratch.back.resize(floats);
  }
  scratch.linear.reserve(widest_);
  for (std::uint32_t first = 0; first < n; first += pass_samples_) {
    Pass(*this, parameters, scratch, std::min(pass_samples_, n - first), ahead, seen)
        .run(inputs + first * input_size(), outputs + first * output_size());
    ahead = 0;
  }
}

std::vector<Affine> calibrate(const Model& model, const float* inputs, std::uint32_t n) {
  const PackedModel packed(model);
  Scratch scratch;
  std::vector<Affine> affines;
  for (const Range& range : packed.network().seen(packed.parameters(), inputs, n, scratch))
    affines.push_back(affine_of_range(range.low, range.high));
  return affines;
}

}  // namespace nn
}  // namespace swarm
