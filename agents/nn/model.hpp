#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "agents/nn/architecture.hpp"
#include "agents/nn/panel.hpp"
#include "agents/nn/slabs.hpp"

/// Networks as plain numbers: an architecture and one aligned run of fp32 parameters.
namespace swarm {
namespace nn {

/// Gives containers storage on 64-byte boundaries.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  AlignedAllocator() = default;
  template <class U>
  explicit AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kAlignment); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};
using AlignedFloats = std::vector<float, AlignedAllocator<float>>;

/// Where each block begins in a model's storage, and last its size [floats].
std::vector<std::size_t> block_offsets(const std::vector<Block>& blocks);

/// One fp32 network: an architecture and its parameters, block after block: weights [rows][padded columns], in panels
/// or row by row, then the bias [padded columns] of blocks that have one; padding is zero.
class Model {
 public:
  /// All parameters zero. Throws ModelError for an architecture that is impossible.
  explicit Model(Architecture architecture);

  const Architecture& architecture() const { return architecture_; }
  Extent input() const { return architecture_.input; }
  Extent output() const { return output_; }

  std::size_t blocks() const { return blocks_.size(); }
  std::size_t rows(std::size_t b) const { return blocks_[b].rows; }
  std::size_t columns(std::size_t b) const { return blocks_[b].columns; }
  /// Whether rows are multiplied with it; else it is a table, gains or taps.
  bool is_matrix(std::size_t b) const { return blocks_[b].panels; }
  /// Columns with padding.
  std::size_t width(std::size_t b) const { return padded(columns(b)); }

  std::span<float> weights(std::size_t b) { return {storage_.data() + offsets_[b], rows(b) * width(b)}; }
  std::span<const float> weights(std::size_t b) const { return {storage_.data() + offsets_[b], rows(b) * width(b)}; }
  /// Empty for a block without.
  std::span<float> bias(std::size_t b) {
    return {storage_.data() + offsets_[b] + rows(b) * width(b), blocks_[b].bias ? width(b) : 0};
  }
  std::span<const float> bias(std::size_t b) const {
    return {storage_.data() + offsets_[b] + rows(b) * width(b), blocks_[b].bias ? width(b) : 0};
  }
  float& weight(std::size_t b, std::size_t row, std::size_t column) { return weights(b)[index(b, row, column)]; }
  float weight(std::size_t b, std::size_t row, std::size_t column) const { return weights(b)[index(b, row, column)]; }
  /// All storage, padding included, for code that treats parameters alike (averaging, distances).
  std::span<float> data() { return storage_; }
  std::span<const float> data() const { return storage_; }

  /// Parameters in canonical order without padding: per block weights row-major, then bias.
  std::vector<float> packed() const;
  /// The inverse of packed(). Throws ModelError if the number of parameters is not the architecture's.
  static Model unpack(Architecture architecture, std::span<const float> parameters);

 private:
  std::size_t index(std::size_t b, std::size_t row, std::size_t column) const {
    return blocks_[b].panels ? panel_index(rows(b), width(b), row, column) : row * width(b) + column;
  }

  Architecture architecture_;
  Extent output_;
  std::vector<Block> blocks_;
  std::vector<std::size_t> offsets_;
  std::vector<float, SlabAllocator<float>> storage_;
};

}  // namespace nn
}  // namespace swarm
