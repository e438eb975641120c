#pragma once
#include <cstdint>
#include <span>

#include "sim/core/params.hpp"

/// Councils: hard requests that several specialists answer together (docs/models/council.md).
namespace swarm {
namespace dispatch {

/// What the coalitions of a council come to fits into one word: bit S for the members whose bits are in S.
inline constexpr std::size_t kMostSeats = 5;

struct CouncilParams {
  std::int64_t seats = 1;
  double threshold = 0.7;
  double synergy_share = 0.2;
  bool in_emergencies = false;
};

template <class V>
void describe(V& v, CouncilParams& p) {
  v("seats", p.seats, {.unit = "1", .min = 1, .max = static_cast<double>(kMostSeats), .doc = "Specialists of one site that answer a hard request together; 1 for no councils."});
  v("threshold", p.threshold, {.unit = "1", .min = 0, .max = 1, .doc = "Triage score above which a request gets a council, if its users can pay for it and it can be in time."});
  v("synergy_share", p.synergy_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of a council's pay that is divided by what each member contributed to the answer (Shapley value); the rest is divided equally.", .source = kAssumed});
  v("in_emergencies", p.in_emergencies, {.unit = "", .doc = "Whether calls for help during a hazard may get a council as other hard requests do; otherwise one specialist answers them, at once."});
}

/// How triage wants a request to be answered: by one specialist; by a council, if its score is above the threshold; or by
/// one specialist whatever its score, since it calls for help during a hazard.
enum class TriageMode : std::uint8_t { express, council, emergency };

inline TriageMode triage_mode(const CouncilParams& p, double triage_score, bool calls_for_help) {
  if (calls_for_help && !p.in_emergencies) return TriageMode::emergency;
  return p.seats > 1 && triage_score > p.threshold ? TriageMode::council : TriageMode::express;
}

inline std::uint8_t seats_for(const CouncilParams& p, TriageMode mode) {
  return static_cast<std::uint8_t>(mode == TriageMode::council ? p.seats : 1);
}

/// Which coalitions of a council answer correctly: bit S is set if the class with the largest mean probability
/// (softmax of each member's logits, the first of equal ones) over the members in S is `truth`. Bit 0, nobody, never is.
/// `logits`: 1 to kMostSeats rows of `classes`, one per member, in order.
std::uint32_t coalitions_right(std::span<const float> logits, std::size_t classes, std::uint32_t truth);

constexpr bool is_right(std::uint32_t coalitions, std::uint32_t coalition) { return (coalitions >> coalition & 1) != 0; }

}  // namespace dispatch
}  // namespace swarm
