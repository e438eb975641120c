#pragma once
#include <string>

#include "sim/core/params.hpp"

/// Hazards of the climate: `[hazards]`, and one that is given: `[[hazard]]`.
namespace swarm {
namespace grid {

enum class HazardKind : std::uint8_t { flood, cyclone, wildfire, drought, heatwave };
inline constexpr std::size_t kHazardKinds = 5;

enum class HazardRate : std::uint8_t { exponential, linear };

struct HazardParams {
  bool process = false;
  std::string feed;
  HazardRate rate = HazardRate::exponential;
  double vulnerability_slope = 5;
  double vulnerability_typical = 0.40;
  double flood_per_year = 0.5, cyclone_per_year = 0.2, wildfire_per_year = 0.3, drought_per_year = 0.15,
         heatwave_per_year = 1;
  Duration flood_duration{7 * 86400.0}, cyclone_duration{3 * 86400.0}, wildfire_duration{10 * 86400.0},
      drought_duration{90 * 86400.0}, heatwave_duration{6 * 86400.0};
  Duration least_duration{21600};
  double least_severity = 0.2, greatest_severity = 1;
};

template <class V>
void describe(V& v, HazardParams& p) {
  v("process", p.process, {.unit = "", .doc = "Whether hazards are drawn at random, beside those that are listed or read from a feed."});
  v("feed", p.feed, {.unit = "", .doc = "CSV of hazards with the columns start_utc, end_utc, region, kind and severity, relative to run.data_dir; rows of known regions that are not in the scenario are left out."});
  v("rate", p.rate, {.unit = "", .doc = "How the rate of hazards grows with climate vulnerability v: as exp(slope · (v − typical)), or linearly as max(0, 1 + slope · (v − typical))."});
  v("vulnerability_slope", p.vulnerability_slope, {.unit = "1", .min = 0, .max = 50, .doc = "Slope of that growth.", .source = kAssumed});
  v("vulnerability_typical", p.vulnerability_typical, {.unit = "1", .min = 0, .max = 1, .doc = "Vulnerability at which the rates below hold.", .source = kAssumed});
  v("flood_per_year", p.flood_per_year, {.unit = "1/a", .min = 0, .max = 1000, .doc = "Floods per region and year at typical vulnerability.", .source = kAssumed});
  v("cyclone_per_year", p.cyclone_per_year, {.unit = "1/a", .min = 0, .max = 1000, .doc = "Cyclones per region and year at typical vulnerability.", .source = kAssumed});
  v("wildfire_per_year", p.wildfire_per_year, {.unit = "1/a", .min = 0, .max = 1000, .doc = "Wildfires per region and year at typical vulnerability.", .source = kAssumed});
  v("drought_per_year", p.drought_per_year, {.unit = "1/a", .min = 0, .max = 1000, .doc = "Droughts per region and year at typical vulnerability.", .source = kAssumed});
  v("heatwave_per_year", p.heatwave_per_year, {.unit = "1/a", .min = 0, .max = 1000, .doc = "Heatwaves per region and year at typical vulnerability.", .source = kAssumed});
  v("flood_duration", p.flood_duration, {.unit = "s", .min = 60, .max = 3.2e7, .doc = "Mean duration of floods; as with all hazards, least_duration plus an exponential variate.", .source = kAssumed});
  v("cyclone_duration", p.cyclone_duration, {.unit = "s", .min = 60, .max = 3.2e7, .doc = "Mean duration of cyclones.", .source = kAssumed});
  v("wildfire_duration", p.wildfire_duration, {.unit = "s", .min = 60, .max = 3.2e7, .doc = "Mean duration of wildfires.", .source = kAssumed});
  v("drought_duration", p.drought_duration, {.unit = "s", .min = 60, .max = 3.2e7, .doc = "Mean duration of droughts.", .source = kAssumed});
  v("heatwave_duration", p.heatwave_duration, {.unit = "s", .min = 60, .max = 3.2e7, .doc = "Mean duration of heatwaves.", .source = kAssumed});
  v("least_duration", p.least_duration, {.unit = "s", .min = 1, .max = 8.64e6, .doc = "Least duration of a hazard that is drawn; a shorter mean counts as this.", .source = kAssumed});
  v("least_severity", p.least_severity, {.unit = "1", .min = 0, .max = 1, .doc = "Least severity of a hazard that is drawn.", .source = kAssumed});
  v("greatest_severity", p.greatest_severity, {.unit = "1", .min = 0, .max = 1, .doc = "Greatest severity; between the two it is uniform.", .source = kAssumed});
}

/// A hazard that a scenario gives.
struct HazardRecord {
  std::string name;
  HazardKind kind = HazardKind::flood;
  std::string region;
  Duration start{0};
  Duration duration{86400};
  double severity = 1;
};

template <class V>
void describe(V& v, HazardRecord& p) {
  v("name", p.name, {.unit = "", .doc = "Unique name of the hazard within a scenario."});
  v("kind", p.kind, {.unit = "", .doc = "What happens: flood, cyclone, wildfire, drought or heatwave."});
  v("region", p.region, {.unit = "", .doc = "Name of the region where it happens."});
  v("start", p.start, {.unit = "s", .min = -3.2e8, .max = 3.2e9, .doc = "When it begins, from the start of the run (warm-up included); a negative time lies before it."});
  v("duration", p.duration, {.unit = "s", .min = 1, .max = 3.2e8, .doc = "How long it lasts."});
  v("severity", p.severity, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "How bad it is; 1 is the worst."});
}

}  // namespace grid
inline namespace core {
template <>
struct EnumNames<grid::HazardKind> {
  static constexpr std::array<std::string_view, grid::kHazardKinds> names{"flood", "cyclone", "wildfire", "drought",
                                                                          "heatwave"};
};
template <>
struct EnumNames<grid::HazardRate> {
  static constexpr std::array<std::string_view, 2> names{"exponential", "linear"};
};
}  // namespace core
}  // namespace swarm
