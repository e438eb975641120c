#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "agents/nn/quantise.hpp"
#include "bench/networks/contest.hpp"
#include "bench/networks/problem.hpp"

/// The same networks in integers. A layer sums u8 activations times s8 weights and an s32 bias exactly; times
/// the output's scale, in floats, they are rounded to nearest (ties to even) and cut to 0 … 255, which is
/// ReLU. The last layer's scaled sums are the outputs, in floats.
namespace swarm {
namespace bench {

struct IntegerLayer {
  std::size_t in, out;
  std::vector<std::int8_t> weights;  ///< [in][out]
  std::vector<std::int32_t> bias;    ///< out
};

struct IntegerProblem {
  nn::IntegerFormat format;  ///< int4: weights are −7 … 7, which peers take as bytes
  nn::MlpShape shape;
  std::size_t batch;
  std::vector<std::vector<IntegerLayer>> models;
  /// Of each layer's outputs, the same for all models. Each is 1 or 1.5 times a power of two, so that products
  /// with sums are exact, and all who follow the definition get the same bits, in whatever order.
  std::vector<std::vector<float>> scales;
  std::vector<std::uint8_t> inputs;  ///< models × batch × in

  IntegerProblem(nn::IntegerFormat weights, nn::MlpShape widths, std::size_t model_count, std::size_t samples);
  std::size_t layers() const { return scales.size(); }
  std::size_t outputs() const { return shape.widths.back(); }
  const std::uint8_t* input(std::size_t model) const {
    return inputs.data() + model * batch * shape.widths.front();
  }
  double macs() const;
  double bytes() const;  ///< of all models' weights and biases
};

/// The definition above, in loops. Too slow to take part.
std::vector<float> plain_integer_outputs(const IntegerProblem& problem);

/// nn::IntegerLayer with static ranges.
std::unique_ptr<Contestant> make_swarm_integer(const IntegerProblem& problem);
std::unique_ptr<Contestant> make_libxsmm_integer(const IntegerProblem& problem);
std::unique_ptr<Contestant> make_onednn_integer(const IntegerProblem& problem);

/// Ours first, then every peer that can compute it: who takes part in integers is added here.
Contestants integer_contestants(const IntegerProblem& problem);

}  // namespace bench
}  // namespace swarm
