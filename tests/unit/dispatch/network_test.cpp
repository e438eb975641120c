#include "sim/dispatch/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/core/csv.hpp"

namespace swarm::dispatch {
namespace {

constexpr Place kLondon{51.5074, -0.1278}, kNewYork{40.7128, -74.0060}, kParis{48.8566, 2.3522},
    kTokyo{35.6762, 139.6503};

TEST(GreatCircle, PartsOfTheGlobeByHand) {
  // Radius 6,371 km: a quarter is π/2 · 6,371 = 10,007.5434 km, half 20,015.0868, a degree 111.1949.
  EXPECT_NEAR(great_circle_km({0, 0}, {0, 90}), 10007.5434, 1e-4);
  EXPECT_NEAR(great_circle_km({90, 0}, {0, 17}), 10007.5434, 1e-4);
  EXPECT_NEAR(great_circle_km({0, -60}, {0, 120}), 20015.0868, 1e-3);
  EXPECT_NEAR(great_circle_km({10, 20}, {11, 20}), 111.1949, 1e-4);
  // Along a parallel at 60° a degree is about half as long; across the date line 2°, not 358°.
  EXPECT_NEAR(great_circle_km({60, 5}, {60, 6}), 111.1949 / 2, 0.01);
  EXPECT_NEAR(great_circle_km({0, 179}, {0, -179}), 2 * 111.1949, 1e-3);
  EXPECT_EQ(great_circle_km(kParis, kParis), 0);
}

TEST(GreatCircle, KnownCityPairs) {
  // Published great-circle distances: London to New York 5,570 km, Paris to Tokyo 9,712 km.
  EXPECT_NEAR(great_circle_km(kLondon, kNewYork), 5570, 2);
  EXPECT_NEAR(great_circle_km(kParis, kTokyo), 9712, 3);
}

TEST(GreatCircle, IsAMetric) {
  const std::vector<Place> places{kLondon,          kNewYork, kParis,   kTokyo,
                                  {-33.87, 151.21}, {0, 0},   {-90, 0}, {23.8, 90.4}};
  for (const Place a : places)
    for (const Place b : places) {
      EXPECT_DOUBLE_EQ(great_circle_km(a, b), great_circle_km(b, a));
      for (const Place c : places)
        EXPECT_LE(great_circle_km(a, c), great_circle_km(a, b) + great_circle_km(b, c) + 1e-6);
    }
}

/// Mutant: distance on a flat map.
double flat_km(Place a, Place b) {
  return 111.1949 * std::hypot(a.latitude - b.latitude, a.longitude - b.longitude);
}

TEST(GreatCircle, AFlatMapIsRejected) {
  EXPECT_GT(std::abs(flat_km(kLondon, kNewYork) - 5570), 100);
  EXPECT_GT(std::abs(flat_km({0, 179}, {0, -179}) - 222.4), 100);
}

TEST(RoundTrip, WorkedByHand) {
  // London to New York: 5 ms + 17 ms/1,000 km · 5,570.22 km = 99.69 ms.
  const NetworkParams p{.base = {0.005}, .seconds_per_1000_km = 0.017};
  EXPECT_NEAR(round_trip_s(p, kLondon, kNewYork), 0.09969, 5e-6);
  EXPECT_EQ(round_trip_s(p, kTokyo, kTokyo), 0.005);
}

std::filesystem::path shared_file(const std::string& name) {
  const char* folder = std::getenv("SWARM_SHARED");
  return std::filesystem::path(folder ? folder : SWARM_SOURCE_DIR "/../shared/data") / name;
}

/// Data centres whose zone names leave no doubt about the city.
const std::map<std::string, Place> kCities{{"TW", {24.08, 120.54}},
                                           {"HK", {22.32, 114.17}},
                                           {"JP-TK", {35.68, 139.69}},
                                           {"JP-KN", {34.69, 135.50}},
                                           {"KR", {37.57, 126.98}},
                                           {"IN-MH", {19.08, 72.88}},
                                           {"IN-DL", {28.61, 77.21}},
                                           {"SG", {1.35, 103.82}},
                                           {"ID", {-6.21, 106.85}},
                                           {"AUS-NSW", {-33.87, 151.21}},
                                           {"AUS-VIC", {-37.81, 144.96}},
                                           {"PL", {52.23, 21.01}},
                                           {"FI", {60.57, 27.19}},
                                           {"ES", {40.42, -3.70}},
                                           {"BE", {50.45, 3.82}},
                                           {"GB", {51.51, -0.13}},
                                           {"DE", {50.11, 8.68}},
                                           {"NL", {53.44, 6.83}},
                                           {"CH", {47.38, 8.54}},
                                           {"FR", {48.86, 2.35}},
                                           {"CA-QC", {45.50, -73.57}},
                                           {"CA-ON", {43.65, -79.38}},
                                           {"BR-CS", {-23.53, -46.79}},
                                           {"CL-SEN", {-33.45, -70.67}},
                                           {"US-CAL-CISO", {34.05, -118.24}}};

struct Pair {
  double km, measured_s;
};

/// Quantile of model over measurement.
double ratio(const NetworkParams& p, const std::vector<Pair>& pairs, double q) {
  std::vector<double> r;
  for (const Pair& pair : pairs)
    r.push_back((p.base.seconds + p.seconds_per_1000_km * pair.km / 1000) / pair.measured_s);
  std::sort(r.begin(), r.end());
  return r[static_cast<std::size_t>(q * static_cast<double>(r.size() - 1))];
}

TEST(RoundTrip, AgainstMeasuredLatencies) {
  const auto file = shared_file("network/gcp_latency_ms.csv");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "real data absent: " << file.string();
  const auto table = CsvTable::read(file);
  std::vector<Pair> pairs;
  double within = 0;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 1; column < table.columns(); ++column) {
      const auto a = kCities.find(std::string(table.cell(row, 0))),
                 b = kCities.find(std::string(table.header()[column]));
      if (a == kCities.end() || b == kCities.end()) continue;
      if (a == b)
        within = std::max(within, table.number(row, column) * 1e-3);
      else
        pairs.push_back({great_circle_km(a->second, b->second), table.number(row, column) * 1e-3});
    }
  ASSERT_EQ(pairs.size(), 600u);
  const NetworkParams standard;
  EXPECT_NEAR(within, standard.base.seconds, 0.001);
  // One slope for the world is a rough model: cables detour, most of all between Europe and East Asia. The median
  // pair is met within 5 %, and of ten pairs the model puts eight between 1/1.5 and 1.5 of what was measured.
  EXPECT_NEAR(ratio(standard, pairs, 0.5), 1.0, 0.05);
  EXPECT_GT(ratio(standard, pairs, 0.1), 1 / 1.5);
  EXPECT_LT(ratio(standard, pairs, 0.9), 1.5);
  // Mutants: the speed of light in fibre along the great circle, and twice as slow as the default.
  EXPECT_LT(ratio({.base = {0.005}, .seconds_per_1000_km = 0.010}, pairs, 0.5), 0.95);
  EXPECT_GT(ratio({.base = {0.005}, .seconds_per_1000_km = 0.034}, pairs, 0.5), 1.05);
}

}  // namespace
}  // namespace swarm::dispatch
