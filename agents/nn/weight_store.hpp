#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agents/nn/model.hpp"
#include "agents/nn/network.hpp"
#include "sim/core/ids.hpp"

/// Where weights live: shared by reference count, copied only when a holder wants to change them.
namespace swarm {
namespace nn {

/// Models by stable id. An id is issued once and never again. Any number of threads may read (const members)
/// at the same time; a change excludes everything else. An id that is not in the store is a ModelError.
class WeightStore {
 public:
  /// Stores a model with one reference, packed for running in those numerics; `ranges` as Network::pack() has them.
  ModelId add(Model model, const Numerics& numerics = {}, std::vector<Affine> ranges = {});
  const Model& get(ModelId id) const { return *slot(id).model; }
  /// The same, ready to run: nothing of the model itself need be looked at.
  struct Ready {
    const Network* network;
    const std::byte* parameters;
    PassCost cost() const { return network->cost(parameters); }
  };
  /// Throws ModelError for a model that was changed and not packed since.
  Ready ready(ModelId id) const {
    const Slot& s = slot(id);
    if (s.parameters == nullptr) refuse_unpacked(id);
    return {s.network, s.parameters};
  }

  void retain(ModelId id, std::uint64_t n = 1);
  /// Gives n references back; at none the model is freed. More than there are is a ModelError.
  void release(ModelId id, std::uint64_t n = 1);
  std::uint64_t references(ModelId id) const { return slot(id).references; }
  bool contains(ModelId id) const;

  /// One holder wants weights of its own: the same id if it is the only holder, else it gives up its
  /// reference and receives the id of a copy.
  ModelId diverge(ModelId id);
  /// The model to be changed; it must have exactly one reference. Call pack() once it is as it should be.
  Model& writable(ModelId id);
  /// Makes a changed model ready to run.
  void pack(ModelId id);

  std::size_t size() const { return size_; }
  /// Memory of all stored parameters, canonical and packed, padding included [B].
  std::size_t bytes() const { return bytes_; }
  /// The id that the next new model will get.
  std::uint64_t next_id() const { return next_id_; }
  /// Ids in the store, ascending.
  std::vector<ModelId> ids() const;

  /// Puts a model back under the id it had in a checkpoint; later ids are issued after it.
  void restore(ModelId id, Model model, std::uint64_t references, const Numerics& numerics = {}, std::vector<Affine> ranges = {});
  /// Ids below this one are never issued again (after a checkpoint whose newest models had already died).
  void restore_next_id(std::uint64_t next_id);

  /// Drops everything that can be recomputed and returns how much that was [B]: storage of dead models kept for reuse by
  /// diverge(), and packed parameters, which are made anew at once.
  std::size_t drop_packed();

 private:
  struct Slot {
    std::unique_ptr<Model> model;
    const Network* network = nullptr;
    const std::byte* parameters = nullptr;  // what the network runs; null for a changed model
    std::uint64_t references = 0;
    AlignedBytes packed;  // empty if the network reads the model's own parameters
    std::vector<Affine> ranges;
  };
  static constexpr std::size_t kChunk = 256;
  struct Chunk {
    std::array<Slot, kChunk> slots;
    std::size_t live = 0;
  };

  const Slot& slot(ModelId id) const;
  Slot& slot(ModelId id) { return const_cast<Slot&>(static_cast<const WeightStore*>(this)->slot(id)); }
  [[noreturn]] static void refuse_unpacked(ModelId id);
  Slot make(Model model, const Numerics& numerics, std::vector<Affine> ranges, std::uint64_t references);
  ModelId insert(Slot made);
  const Network& network_of(const Architecture& architecture, const Numerics& numerics);
  void place(std::uint64_t id, Slot made);
  void pack(Slot& slot);

  std::vector<std::unique_ptr<Chunk>> chunks_;  // null where every id has died
  std::vector<std::unique_ptr<Model>> spare_;
  std::vector<std::unique_ptr<const Network>> networks_;  // one per architecture and numerics
  std::uint64_t next_id_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace nn
}  // namespace swarm
