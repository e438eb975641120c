#include "agents/nn/weight_store.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "sim/core/errors.hpp"

namespace swarm {
namespace nn {
namespace {

/// Dead models kept, so that lineages that come and go do not ask the system for fresh pages each time.
constexpr std::size_t kSpares = 64;

std::size_t storage_bytes(const Model& model) {
  return model.data().size_bytes();
}

}  // namespace

const WeightStore::Slot& WeightStore::slot(ModelId id) const {
  const std::size_t chunk = id.value / kChunk;
  if (chunk < chunks_.size() && chunks_[chunk] != nullptr) {
    const Slot& found = chunks_[chunk]->slots[id.value % kChunk];
    if (found.model != nullptr) return found;
  }
  throw ModelError(fmt::format("model {} is not in the weight store", id.value));
}

bool WeightStore::contains(ModelId id) const {
  const std::size_t chunk = id.value / kChunk;
  return chunk < chunks_.size() && chunks_[chunk] != nullptr &&
         chunks_[chunk]->slots[id.value % kChunk].model != nullptr;
}

void WeightStore::refuse_unpacked(ModelId id) {
  throw ModelError(fmt::format("model {} was changed and must be packed before it runs", id.value));
}

void WeightStore::place(std::uint64_t id, Slot made) {
  if (id > std::numeric_limits<ModelId::rep>::max()) throw ModelError("the weight store has run out of ids");
  const std::size_t chunk = static_cast<std::size_t>(id / kChunk);
  if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
  if (chunks_[chunk] == nullptr) chunks_[chunk] = std::make_unique<Chunk>();
  bytes_ += storage_bytes(*made.model) + made.packed.size();
  ++size_;
  ++chunks_[chunk]->live;
  chunks_[chunk]->slots[id % kChunk] = std::move(made);
  next_id_ = std::max(next_id_, id + 1);
}

void WeightStore::pack(Slot& slot) {
  if (slot.network->packs()) {
    slot.packed = slot.network->pack(*slot.model, slot.ranges);
    slot.parameters = slot.packed.data();
  } else {
    slot.parameters = std::as_bytes(slot.model->data()).data();
  }
}

void WeightStore::pack(ModelId id) {
  Slot& held = slot(id);
  bytes_ -= held.packed.size();
  pack(held);
  bytes_ += held.packed.size();
}

const Network& WeightStore::network_of(const Architecture& architecture, const Numerics& numerics) {
  // Newest first: models of one architecture come in a row.
  for (std::size_t i = networks_.size(); i-- > 0;)
    if (networks_[i]->numerics() == numerics && networks_[i]->architecture() == architecture) return *networks_[i];
  return *networks_.emplace_back(std::make_unique<const Network>(architecture, numerics));
}

WeightStore::Slot WeightStore::make(Model model, const Numerics& numerics, std::vector<Affine> ranges, std::uint64_t references) {
  Slot made;
  made.network = &network_of(model.architecture(), numerics);
  made.model = std::make_unique<Model>(std::move(model));
  made.references = references;
  made.ranges = std::move(ranges);
  pack(made);
  return made;
}

ModelId WeightStore::insert(Slot made) {
  const std::uint64_t id = next_id_;
  place(id, std::move(made));
  return ModelId{static_cast<ModelId::rep>(id)};
}

ModelId WeightStore::add(Model model, const Numerics& numerics, std::vector<Affine> ranges) {
  return insert(make(std::move(model), numerics, std::move(ranges), 1));
}

void WeightStore::retain(ModelId id, std::uint64_t n) {
  Slot& held = slot(id);
  if (n > std::numeric_limits<std::uint64_t>::max() - held.references)
    throw ModelError(fmt::format("model {} has too many references", id.value));
  held.references += n;
}

void WeightStore::release(ModelId id, std::uint64_t n) {
  Slot& held = slot(id);
  if (n > held.references)
    throw ModelError(fmt::format("{} references to model {} are released but only {} are held", n, id.value,
                                 held.references));
  held.references -= n;
  if (held.references > 0) return;
  bytes_ -= storage_bytes(*held.model) + held.packed.size();
  --size_;
  if (spare_.size() < kSpares) spare_.push_back(std::move(held.model));
  held = {};
  std::unique_ptr<Chunk>& chunk = chunks_[id.value / kChunk];
  if (--chunk->live == 0) chunk.reset();
}

ModelId WeightStore::diverge(ModelId id) {
  Slot& held = slot(id);
  if (held.references == 1) return id;
  const Model& original = *held.model;
  const auto same_shape = [&](const std::unique_ptr<Model>& m) { return m->architecture() == original.architecture(); };
  const auto spare = std::find_if(spare_.rbegin(), spare_.rend(), same_shape);
  std::unique_ptr<Model> copy;
  if (spare == spare_.rend()) {
    copy = std::make_unique<Model>(original);
  } else {
    std::swap(*spare, spare_.back());
    copy = std::move(spare_.back());
    spare_.pop_back();
    std::copy(original.data().begin(), original.data().end(), copy->data().begin());
  }
  Slot made;
  made.model = std::move(copy);
  made.network = held.network;
  made.references = 1;
  made.packed = held.packed;
  made.ranges = held.ranges;
  if (held.parameters != nullptr)
    made.parameters = made.packed.empty() ? std::as_bytes(made.model->data()).data() : made.packed.data();
  --held.references;
  return insert(std::move(made));
}

Model& WeightStore::writable(ModelId id) {
  Slot& held = slot(id);
  if (held.references != 1)
    throw ModelError(fmt::format("model {} is shared by {} holders and must diverge before it is changed",
                                 id.value, held.references));
  if (held.network->packs()) held.parameters = nullptr;
  return *held.model;
}

std::vector<ModelId> WeightStore::ids() const {
  std::vector<ModelId> out;
  out.reserve(size_);
  for (std::size_t c = 0; c < chunks_.size(); ++c) {
    if (chunks_[c] == nullptr) continue;
    for (std::size_t i = 0; i < kChunk; ++i)
      if (chunks_[c]->slots[i].model != nullptr)
        out.push_back(ModelId{static_cast<ModelId::rep>(c * kChunk + i)});
  }
  return out;
}

void WeightStore::restore(ModelId id, Model model, std::uint64_t references, const Numerics& numerics,
                          std::vector<Affine> ranges) {
  if (references == 0 || contains(id))
    throw ModelError(fmt::format("model {} cannot be restored: it is {}", id.value,
                                 references == 0 ? "referred to by nobody" : "in the store already"));
  place(id.value, make(std::move(model), numerics, std::move(ranges), references));
}

void WeightStore::restore_next_id(std::uint64_t next_id) {
  if (next_id < next_id_)
    throw ModelError(
        fmt::format("ids below {} have been issued already; {} would reuse them", next_id_, next_id));
  next_id_ = next_id;
}

std::size_t WeightStore::drop_packed() {
  std::size_t dropped = 0;
  for (const auto& model : spare_) dropped += storage_bytes(*model);
  spare_.clear();
  spare_.shrink_to_fit();
  for (const ModelId id : ids()) {
    dropped += slot(id).packed.size();
    pack(id);
  }
  return dropped;
}

}  // namespace nn
}  // namespace swarm
