#include "sim/grid/signals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "sim/core/parallel.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/profile.hpp"
#include "sim/grid/resample.hpp"
#include "sim/grid/trace.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr double kKwhPerMwh = 1000;
constexpr double kPercent = 100;

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

}  // namespace

Signals Signals::build(const GridParams& params, std::span<const Region> regions, std::int64_t start_utc,
                       std::int64_t step_s, std::uint32_t steps, std::uint64_t seed,
                       const std::filesystem::path& data_dir) {
  EXPECT(step_s > 0 && steps > 0);
  Signals s;
  s.steps_ = steps;
  s.step_s_ = step_s;
  s.horizon_ =
      static_cast<std::uint32_t>(std::ceil(params.forecast_horizon.seconds / static_cast<double>(step_s)));
  s.perfect_ = params.forecast == ForecastKind::perfect;
  const std::size_t row = s.row();
  const std::int64_t end = start_utc + std::int64_t{steps} * step_s;
  const std::int64_t seen = start_utc + static_cast<std::int64_t>(row) * step_s;
  const std::vector<RegionTraces> traces = TraceLoader(params, regions, start_utc, end, data_dir).load();

  s.intensity_.resize(regions.size() * row);
  s.price_.resize(regions.size() * row);
  s.renewable_.resize(regions.size());
  s.interpolated_.resize(regions.size());
  for (const Region& region : regions) s.renewable_mean_.push_back(region.renewable_share);

  const Random random(seed, Stream::grid_profile);
  const ProfileShape price = price_shape(params);
  const double price_scale = profile_scale(price);
  // The scale does not depend on the phase of the seasons, so one serves both hemispheres.
  const double intensity_scale = profile_scale(intensity_shape(params, Region{}));
  // The run itself is covered (the loader saw to that): only the horizon behind it can be held.
  const BeyondTrace beyond =
      params.beyond_trace == BeyondTrace::error ? BeyondTrace::hold : params.beyond_trace;

  parallel_each(regions.size(), [&](std::size_t r) {
    const Region& region = regions[r];
    const RegionTraces& trace = traces[r];
    const std::uint64_t key = region_key(region.name);
    const auto fill = [&](std::vector<double>& out, const TraceSeries& given, const ProfileShape& shape,
                          double scale, double mean, Disturbance which, double unit) {
      const TraceSeries& series =
          given.values.empty()
              ? profile_series(shape, scale, mean, region.utc_offset_h, random, key, which, start_utc, seen)
              : given;
      const double factor = given.values.empty() ? 1.0 : unit;
      const std::vector<double> values = resample(series, start_utc, step_s, row, beyond);
      std::ranges::transform(values, out.begin() + static_cast<std::ptrdiff_t>(r * row),
                             [&](double v) { return v / factor; });
    };
    fill(s.intensity_, trace.intensity, intensity_shape(params, region), intensity_scale,
         region.intensity_g_per_kwh, Disturbance::intensity, 1);
    fill(s.price_, trace.price, price, price_scale, region.price_usd_per_kwh, Disturbance::price,
         params.price_unit == PriceUnit::usd_per_mwh ? kKwhPerMwh : 1.0);
    if (!trace.share.values.empty()) {
      s.renewable_[r] = resample(trace.share, start_utc, step_s, row, beyond);
      for (double& share : s.renewable_[r]) share /= kPercent;
    }
    s.interpolated_[r] = trace.intensity.interpolated + trace.price.interpolated + trace.share.interpolated;
  });
  return s;
}

std::vector<double> Signals::forecast_mape(RegionId region) const {
  EXPECT(region.value < regions());
  const auto hours = static_cast<std::size_t>(static_cast<std::int64_t>(horizon_) * step_s_ / 3600);
  std::vector<double> out(hours, std::numeric_limits<double>::quiet_NaN());
  const std::span<const double> real(intensity_.data() + region.value * row(), steps_);
  for (std::size_t h = 1; h <= hours; ++h) {
    const auto ahead =
        static_cast<std::uint32_t>((static_cast<std::int64_t>(h) * 3600 + step_s_ - 1) / step_s_);
    double sum = 0;
    std::uint64_t pairs = 0;
    for (std::size_t step = 0; step + ahead < steps_; ++step) {
      const double target = real[step + ahead];
      if (target == 0) continue;
      const double expected = perfect_ ? target : real[step];
      sum += std::abs(expected - target) / target;
      ++pairs;
    }
    if (pairs > 0) out[h - 1] = kPercent * sum / static_cast<double>(pairs);
  }
  return out;
}

std::size_t Signals::bytes() const {
  std::size_t values = intensity_.size() + price_.size() + renewable_mean_.size();
  for (const auto& series : renewable_) values += series.size();
  return values * sizeof(double) + interpolated_.size() * sizeof(std::uint64_t) +
         renewable_.size() * sizeof(std::vector<double>);
}

}  // namespace grid
}  // namespace swarm
