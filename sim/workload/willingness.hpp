#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "sim/core/rng.hpp"
#include "sim/workload/extra.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/purpose.hpp"
#include "sim/workload/requests.hpp"

/// What users would pay (docs/models/demand.md):
///
///     WTP = P0 · exp(σ·Φ⁻¹(s0)) · (y/ỹ)^η · exp(δ + σ·z),   σ = φ(Φ⁻¹(s0)) / (s0·|ε0|),   z ~ N(0, 1)
///
/// so that at typical income the baseline price P0 is accepted by the share s0 and the own-price elasticity there is ε0.
namespace swarm {
namespace workload {

/// Standard deviation σ of the logarithm of willingness to pay.
double willingness_sigma(const DemandParams& params);

/// The demand of one region. Blocks of a request of the stream `demand`: word 0 purpose, words 1 and 2 z.
class Willingness {
 public:
  /// `income` of the region and the `typical` one, both > 0, per inhabitant and in the same unit.
  Willingness(const DemandParams& params, std::span<const PurposeRecord> purposes, double income, double typical);

  /// Draws purpose and `wtp_ratio` = WTP/P0 of rows [begin, end): a function of (seed, step, region, sequence) and of
  /// the parameters alone, so equal under every policy. `demand` is the stream of that name; the purposes of `extra`
  /// requests are known.
  void draw(const Random& demand, std::uint32_t step, RegionId region, std::size_t begin, std::size_t end,
            RequestColumns& requests, const ExtraRequests& extra = {}) const;

  /// Shares of purposes among the region's requests; they add up to 1.
  std::span<const double, kPurposes> shares() const { return share_; }

  /// Share of requests whose users would pay `price` · P0, over all purposes; `urgent_share` of them are urgent.
  double accepting_share(double price, double urgent_share) const;

 private:
  bool unlimited_;
  double sigma_, centre_, urgent_shift_;
  std::array<double, kPurposes> share_{}, shift_{};
  std::array<std::uint64_t, kPurposes - 1> below_{};  ///< cumulative shares · 2³²
};

/// Geometric mean of incomes, weighted by arrivals.
double typical_income(std::span<const double> incomes, std::span<const double> weights);

}  // namespace workload
}  // namespace swarm
