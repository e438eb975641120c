#include "agents/nn/initialise.hpp"

#include <algorithm>
#include <cmath>

namespace swarm {
namespace nn {
namespace {

/// Largest size of a block's first weights; 0 for those that are not drawn.
struct Bound {
  std::size_t rows, columns;

  double operator()(const Linear&) const { return std::sqrt(6.0 / static_cast<double>(rows)); }
  double operator()(const DepthwiseConv&) const { return std::sqrt(6.0 / static_cast<double>(rows)); }
  double operator()(const Attention&) const { return std::sqrt(6.0 / static_cast<double>(rows + columns)); }
  double operator()(const Embedding&) const { return std::sqrt(3.0 / static_cast<double>(columns)); }
  double operator()(const Positions&) const { return std::sqrt(3.0 / static_cast<double>(columns)); }
  template <class NotDrawn>
  double operator()(const NotDrawn&) const {
    return 0;
  }
};

void draw(Model& model, std::size_t b, double bound, const Random& random, std::uint64_t entity) {
  const std::size_t columns = model.columns(b);
  RandomBlock block{};
  for (std::size_t i = 0; i < model.rows(b) * columns; ++i) {
    if (i % 4 == 0) block = random.block(static_cast<std::uint32_t>(b), entity, static_cast<std::uint32_t>(i / 4));
    model.weight(b, i / columns, i % columns) = static_cast<float>(bound * (2.0 * uniform_open(block[i % 4]) - 1.0));
  }
}

}  // namespace

void initialise(Model& model, const Random& random, std::uint64_t entity) {
  std::size_t b = 0;
  for (const Layer& layer : model.architecture().layers)
    for (const std::size_t end = b + block_count(layer); b < end; ++b) {
      std::ranges::fill(model.bias(b), 0.0f);
      if (std::holds_alternative<LayerNorm>(layer))
        std::fill_n(model.weights(b).begin(), model.columns(b), 1.0f);
      else
        draw(model, b, std::visit(Bound{model.rows(b), model.columns(b)}, layer), random, entity);
    }
}

}  // namespace nn
}  // namespace swarm
