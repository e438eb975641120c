#include "sim/dispatch/context_window.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace dispatch {
namespace {

void apply(ContextHistory::State& state, std::uint32_t item, const std::optional<ContextHistory::Item>& now) {
  if (now)
    state.insert_or_assign(item, *now);
  else
    state.erase(item);
}

}  // namespace

WindowLevel level_of(const WindowParams& p, double used_tok) {
  const double share = used_tok / p.window_tok;
  return share >= p.emergency_share  ? WindowLevel::emergency
         : share >= p.handover_share ? WindowLevel::handover
         : share >= p.warn_share     ? WindowLevel::warn
                                     : WindowLevel::normal;
}

void ContextHistory::add(std::uint32_t item, Part part, double tok) {
  EXPECT(tok >= 0);
  since_snapshot_ += tok;
  change({item, Item{part, tok}});
}

void ContextHistory::remove(std::uint32_t item) { change({item, std::nullopt}); }

void ContextHistory::change(const Delta& delta) {
  apply(state_, delta.item, delta.now);
  ++version_;
  if (storage_ == Storage::full) deltas_.push_back(delta);
  if (since_snapshot_ >= params_.snapshot_tok) keep_snapshot();
}

void ContextHistory::keep_snapshot() {
  since_snapshot_ = 0;
  if (storage_ == Storage::minimal || params_.snapshots == 0) return;
  if (snapshots_.size() == static_cast<std::size_t>(params_.snapshots))
    snapshots_.erase(std::ranges::min_element(snapshots_, {}, &Snapshot::used));
  snapshots_.push_back({version_, state_, ++moment_});
}

double ContextHistory::used_tok() const {
  double sum = 0;
  for (const auto& [item, what] : state_) sum += what.tok;
  return sum;
}

ContextHistory::Rebuilt ContextHistory::rebuild(std::uint64_t version) {
  EXPECT(version <= version_);
  if (version == version_ && storage_ != Storage::minimal) return {state_, true};
  if (storage_ == Storage::minimal) {
    State essential;
    for (const auto& [item, what] : state_)
      if (what.part == Part::essential) essential.emplace(item, what);
    const bool exact = version == version_ && essential == state_;
    return {std::move(essential), exact};
  }
  Snapshot* from = nullptr;
  for (auto& s : snapshots_)
    if (s.version <= version && (from == nullptr || s.version > from->version)) from = &s;
  if (from != nullptr) from->used = ++moment_;
  Rebuilt out{from != nullptr ? from->state : State{}, true};
  std::uint64_t start = from != nullptr ? from->version : 0;
  const bool recorded = storage_ == Storage::full && version >= base_version_;
  if (recorded && start < base_version_) {
    out.state = base_;
    start = base_version_;
  }
  out.exact = recorded || start == version;
  if (recorded)
    for (std::uint64_t k = start; k < version; ++k) apply(out.state, deltas_[k - base_version_].item, deltas_[k - base_version_].now);
  return out;
}

void ContextHistory::fail_storage() {
  if (storage_ == Storage::full) {
    storage_ = Storage::in_memory;
    deltas_.clear();
  } else {
    storage_ = Storage::minimal;
    snapshots_.clear();
  }
}

void ContextHistory::restore_storage() {
  if (storage_ == Storage::full) return;
  storage_ = Storage::full;
  base_ = state_;
  base_version_ = version_;
}

std::vector<std::uint64_t> ContextHistory::snapshot_versions() const {
  std::vector<std::uint64_t> out;
  for (const auto& s : snapshots_) out.push_back(s.version);
  std::ranges::sort(out);
  return out;
}

}  // namespace dispatch
}  // namespace swarm
