#include "sim/grid/signals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "sim/core/parallel.hpp"
#include "sim/grid/clock.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/profile.hpp"
#include "sim/grid/resample.hpp"
#include "sim/grid/trace.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr double kKwhPerMwh = 1000;
constexpr double kPercent = 100;
constexpr std::int64_t kHour = 3600;

/// The traces of one region; a series without values means that its profile is used.
struct RegionTraces {
  TraceSeries intensity;
  TraceSeries price;
  TraceSeries share;
};

const std::string& zone_of(const Region& region) {
  return region.zone.empty() ? region.name : region.zone;
}

/// Reads every trace file of a scenario once.
class TraceLoader {
 public:
  TraceLoader(const GridParams& params, std::span<const Region> regions, std::int64_t start_utc,
              std::int64_t end_utc, const std::filesystem::path& data_dir)
      : params_(params), regions_(regions), start_utc_(start_utc), end_utc_(end_utc), data_dir_(data_dir) {}

  std::vector<RegionTraces> load() {
    std::vector<RegionTraces> traces(regions_.size());
    for (std::size_t r = 0; r < regions_.size(); ++r) plan(regions_[r], traces[r]);
    for (auto& [key, wants] : files_) read(key.first, key.second, wants);
    problems_.raise();
    return traces;
  }

 private:
  struct Want {
    const Region* region;
    TraceSeries* into;
  };

  void plan(const Region& region, RegionTraces& traces) {
    const bool own = !region.trace.empty();
    const std::string& path = own ? region.trace : params_.trace;
    if (own || (params_.source == SignalSource::trace && !path.empty())) {
      want(path, TraceKind::intensity, region, traces.intensity);
    } else if (params_.source == SignalSource::trace) {
      problems_.add({.file = "",
                     .problem = fmt::format("region {} has no trace", region.name),
                     .why = "grid.source is trace, but neither region.trace nor grid.trace is set",
                     .suggestion = "Set grid.trace, or grid.source = \"profile\"."});
    }
    if (!params_.price_trace.empty()) want(params_.price_trace, TraceKind::price, region, traces.price);
    if (!params_.renewable_trace.empty())
      want(params_.renewable_trace, TraceKind::share, region, traces.share);
  }

  void want(const std::string& path, TraceKind kind, const Region& region, TraceSeries& into) {
    const std::filesystem::path file = data_dir_ / path;  // an absolute path stays as it is
    files_[{file, kind}].push_back({&region, &into});
  }

  void read(const std::filesystem::path& file, TraceKind kind, const std::vector<Want>& wants) {
    std::vector<std::string> zones;
    zones.reserve(wants.size());
    for (const Want& w : wants) zones.push_back(zone_of(*w.region));
    std::vector<TraceSeries> series;
    try {
      series = read_traces(file, zones, kind, params_.max_gap);
    } catch (const InputError& e) {
      problems_.add(e);
      return;
    }
    for (std::size_t i = 0; i < wants.size(); ++i) {
      if (params_.beyond_trace == BeyondTrace::error)
        if (auto problem = coverage_problem(series[i], start_utc_, end_utc_, file.string(), zones[i]))
          problems_.add(std::move(*problem));
      if (kind == TraceKind::price)
        if (auto problem = price_unit_problem(series[i], params_.price_unit, file.string(), zones[i]))
          problems_.add(std::move(*problem));
      *wants[i].into = std::move(series[i]);
    }
  }

  const GridParams& params_;
  std::span<const Region> regions_;
  std::int64_t start_utc_;
  std::int64_t end_utc_;
  const std::filesystem::path& data_dir_;
  std::map<std::pair<std::filesystem::path, TraceKind>, std::vector<Want>> files_;
  Problems problems_;
};

/// The stretch of time of a run, and its steps with the horizon behind it.
struct RunSpan {
  std::int64_t start_utc;
  std::int64_t step_s;
  std::size_t row;
  std::int64_t end_utc;

  std::int64_t seen_utc() const { return start_utc + static_cast<std::int64_t>(row) * step_s; }
};

/// Makes the series of one region's signal, and what a forecaster would have learnt of it.
class SeriesMaker {
 public:
  SeriesMaker(const GridParams& params, const RunSpan& run, std::uint64_t seed)
      : params_(params),
        run_(run),
        random_(seed, Stream::grid_profile),
        history_(params.forecast == ForecastKind::seasonal_ar
                     ? floor_div(static_cast<std::int64_t>(params.forecast_history.seconds), kHour) * kHour
                     : 0) {}

  /// The run itself is covered (the loader saw to that): only the horizon behind it can be held.
  BeyondTrace beyond() const {
    return params_.beyond_trace == BeyondTrace::error ? BeyondTrace::hold : params_.beyond_trace;
  }

  /// The trace over `unit` if there is one, else the region's profile, from the history to the end of the
  /// horizon.
  TraceSeries series(const TraceSeries& trace, double unit, const Region& region, Disturbance which) const {
    if (!trace.values.empty()) {
      TraceSeries out = trace;
      for (double& value : out.values) value /= unit;
      return out;
    }
    const bool is_price = which == Disturbance::price;
    const ProfileShape shape = is_price ? price_shape(params_, region) : intensity_shape(params_, region);
    const double mean = is_price ? region.price_usd_per_kwh : region.intensity_g_per_kwh;
    return profile_series(shape, profile_scale(shape), mean, region.utc_offset_h, random_,
                          region_key(region.name), which, run_.start_utc - history_, run_.seen_utc());
  }

  /// Whole hours from the history (as far as a trace reaches back) to the end of the run.
  SeasonalAr past(const TraceSeries& series, double utc_offset_h) const {
    // Never before the trace, not even where it wraps: its end is not the past of its beginning.
    const std::int64_t known = -floor_div(-series.start_utc, kHour);
    const std::int64_t first = std::max(floor_div(run_.start_utc - history_, kHour),
                                        std::min(known, floor_div(run_.start_utc, kHour)));
    const std::int64_t last = floor_div(run_.end_utc, kHour);
    const std::vector<double> hourly =
        resample(series, first * kHour, kHour,
                 static_cast<std::size_t>(std::max<std::int64_t>(0, last - first)), beyond());
    return {first, hourly, utc_offset_h, params_.forecast_memory.seconds};
  }

 private:
  const GridParams& params_;
  RunSpan run_;
  Random random_;
  std::int64_t history_;
};

}  // namespace

Signals Signals::build(const GridParams& params, std::span<const Region> regions, std::int64_t start_utc,
                       std::int64_t step_s, std::uint32_t steps, std::uint64_t seed,
                       const std::filesystem::path& data_dir) {
  EXPECT(step_s > 0 && steps > 0);
  Signals s;
  s.start_utc_ = start_utc;
  s.steps_ = steps;
  s.step_s_ = step_s;
  s.horizon_ =
      static_cast<std::uint32_t>(std::ceil(params.forecast_horizon.seconds / static_cast<double>(step_s)));
  s.kind_ = params.forecast;
  if (s.kind_ == ForecastKind::noisy) s.noise_.emplace(params, seed);
  const std::size_t row = s.row();
  const RunSpan run{start_utc, step_s, row, start_utc + std::int64_t{steps} * step_s};
  const std::vector<RegionTraces> traces =
      TraceLoader(params, regions, start_utc, run.end_utc, data_dir).load();

  s.intensity_.resize(regions.size() * row);
  s.price_.resize(regions.size() * row);
  s.renewable_.resize(regions.size());
  s.interpolated_.resize(regions.size());
  std::vector<std::optional<SeasonalAr>> past(2 * regions.size());
  for (const Region& region : regions) {
    s.renewable_mean_.push_back(region.renewable_share);
    s.keys_.push_back(region_key(region.name));
  }

  const SeriesMaker maker(params, run, seed);
  const double price_unit = params.price_unit == PriceUnit::usd_per_mwh ? kKwhPerMwh : 1.0;
  parallel_each(regions.size(), [&](std::size_t r) {
    const RegionTraces& trace = traces[r];
    const auto fill = [&](std::vector<double>& out, std::optional<SeasonalAr>& seen,
                          const TraceSeries& series) {
      const std::vector<double> values = resample(series, start_utc, step_s, row, maker.beyond());
      std::ranges::copy(values, out.begin() + static_cast<std::ptrdiff_t>(r * row));
      if (params.forecast == ForecastKind::seasonal_ar) seen = maker.past(series, regions[r].utc_offset_h);
    };
    fill(s.intensity_, past[2 * r], maker.series(trace.intensity, 1, regions[r], Disturbance::intensity));
    fill(s.price_, past[2 * r + 1], maker.series(trace.price, price_unit, regions[r], Disturbance::price));
    if (!trace.share.values.empty()) {
      s.renewable_[r] = resample(trace.share, start_utc, step_s, row, maker.beyond());
      for (double& share : s.renewable_[r]) share /= kPercent;
    }
    s.interpolated_[r] = trace.intensity.interpolated + trace.price.interpolated + trace.share.interpolated;
  });
  if (params.forecast == ForecastKind::seasonal_ar)
    for (std::size_t r = 0; r < regions.size(); ++r) {
      s.intensity_past_.push_back(std::move(*past[2 * r]));
      s.price_past_.push_back(std::move(*past[2 * r + 1]));
    }
  return s;
}

double Signals::forecast(Disturbance which, RegionId region, std::uint32_t step, std::uint32_t ahead) const {
  EXPECT(step < steps_ && ahead <= horizon_);
  const bool is_price = which == Disturbance::price;
  const std::vector<double>& series = is_price ? price_ : intensity_;
  if (const auto seen = last_seen(region, step)) return at(series, region, *seen);
  const double now = at(series, region, step);
  if (ahead == 0 || kind_ == ForecastKind::persistence) return now;
  const double truth = at(series, region, std::size_t{step} + ahead);
  if (kind_ == ForecastKind::perfect) return truth;
  const std::int64_t issued = start_utc_ + std::int64_t{step} * step_s_;
  const auto lead = static_cast<double>(std::int64_t{ahead} * step_s_);
  if (kind_ == ForecastKind::noisy)
    return truth *
           std::max(0.0, 1 + noise_->error(keys_[region.value], which, floor_div(issued, kHour), lead));
  const SeasonalAr& past = (is_price ? price_past_ : intensity_past_)[region.value];
  const std::int64_t middle = issued + step_s_ / 2;
  const double expected =
      past.expect(floor_div(issued, kHour), middle, now, middle + std::int64_t{ahead} * step_s_, lead);
  return is_price ? expected : std::max(0.0, expected);
}

void Signals::lose_forecasts(RegionId region, std::uint32_t first, std::uint32_t last) {
  EXPECT(region.value < regions());
  if (first >= last) return;
  outages_.resize(regions());
  auto& all = outages_[region.value];
  all.push_back({first, last});
  std::ranges::sort(all, {}, &Outage::first);
  std::size_t kept = 0;
  for (std::size_t k = 1; k < all.size(); ++k) {
    if (all[k].first <= all[kept].last)
      all[kept].last = std::max(all[kept].last, all[k].last);
    else
      all[++kept] = all[k];
  }
  all.resize(kept + 1);
}

std::optional<std::uint32_t> Signals::last_seen(RegionId region, std::uint32_t step) const {
  if (outages_.empty()) return {};
  const auto& all = outages_[region.value];
  const auto after = std::ranges::upper_bound(all, step, {}, &Outage::first);
  if (after == all.begin() || std::prev(after)->last <= step) return {};
  const std::uint32_t first = std::prev(after)->first;
  return first > 0 ? first - 1 : 0;
}

std::size_t Signals::horizon_hours() const {
  return static_cast<std::size_t>(std::int64_t{horizon_} * step_s_ / kHour);
}

std::uint32_t Signals::steps_ahead(std::size_t hours) const {
  return static_cast<std::uint32_t>((static_cast<std::int64_t>(hours) * kHour + step_s_ - 1) / step_s_);
}

std::vector<double> Signals::forecast_mape(RegionId region) const {
  EXPECT(region.value < regions());
  std::vector<double> out(horizon_hours(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t h = 1; h <= out.size(); ++h) {
    const std::uint32_t ahead = steps_ahead(h);
    double sum = 0;
    std::uint64_t pairs = 0;
    for (std::uint32_t step = 0; step + ahead < steps_; ++step) {
      const double target = intensity(region, step + ahead);
      if (target == 0) continue;
      sum += std::abs(forecast_intensity(region, step, ahead) - target) / target;
      ++pairs;
    }
    if (pairs > 0) out[h - 1] = kPercent * sum / static_cast<double>(pairs);
  }
  return out;
}

std::vector<double> Signals::forecast_price_error(RegionId region) const {
  EXPECT(region.value < regions());
  std::vector<double> out(horizon_hours(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t h = 1; h <= out.size(); ++h) {
    const std::uint32_t ahead = steps_ahead(h);
    double error = 0, scale = 0;
    for (std::uint32_t step = 0; step + ahead < steps_; ++step) {
      const double target = price(region, step + ahead);
      error += std::abs(forecast_price(region, step, ahead) - target);
      scale += std::abs(target);
    }
    if (scale > 0) out[h - 1] = kPercent * error / scale;
  }
  return out;
}

std::size_t Signals::bytes() const {
  std::size_t values = intensity_.size() + price_.size() + renewable_mean_.size();
  for (const auto& series : renewable_) values += series.size();
  std::size_t past = 0;
  for (const auto* all : {&intensity_past_, &price_past_})
    for (const SeasonalAr& one : *all) past += one.bytes();
  return past + values * sizeof(double) + interpolated_.size() * sizeof(std::uint64_t) +
         renewable_.size() * sizeof(std::vector<double>);
}

}  // namespace grid
}  // namespace swarm
