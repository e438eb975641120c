#include "sim/policy/demand_curve.hpp"

#include <algorithm>

#include "sim/core/math.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace policy {
namespace {

using Edges = std::array<double, kCurveBins>;

const Edges& edges() {
  static const Edges table = [] {
    Edges e{};
    const double step = math::log(kMostPrice / kLeastPrice) / static_cast<double>(kPriceBins);
    for (std::size_t b = 0; b < kPriceBins; ++b) e[b + 1] = kLeastPrice * math::exp(step * static_cast<double>(b));
    e[kAnyPrice] = kMostPrice;
    return e;
  }();
  return table;
}

}  // namespace

double price_edge(std::size_t bin) {
  EXPECT(bin < kCurveBins);
  return edges()[bin];
}

std::size_t price_bin(double usd_per_t) {
  EXPECT(usd_per_t >= 0);
  const Edges& e = edges();
  return static_cast<std::size_t>(std::upper_bound(e.begin(), e.end(), usd_per_t) - e.begin()) - 1;
}

void DemandCurve::add(double usd_per_t, std::int64_t amount_mg) {
  EXPECT(amount_mg >= 0 && usd_per_t == usd_per_t);
  if (usd_per_t < 0) return;
  std::int64_t& bin = mg[price_bin(usd_per_t)];
  if (__builtin_add_overflow(bin, amount_mg, &bin)) integer_overflow("addition to a demand curve");
}

}  // namespace policy
}  // namespace swarm
