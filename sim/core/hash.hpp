#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Content hashes (XXH3, 128 bits) for digests, cache keys and checksums. Not cryptographic.
namespace swarm {
inline namespace core {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend constexpr auto operator<=>(const Hash128&, const Hash128&) = default;
  /// 32 lower-case hexadecimal digits.
  std::string hex() const;
};

/// Feeds bytes in order; the result depends on their concatenation only.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void bytes(const void* data, std::size_t size);
  void text(std::string_view s);  ///< length-prefixed, so that "ab","c" differs from "a","bc"
  void number(std::uint64_t value);
  Hash128 result() const;

 private:
  void* state_;
};

Hash128 hash128(const void* data, std::size_t size);

}  // namespace core
}  // namespace swarm
