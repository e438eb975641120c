#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/params.hpp"

/// Climate-optimal allocation: who asks for the climate's sake is given more than was asked for.
namespace swarm {
namespace policy {

/// How the capacity of sites is divided: not at all, so that whoever comes first is served, or for the climate's sake.
enum class AllocationRule : std::uint8_t { none, climate };

struct AllocationParams {
  AllocationRule rule = AllocationRule::none;
  double climate_factor = 2.0;
  double adaptation_factor = 3.0;
  double renewable_bonus = 0.5;
  double renewable_required = 0.5;
  bool normalise = true;
  bool return_unused = true;
};

template <class V>
void describe(V& v, AllocationParams& p) {
  v("rule", p.rule, {.unit = "", .doc = "How the capacity of sites is divided over those who ask for it: in order of arrival (none), or by the climate-optimal allocation of what they ask for (climate)."});
  v("climate_factor", p.climate_factor, {.unit = "1", .min = 0, .max = 100, .doc = "Factor of the allocation for climate purposes; 1.5 is the first prototype's alternative.", .source = "first prototype"});
  v("adaptation_factor", p.adaptation_factor, {.unit = "1", .min = 0, .max = 100, .doc = "Further factor for climate adaptation.", .source = "first prototype"});
  v("renewable_bonus", p.renewable_bonus, {.unit = "1", .min = 0, .max = 100, .doc = "Rise of the allocation per unit of contracted renewable share, where that share is at least what is required.", .source = kAssumed});
  v("renewable_required", p.renewable_required, {.unit = "1", .min = 0, .max = 1, .doc = "Least renewable share that earns the bonus; where the grid has more, the grid's share.", .source = "first prototype"});
  v("normalise", p.normalise, {.unit = "", .doc = "Whether allocations that together exceed capacity are brought down to it; otherwise they may exceed it."});
  v("return_unused", p.return_unused, {.unit = "", .doc = "Whether capacity that is allocated beyond what was asked for goes to whoever comes; otherwise it is kept for those to whom it is allocated. Without effect unless allocations are normalised."});
}

/// One request for capacity, in whole units of any kind (server-milliseconds, say).
struct AllocationRequest {
  std::int64_t requested = 0;
  bool climate = false;      ///< for a climate purpose
  bool adaptation = false;   ///< for climate adaptation
  double renewable = 0;      ///< contracted share of the site that would serve
  double available = 0;      ///< renewable share of the grid there
  double emergency = 1;      ///< factor of an emergency response
};

/// max(renewable_required, share of the grid): what a request's site must have for the bonus.
double renewable_requirement(const AllocationParams& params, double available);

/// Factor of one request: climate · adaptation · (1 + bonus · share, if required is met) · emergency.
double allocation_factor(const AllocationParams& params, const AllocationRequest& request);

/// Amounts allocated: requested · factor, rounded half to even, if there is capacity for all or if it is not to be
/// normalised. Otherwise by filling: all get the same per unit of their factor, but nobody more than requested ·
/// factor, and the whole capacity is given out to the last unit (shares are cut by largest remainder, ties to the
/// earlier request). So small requests are met first, and among large ones the factor decides. With a capacity of 0
/// nobody gets anything. Throws ModelError if an amount does not fit 64 bits.
std::vector<std::int64_t> allocate(const AllocationParams& params, std::int64_t capacity,
                                   std::span<const AllocationRequest> requests);

}  // namespace policy
inline namespace core {
template <>
struct EnumNames<policy::AllocationRule> {
  static constexpr std::array<std::string_view, 2> names{"none", "climate"};
};
}  // namespace core
}  // namespace swarm
