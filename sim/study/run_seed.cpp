#include "sim/study/run_seed.hpp"

#include "sim/core/rng.hpp"

namespace swarm {
namespace study {

std::int64_t run_seed(std::int64_t master, std::uint64_t point, std::uint32_t replicate) {
  const RandomBlock block = Random(static_cast<std::uint64_t>(master), Stream::run_seed).block(replicate, point);
  return static_cast<std::int64_t>((std::uint64_t{block[0]} << 32 | block[1]) >> 11);
}

}  // namespace study
}  // namespace swarm
