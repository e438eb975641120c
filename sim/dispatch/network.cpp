#include "sim/dispatch/network.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/math.hpp"

namespace swarm {
namespace dispatch {
namespace {

constexpr double kEarthRadiusKm = 6371.0;
constexpr double kPi = 3.14159265358979323846;

/// Angle whose sine is x ∈ [0, 1], by bisection on our own sine: exact to a few ulp and the same everywhere.
double arc_sine(double x) {
  double low = 0, high = kPi / 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (math::sin(middle) < x ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double great_circle_km(Place a, Place b) {
  constexpr double kRadians = kPi / 180.0;
  const double half_lat = math::sin((b.latitude - a.latitude) * kRadians * 0.5);
  const double half_lon = math::sin((b.longitude - a.longitude) * kRadians * 0.5);
  const double h =
      half_lat * half_lat + math::cos(a.latitude * kRadians) * math::cos(b.latitude * kRadians) * half_lon * half_lon;
  if (h <= 0) return 0;
  return 2.0 * kEarthRadiusKm * arc_sine(std::sqrt(std::min(1.0, h)));
}

double round_trip_s(const NetworkParams& p, Place a, Place b) {
  return p.base.seconds + p.seconds_per_1000_km * great_circle_km(a, b) / 1000.0;
}

}  // namespace dispatch
}  // namespace swarm
