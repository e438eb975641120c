#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/core/params.hpp"

/// What a specialist has in view: a window of W tok, snapshots of it, and when to act before it is full
/// (docs/models/context.md, "Windows").
namespace swarm {
namespace dispatch {

struct WindowParams {
  double window_tok = 8192;
  double warn_share = 0.75;
  double handover_share = 0.85;
  double emergency_share = 0.95;
  double margin_tok = 500;
  Duration dirty_limit{300};
  double snapshot_tok = 1500;
  std::int64_t snapshots = 5;
  double essential_tok = 100;
  double rationale_tok = 300;
  double breakdown_tok = 500;
};

template <class V>
void describe(V& v, WindowParams& p) {
  v("window_tok", p.window_tok, {.unit = "tok", .min = 1, .max = 1e8, .doc = "Size of a specialist's context window.", .source = kAssumed});
  v("warn_share", p.warn_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of its window from which a specialist counts as loaded, and hands over where exhaustion is predicted.", .source = kAssumed});
  v("handover_share", p.handover_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of its window from which a specialist takes a checkpoint and hands over.", .source = kAssumed});
  v("emergency_share", p.emergency_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of its window from which a specialist hands over no more than the essential context.", .source = kAssumed});
  v("margin_tok", p.margin_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Tok that must stay free in a window beside those that the next answer is expected to take.", .source = kAssumed});
  v("dirty_limit", p.dirty_limit, {.unit = "s", .min = 0, .min_open = true, .doc = "Time that a window may have been changed without a snapshot; then one is taken.", .source = kAssumed});
  v("snapshot_tok", p.snapshot_tok, {.unit = "tok", .min = 1, .max = 1e8, .doc = "Tok after which a snapshot of a window is taken.", .source = kAssumed});
  v("snapshots", p.snapshots, {.unit = "1", .min = 0, .max = 1000, .doc = "Snapshots of a window that are kept, the least recently used one going first; 0 for none.", .source = kAssumed});
  v("essential_tok", p.essential_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Length of a session's essential context, all that an emergency handover carries.", .source = kAssumed});
  v("rationale_tok", p.rationale_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Length of the reasons that other handovers carry beside it.", .source = kAssumed});
  v("breakdown_tok", p.breakdown_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Length of the detailed account that other handovers carry beside both.", .source = kAssumed});
}

enum class WindowLevel : std::uint8_t { normal, warn, handover, emergency };
WindowLevel level_of(const WindowParams& p, double used_tok);

/// Whether the window cannot be expected to take the next answer: used + expected + margin > W.
inline bool too_little_room(const WindowParams& p, double used_tok, double expected_tok) {
  return used_tok + expected_tok + p.margin_tok > p.window_tok;
}
/// Whether a window is due for a snapshot: `tok_since` have come since the last one, the first of them `dirty_s` s ago.
inline bool snapshot_due(const WindowParams& p, double tok_since, double dirty_s) {
  return p.snapshots > 0 && tok_since > 0 && (tok_since >= p.snapshot_tok || dirty_s >= p.dirty_limit.seconds);
}

/// How soon a part of a context is at hand, by its length: hot ones stay in memory, warm ones in fast storage, cold
/// ones are archived.
struct TierParams {
  double hot_tok = 200;
  double warm_tok = 500;
  Duration warm_access{0.01};
  Duration cold_access{0.1};
};

template <class V>
void describe(V& v, TierParams& p) {
  v("hot_tok", p.hot_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Length below which a part of a context is kept in memory (hot)."});
  v("warm_tok", p.warm_tok, {.unit = "tok", .min = 0, .max = 1e8, .doc = "Length below which other parts are kept in fast storage (warm); longer ones are archived (cold)."});
  v("warm_access", p.warm_access, {.unit = "s", .min = 0, .doc = "Time to find a warm part of a context for a handover.", .source = kAssumed});
  v("cold_access", p.cold_access, {.unit = "s", .min = 0, .doc = "Time to find a cold part.", .source = kAssumed});
}

enum class Tier : std::uint8_t { hot, warm, cold };
inline Tier tier_of(const TierParams& p, double tok) {
  return tok < p.hot_tok ? Tier::hot : tok < p.warm_tok ? Tier::warm : Tier::cold;
}

/// Time until a part of `tok` is at hand; nothing for one without length.
inline double access_s(const TierParams& p, double tok) {
  const Tier tier = tier_of(p, tok);
  return tok <= 0 || tier == Tier::hot ? 0.0 : tier == Tier::warm ? p.warm_access.seconds : p.cold_access.seconds;
}

/// How much of a record of a window still works; a failure of storage is one step down.
enum class Storage : std::uint8_t { full, in_memory, minimal };

/// A window with its history: every state that it ever had can be rebuilt from the nearest snapshot at or before it and
/// the changes since. With storage in_memory the changes are lost, and only snapshots can be had; with minimal, only
/// the present essential parts. Not thread-safe.
class ContextHistory {
 public:
  enum class Part : std::uint8_t { essential, rationale, breakdown };
  struct Item {
    Part part;
    double tok;
    friend bool operator==(const Item&, const Item&) = default;
  };
  using State = std::map<std::uint32_t, Item>;  ///< by number of the item
  struct Rebuilt {
    State state;
    bool exact;  ///< whether it is the state that was asked for
  };

  explicit ContextHistory(const WindowParams& p) : params_(p) {}

  void add(std::uint32_t item, Part part, double tok);
  void remove(std::uint32_t item);
  /// Changes so far; state 0 is the empty one.
  std::uint64_t version() const { return version_; }
  const State& state() const { return state_; }
  double used_tok() const;
  /// State `version` ≤ version(). Uses the snapshot it starts from.
  Rebuilt rebuild(std::uint64_t version);
  /// Storage fails, or is as it was at first. What was lost meanwhile stays lost.
  void fail_storage();
  void restore_storage();
  Storage storage() const { return storage_; }
  std::size_t snapshots() const { return snapshots_.size(); }
  std::vector<std::uint64_t> snapshot_versions() const;

 private:
  struct Delta {
    std::uint32_t item;
    std::optional<Item> now;  ///< none: removed
  };
  struct Snapshot {
    std::uint64_t version;
    State state;
    std::uint64_t used;  ///< moment of last use
  };
  void change(const Delta& delta);
  void keep_snapshot();

  WindowParams params_;
  State state_;
  std::uint64_t version_ = 0, moment_ = 0;
  State base_;                     ///< where the recorded changes begin: empty, or as storage was restored
  std::uint64_t base_version_ = 0;
  std::vector<Delta> deltas_;      ///< from there on
  std::vector<Snapshot> snapshots_;
  double since_snapshot_ = 0;
  Storage storage_ = Storage::full;
};

}  // namespace dispatch
}  // namespace swarm
