#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agents/nn/cost.hpp"
#include "agents/tasks/bank.hpp"
#include "agents/tasks/base_models.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/units.hpp"
#include "sim/dispatch/fault.hpp"
#include "sim/grid/hazard.hpp"
#include "sim/grid/signals.hpp"
#include "sim/hardware/battery.hpp"
#include "sim/hardware/power.hpp"
#include "sim/hardware/roofline.hpp"
#include "sim/policy/carbon_price.hpp"
#include "sim/policy/rule.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/workload/problem_type.hpp"
#include "sim/workload/willingness.hpp"
#include "sim/world/messages.hpp"
#include "sim/world/recorded_load.hpp"

/// Everything that is known before the first step and never changes after it: shared, const, the same for
/// every shard, and rebuilt from scenario and seed when a run resumes.
namespace swarm {
namespace world {

/// Seconds that serving one request of a type takes on a site: the roofline max(compute, memory), where compute
/// grows with tok in + out and memory with passes over the weights (one for the input, one per output tok).
/// On the executed scale a request is one pass of the micro-model, whatever its tok counts; where service times are
/// drawn, this is their mean.
struct ServiceRate {
  double compute_per_tok = 0, compute_fixed = 0;
  double memory_per_pass = 0, memory_fixed = 0;
  double seconds(std::uint32_t tok_in, std::uint32_t tok_out) const {
    const double compute = compute_fixed + compute_per_tok * (static_cast<double>(tok_in) + tok_out);
    const double memory = memory_fixed + memory_per_pass * (static_cast<double>(tok_out) + 1.0);
    return compute > memory ? compute : memory;
  }
};

/// The baseline price P0 of a request: what it would cost on average over all sites, weighted by capacity, at mean
/// markup, mean electricity prices and no load; or the tariff, where that is the base. The same under every rule.
struct Baseline {
  struct Term {
    double usd_per_s = 0;  ///< weight · ask per second of service
    ServiceRate rate;
  };
  std::array<std::vector<Term>, workload::kProblemTypes> terms;  ///< one per type of machine
  double usd_per_tok = 0;
  /// [USD] for one real request.
  double usd(std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out) const {
    double sum = usd_per_tok * (static_cast<double>(tok_in) + tok_out);
    for (const Term& term : terms[type]) sum += term.usd_per_s * term.rate.seconds(tok_in, tok_out);
    return sum;
  }
};

/// A request of mean tok counts: what markets trade.
struct StandardRequest {
  std::uint32_t tok_in = 0, tok_out = 0;
  double usd = 0;  ///< its baseline price
};

struct SiteInfo {
  std::string name;
  RegionId region;
  hardware::Device device;
  double pue = 1;
  double contracted_renewable = 0;
  double servers = 0;           ///< real servers
  std::uint64_t agents = 0;     ///< specialists that live here
  std::uint32_t gangs = 1;      ///< what a simulated request occupies: servers / gangs real servers
  double occupancy_factor = 1;  ///< gang-seconds per second of service: multiplicity · gangs / servers
  double answer_factor = 1;     ///< mean time to one of the identical answers, per second of service
  double tok_per_day = 0;       ///< of simulated requests that its servers can serve, at the mix of problem types
  double amortisation_usd_per_s = 0;  ///< per busy server
  double embodied_g_per_s = 0;        ///< per server
  hardware::Battery battery;
  double heat_reuse = 0, heat_displaced_g_per_kwh = 0;
  std::int64_t allowance_uj = 0;      ///< energy that each of its specialists may spend in a day
  std::array<ServiceRate, workload::kProblemTypes> service{};
  /// Time of all who answer the order, one after the other.
  double seconds(const Order& order) const { return order.seats * service[order.type].seconds(order.tok_in, order.tok_out); }
};

struct RegionInfo {
  std::string name;
  std::uint32_t first_site = 0, sites = 0;  ///< rows of the global site table
  std::uint64_t agents = 0;
  std::array<std::uint64_t, workload::kProblemTypes> agents_before{};  ///< by type, in the regions before this one
  /// By type, site after site; empty where any specialist may live at any site, and types come in turn.
  std::vector<std::array<std::uint64_t, workload::kProblemTypes>> agents_that_fit;
  double request_share = 0;
  double requests_per_hour = 0;   ///< simulated, long-run mean
  double users = 0;               ///< people whose budgets pay
  MicroTkn daily_budget;          ///< of all users together
  policy::RegionTerms terms;      ///< what the pricing rule charges its requests
  double priority = 1;            ///< factor of geography in the priority of its requests
  double grants_usd_per_s = 0;    ///< discounts that the rule is expected to grant it, all multiplicity
  double surplus_weight = 1;      ///< in distribution-weighted welfare
};

/// One base specialist, and what a request costs that it answers alone, as its kernels count it.
struct ModelInfo {
  tasks::BaseModel base;
  nn::WorkCount pass;
  std::uint64_t parameter_bytes = 0;  ///< in the format that runs
};

/// Why a region's sites may not answer another region's requests.
enum class Barrier : std::uint8_t { none, residency, distance };

struct Plan {
  Plan();
  ~Plan();

  scenario::Scenario scenario;
  std::int64_t start_utc = 0;
  double step_s = 300;
  std::uint32_t warmup_steps = 0;
  std::uint32_t steps = 0;          ///< warm-up included
  std::uint64_t seed = 0;
  std::int64_t multiplicity = 1;
  std::vector<RegionInfo> regions;
  std::vector<SiteInfo> sites;
  std::vector<double> round_trip_s;  ///< regions × regions
  std::vector<Barrier> barriers;     ///< asking × serving regions; empty where nothing stands between any two
  std::vector<ModelInfo> models;    ///< row = type · lineages + lineage
  grid::Signals signals;
  policy::CarbonPrice carbon_price;
  grid::Hazards hazards;
  dispatch::Faults faults;
  std::vector<std::uint8_t> rule_answers;  ///< regions × problem types × complexity buckets; empty unless a rule answers
  std::vector<std::int64_t> counterfactual_mg;  ///< steps × regions; empty without carbon credits
  std::shared_ptr<const tasks::TaskBanks> banks;
  RecordedLoad recorded;            ///< empty for synthetic arrivals
  Baseline baseline;
  std::array<StandardRequest, workload::kProblemTypes> standard;
  double typical_income = 1;        ///< geometric mean by arrivals [USD per inhabitant and year]
  double fund_forget = 0;           ///< what is left of smoothed entitlements after a step
  std::uint32_t decision_stride = 1;  ///< steps between recorded decisions
  double accepting_share = 1;       ///< of all requests, those whose users would pay the baseline price
  std::vector<workload::Willingness> willingness;  ///< per region

  double round_trip(RegionId from, RegionId to) const {
    return round_trip_s[from.value * regions.size() + to.value];
  }
  Barrier barrier(RegionId asker, RegionId server) const {
    return barriers.empty() ? Barrier::none : barriers[asker.value * regions.size() + server.value];
  }
  /// Bytes that cross between the regions for a request of so many tok, question and answer.
  double bytes_carried(RegionId asker, RegionId server, double tok) const {
    return asker == server ? 0.0 : scenario.network.bytes_per_tok * tok;
  }
  /// From asking to answer, but for waiting and service [s].
  double network_s(RegionId asker, RegionId server, double tok) const {
    const double throughput = scenario.network.bytes_per_s;
    return round_trip(asker, server) + (throughput > 0 ? bytes_carried(asker, server, tok) / throughput : 0.0);
  }
  /// Energy of carrying question and answer, of all multiplicity [kWh].
  double carrying_kwh(RegionId asker, RegionId server, double tok) const {
    return scenario.network.joules_per_byte * bytes_carried(asker, server, tok) / kJoulesPerKwh * static_cast<double>(multiplicity);
  }
  /// What nobody bids more than for a standard request [µTKN, all multiplicity].
  double price_ceiling(std::size_t type) const { return scenario.bidding.ceiling * baseline_price(type); }
  /// The baseline price of a standard request [µTKN, all multiplicity].
  double baseline_price(std::size_t type) const {
    return standard[type].usd * static_cast<double>(multiplicity) * kMicroTknPerUsd;
  }
  /// What a specialist must own to sell [µTKN]: nothing at posted prices.
  MicroTkn minimum_balance() const {
    const auto& market = scenario.market;
    if (market.mechanism == economy::Mechanism::posted) return {};
    return {round_half_even(market.minimum_balance_tkn * 1e6)};
  }
  /// Times that orders are exchanged in a step: one that rests in a book stays there.
  std::int64_t trade_rounds() const {
    return scenario.market.mechanism == economy::Mechanism::cda ? 1 : scenario.market.attempts;
  }
  /// Start of a step [s since 1970].
  std::int64_t utc_of(std::uint32_t step) const {
    return start_utc + static_cast<std::int64_t>(step) * static_cast<std::int64_t>(step_s);
  }
  /// Whether a UTC day begins with the step, or the run.
  bool begins_day(std::uint32_t step) const {
    constexpr auto kDay = static_cast<std::int64_t>(kSecondsPerDay);
    return step == 0 || utc_of(step) / kDay != utc_of(step - 1) / kDay;
  }
  /// The first step after this one with which a UTC day begins.
  std::uint32_t next_day(std::uint32_t step) const {
    constexpr auto kDay = static_cast<std::int64_t>(kSecondsPerDay);
    const std::int64_t length = static_cast<std::int64_t>(step_s), left = kDay - (utc_of(step) % kDay + kDay) % kDay;
    return step + static_cast<std::uint32_t>((left + length - 1) / length);
  }
  /// Whether requests that find no allowance of energy may wait for the next day's.
  bool defers_for_allowance() const { return scenario.energy.allowance && scenario.energy.allowance_defer; }
  /// Row of RegionInfo::first_site onwards × network, in EnergyAccount::joules_per_pass.
  std::size_t estimate_row(std::size_t site_of_region, std::uint32_t model) const { return site_of_region * models.size() + model; }
  /// Whether requests need emission permits.
  bool under_cap() const { return policy::under_cap(scenario.pricing.rule); }
  std::int64_t counterfactual(std::uint32_t step, RegionId region) const {
    return counterfactual_mg[std::size_t{step} * regions.size() + region.value];
  }
  /// Number of the period of carbon credits that holds a moment; periods are counted from 1970.
  std::int64_t credit_period(std::int64_t utc) const {
    const auto length = static_cast<std::int64_t>(scenario.credits.period.seconds);
    return utc / length - (utc % length < 0);
  }
  /// Whether carbon credits are issued, traded and retired at the end of the step: it reaches the end of a period.
  bool settles_credits(std::uint32_t step) const {
    return scenario.credits.enabled && credit_period(utc_of(step)) != credit_period(utc_of(step + 1));
  }
  /// Whether anything can fail, or be taken for failing.
  bool may_fail() const { return !faults.none() || scenario.faults.breakers; }
  bool in_warmup(std::uint32_t step) const { return step < warmup_steps; }
  std::uint64_t agents() const;
};

class PlanParts;

/// Builds the plan; trains or loads the base specialists. `cache_dir` empty switches the cache off; `parts`, if given,
/// supplies what an earlier plan had in common with this one. Throws InputError for data that is missing or unusable.
std::shared_ptr<const Plan> make_plan(const scenario::Scenario& s, const std::filesystem::path& cache_dir, PlanParts* parts = nullptr);

/// Every limit of the edge envelope that a specialist of the type would break at the site, at mean tok counts, one sentence
/// each; none on the executed scale, where it is the micro-model that would run.
std::vector<std::string> edge_violations(const Plan& plan, const SiteInfo& site, workload::ProblemType type);

/// Which of a device's rates bounds a network of this format.
hardware::NumberFormat arithmetic_of(nn::Format format);

/// Parameters of the specialist of this type that a micro-model stands for.
double nominal_parameters(const tasks::SpecialistParams& p, workload::ProblemType type);

/// What a run will need, predicted before anything large is built.
struct Forecast {
  double memory_bytes = 0;
  double file_bytes = 0;
  double requests = 0;
  double agents = 0;
  double training_macs = 0;  ///< multiply-adds of training, where nothing is in the cache
  std::uint32_t steps = 0;
};
Forecast predict(const scenario::Scenario& s);

/// What is no fault but worth knowing before a run, one sentence each: regions and sites without specialists, edge
/// devices that specialists of the nominal size would overtax, payments out of a treasury that gets nothing, and keys that
/// were changed of what is switched off. Builds the plan, so data must be good.
std::vector<std::string> notes(const scenario::Scenario& s);

/// Reads every data file the scenario names. Throws InputError with the problems of all of them.
void check_data(const scenario::Scenario& s);

}  // namespace world
}  // namespace swarm
