#pragma once
#include "sim/core/params.hpp"

/// Who answers: `[triage]`, `[balance]` and `[network]`.
namespace swarm {
namespace dispatch {

enum class BalancePolicy : std::uint8_t {
  weighted,
  random,
  round_robin,
  nearest,
  join_shortest_queue,
  power_of_d,
  greedy_carbon,
  min_total_energy
};
/// What "the shortest queue" is measured in.
enum class QueueSignal : std::uint8_t { work, requests };

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
  QueueSignal signal = QueueSignal::work;
  std::int64_t d = 2;
  double weight_price = 1.0;
  double weight_latency = 4.0;
  double weight_energy = 0.5;
  double weight_locality = 0.5;
  double delay_joules_per_s = 1.0;
  double hot_above = 0.85;
  double idle_below = 0.30;
};

template <class V>
void describe(V& v, BalanceParams& p) {
  v("policy", p.policy, {.unit = "", .doc = "How a request ranks its candidates: by weighted score, at random, in turn, by network distance, by expected wait, by the shortest wait of d random ones, by expected grams of CO2e, or first the site that a flow of least total energy sends it to."});
  v("signal", p.signal, {.unit = "", .doc = "What join-shortest-queue and power-of-d compare: the work left at a site as the time until a server is free, or the number of requests in it per server."});
  v("d", p.d, {.unit = "1", .min = 1, .max = 8, .doc = "Candidates compared by power-of-d."});
  v("weight_price", p.weight_price, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the price, relative to the mean over the candidates, in the router's score.", .source = kAssumed});
  v("weight_latency", p.weight_latency, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the expected delay, relative to the deadline, in the router's score.", .source = kAssumed});
  v("weight_energy", p.weight_energy, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of the grid energy, relative to the mean over the candidates, in the router's score.", .source = kAssumed});
  v("weight_locality", p.weight_locality, {.unit = "1", .min = 0, .max = 1e6, .doc = "Weight of leaving the asking region in the router's score.", .source = kAssumed});
  v("delay_joules_per_s", p.delay_joules_per_s, {.unit = "J/s", .min = 0, .max = 1e9, .doc = "Energy that min-total-energy would spend to have one answer a second earlier.", .source = kAssumed});
  v("hot_above", p.hot_above, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Utilisation above which a site counts as a hotspot, and up to which min-total-energy fills it.", .source = kAssumed});
  v("idle_below", p.idle_below, {.unit = "1", .min = 0, .max = 1, .doc = "Utilisation below which a site counts as idle.", .source = kAssumed});
}

struct NetworkParams {
  Duration base{0.005};
  double seconds_per_1000_km = 0.017;
  Duration max_round_trip{0};
  double bytes_per_tok = 4;
  double joules_per_byte = 0;
  double bytes_per_s = 0;
};

template <class V>
void describe(V& v, NetworkParams& p) {
  v("base", p.base, {.unit = "s", .min = 0, .max = 10, .doc = "Round-trip time within a region.", .source = "GCP inter-zone medians, rounded"});
  v("seconds_per_1000_km", p.seconds_per_1000_km, {.unit = "s", .min = 0, .max = 10, .doc = "Round-trip time added per 1,000 km of great-circle distance (light in fibre takes 0.010 s; routes are longer).", .source = "median of 600 pairs of GCP zones, rounded"});
  v("max_round_trip", p.max_round_trip, {.unit = "s", .min = 0, .max = 10, .doc = "Regions that are further away do not answer a region's requests; 0 means that none is too far."});
  v("bytes_per_tok", p.bytes_per_tok, {.unit = "B/tok", .min = 0, .max = 1e6, .doc = "Bytes that carrying one tok of a question or an answer to another region takes.", .source = "English text has about 4 characters per tok; without protocol overhead"});
  v("joules_per_byte", p.joules_per_byte, {.unit = "J/B", .min = 0, .max = 1, .doc = "Energy of carrying one byte between regions; 0 leaves it out, 2e-5 is Aslan et al. (2018), 0.06 kWh/GB in 2015 and half of that every two years, carried on to 2022."});
  v("bytes_per_s", p.bytes_per_s, {.unit = "B/s", .min = 0, .max = 1e12, .doc = "Throughput between regions, for the time that carrying a question and its answer takes; 0 means that it takes none."});
}

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::BalancePolicy> {
  static constexpr std::array<std::string_view, 8> names{"weighted", "random", "round-robin", "nearest", "join-shortest-queue", "power-of-d", "greedy-carbon", "min-total-energy"};
};
template <>
struct EnumNames<dispatch::QueueSignal> {
  static constexpr std::array<std::string_view, 2> names{"work", "requests"};
};
}  // namespace core
}  // namespace swarm
