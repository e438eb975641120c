#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "sim/core/checks.hpp"

/// Allowances of energy: what each agent may still spend today, and what a request is expected to take
/// (docs/models/energy_storage.md). Energy is counted in whole microjoules.
namespace swarm {
namespace hardware {

/// What a checkpoint saves; one row per agent.
struct AllowanceColumns {
  std::vector<std::int64_t> spent_uj;     ///< of the day's allowance
  std::vector<std::int64_t> reserved_uj;  ///< for requests being answered, as estimated
};

/// What is left of an allowance. Estimates can be too low, so it may be less than nothing.
inline std::int64_t left_uj(const AllowanceColumns& a, std::size_t agent, std::int64_t allowance_uj) {
  return allowance_uj - a.spent_uj[agent] - a.reserved_uj[agent];
}

/// Sets an estimate aside; false, and nothing happens, if less is left.
inline bool reserve_energy(AllowanceColumns& a, std::size_t agent, std::int64_t allowance_uj, std::int64_t estimate_uj) {
  if (estimate_uj > left_uj(a, agent, allowance_uj)) return false;
  a.reserved_uj[agent] += estimate_uj;
  return true;
}

/// Nobody answers after all.
inline void release_energy(AllowanceColumns& a, std::size_t agent, std::int64_t estimate_uj) {
  EXPECT(estimate_uj >= 0 && estimate_uj <= a.reserved_uj[agent]);
  a.reserved_uj[agent] -= estimate_uj;
}

/// A request is answered: what it took counts, whatever was set aside for it.
inline void spend_energy(AllowanceColumns& a, std::size_t agent, std::int64_t estimate_uj, std::int64_t actual_uj) {
  EXPECT(estimate_uj >= 0 && estimate_uj <= a.reserved_uj[agent] && actual_uj >= 0);
  a.reserved_uj[agent] -= estimate_uj;
  a.spent_uj[agent] += actual_uj;
}

/// Exponentially weighted moving average: the next estimate after one that came to `actual`.
inline double next_estimate(double estimate, double actual, double rate) { return estimate + rate * (actual - estimate); }

/// Whether an estimate is within 30 % of what came of it.
inline bool close_estimate(double estimate, double actual) { return std::abs(estimate - actual) <= 0.3 * actual; }

}  // namespace hardware
}  // namespace swarm
