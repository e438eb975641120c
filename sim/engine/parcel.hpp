#pragma once
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "sim/core/checks.hpp"

/// A byte buffer that lists of plain values are written to and read from in the same order.
namespace swarm {
namespace engine {

class Parcel {
 public:
  template <class T>
  void put(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t n = values.size();
    append(&n, sizeof n);
    append(values.data(), n * sizeof(T));
  }
  /// Appends the next list to `out`.
  template <class T>
  void take(std::vector<T>& out) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::size_t n = 0;
    extract(&n, sizeof n);
    const std::size_t old = out.size();
    out.resize(old + n);
    extract(out.data() + old, n * sizeof(T));
  }

 private:
  void append(const void* data, std::size_t size) {
    const auto* from = static_cast<const std::byte*>(data);
    bytes_.insert(bytes_.end(), from, from + size);
  }
  void extract(void* data, std::size_t size) {
    EXPECT(read_ + size <= bytes_.size());
    if (size > 0) std::memcpy(data, bytes_.data() + read_, size);
    read_ += size;
  }
  std::vector<std::byte> bytes_;
  std::size_t read_ = 0;
};

}  // namespace engine
}  // namespace swarm
