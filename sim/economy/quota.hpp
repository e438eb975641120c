#pragma once
#include <span>
#include <utility>
#include <vector>

#include "sim/core/units.hpp"
#include "sim/economy/credit_params.hpp"

/// How much of a scarce capacity each agent may use in a day, in whole units
/// (docs/models/credit.md, "Quota").
namespace swarm {
namespace economy {

/// Uses over which efficiency is averaged.
inline constexpr std::size_t kEfficiencyUses = 10;

/// What a checkpoint saves: one row per agent. Used, reserved and offered together never exceed allocated.
struct QuotaColumns {
  std::vector<std::int64_t> allocated;  ///< for the day, and what was carried or bought
  std::vector<std::int64_t> used;
  std::vector<std::int64_t> reserved;   ///< set aside for uses that have not ended
  std::vector<std::int64_t> offered;    ///< to others; taken out of sight until sold or taken back
  std::vector<std::int64_t> tradeable;  ///< of the bonus, what may still be offered or is offered
  std::vector<std::int64_t> carried;    ///< part of `reserved` that stems from an earlier day
  std::vector<std::int64_t> uses;       ///< ended so far
  std::vector<double> recent;  ///< kEfficiencyUses per agent: expected quality × utilisation, in a ring
};

/// What a new day brought.
struct QuotaDay {
  std::int64_t base{};   ///< allocations together
  std::int64_t bonus{};  ///< quota on top of them, at most the pool
};

class QuotaBook {
 public:
  /// Everybody starts without quota.
  QuotaBook(const QuotaParams& params, std::size_t agents);
  /// Goes on from columns that an earlier book of as many agents left.
  QuotaBook(const QuotaParams& params, QuotaColumns columns) : params_(params), columns_(std::move(columns)) {}
  /// Hands the columns back; the book is of no use afterwards.
  QuotaColumns release() { return std::move(columns_); }

  /// Yesterday's quota ends and everybody gets base[i] ≥ 0. What is reserved stays so, with the quota it was
  /// granted from, until its use ends. Efficient agents get their bonus: ⌊bonus_share·base⌋, all scaled down
  /// pro rata in order of agents if they exceed ⌊pool_share·Σ base⌋; half of it (rounded down) they may
  /// offer.
  QuotaDay new_day(std::span<const std::int64_t> base);

  std::int64_t available(std::size_t agent) const;
  /// Sets quota ≥ 0 aside; false, and nothing happens, if less is available.
  bool reserve(std::size_t agent, std::int64_t quota);
  /// A use ends: `used` of `reserved` quota counts as used, the rest is available again, unless it is an
  /// earlier day's, which ends. The oldest reservations end first. A use of 0 reserved leaves no trace in
  /// efficiency.
  void commit(std::size_t agent, std::int64_t reserved, std::int64_t used, double expected_quality);
  /// A reservation ends without use, and without trace in efficiency.
  void release(std::size_t agent, std::int64_t reserved);

  /// Offers quota ≥ 0 to others; false, and nothing happens, beyond what is tradeable or available.
  bool offer(std::size_t agent, std::int64_t quota);
  /// Takes an offer back; false, and nothing happens, if less is offered.
  bool withdraw_offer(std::size_t agent, std::int64_t quota);
  /// Moves offered quota to another agent, who may use but not offer it again; false if less is offered.
  bool transfer(std::size_t seller, std::size_t buyer, std::int64_t quota);

  /// Mean of expected quality × utilisation over the last ten uses, over all if there were fewer; 0 without
  /// any.
  double efficiency(std::size_t agent) const;

  const QuotaColumns& columns() const { return columns_; }
  /// Takes over columns of the same number of agents.
  void restore(QuotaColumns columns);

 private:
  std::int64_t bonus(std::size_t agent, std::int64_t base) const;
  void end_reservation(std::size_t agent, std::int64_t reserved, std::int64_t used);

  QuotaParams params_;
  QuotaColumns columns_;
};

}  // namespace economy
}  // namespace swarm
