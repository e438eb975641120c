#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "sim/dispatch/params.hpp"

/// Ranking of the specialists that quoted for one request. The same rule ranks regions when the order is sent
/// (with last step's waits) and sites when it is placed (with the waits of that very instant).
namespace swarm {
namespace dispatch {

inline constexpr std::size_t kMaxCandidates = 8;

/// What the rule may know of one candidate.
struct Candidate {
  float price_usd = 0;      ///< full quote for the request
  float delay_s = 0;        ///< expected time to the answer: network + wait + service
  float wait_s = 0;         ///< expected wait for a server
  float round_trip_s = 0;   ///< network distance
  float energy_kwh = 0;     ///< grid energy of serving the request
  float ill_repute = 0;     ///< how far its reputation lies below neutral, times the weight of reputation
  std::uint32_t site = 0;   ///< global site row
  bool foreign = false;     ///< outside the asking region
  bool chosen = false;      ///< its site is the one that migration sends the request to
  float requests = 0;       ///< in its site, per server; looked at if balance.signal says so
  float carbon_g = 0;       ///< expected, location-based, of serving the request and of carrying it
  float total_j = 0;        ///< what total_joules says of it
};

/// What the rule may know of the request: its deadline, a random word of its own, and its turn number.
struct Turn {
  float deadline_s = 1;
  std::uint32_t random_order = 0;
  std::uint32_t turn = 0;
};

/// What min-total-energy minimises, of one real request [J]: grid energy of serving it, energy of carrying it, and what
/// its delay counts for.
inline double total_joules(const BalanceParams& p, double grid_j, double carrying_j, double delay_s) {
  return grid_j + carrying_j + p.delay_joules_per_s * delay_s;
}

/// Indices of `candidates`, best first; a permutation of 0 … n−1 in the first n places. n ≤ kMaxCandidates.
///  weighted             Σ weight · term, terms relative to the mean over the candidates (price, energy), to the
///                       deadline (delay), or 0/1 (foreign); ill repute as it is
///  random               a uniformly random order
///  round-robin          sites in cyclic order, starting at the request's turn
///  nearest              by round-trip time, then expected wait
///  join-shortest-queue  by expected wait, or requests in the site where that is the signal, then round-trip time
///  power-of-d           the least of the same among the first d of a random order, then the rest in that order
///  greedy-carbon        by expected carbon, then delay
///  min-total-energy     those of the chosen site before the others, each by total_joules
/// Ties go to the earlier candidate.
void rank(const BalanceParams& p, std::span<const Candidate> candidates, const Turn& turn,
          std::array<std::uint8_t, kMaxCandidates>& order);

}  // namespace dispatch
}  // namespace swarm
