#pragma once
#include <cstddef>

/// Where parameters of models lie: pieces of equal size side by side, so that models of one architecture that are made
/// one after the other follow one another in memory, in pages as large as the system gives.
namespace swarm {
namespace nn {

/// `bytes` bytes on a 64-byte boundary. Throws std::bad_alloc. Any thread may call this at any time.
void* slab_allocate(std::size_t bytes);
/// Gives them back; `bytes` as they were asked for.
void slab_free(void* piece, std::size_t bytes) noexcept;

/// Gives containers such storage.
template <class T>
struct SlabAllocator {
  using value_type = T;
  SlabAllocator() = default;
  template <class U>
  explicit SlabAllocator(const SlabAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(slab_allocate(n * sizeof(T))); }
  void deallocate(T* p, std::size_t n) { slab_free(p, n * sizeof(T)); }
  friend bool operator==(const SlabAllocator&, const SlabAllocator&) { return true; }
};

}  // namespace nn
}  // namespace swarm
