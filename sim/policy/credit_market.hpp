#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"
#include "sim/policy/permits.hpp"

/// The obligation to hold credits for what is served below a required renewable share, and the match of needs and
/// offers at one price.
namespace swarm {
namespace policy {

enum class CreditIncidence : std::uint8_t { seller, buyer };

struct CreditParams {
  double required_renewable = 0.70;
  CreditIncidence incidence = CreditIncidence::seller;
  double buyout_usd_per_t = 150;
};

template <class V>
void describe(V& v, CreditParams& p) {
  v("required_renewable", p.required_renewable, {.unit = "1", .min = 0, .max = 1, .doc = "Contracted renewable share of a site below which credits are needed for the difference; 0 ends the obligation.", .source = "first prototype"});
  v("incidence", p.incidence, {.unit = "", .doc = "Who pays for the credits that an answer needs: its seller, or its buyer as an item of the price."});
  v("buyout_usd_per_t", p.buyout_usd_per_t, {.unit = "USD/t", .min = 0, .max = 1e5, .doc = "Price paid for a need that no credits meet; nobody buys credits above it.", .source = kAssumed});
}

/// Credits that are needed for a location-based footprint behind a contracted renewable share: max(0, required −
/// share) · footprint, in the footprint's unit.
double credits_needed(const CreditParams& params, double renewable, double footprint);

/// Who bears the cost of credits [USD].
struct CreditCharge {
  double seller_usd = 0;
  double buyer_usd = 0;
};
/// For one answer with the given footprint [g] at a price of credits [USD/t]; the buy-out price bounds it.
CreditCharge credit_charge(const CreditParams& params, double renewable, double footprint_g, double usd_per_t);

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
