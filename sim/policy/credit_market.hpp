#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/policy/permits.hpp"

/// The obligation to hold credits for what is served below a required renewable share, and the match of needs and
/// offers at one price.
namespace swarm {
namespace policy {

enum class CreditIncidence : std::uint8_t { seller, buyer };

struct CreditParams {
  bool enabled = false;
  std::string counterfactual;
  Duration period{86400};
  bool carry_shortfall = true;
  double renewable_floor = 0.70;
  CreditIncidence incidence = CreditIncidence::seller;
  double start_usd_per_t = 50;
  double least_usd_per_t = 1;
  double buyout_usd_per_t = 150;
  double price_move = 0.5;
};

template <class V>
void describe(V& v, CreditParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether credits are issued to regions for emissions below those of a counterfactual run, and needed by sellers with few renewables."});
  v("counterfactual", p.counterfactual, {.unit = "", .doc = "Result of the counterfactual run (HDF5), relative to run.data_dir; {seed} in its name stands for the seed; with {replicate} in it, the files with 0, 1, 2 and so on in its place are searched for the one of the run's seed. It has the same seed, start, step and regions, is at least as long, and is without the policy."});
  v("period", p.period, {.unit = "s", .min = 1, .max = 3.2e8, .doc = "Time after which credits are issued, traded and retired, in whole seconds; periods are counted from 1970-01-01T00:00Z, so that a day is a UTC day."});
  v("carry_shortfall", p.carry_shortfall, {.unit = "", .doc = "Whether what a region emits above its counterfactual is deducted from the credits of its later periods; otherwise it is forgotten."});
  v("renewable_floor", p.renewable_floor, {.unit = "1", .min = 0, .max = 1, .doc = "Contracted renewable share of a site below which credits are needed for the difference; 0 ends the obligation.", .source = "first prototype"});
  v("incidence", p.incidence, {.unit = "", .doc = "Who pays for the credits that an answer needs: its seller, or its buyer as an item of the price."});
  v("start_usd_per_t", p.start_usd_per_t, {.unit = "USD/t", .min = 0.001, .max = 1e5, .doc = "Price of credits in the first period.", .source = kAssumed});
  v("least_usd_per_t", p.least_usd_per_t, {.unit = "USD/t", .min = 0.001, .max = 1e5, .doc = "Lowest price of credits.", .source = kAssumed});
  v("buyout_usd_per_t", p.buyout_usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e5, .doc = "Highest price of credits, and of a need that no credits meet; nobody buys credits above it.", .source = kAssumed});
  v("price_move", p.price_move, {.unit = "1", .min = 0, .max = 1, .doc = "Relative change of the price from one period to the next per unit of (needed - held)/(needed + held).", .source = kAssumed});
}

/// Credits that are needed for a location-based footprint behind a contracted renewable share: max(0, required −
/// share) · footprint, in the footprint's unit.
double credits_needed(const CreditParams& params, double renewable, double footprint);

/// Result of a match. Per region bought = needed − unmet; Σ bought = Σ sold.
struct CreditMatch {
  std::vector<std::int64_t> bought_mg, sold_mg, unmet_mg;
  /// Net, negative: received; Σ = 0 exactly.
  std::vector<std::int64_t> paid_utkn;
  /// For unmet needs, to the authority.
  std::vector<std::int64_t> buyout_utkn;
};

/// Matches needs and offers [mg] of regions at a price in 1e-6 USD/t. The short side trades in full, the long side in
/// proportion by largest remainder, ties to the earlier region. A region's own offers do not go to its own need first:
/// who means that subtracts them before. Without credits, or at a price above the buy-out, nothing is traded and every
/// need is unmet and bought out; without needs nothing happens.
CreditMatch match_credits(const CreditParams& params, std::int64_t price, std::span<const std::int64_t> needed_mg,
                          std::span<const std::int64_t> offered_mg);

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::CreditIncidence> {
  static constexpr std::array<std::string_view, 2> names{"seller", "buyer"};
};
}  // namespace core
}  // namespace swarm
