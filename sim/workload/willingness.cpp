#include "sim/workload/willingness.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"
#include "sim/workload/content.hpp"

namespace swarm {
namespace workload {
namespace {

double normal_density(double z) { return math::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi); }

}  // namespace

double willingness_sigma(const DemandParams& params) {
  const double z0 = math::normal_quantile(params.served_at_baseline);
  return normal_density(z0) / (params.served_at_baseline * std::abs(params.elasticity));
}

Willingness::Willingness(const DemandParams& params, std::span<const PurposeRecord> purposes, double income,
                         double typical)
    : unlimited_(params.willingness == WillingnessKind::unlimited),
      sigma_(willingness_sigma(params)),
      centre_(sigma_ * math::normal_quantile(params.served_at_baseline) +
              params.income_elasticity * (math::log(income) - math::log(typical))),
      urgent_shift_(params.urgent_shift) {
  EXPECT(purposes.size() == kPurposes);
  double sum = 0, below = 0;
  for (const auto& p : purposes) sum += p.share;
  std::size_t last = 0;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    share_[p] = purposes[p].share / sum;
    shift_[p] = purposes[p].wtp_shift;
    if (share_[p] > 0) last = p;
  }
  for (std::size_t p = 0; p + 1 < kPurposes; ++p) {
    below += share_[p];
    below_[p] = p < last ? word_threshold(below) : std::uint64_t{1} << 32;  // no rounding gap for a share of 0
  }
}

void Willingness::draw(const Random& demand, std::uint32_t step, RegionId region, std::size_t begin, std::size_t end,
                       RequestColumns& requests, const ExtraRequests& extra) const {
  std::array<std::uint64_t, kContentChunk> entity;
  std::array<RandomBlock, kContentChunk> block;
  std::array<double, kContentChunk> value;
  for (std::size_t first = begin; first < end; first += kContentChunk) {
    const std::size_t n = std::min(kContentChunk, end - first);
    for (std::size_t i = 0; i < n; ++i) entity[i] = RequestId(region, requests.sequence[first + i]).packed;
    demand.blocks(step, std::span<const std::uint64_t>(entity).first(n), 0, std::span(block).first(n));
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t purpose = 0;
      for (const std::uint64_t below : below_) purpose += block[i][0] >= below;
      const std::uint32_t sequence = requests.sequence[first + i];
      requests.purpose[first + i] = extra.holds(sequence) ? extra.purpose(sequence) : static_cast<Purpose>(purpose);
      value[i] = uniform_open(block[i][1], block[i][2]);
    }
    if (unlimited_) {
      std::fill_n(requests.wtp_ratio.begin() + static_cast<std::ptrdiff_t>(first), n,
                  std::numeric_limits<double>::infinity());
      continue;
    }
    const std::span<double> z = std::span(value).first(n);
    math::normal_quantile(z, z);
    for (std::size_t i = 0; i < n; ++i)
      z[i] = centre_ + shift_[static_cast<std::size_t>(requests.purpose[first + i])] +
             (requests.urgent[first + i] != 0 ? urgent_shift_ : 0.0) + sigma_ * z[i];
    math::exp(z, std::span(requests.wtp_ratio).subspan(first, n));
  }
}

double Willingness::accepting_share(double price, double urgent_share) const {
  if (unlimited_ || price <= 0) return 1;
  const double log_price = math::log(price);
  double sum = 0;
  for (std::size_t p = 0; p < kPurposes; ++p) {
    const auto accepts = [&](double shift) {
      return math::normal_cdf((centre_ + shift_[p] + shift - log_price) / sigma_);
    };
    sum += share_[p] * (urgent_share * accepts(urgent_shift_) + (1.0 - urgent_share) * accepts(0.0));
  }
  return sum;
}

double typical_income(std::span<const double> incomes, std::span<const double> weights) {
  EXPECT(incomes.size() == weights.size());
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < incomes.size(); ++i) {
    sum += weights[i] * math::log(incomes[i]);
    weight += weights[i];
  }
  return math::exp(sum / weight);
}

}  // namespace workload
}  // namespace swarm
