#pragma once
#include <cstdint>
#include <span>

#include "sim/dispatch/session_state.hpp"

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
  SessionParams session;
};

template <class V>
void describe(V& v, CouncilParams& p) {
  v("seats", p.seats, {.unit = "1", .min = 1, .max = static_cast<double>(kMostSeats), .doc = "Specialists of one site that answer a hard request together; 1 for no councils."});
  v("threshold", p.threshold, {.unit = "1", .min = 0, .max = 1, .doc = "Triage score above which a request gets a council, if its users can pay for it and it can be in time."});
  v("synergy_share", p.synergy_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of a council's pay that is divided by what each member contributed to the answer (Shapley value); the rest is divided equally.", .source = kAssumed});
  v("in_emergencies", p.in_emergencies, {.unit = "", .doc = "Whether calls for help during a hazard may get a council as other hard requests do; otherwise one specialist answers them, at once."});
  describe(v, p.session);
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

/// Softmax of each row of `classes` logits.
void probabilities_of(std::span<const float> logits, std::size_t classes, std::span<double> probability);

/// Which coalitions of a council answer correctly: bit S is set if answer_of S is `truth`. Bit 0, nobody, never is.
/// `probability`: 1 to kMostSeats rows of `classes`, one per member, in order.
std::uint32_t coalitions_right(std::span<const double> probability, std::size_t classes, std::uint32_t truth);

/// The class with the largest mean probability over the members in the coalition, the first of equal ones.
std::uint32_t answer_of(std::span<const double> probability, std::size_t classes, std::uint32_t coalition);

/// The word of a council in which only some members are heard: S answers as those of S who are heard do.
std::uint32_t as_heard(std::uint32_t coalitions, std::size_t members, std::uint32_t heard);

/// The session in which a council answered, as far as it heard its members. One decision, the class that those who are
/// heard chose, with the votes of those whose own class it is; each member contributes its probability of that class, and
/// its next action is to report. `members`: who sits in it, who presides first; `type`: what the question is about.
void hold_session(std::span<const double> probability, std::span<const std::uint32_t> members, std::uint32_t type, std::uint32_t heard,
                  SessionState& s);

constexpr bool is_right(std::uint32_t coalitions, std::uint32_t coalition) { return (coalitions >> coalition & 1) != 0; }

}  // namespace dispatch
}  // namespace swarm
