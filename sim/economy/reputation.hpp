#pragma once
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/params.hpp"

/// What an agent's past answers say about it (docs/models/incentives.md, "Reputation"): a mean of its ratings
/// that forgets exponentially and starts from a neutral prior, as the beta reputation does (A. Jøsang and R.
/// Ismail, 15th Bled Electronic Commerce Conference, 2002).
namespace swarm {
namespace economy {

struct ReputationParams {
  bool enabled = false;
  double treasury_share = 0.1;
  double weight = 0;
  double quality_weight = 0.5;
  double punctuality_weight = 0.3;
  double collaboration_weight = 0.2;
  double neutral = 0.5;
  double prior_uses = 10;
  Duration half_life{7 * 86400.0};
};

template <class V>
void describe(V& v, ReputationParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether specialists have a reputation by their past answers, which they are paid for."});
  v("treasury_share", p.treasury_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of its treasury that a region pays at the end of each UTC day to specialists whose reputation is above neutral.", .source = kAssumed});
  v("weight", p.weight, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of a specialist's reputation below neutral in the router's score, beside those of [balance].", .source = kAssumed});
  v("quality_weight", p.quality_weight, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the quality of past answers in an agent's reputation, relative to the other two weights.", .source = kAssumed});
  v("punctuality_weight", p.punctuality_weight, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of past punctuality in an agent's reputation.", .source = kAssumed});
  v("collaboration_weight", p.collaboration_weight, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of past collaboration in an agent's reputation.", .source = kAssumed});
  v("neutral", p.neutral, {.unit = "1", .min = 0, .max = 1, .doc = "Reputation of an agent of which nothing is known."});
  v("prior_uses", p.prior_uses, {.unit = "1", .min = 0, .max = 1e6, .min_open = true, .doc = "Number of neutral ratings that an agent's own ratings are averaged with; after as many of its own they count half.", .source = kAssumed});
  v("half_life", p.half_life, {.unit = "s", .min = 0, .min_open = true, .doc = "Time after which a rating counts half.", .source = kAssumed});
}

/// What a rating is about.
enum class Aspect : std::uint8_t { quality, punctuality, collaboration };
inline constexpr std::size_t kAspects = 3;

/// Reputations of a region's agents. Within a step ratings are only counted, as integers, so their order and
/// the way they are split over calls cannot reach a result; end_step() lets older ratings fade and adds the
/// step's. Not thread-safe.
class Reputation {
 public:
  /// Everything a run has to save: kAspects entries per agent (agent after agent, aspects in their order).
  struct Columns {
    std::vector<double> sum;               ///< faded sum of ratings
    std::vector<double> count;             ///< faded number of ratings
    std::vector<std::int64_t> step_sum;    ///< this step's ratings in 2⁻³², 0 after end_step()
    std::vector<std::int64_t> step_count;  ///< and their number
  };

  Reputation(const ReputationParams& params, std::size_t agents);
  /// Goes on from the columns that earlier reputations left.
  Reputation(const ReputationParams& params, Columns columns) : params_(params), columns_(std::move(columns)) {}
  /// Hands the columns back; this is of no use afterwards.
  Columns release() { return std::move(columns_); }

  std::size_t agents() const { return columns_.sum.size() / kAspects; }
  /// Agents beyond those there are, without ratings.
  void add_agents(std::size_t more);

  /// ratings[k] in [0, 1] of agents[k] (an agent may occur many times), kept to 2⁻³². ModelError, before
  /// anything has changed, if one is outside (NaN included). At most 2³⁰ ratings per agent, aspect and step.
  void rate(Aspect aspect, std::span<const std::uint32_t> agents, std::span<const double> ratings);
  /// Time passes by `step_s` ≥ 0: what was known before fades by 2^(−step_s/half-life), the step's ratings
  /// join it.
  void end_step(double step_s);

  /// Reputation in [0, 1] after the steps so far: the weighted mean over aspects of (k·neutral + sum)/(k +
  /// count). Exactly neutral without ratings, or if all weights are 0.
  double score(std::size_t agent) const;
  /// How far the score is above neutral, 0 if it is not: the weight with which apportion() divides a bonus
  /// pool.
  double bonus_weight(std::size_t agent) const;
  /// Both for every agent.
  void scores(std::span<double> out) const;
  void bonus_weights(std::span<double> out) const;

  Columns& raw() { return columns_; }

 private:
  double excess(std::size_t agent) const;

  ReputationParams params_;
  Columns columns_;
};

/// 2^(−halvings), halvings ≥ 0: exact for whole numbers, 0 at ∞.
double halved(double halvings);

}  // namespace economy
}  // namespace swarm
