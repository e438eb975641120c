#pragma once
#include <string>

#include "sim/core/params.hpp"
#include "sim/workload/problem_type.hpp"

/// What is asked for, where and when: `[workload]` and `[demand]`.
namespace swarm {
namespace workload {

enum class Source : std::uint8_t { synthetic, trace };
enum class Split : std::uint8_t { population, equal, share };

struct WorkloadParams {
  Source source = Source::synthetic;
  std::string trace;
  Split split = Split::population;
  double requests_per_hour = 36000;
  double load = 0.8;
  std::int64_t multiplicity = 0;
  double diurnal_amplitude = 0.5;
  double peak_hour = 15.0;
  double weekend_factor = 0.8;
  double burstiness = 0.05;
  double vision = 0.25, language = 0.35, reasoning = 0.25, memory = 0.15;
  double complexity_alpha = 2.0, complexity_beta = 2.0;
  double tok_in_mean = 900, tok_out_mean = 250, tok_sigma = 0.8;
  double tok_max = 32768;
  double urgent_share = 0.2;
  Duration urgent_deadline{30};
  Duration deadline{300};
  double flexible_share = 0;
  Duration flexibility{14400};
};

template <class V>
void describe(V& v, WorkloadParams& p) {
  v("source", p.source, {.unit = "", .doc = "Where requests come from: drawn by the model (synthetic) or read from a file of stamps and tok counts (trace)."});
  v("trace", p.trace, {.unit = "", .doc = "CSV of a recorded load, relative to run.data_dir: single requests (columns arrival_s, input_tokens, output_tokens), or hourly counts (hour_index, approx_requests) that shape the rate of synthetic requests on top of diurnal_amplitude and weekend_factor. It repeats after its end."});
  v("split", p.split, {.unit = "", .doc = "How requests are divided over regions: by population, equally, or by each region's request_share.", .source = kAssumed});
  v("requests_per_hour", p.requests_per_hour, {.unit = "1/h", .min = 0, .max = 1e12, .min_open = true, .doc = "Simulated requests per hour over all regions on average (synthetic source); the sample size of the run, not its scale, which is multiplicity."});
  v("load", p.load, {.unit = "1", .min = 0, .max = 10, .min_open = true, .doc = "Work of all requests, whether or not their users will pay, as a share of all sites' capacity on average; sets the multiplicity unless that is given.", .source = kAssumed});
  v("multiplicity", p.multiplicity, {.unit = "1", .min = 0, .max = 1e9, .doc = "How many identical requests one simulated request stands for; 0 derives it from load."});
  v("diurnal_amplitude", p.diurnal_amplitude, {.unit = "1", .min = 0, .max = 1, .doc = "Relative swing of the request rate over the local day (a cosine); 0 is a flat rate.", .source = kAssumed});
  v("peak_hour", p.peak_hour, {.unit = "h", .min = 0, .max = 24, .doc = "Local hour at which the request rate peaks.", .source = kAssumed});
  v("weekend_factor", p.weekend_factor, {.unit = "1", .min = 0, .max = 10, .doc = "Rate on Saturdays and Sundays relative to working days, in local time.", .source = kAssumed});
  v("burstiness", p.burstiness, {.unit = "1", .min = 0, .max = 10, .doc = "Squared coefficient of variation of the gamma factor that modulates each region's hourly rate; 0 gives a Poisson process.", .source = kAssumed});
  v("vision", p.vision, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of vision problems among requests; weights need not add up to 1.", .source = kAssumed});
  v("language", p.language, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of language problems among requests.", .source = kAssumed});
  v("reasoning", p.reasoning, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of reasoning problems among requests.", .source = kAssumed});
  v("memory", p.memory, {.unit = "1", .min = 0, .max = 1, .doc = "Weight of memory problems among requests.", .source = kAssumed});
  v("complexity_alpha", p.complexity_alpha, {.unit = "1", .min = 1, .max = 16, .doc = "First shape parameter of the beta distribution of complexity κ (an integer).", .source = kAssumed});
  v("complexity_beta", p.complexity_beta, {.unit = "1", .min = 1, .max = 16, .doc = "Second shape parameter of the beta distribution of complexity κ (an integer).", .source = kAssumed});
  v("tok_in_mean", p.tok_in_mean, {.unit = "tok", .min = 1, .max = 1e6, .doc = "Mean input tok per request (log-normal; synthetic source); near the mean of the Azure 2023 conversation trace, 1,155.", .source = "Patel et al., Splitwise, ISCA 2024, rounded"});
  v("tok_out_mean", p.tok_out_mean, {.unit = "tok", .min = 1, .max = 1e6, .doc = "Mean output tok per request (log-normal; synthetic source); near the mean of the Azure 2023 conversation trace, 211.", .source = "Patel et al., Splitwise, ISCA 2024, rounded"});
  v("tok_sigma", p.tok_sigma, {.unit = "1", .min = 0, .max = 3, .doc = "Standard deviation of the logarithm of tok counts.", .source = kAssumed});
  v("tok_max", p.tok_max, {.unit = "tok", .min = 1, .max = 1e7, .doc = "Largest tok count a request may have in each direction; longer ones are cut and counted."});
  v("urgent_share", p.urgent_share, {.unit = "1", .min = 0, .max = 1, .doc = "Share of requests that are urgent.", .source = kAssumed});
  v("urgent_deadline", p.urgent_deadline, {.unit = "s", .min = 0, .min_open = true, .doc = "Time from arrival within which an urgent request must be answered.", .source = kAssumed});
  v("deadline", p.deadline, {.unit = "s", .min = 0, .min_open = true, .doc = "Time from arrival within which any other request must be answered.", .source = kAssumed});
  v("flexible_share", p.flexible_share, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the requests that are not urgent whose users can wait: their deadline is later by flexibility, and [schedule] may hold them back.", .source = kAssumed});
  v("flexibility", p.flexibility, {.unit = "s", .min = 0, .doc = "How much later than others a request that can wait must be answered, whether or not it is held back.", .source = kAssumed});
}

enum class WillingnessKind : std::uint8_t { log_normal, unlimited };

struct DemandParams {
  WillingnessKind willingness = WillingnessKind::log_normal;
  double served_at_baseline = 0.8;
  double elasticity = -0.7;
  double income_elasticity = 0.4;
  double urgent_shift = 0.5;
  double budget_share = 0.01;
  double requests_per_user_per_day = 20;
};

template <class V>
void describe(V& v, DemandParams& p) {
  v("willingness", p.willingness, {.unit = "", .doc = "What users would pay for an answer: drawn from a log-normal distribution, or without limit, so that only budgets bound prices (then an answer has no value, and surplus is not reported)."});
  v("served_at_baseline", p.served_at_baseline, {.unit = "1", .min = 0.01, .max = 0.999, .doc = "Share of requests whose users accept the baseline price (s0), at typical income and without any shift for purpose or urgency.", .source = kAssumed});
  v("elasticity", p.elasticity, {.unit = "1", .min = -20, .max = -0.01, .doc = "Own-price elasticity of demand at the baseline price (ε0); with served_at_baseline it gives the spread of willingness to pay.", .source = kAssumed});
  v("income_elasticity", p.income_elasticity, {.unit = "1", .min = 0, .max = 5, .doc = "Exponent η by which willingness to pay rises with income per inhabitant relative to the typical income.", .source = kAssumed});
  v("urgent_shift", p.urgent_shift, {.unit = "1", .min = -10, .max = 10, .doc = "Shift of the logarithm of willingness to pay of urgent requests (part of δ).", .source = kAssumed});
  v("budget_share", p.budget_share, {.unit = "1", .min = 0, .max = 1, .doc = "Share of income a user can spend on inference per day; a region's daily budget is budget_share · GDP per capita / 365 · users.", .source = kAssumed});
  v("requests_per_user_per_day", p.requests_per_user_per_day, {.unit = "1/d", .min = 0, .max = 1e6, .min_open = true, .doc = "Real requests of one user per day; with the offered load it gives the number of users whose budgets pay.", .source = kAssumed});
}

}  // namespace workload
inline namespace core {
template <>
struct EnumNames<workload::Source> {
  static constexpr std::array<std::string_view, 2> names{"synthetic", "trace"};
};
template <>
struct EnumNames<workload::WillingnessKind> {
  static constexpr std::array<std::string_view, 2> names{"log-normal", "unlimited"};
};
template <>
struct EnumNames<workload::Split> {
  static constexpr std::array<std::string_view, 3> names{"population", "equal", "share"};
};
}  // namespace core
}  // namespace swarm
