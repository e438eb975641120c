#pragma once
#include <cstdint>
#include <span>

#include "sim/core/rng.hpp"

/// From a bank item to what a network reads: x = item/255 + A·(2b − 255)/255 with one keyed noise byte b per
/// input, so that no two requests are exactly alike.
namespace swarm {
namespace tasks {

/// Half-width A of the uniform noise, in input units (an item's byte 255 is 1).
double noise_amplitude();

/// One request's executed input: writes 64 floats in [−A, 1 + A]. The noise is keyed by (step, request).
void make_input(const std::uint8_t* item, const Random& noise, std::uint32_t step, std::uint64_t request,
                float* out);

/// The inputs of many requests of one step, 64 floats each, one after the other in `out`: the same bits as
/// make_input one by one. `items` and `requests` have equal length.
void make_inputs(std::span<const std::uint8_t* const> items, const Random& noise, std::uint32_t step,
                 std::span<const std::uint64_t> requests, float* out);

}  // namespace tasks
}  // namespace swarm
