#pragma once
#include <cstdint>

#include "agents/nn/model.hpp"
#include "sim/core/rng.hpp"

namespace swarm {
namespace nn {

/// What a network begins training with. Biases and offsets are 0, gains of norms 1; all other parameters are uniform in
/// (−a, a):
///
/// | block | a | source |
/// | --- | --- | --- |
/// | linear, of any activation | √(6/inputs) | He et al. 2015 |
/// | depthwise convolution | √(6/taps) | the same; an output's inputs are its channel's taps |
/// | projections of attention | √(6/(inputs + outputs)) = √(3/width) | Glorot & Bengio 2010 |
/// | embedding, positions | √(3/width): standard deviation 1/√width, rows of length near 1 | Ott et al. 2019 |
///
/// Number i of block b, counting row-major without padding, comes from word i mod 4 of random block (step b, entity,
/// draw ⌊i/4⌋). A perceptron's blocks are its layers.
void initialise(Model& model, const Random& random, std::uint64_t entity);

}  // namespace nn
}  // namespace swarm
