#pragma once
#include <memory>
#include <vector>

#include "agents/nn/train.hpp"
#include "bench/networks/contest.hpp"

/// Steps of stochastic gradient descent on one network.
namespace swarm {
namespace bench {

/// The network to begin with and the batch that every step sees.
struct Lesson {
  nn::Model model;
  nn::AlignedFloats inputs;  ///< batch × in
  std::vector<std::uint8_t> labels;
  std::size_t batch;
  nn::Sgd sgd;

  Lesson(const nn::MlpShape& shape, std::size_t samples);
  /// Multiply-adds of one step: three times those of a pass, less the first layer's input gradient, which
  /// nobody needs.
  double macs() const;
};

// Outputs of these contestants are the last layer's weights [in][out] after the steps so far.
std::unique_ptr<Contestant> make_swarm_training(const Lesson& lesson);
std::unique_ptr<Contestant> make_eigen_training_avx2(const Lesson& lesson);
std::unique_ptr<Contestant> make_eigen_training_avx512(const Lesson& lesson);

Contestants training_contestants(const Lesson& lesson);

}  // namespace bench
}  // namespace swarm
