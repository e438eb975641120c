#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// What specialists that work on one thing together know of it, and how well they do (docs/models/collaboration.md,
/// "Session state").
namespace swarm {
namespace dispatch {

struct SessionParams {
  double imbalance_limit = 0.15;
  double quality_aim = 0.8;
};

template <class V>
void describe(V& v, SessionParams& p) {
  v("imbalance_limit", p.imbalance_limit, {.unit = "1", .min = 0, .max = 1, .doc = "Contribution imbalance up to which members count as sharing the work.", .source = kAssumed});
  v("quality_aim", p.quality_aim, {.unit = "1", .min = 0, .max = 1, .doc = "Collaboration quality that a session should reach.", .source = kAssumed});
}

struct Decision {
  std::uint32_t number = 0;
  std::uint32_t votes = 0, voters = 0;
};
struct Artefact {
  std::uint32_t number = 0;
  std::uint32_t maker = 0;  ///< a role
};
struct NextAction {
  std::uint32_t role = 0;
  bool done = false;
};

struct SessionState {
  std::vector<Decision> decisions;      ///< the oldest first
  std::vector<std::uint32_t> roles;     ///< who takes part
  std::vector<double> contributed;      ///< per role, in any one unit
  std::uint32_t focus = 0;              ///< number of what is being worked on
  std::vector<Artefact> artefacts;
  std::vector<NextAction> next_actions;
};

/// Farthest that a role's share of all contributions is from an equal one, max |cᵢ/Σc − 1/n|; 0 without contributions.
double contribution_imbalance(std::span<const double> contributed);

struct Collaboration {
  double imbalance = 0;
  double agreement = 1;   ///< mean share of votes that decisions got
  double completion = 1;  ///< share of next actions that are done
  double quality = 1;     ///< mean of 1 − imbalance/(1 − 1/n), agreement and completion
  bool balanced = true, good = true;  ///< within imbalance_limit; at least quality_aim
};
Collaboration collaboration(const SessionParams& p, const SessionState& s);

}  // namespace dispatch
}  // namespace swarm
