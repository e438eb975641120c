#pragma once
#include <cstdint>

#include "agents/tasks/style.hpp"

/// Where a list of key–value pairs stands in the 64 inputs. The list is the sum of the outer products of its
/// one-hot keys and values (tensor-product binding, Smolensky 1990): the pair (k, v) lights input 10k + v.
/// The queried key follows, one-hot. Inputs 55 … 63 carry nothing but blur.
namespace swarm {
namespace tasks {

inline constexpr std::uint32_t kQueryAt = kKeys * kValues;

}  // namespace tasks
}  // namespace swarm
