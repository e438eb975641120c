#pragma once
#include <string>

#include "sim/core/params.hpp"

/// Grid signals: `[grid]`, and one region's record: `[[region]]`.
namespace swarm {
namespace grid {

enum class SignalSource : std::uint8_t { profile, trace };
enum class ForecastKind : std::uint8_t { perfect, persistence, noisy, seasonal_ar };
enum class BeyondTrace : std::uint8_t { error, wrap, hold };
enum class PriceUnit : std::uint8_t { usd_per_kwh, usd_per_mwh };
enum class IncomeGroup : std::uint8_t { low, lower_middle, upper_middle, high };

struct GridParams {
  SignalSource source = SignalSource::profile;
  std::string trace;
  std::string price_trace;
  PriceUnit price_unit = PriceUnit::usd_per_mwh;
  std::string renewable_trace;
  BeyondTrace beyond_trace = BeyondTrace::error;
  Duration max_gap{10800};
  ForecastKind forecast = ForecastKind::persistence;
  Duration forecast_horizon{86400};
  double forecast_sigma0 = 0.02;
  double forecast_sigma24 = 0.12;
  Duration forecast_correlation{21600};
  Duration forecast_memory{604800};
  Duration forecast_history{2419200};
  double diurnal = kOwn;
  double weekly = kOwn;
  double seasonal = kOwn;
  double ar1_sigma = kOwn;
  double ar1_hourly = kOwn;
  double price_diurnal = kOwn;
  double price_ar1_sigma = kOwn;
  double diurnal_peak_h = kOwn;
  double seasonal_peak_d = kOwn;
  double price_peak_h = kOwn;
  double price_pass_through = 0.2;
  double profile_floor = 0.05;

  /// Any negative value of a coefficient leaves each region its own.
  static constexpr double kOwn = -1;
};

template <class V>
void describe(V& v, GridParams& p) {
  v("source", p.source, {.unit = "", .doc = "Where grid signals come from: a fitted profile of each region or a CSV trace; a trace that a region names itself is used in either case."});
  v("trace", p.trace, {.unit = "", .doc = "CSV of hourly or finer carbon intensity [gCO2e/kWh]: a time column and one column per zone (wide), or a time and a value column (one zone); relative to run.data_dir."});
  v("price_trace", p.price_trace, {.unit = "", .doc = "CSV of electricity prices in the same layouts; empty keeps each region's price profile."});
  v("price_unit", p.price_unit, {.unit = "", .doc = "Unit of the price trace."});
  v("renewable_trace", p.renewable_trace, {.unit = "", .doc = "CSV of the renewable share [percent] in the same layouts; empty keeps each region's annual share."});
  v("beyond_trace", p.beyond_trace, {.unit = "", .doc = "What happens where the run reaches beyond a trace: stop with an error, wrap to its start, or hold its last value."});
  v("max_gap", p.max_gap, {.unit = "s", .min = 0, .doc = "Longest run of missing trace values that is interpolated (and counted); a longer one is an error."});
  v("forecast", p.forecast, {.unit = "", .doc = "How future intensity and price are foreseen: perfect knowledge, persistence of the last value, noisy (the truth with an error that grows with the horizon), or seasonal-ar (hourly means and an AR(1) remainder, learnt from the past only)."});
  v("forecast_horizon", p.forecast_horizon, {.unit = "s", .min = 0, .max = 259200, .min_open = true, .doc = "How far ahead forecasts reach and their errors are recorded."});
  v("forecast_sigma0", p.forecast_sigma0, {.unit = "1", .min = 0, .max = 1, .doc = "Standard deviation of a noisy forecast's relative error at the shortest horizon.", .source = kAssumed});
  v("forecast_sigma24", p.forecast_sigma24, {.unit = "1", .min = 0, .max = 1, .doc = "The same 24 hours ahead; it grows linearly with the horizon.", .source = kAssumed});
  v("forecast_correlation", p.forecast_correlation, {.unit = "s", .min = 60, .max = 2592000, .doc = "Distance along the horizon at which errors of one noisy forecast become nearly independent (beyond twice of it they are).", .source = kAssumed});
  v("forecast_memory", p.forecast_memory, {.unit = "s", .min = 86400, .max = 31557600, .doc = "Time constant with which a seasonal-ar forecast forgets.", .source = kAssumed});
  v("forecast_history", p.forecast_history, {.unit = "s", .min = 0, .max = 31557600, .doc = "Past before the start of the run that a seasonal-ar forecast has learnt from, as far as a trace reaches back.", .source = kAssumed});
  v("diurnal", p.diurnal, {.unit = "1", .min = -1, .max = 1, .doc = "Relative amplitude of the daily cosine of intensity, instead of each region's daily and half-daily terms; below 0 leaves each region its own."});
  v("weekly", p.weekly, {.unit = "1", .min = -1, .max = 1, .doc = "Relative fall of intensity on weekends; below 0 leaves each region its own."});
  v("seasonal", p.seasonal, {.unit = "1", .min = -1, .max = 1, .doc = "Relative amplitude of the yearly harmonic of intensity; below 0 leaves each region its own."});
  v("ar1_sigma", p.ar1_sigma, {.unit = "1", .min = -1, .max = 2, .doc = "Stationary standard deviation of the AR(1) disturbance of relative intensity; below 0 leaves each region its own."});
  v("ar1_hourly", p.ar1_hourly, {.unit = "1", .min = -1, .max = 0.9999, .doc = "Autocorrelation of both AR(1) disturbances at one hour; below 0 leaves each region its own."});
  v("price_diurnal", p.price_diurnal, {.unit = "1", .min = -1, .max = 1, .doc = "Relative amplitude of the daily cosine of the electricity price, instead of what of each region's daily and half-daily terms is passed on; below 0 leaves each region its own."});
  v("price_ar1_sigma", p.price_ar1_sigma, {.unit = "1", .min = -1, .max = 2, .doc = "Stationary standard deviation of the AR(1) disturbance of the relative price, instead of what of each region's is passed on; below 0 leaves each region its own."});
  v("diurnal_peak_h", p.diurnal_peak_h, {.unit = "h", .min = -1, .max = 24, .doc = "Local standard time at which the daily cosine of intensity peaks; below 0 leaves each region its own."});
  v("seasonal_peak_d", p.seasonal_peak_d, {.unit = "d", .min = -1, .max = 366, .doc = "Day of the year on which the yearly harmonic of intensity peaks north of the equator, half a year later south of it; below 0 leaves each region its own."});
  v("price_peak_h", p.price_peak_h, {.unit = "h", .min = -1, .max = 24, .doc = "Local standard time at which the daily cosine of the price peaks; below 0 leaves each region its own."});
  v("price_pass_through", p.price_pass_through, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the wholesale price's relative variation that a business's price profile shows.", .source = kAssumed});
  v("profile_floor", p.profile_floor, {.unit = "1", .min = 0, .max = 0.5, .doc = "Least value of a profile's intensity or price, relative to its mean; the mean is kept.", .source = kAssumed});
}

/// Least-squares fits of the profile to published hourly series (analysis/fit_profiles.py, docs/models/grid.md). Of a
/// built-in region: of its zone, its country's zones, or zones with a similar renewable share.
inline constexpr std::string_view kFitIntensity = "own fit to Electricity Maps 2022, here the median of 75 zones";
inline constexpr std::string_view kFitPrice = "own fit to wholesale prices 2023-2024, here the median of 22 zones";

/// Relative shape of a region's signal: amplitudes over the mean, peaks in local standard time.
struct Variation {
  double diurnal;
  double diurnal_peak_h;
  double half_daily;
  double half_daily_peak_h;
  double weekly;
  double seasonal;
  double seasonal_peak_d;
  double ar1_sigma;
  double ar1_hourly;
};

/// One region: a country or a grid zone of it. Defaults come from the built-in table by name.
struct Region {
  std::string name;
  std::string iso2;
  std::string title;
  std::string zone;
  std::string trace;
  double population = 1e7;
  IncomeGroup income_group = IncomeGroup::lower_middle;
  bool global_south = true;
  double gdp_per_capita_usd = 5000;
  double vulnerability = 0.45;
  double utc_offset_h = 0;
  double intensity_g_per_kwh = 450;
  double renewable_share = 0.3;
  double price_usd_per_kwh = 0.12;
  double latitude = 0;
  double longitude = 0;
  double request_share = 1;
  NameList residency{{"anywhere"}};
  std::int64_t agents = -1;
  Variation intensity{0.072, 0.4, 0.041, 6.4, 0.033, 0.094, 348, 0.176, 0.961};
  Variation price{0.207, 20.8, 0.206, 8.0, 0, 0, 0, 0.471, 0.949};
};

template <class V>
void describe(V& v, Region& p) {
  v("name", p.name, {.unit = "", .doc = "Name of the region: an ISO 3166-1 alpha-2 code, or a zone such as IN-WE; a known name takes its defaults from the built-in table."});
  v("iso2", p.iso2, {.unit = "", .doc = "ISO 3166-1 alpha-2 code of the country."});
  v("title", p.title, {.unit = "", .doc = "Name for people."});
  v("zone", p.zone, {.unit = "", .doc = "Column of this region in wide traces; empty means the region's name."});
  v("trace", p.trace, {.unit = "", .doc = "Carbon-intensity trace of this region alone; empty means grid.trace."});
  v("population", p.population, {.unit = "1", .min = 1, .max = 2e9, .doc = "Inhabitants, 2023.", .source = "World Bank, rounded"});
  v("income_group", p.income_group, {.unit = "", .doc = "World Bank income group, fiscal year 2025.", .source = "World Bank"});
  v("global_south", p.global_south, {.unit = "", .doc = "Whether the region counts as Global South (UNCTAD's developing economies).", .source = "UNCTAD"});
  v("gdp_per_capita_usd", p.gdp_per_capita_usd, {.unit = "USD", .min = 1, .max = 1e6, .doc = "Gross domestic product per inhabitant and year, 2023.", .source = "World Bank, rounded"});
  v("vulnerability", p.vulnerability, {.unit = "1", .min = 0, .max = 1, .doc = "Climate vulnerability, higher is worse.", .source = "ND-GAIN 2023, rounded"});
  v("utc_offset_h", p.utc_offset_h, {.unit = "h", .min = -12, .max = 14, .doc = "Local standard time minus UTC.", .source = kAssumed});
  v("intensity_g_per_kwh", p.intensity_g_per_kwh, {.unit = "g/kWh", .min = 0, .max = 2000, .doc = "Annual mean carbon intensity of electricity.", .source = "Ember 2022 or 2023 through Our World in Data, rounded"});
  v("renewable_share", p.renewable_share, {.unit = "1", .min = 0, .max = 1, .doc = "Annual renewable share of electricity.", .source = "Our World in Data 2022 or 2023, rounded"});
  v("price_usd_per_kwh", p.price_usd_per_kwh, {.unit = "USD/kWh", .min = -1, .max = 10, .doc = "Mean electricity price for businesses.", .source = kAssumed});
  v("latitude", p.latitude, {.unit = "deg", .min = -90, .max = 90, .doc = "Latitude of the main population centre, for network distance."});
  v("longitude", p.longitude, {.unit = "deg", .min = -180, .max = 180, .doc = "Longitude of the main population centre, for network distance."});
  v("diurnal", p.intensity.diurnal, {.unit = "1", .min = 0, .max = 1, .doc = "Relative amplitude of the daily cosine of a profile's intensity.", .source = kFitIntensity});
  v("diurnal_peak_h", p.intensity.diurnal_peak_h, {.unit = "h", .min = 0, .max = 24, .doc = "Local standard time of its maximum.", .source = kFitIntensity});
  v("half_daily", p.intensity.half_daily, {.unit = "1", .min = 0, .max = 1, .doc = "Relative amplitude of the half-daily cosine of a profile's intensity.", .source = kFitIntensity});
  v("half_daily_peak_h", p.intensity.half_daily_peak_h, {.unit = "h", .min = 0, .max = 12, .doc = "Local standard time of its first maximum of the day.", .source = kFitIntensity});
  v("weekly", p.intensity.weekly, {.unit = "1", .min = -1, .max = 1, .doc = "Relative fall of a profile's intensity on weekends; negative where it rises.", .source = kFitIntensity});
  v("seasonal", p.intensity.seasonal, {.unit = "1", .min = 0, .max = 1, .doc = "Relative amplitude of the yearly cosine of a profile's intensity.", .source = kFitIntensity});
  v("seasonal_peak_d", p.intensity.seasonal_peak_d, {.unit = "d", .min = 0, .max = 366, .doc = "Day of the year of its maximum as if north of the equator; half a year later where the latitude is negative.", .source = kFitIntensity});
  v("ar1_sigma", p.intensity.ar1_sigma, {.unit = "1", .min = 0, .max = 2, .doc = "Stationary standard deviation of the AR(1) disturbance of a profile's relative intensity.", .source = kFitIntensity});
  v("ar1_hourly", p.intensity.ar1_hourly, {.unit = "1", .min = 0, .max = 0.9999, .doc = "Autocorrelation of that disturbance at one hour.", .source = kFitIntensity});
  v("price_diurnal", p.price.diurnal, {.unit = "1", .min = 0, .max = 1, .doc = "Relative amplitude of the daily cosine of the wholesale price, of which a profile shows grid.price_pass_through.", .source = kFitPrice});
  v("price_peak_h", p.price.diurnal_peak_h, {.unit = "h", .min = 0, .max = 24, .doc = "Local standard time of its maximum.", .source = kFitPrice});
  v("price_half_daily", p.price.half_daily, {.unit = "1", .min = 0, .max = 1, .doc = "Relative amplitude of the half-daily cosine of the wholesale price, passed on in the same way.", .source = kFitPrice});
  v("price_half_daily_peak_h", p.price.half_daily_peak_h, {.unit = "h", .min = 0, .max = 12, .doc = "Local standard time of its first maximum of the day.", .source = kFitPrice});
  v("price_ar1_sigma", p.price.ar1_sigma, {.unit = "1", .min = 0, .max = 2, .doc = "Stationary standard deviation of the AR(1) disturbance of the relative wholesale price, passed on in the same way.", .source = kFitPrice});
  v("price_ar1_hourly", p.price.ar1_hourly, {.unit = "1", .min = 0, .max = 0.9999, .doc = "Autocorrelation of that disturbance at one hour.", .source = kFitPrice});
  v("request_share", p.request_share, {.unit = "1", .min = 0, .max = 1e9, .doc = "Weight of the region among requests when workload.split = share."});
  v("residency", p.residency, {.unit = "", .doc = "Where the region's requests may be answered: \"anywhere\", at \"home\" only, or in a list of regions and at home."});
  v("agents", p.agents, {.unit = "1", .min = -1, .max = 1e9, .doc = "Specialists living in the region; -1 means a part of population.agents in proportion to capacity."});
}

}  // namespace grid
inline namespace core {
template <>
struct EnumNames<grid::SignalSource> {
  static constexpr std::array<std::string_view, 2> names{"profile", "trace"};
};
template <>
struct EnumNames<grid::ForecastKind> {
  static constexpr std::array<std::string_view, 4> names{"perfect", "persistence", "noisy", "seasonal-ar"};
};
template <>
struct EnumNames<grid::BeyondTrace> {
  static constexpr std::array<std::string_view, 3> names{"error", "wrap", "hold"};
};
template <>
struct EnumNames<grid::PriceUnit> {
  static constexpr std::array<std::string_view, 2> names{"usd_per_kwh", "usd_per_mwh"};
};
template <>
struct EnumNames<grid::IncomeGroup> {
  static constexpr std::array<std::string_view, 4> names{"low", "lower-middle", "upper-middle", "high"};
};
}  // namespace core
}  // namespace swarm
