#pragma once
#include <cstdint>

/// What a region's councils came to. Which specialists sit in one follows from its flight (engine/council.hpp).
namespace swarm {
namespace world {

struct CouncilSums {
  std::uint64_t answers = 0;          ///< given by councils, by serving region
  std::uint64_t correct = 0;          ///< of these, the correct ones
  std::uint64_t lead_correct = 0;     ///< and those that their first member would have answered correctly alone
  std::uint64_t members = 0;          ///< sum of their members
  std::uint64_t members_correct = 0;  ///< of these, who would have answered correctly alone
  std::uint64_t asked = 0;            ///< requests that triage wanted a council for, by asking region
  std::uint64_t declined = 0;         ///< those of them that did without: too dear or too late, by asking region
  double bonus_usd = 0;               ///< paid by contribution instead of in equal parts

  void add(const CouncilSums& more) {
    answers += more.answers;
    correct += more.correct;
    lead_correct += more.lead_correct;
    members += more.members;
    members_correct += more.members_correct;
    asked += more.asked;
    declined += more.declined;
    bonus_usd += more.bonus_usd;
  }
};

struct CouncilAccount {
  CouncilSums step, total;  ///< this step; after the warm-up
};

}  // namespace world
}  // namespace swarm
