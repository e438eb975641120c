#pragma once
#include "sim/core/params.hpp"

/// Who answers: `[triage]`, `[balance]` and `[network]`.
namespace swarm {
namespace dispatch {

enum class BalancePolicy : std::uint8_t { weighted, random, round_robin, nearest, join_shortest_queue, power_of_d };

struct TriageParams {
  double tok_scale = 4000;
  double weight_tok = 0.3;
  double weight_complexity = 0.5;
  double weight_urgency = 0.2;
};

template <class V>
void describe(V& v, TriageParams& p) {
  v("tok_scale", p.tok_scale, {.unit = "tok", .min = 1, .max = 1e7, .doc = "Tok count at which the length part of the triage score saturates.", .source = kAssumed});
  v("weight_tok", p.weight_tok, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of the length in the triage score.", .source = kAssumed});
  v("weight_complexity", p.weight_complexity, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of the complexity κ in the triage score.", .source = kAssumed});
  v("weight_urgency", p.weight_urgency, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of urgency in the triage score.", .source = kAssumed});
}

struct BalanceParams {
  BalancePolicy policy = BalancePolicy::weighted;
  std::int64_t d = 2;
  double weight_price = 1.0;
  double weight_latency = 4.0;
  double weight_energy = 0.5;
  double weight_locality = 0.5;
};

template <class V>
void describe(V& v, BalanceParams& p) {
  v("policy", p.policy, {.unit = "", .doc = "How a request ranks its candidates: by weighted score, at random, in turn, by network distance, by expected wait, or by the shortest wait of d random ones."});
  v("d", p.d, {.unit = "1", .min = 1, .max = 8, .doc = "Candidates compared by power-of-d."});
  v("weight_price", p.weight_price, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the price, relative to the mean over the candidates, in the router's score.", .source = kAssumed});
  v("weight_latency", p.weight_latency, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the expected delay, relative to the deadline, in the router's score.", .source = kAssumed});
  v("weight_energy", p.weight_energy, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the grid energy, relative to the mean over the candidates, in the router's score.", .source = kAssumed});
  v("weight_locality", p.weight_locality, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of leaving the asking region in the router's score.", .source = kAssumed});
}

struct NetworkParams {
  Duration base{0.005};
  double seconds_per_1000_km = 0.017;
};

template <class V>
void describe(V& v, NetworkParams& p) {
  v("base", p.base, {.unit = "s", .min = 0, .max = 10, .doc = "Round-trip time within a region.", .source = "GCP inter-zone medians, rounded"});
  v("seconds_per_1000_km", p.seconds_per_1000_km, {.unit = "s", .min = 0, .max = 10, .doc = "Round-trip time added per 1,000 km of great-circle distance (light in fibre takes 0.010 s; routes are longer).", .source = "median of 600 pairs of GCP zones, rounded"});
}

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::BalancePolicy> {
  static constexpr std::array<std::string_view, 6> names{"weighted", "random", "round-robin", "nearest", "join-shortest-queue", "power-of-d"};
};
}  // namespace core
}  // namespace swarm
