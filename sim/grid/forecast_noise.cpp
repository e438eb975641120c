#include "sim/grid/forecast_noise.hpp"

#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr double kDay_s = 86400;  // σ24 is the error one day ahead

}  // namespace

ForecastNoise::ForecastNoise(const GridParams& params, std::uint64_t seed)
    : random_(seed, Stream::forecast_noise),
      sigma0_(params.forecast_sigma0),
      growth_per_s_((params.forecast_sigma24 - params.forecast_sigma0) / kDay_s),
      correlation_s_(params.forecast_correlation.seconds) {}

double ForecastNoise::error(std::uint64_t region_key, Disturbance which, std::int64_t issued,
                            double lead_s) const {
  EXPECT(lead_s >= 0);
  const double sigma = sigma0_ + growth_per_s_ * lead_s;
  if (sigma <= 0) return 0;  // a σ24 below σ0 would cross zero beyond a day
  const double at = lead_s / correlation_s_;
  const double knot = std::floor(at), u = at - knot;
  const std::size_t word = which == Disturbance::intensity ? 0 : 2;
  const auto draw = [&](double n) {
    const RandomBlock block =
        random_.block(static_cast<std::uint32_t>(issued), region_key, static_cast<std::uint32_t>(n));
    return normal(uniform_open(block[word], block[word + 1]));
  };
  const double mixed = u > 0 ? (1 - u) * draw(knot) + u * draw(knot + 1) : draw(knot);
  return sigma * mixed / std::sqrt((1 - u) * (1 - u) + u * u);
}

}  // namespace grid
}  // namespace swarm
