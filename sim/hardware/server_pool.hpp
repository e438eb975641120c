#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// The sub-step clock of one site: c gangs of servers that serve first come first served in the order of
/// calls. Times are absolute seconds since the start of the run.
namespace swarm {
namespace hardware {

/// Where and when a job runs.
struct Placement {
  std::uint32_t server;  ///< gang, numbered from 0
  double start;          ///< [s]; start − arrival is the wait
  double finish;         ///< [s]; start + occupancy
};

/// Gang-seconds spent in each state within one step.
struct StateSeconds {
  double busy = 0, idle = 0, standby = 0;
};

/// Places jobs on gangs and meters what the gangs do. The only state is `free_at`, owned by the caller: when
/// each gang becomes free. Everything in the pool is derived from it and may be dropped between steps.
class ServerPool {
 public:
  /// `free_at` (one entry per gang, at least one) must outlive the pool or be replaced by rebind(). A gang
  /// that has been free for `idle_timeout` seconds falls asleep.
  ServerPool(std::span<double> free_at, double idle_timeout);

  /// Points the pool at other or restored state; between steps only.
  void rebind(std::span<double> free_at);

  /// Opens the step that starts at `t0` [s].
  void begin_step(double t0);

  /// Runs a job of `occupancy` ≥ 0 seconds that arrives at `arrival` ≥ t0: on the lowest-numbered gang free
  /// by then, else on the gang that frees first (lowest number among equals), start = max(arrival, free_at).
  /// Lowest first consolidates work, so that the other gangs can sleep. O(log c).
  Placement place(double arrival, double occupancy);

  /// Closes the step at `t1` ≥ t0 and returns what the gangs did within [t0, t1): busy + idle + standby =
  /// c·(t1 − t0). Jobs may end after t1, or start after it because they queue; they are metered in the steps
  /// in which they run. A gang promised to a job that arrives after t1 counts as busy from t1 on (it is
  /// held).
  StateSeconds end_step(double t1);

  /// Work accepted and not done at `now`: Σ max(0, free_at − now) [gang-seconds].
  double backlog(double now) const;

  /// When the first gang becomes free: a job arriving at `arrival` starts at max(arrival, earliest()).
  double earliest() const { return tree_[kRoot]; }

  std::uint32_t servers() const { return static_cast<std::uint32_t>(free_at_.size()); }

 private:
  /// A stretch in which one gang had nothing to do; its idle timeout runs from `from`, which may precede the
  /// step.
  struct Gap {
    double from, to;
  };

  static constexpr std::size_t kRoot = 3;  ///< of tree_; how nodes are numbered: server_pool.cpp

  std::span<double> free_at_;
  double idle_timeout_;
  double t0_ = 0;
  std::size_t first_leaf_ = 0;  ///< place of gang 0 in the tree
  std::vector<double> tree_;    ///< tournament of minima, four children each; missing gangs are +infinity
  std::vector<Gap> gaps_;       ///< gaps ended by a job of this step
};

}  // namespace hardware
}  // namespace swarm
