#pragma once
#include <cstdint>
#include <vector>

#include "sim/economy/quota.hpp"
#include "sim/economy/reputation.hpp"

/// What a region's specialists may still serve, and what is thought of them; row as in AgentColumns. Columns
/// of what is switched off stay empty.
namespace swarm {
namespace world {

/// Quota is counted in tok of simulated requests: a request reserves what it takes in and out.
struct QuotaState {
  economy::QuotaColumns book;        ///< nothing is offered between steps
  std::vector<std::int64_t> missed;  ///< tok of requests of the day that came to it and did not fit
  std::int64_t correct_tok = 0;      ///< of the day's answers so far, tok of the correct ones
};

struct ReputationState {
  economy::Reputation::Columns ratings;  ///< nothing is left of a step's ratings once it is over
  std::vector<double> score;             ///< at the end of the last step
};

}  // namespace world
}  // namespace swarm
