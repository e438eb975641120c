#include "agents/tasks/family.hpp"

#include <cmath>

#include "agents/tasks/generators.hpp"
#include "agents/tasks/style.hpp"
#include "agents/tasks/vision.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr std::uint32_t kOptions = 10;  // of each part of a reasoning or memory problem
static_assert(kOperands == kOptions && kValues == kOptions);

std::uint32_t size(std::int64_t n) {
  return static_cast<std::uint32_t>(n);
}

/// Rows of `channels` numbers, from how the inputs of a type are laid out.
nn::Architecture rows_of(workload::ProblemType type, std::uint32_t channels) {
  switch (type) {
    case workload::ProblemType::vision:
      return {{kPage, kPage}, {nn::Linear{channels}}};
    case workload::ProblemType::language:
      return {{kInputs / kSymbols, kSymbols}, {nn::Linear{channels}}};
    case workload::ProblemType::reasoning:
    case workload::ProblemType::memory:
      break;
  }
  // A number times a vector, then summed over a block with weights of its places: each option has a vector of
  // its own.
  return {{kInputs, 1}, {nn::Linear{channels}, nn::DepthwiseConv{.kernel = kOptions, .stride = kOptions}}};
}

void add_convolutions(const SpecialistParams& params, std::uint32_t channels, nn::Architecture& network) {
  const std::uint32_t kernel = size(params.kernel);
  for (int block = 0; block < 2; ++block) {
    network.layers.push_back(
        nn::DepthwiseConv{.kernel = kernel, .pad_before = (kernel - 1) / 2, .pad_after = kernel / 2});
    network.layers.push_back(nn::Linear{channels, nn::Activation::relu});
  }
}

void add_attention(const SpecialistParams& params, nn::Architecture& network) {
  network.layers.push_back(nn::Positions{});
  const double rows = network.extents().back().rows;
  network.layers.push_back(
      nn::Attention{.heads = size(params.heads),
                    .top_keys = static_cast<std::uint32_t>(std::ceil(params.top_keys * rows)),
                    .causal = params.causal,
                    .residual = true});
  network.layers.push_back(nn::LayerNorm{});
}

}  // namespace

nn::Architecture architecture_of(const SpecialistParams& params, workload::ProblemType type,
                                 std::int64_t times) {
  const std::uint32_t channels = size(params.channels * times);
  nn::Architecture network{{1, kInputs}, {}};
  switch (params.family) {
    case Family::mlp:
      network.layers.push_back(nn::Linear{size(params.hidden_1 * times), nn::Activation::relu});
      break;
    case Family::conv:
      network = rows_of(type, channels);
      add_convolutions(params, channels, network);
      network.layers.push_back(nn::Flatten{});
      break;
    case Family::attention:
      network = rows_of(type, channels);
      add_attention(params, network);
      network.layers.push_back(nn::Flatten{});
      break;
  }
  if (params.hidden_2 > 0)
    network.layers.push_back(nn::Linear{size(params.hidden_2 * times), nn::Activation::relu});
  network.layers.push_back(nn::Linear{kClasses});
  network.extents();  // throws if anything does not fit
  return network;
}

nn::Numerics numerics_of(const SpecialistParams& params) {
  return {.format = params.format,
          .sparse = params.pruning == Pruning::unstructured && params.format == nn::Format::fp32,
          .calibrated = params.calibration == Calibration::fixed};
}

}  // namespace tasks
}  // namespace swarm
