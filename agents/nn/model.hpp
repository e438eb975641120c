#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "agents/nn/panel.hpp"

/// Networks as plain numbers: a shape and one aligned block of fp32 parameters.
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

/// A multilayer perceptron's widths: in, hidden…, out. ReLU between layers, linear output.
struct MlpShape {
  std::vector<std::uint32_t> widths;

  /// Weights and biases, padding not counted.
  std::size_t parameters() const;
  friend bool operator==(const MlpShape&, const MlpShape&) = default;
};

/// One fp32 network. Layer l holds weights [in][padded out] in panels, then bias [padded out]; padding is zero.
class Model {
 public:
  /// All parameters zero. Throws ModelError unless there are two widths or more, each at least 1.
  explicit Model(MlpShape shape);

  const MlpShape& shape() const { return shape_; }
  std::size_t layers() const { return offsets_.size(); }
  std::size_t inputs(std::size_t l) const { return shape_.widths[l]; }
  std::size_t outputs(std::size_t l) const { return shape_.widths[l + 1]; }
  /// Outputs with padding.
  std::size_t width(std::size_t l) const { return padded(outputs(l)); }

  std::span<float> weights(std::size_t l) { return {storage_.data() + offsets_[l], inputs(l) * width(l)}; }
  std::span<const float> weights(std::size_t l) const {
    return {storage_.data() + offsets_[l], inputs(l) * width(l)};
  }
  std::span<float> bias(std::size_t l) {
    return {storage_.data() + offsets_[l] + inputs(l) * width(l), width(l)};
  }
  std::span<const float> bias(std::size_t l) const {
    return {storage_.data() + offsets_[l] + inputs(l) * width(l), width(l)};
  }
  float& weight(std::size_t l, std::size_t in, std::size_t out) {
    return weights(l)[panel_index(inputs(l), width(l), in, out)];
  }
  float weight(std::size_t l, std::size_t in, std::size_t out) const {
    return weights(l)[panel_index(inputs(l), width(l), in, out)];
  }
  /// All storage, padding included, for code that treats parameters alike (averaging, distances).
  std::span<float> data() { return storage_; }
  std::span<const float> data() const { return storage_; }

  /// Parameters in canonical order without padding: per layer weights row-major [in][out], then bias.
  std::vector<float> packed() const;
  /// The inverse of packed(). Throws ModelError if the number of parameters is not the shape's.
  static Model unpack(MlpShape shape, std::span<const float> parameters);

 private:
  MlpShape shape_;
  std::vector<std::size_t> offsets_;  // of each layer in storage_ [floats]
  AlignedFloats storage_;
};

/// Work as the kernels did it, padding not counted, so that it does not depend on the kernel's layout.
struct WorkCount {
  std::uint64_t macs = 0;   ///< multiply-adds executed
  std::uint64_t bytes = 0;  ///< weights and biases read, activations read and written [B]

  WorkCount& operator+=(const WorkCount& other) {
    macs += other.macs;
    bytes += other.bytes;
    return *this;
  }
  friend bool operator==(const WorkCount&, const WorkCount&) = default;
};

/// One sample through the network alone: the weights are read once, for it.
WorkCount pass_cost(const MlpShape& shape);
/// `samples` samples as one group: the weights are read once for all of them.
WorkCount group_cost(const MlpShape& shape, std::uint64_t samples);

}  // namespace nn
}  // namespace swarm
