#include "sim/core/hash.hpp"

#include <fmt/core.h>
#include <xxhash.h>

namespace swarm {
inline namespace core {

std::string Hash128::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

Hasher::Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_)); }
Hasher::~Hasher() { XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }

void Hasher::bytes(const void* data, std::size_t size) {
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_), data, size);
}
void Hasher::text(std::string_view s) {
  number(s.size());
  bytes(s.data(), s.size());
}
void Hasher::number(std::uint64_t value) { bytes(&value, sizeof value); }

Hash128 Hasher::result() const {
  const XXH128_hash_t h = XXH3_128bits_digest(static_cast<XXH3_state_t*>(state_));
  return {h.high64, h.low64};
}

Hash128 hash128(const void* data, std::size_t size) {
  const XXH128_hash_t h = XXH3_128bits(data, size);
  return {h.high64, h.low64};
}

}  // namespace core
}  // namespace swarm
