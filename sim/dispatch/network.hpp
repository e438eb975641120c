#pragma once
#include "sim/dispatch/params.hpp"

/// Distance and delay between regions.
namespace swarm {
namespace dispatch {

/// A point on the globe [degrees].
struct Place {
  double latitude = 0;
  double longitude = 0;
};

/// Great-circle distance [km] on a sphere of radius 6,371 km (haversine).
double great_circle_km(Place a, Place b);

/// Round-trip time [s]: base + seconds_per_1000_km · distance / 1,000 km.
double round_trip_s(const NetworkParams& p, Place a, Place b);

}  // namespace dispatch
}  // namespace swarm
