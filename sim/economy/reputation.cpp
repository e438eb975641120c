#include "sim/economy/reputation.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/math.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace economy {
namespace {

constexpr double kRatingScale = 0x1p32;
constexpr double kLn2 = 0.693147180559945309417;
/// Beyond this many halvings nothing is left of a double.
constexpr double kAllForgotten = 1100;

std::size_t entry(std::size_t agent, Aspect aspect) {
  return agent * kAspects + static_cast<std::size_t>(aspect);
}

}  // namespace

double halved(double halvings) {
  EXPECT(halvings >= 0);
  if (halvings > kAllForgotten) return 0;
  const double whole = std::floor(halvings);
  return std::ldexp(math::exp(-kLn2 * (halvings - whole)), -static_cast<int>(whole));
}

Reputation::Reputation(const ReputationParams& params, std::size_t agents) : params_(params) {
  EXPECT(params.prior_uses > 0 && params.half_life.seconds > 0);
  add_agents(agents);
}

void Reputation::add_agents(std::size_t more) {
  const std::size_t entries = columns_.sum.size() + more * kAspects;
  columns_.sum.resize(entries);
  columns_.count.resize(entries);
  columns_.step_sum.resize(entries);
  columns_.step_count.resize(entries);
}

void Reputation::rate(Aspect aspect, std::span<const std::uint32_t> agents, std::span<const double> ratings) {
  EXPECT(agents.size() == ratings.size());
  for (const double rating : ratings)
    if (!(rating >= 0 && rating <= 1))
      throw ModelError(fmt::format(
          "a rating of {} (ratings lie between 0 and 1) please report it with the scenario and seed",
          rating));
  for (std::size_t k = 0; k < agents.size(); ++k) {
    EXPECT(agents[k] < this->agents());
    const std::size_t e = entry(agents[k], aspect);
    columns_.step_sum[e] += round_half_even(ratings[k] * kRatingScale);
    ++columns_.step_count[e];
  }
}

void Reputation::end_step(double step_s) {
  const double kept = halved(step_s / params_.half_life.seconds);
  for (std::size_t e = 0; e < columns_.sum.size(); ++e) {
    columns_.sum[e] = kept * columns_.sum[e] + static_cast<double>(columns_.step_sum[e]) / kRatingScale;
    columns_.count[e] = kept * columns_.count[e] + static_cast<double>(columns_.step_count[e]);
    columns_.step_sum[e] = 0;
    columns_.step_count[e] = 0;
  }
}

/// Score less neutral. Formed as a difference so that no rating leaves exactly nothing of it.
double Reputation::excess(std::size_t agent) const {
  EXPECT(agent < agents());
  const double weights[kAspects] = {params_.quality_weight, params_.punctuality_weight,
                                    params_.collaboration_weight};
  double sum = 0, weight_sum = 0;
  for (std::size_t a = 0; a < kAspects; ++a) {
    const std::size_t e = entry(agent, static_cast<Aspect>(a));
    sum += weights[a] * (columns_.sum[e] - params_.neutral * columns_.count[e]) /
           (params_.prior_uses + columns_.count[e]);
    weight_sum += weights[a];
  }
  return weight_sum > 0 ? sum / weight_sum : 0.0;
}

double Reputation::score(std::size_t agent) const {
  return std::clamp(params_.neutral + excess(agent), 0.0, 1.0);
}

double Reputation::bonus_weight(std::size_t agent) const {
  return std::max(excess(agent), 0.0);
}

void Reputation::scores(std::span<double> out) const {
  EXPECT(out.size() == agents());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = score(i);
}

void Reputation::bonus_weights(std::span<double> out) const {
  EXPECT(out.size() == agents());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = bonus_weight(i);
}

}  // namespace economy
}  // namespace swarm
