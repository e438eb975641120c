#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/networks/contest.hpp"
#include "bench/networks/problem.hpp"

/// The same networks in bytes. A layer sums u8 activations times s8 weights and an s32 bias exactly; times
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
  nn::MlpShape shape;
  std::size_t batch;
  std::vector<std::vector<IntegerLayer>> models;
  std::vector<std::vector<float>> scales;  ///< of each layer's outputs, the same for all models
  std::vector<std::uint8_t> inputs;        ///< models × batch × in

  IntegerProblem(nn::MlpShape widths, std::size_t model_count, std::size_t samples);
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

std::unique_ptr<Contestant> make_libxsmm_integer(const IntegerProblem& problem);
std::unique_ptr<Contestant> make_onednn_integer(const IntegerProblem& problem);

/// Everybody who can compute it: who takes part in bytes is added here.
Contestants integer_contestants(const IntegerProblem& problem);

}  // namespace bench
}  // namespace swarm
