#pragma once
#include <array>
#include <cstdint>

#include "sim/dispatch/balance.hpp"
#include "sim/workload/problem_type.hpp"

/// What regions tell each other. Plain bytes, so that a shard elsewhere can receive them unchanged.
namespace swarm {
namespace world {

/// Why a request was not answered.
enum class Refusal : std::uint8_t { none, price, budget, capacity, deadline, carbon, emergency, quota, allowance, fault, residency };

/// One specialist that quoted for a request, at a price for all its multiplicity.
struct OrderLine {
  std::uint32_t agent = 0;  ///< local number in its region
  std::uint32_t site = 0;   ///< global site row
  std::int64_t price = 0;   ///< what users pay [µTKN]
  std::int64_t grant = 0;   ///< what the justice fund adds [µTKN]
};

/// No site in particular.
inline constexpr std::uint32_t kNoSite = ~0u;

/// A request on its way to be admitted; lines are ordered best first and may lie in several regions.
struct Order {
  double offset_s = 0;  ///< arrival within the step, and within asked_step
  std::int64_t reserved = 0;  ///< dearest line, or what is bid in a market; held in the asking region's escrow [µTKN]
  std::int64_t reserved_grant = 0;  ///< largest discount, held there too [µTKN]
  double wtp_usd = 0;         ///< what its users would pay, all multiplicity
  double wtp_ratio = 0;       ///< the same, in baseline prices
  float deadline_s = 0;       ///< from the moment at which it asked
  std::uint32_t random_order = 0;
  double ready_s = 0;         ///< earliest start within the step: its arrival, or later if it found its seller later
  float slack_s = 0;          ///< by which the answer may be later than deadline_s, because its users can wait
  std::uint32_t asked_step = 0;  ///< in which it was quoted: that of its arrival, or later if it was held back
  std::int64_t work = 0;      ///< what it takes in a market, millionths of a standard request
  std::int64_t price = 0;     ///< of a standard request in the market that admitted it [µTKN]; 0 at posted prices
  std::int64_t gross = 0;     ///< agreed there, before justice, all multiplicity [µTKN]
  std::int64_t premium = 0;   ///< added to that in this region [µTKN]
  std::int64_t grant = 0;     ///< what the justice fund adds in this region [µTKN]
  std::int64_t transfer = 0;  ///< in a market: what carrying it to this region and back adds to the price [µTKN]
  std::int64_t permits_mg = 0;  ///< reserved for it: no line of it can emit more
  std::uint32_t arrival_step = 0;
  std::uint32_t sequence = 0;  ///< with step of arrival and asker: the identity of the request
  std::uint32_t tok_in = 0, tok_out = 0;
  std::uint32_t bank_item = 0;
  float complexity = 0;
  std::uint32_t turn = 0;
  std::uint32_t destination = kNoSite;  ///< site that migration sends it to
  float priority = 1;         ///< apart from the serving site
  std::uint16_t asker = 0;
  std::uint8_t type = 0;
  std::uint8_t bucket = 0;
  std::uint8_t purpose = 0;
  std::uint8_t granted = 1;  ///< 0: the fund had nothing left for its discount
  std::uint8_t emergency = 0;  ///< 1: asked for help during a hazard
  std::uint8_t seats = 1;    ///< specialists that answer it; each takes all its tok, one after the other
  std::uint8_t seats_wanted = 1;  ///< as triage said; a council that nobody offers is not held
  std::uint8_t lines = 0;
  std::uint8_t attempt = 0;  ///< regions that have refused it so far
  std::array<OrderLine, dispatch::kMaxCandidates> line{};
  /// In and out, of all who answer.
  std::uint32_t tok() const { return seats * (tok_in + tok_out); }
};

/// What became of a request, sent home to the asking region.
struct Outcome {
  std::int64_t reserved = 0;
  std::int64_t reserved_grant = 0;
  std::int64_t price = 0;    ///< paid by users [µTKN]; 0 if refused
  std::int64_t grant = 0;    ///< added by the justice fund [µTKN]
  std::int64_t carbon = 0;   ///< of both together, the carbon revenue [µTKN]
  std::int64_t premium = 0;  ///< and the premium for the justice fund [µTKN]
  std::int64_t work = 0;          ///< what it takes in a market, millionths of a standard request
  std::int64_t market_price = 0;  ///< what that cost users where it was sold or outbid, or the best bid where nothing was sold
                                  ///< [µTKN]; 0 at posted prices
  std::int64_t permits_mg = 0;       ///< reserved for it
  std::int64_t permits_used_mg = 0;  ///< and used; the rest goes back to the asking region
  double wtp_usd = 0;
  double carbon_location_g = 0;
  double carbon_market_g = 0;
  float wait_s = 0;
  float delay_s = 0;
  std::uint32_t tok = 0;
  std::uint16_t asker = 0;
  std::uint16_t server = 0;  ///< region that answered
  std::uint8_t type = 0;
  std::uint8_t bucket = 0;
  Refusal refusal = Refusal::none;
  std::uint8_t correct = 0;
  std::uint8_t late = 0;
  std::uint8_t purpose = 0;
  std::uint8_t emergency = 0;  ///< 1: asked for help during a hazard
  double answered_s = 0;     ///< when the answer came [s since start]
  std::int64_t due() const { return price + grant - carbon - premium; }  ///< the seller's
};

/// One listed specialist of a region's bulletin.
struct Offer {
  std::uint32_t agent = 0;
  std::uint32_t site = 0;
  float markup = 0;
};

/// What a region publishes of one site at the start of a step: the state the last step left behind.
struct SiteNotice {
  std::uint32_t site = 0;
  float wait_s = 0;       ///< expected wait for a free server
  float requests = 0;     ///< in the site, per gang; 0 where nobody looks at it
  float load_factor = 1;  ///< by which load raises asks
  float price_usd_per_kwh = 0;  ///< forecast for this step
  float intensity_g_per_kwh = 0;  ///< forecast for this step
  double spare_s = 0;     ///< gang-seconds that can be booked in this step before the site is a hotspot
  std::array<std::uint32_t, workload::kProblemTypes> residents{};  ///< specialists of each type
};

/// What a region publishes of its markets.
struct MarketNotice {
  std::array<std::int64_t, workload::kProblemTypes> price{};  ///< last price of a standard request [µTKN]; 0: none yet
  std::array<std::int64_t, workload::kProblemTypes> asked{};  ///< specialists that its requests of the last step were for
};

/// What a region publishes of its part of the justice fund.
struct FundNotice {
  std::int64_t balance = 0;      ///< [µTKN]
  std::int64_t entitlement = 0;  ///< smoothed discounts per step that its requests were entitled to [µTKN]
};

}  // namespace world
inline namespace core {
template <>
struct EnumNames<world::Refusal> {
  static constexpr std::array<std::string_view, 11> names{"none", "price", "budget", "capacity", "deadline", "carbon", "emergency", "quota", "allowance", "fault", "residency"};
};
}  // namespace core
}  // namespace swarm
