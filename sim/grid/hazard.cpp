#include "sim/grid/hazard.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "sim/core/distributions.hpp"
#include "sim/core/math.hpp"
#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"
#include "sim/grid/clock.hpp"
#include "sim/grid/hazard_feed.hpp"
#include "sim/grid/problems.hpp"
#include "sim/grid/profile.hpp"

namespace swarm {
namespace grid {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr double kDaysPerYear = 365.25;
/// No exponential variate exceeds it: −ln of the least uniform, 2⁻⁵³, is 36.7.
constexpr double kLongestExponential = 37;
/// An aftermath below it is over.
constexpr double kForgotten = 1e-6;
/// Draws that one kind may use on one day.
constexpr std::uint32_t kDrawsPerKind = 1u << 24;

double rate_of(const HazardParams& p, HazardKind kind) {
  switch (kind) {
    case HazardKind::flood: return p.flood_per_year;
    case HazardKind::cyclone: return p.cyclone_per_year;
    case HazardKind::wildfire: return p.wildfire_per_year;
    case HazardKind::drought: return p.drought_per_year;
    case HazardKind::heatwave: return p.heatwave_per_year;
  }
  return 0;
}

double mean_duration(const HazardParams& p, HazardKind kind) {
  switch (kind) {
    case HazardKind::flood: return p.flood_duration.seconds;
    case HazardKind::cyclone: return p.cyclone_duration.seconds;
    case HazardKind::wildfire: return p.wildfire_duration.seconds;
    case HazardKind::drought: return p.drought_duration.seconds;
    case HazardKind::heatwave: return p.heatwave_duration.seconds;
  }
  return 0;
}

/// Adds the hazards of one region and kind that can touch [start, end).
void draw_hazards(const HazardParams& p, const Random& random, RegionId id, const Region& region, HazardKind kind,
                  std::int64_t start, std::int64_t end, std::vector<Hazard>& out) {
  const double per_day = hazard_rate(p, kind, region.vulnerability) / kDaysPerYear;
  if (per_day == 0) return;
  const double least = p.least_duration.seconds;
  const double beyond_least = std::max(0.0, mean_duration(p, kind) - least);
  const auto longest = static_cast<std::int64_t>(std::ceil(least + kLongestExponential * beyond_least));
  const std::uint64_t key = region_key(region.name);
  for (std::int64_t day = floor_div(start - longest, kDay); day * kDay < end; ++day) {
    RandomSequence draws(random, static_cast<std::uint32_t>(day), key,
                         static_cast<std::uint32_t>(kind) * kDrawsPerKind);
    for (std::uint64_t left = poisson(draws, per_day); left > 0; --left) {
      Hazard h{.region = id, .kind = kind};
      h.start_utc = day * kDay + static_cast<std::int64_t>(draws.uniform() * static_cast<double>(kDay));
      h.end_utc =
          h.start_utc + std::max<std::int64_t>(1, round_half_even(least + beyond_least * exponential(draws.uniform())));
      h.severity = p.least_severity + (p.greatest_severity - p.least_severity) * draws.uniform();
      if (h.severity > 0) out.push_back(h);
    }
  }
}

/// Listed hazards, then those of the feed.
std::vector<Hazard> given_hazards(const HazardParams& params, std::span<const HazardRecord> records,
                                  std::span<const Region> regions, std::int64_t start_utc,
                                  const std::filesystem::path& data_dir) {
  Problems problems;
  std::vector<Hazard> all;
  for (const HazardRecord& r : records) {
    const auto region = find_region_row(regions, r.region);
    if (!region) {
      problems.add(unknown_hazard_region(regions, r.region));
      continue;
    }
    const std::int64_t start = start_utc + round_half_even(r.start.seconds);
    const std::int64_t lasts = std::max<std::int64_t>(1, round_half_even(r.duration.seconds));
    all.push_back({*region, r.kind, start, start + lasts, r.severity});
  }
  try {
    const std::vector<Hazard> fed =
        params.feed.empty() ? std::vector<Hazard>() : read_hazards(data_dir / params.feed, regions);
    all.insert(all.end(), fed.begin(), fed.end());
  } catch (const InputError& e) {
    problems.add(e);
  }
  problems.raise();
  return all;
}

auto place(const Hazard& h) {
  return std::tuple(h.region, h.kind);
}

/// Cuts hazards of one region and kind, sorted by start, into pieces.
void cut(std::span<const Hazard> hazards, std::vector<Hazard>& out) {
  std::vector<std::int64_t> times;
  for (const Hazard& h : hazards) {
    times.push_back(h.start_utc);
    times.push_back(h.end_utc);
  }
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<const Hazard*> going_on;
  std::size_t next = 0;
  const std::size_t first = out.size();
  for (std::size_t t = 0; t + 1 < times.size(); ++t) {
    std::erase_if(going_on, [&](const Hazard* h) { return h->end_utc <= times[t]; });
    for (; next < hazards.size() && hazards[next].start_utc <= times[t]; ++next) going_on.push_back(&hazards[next]);
    double severity = 0;
    for (const Hazard* h : going_on) severity = std::max(severity, h->severity);
    if (severity == 0) continue;
    if (out.size() > first && out.back().end_utc == times[t] && out.back().severity == severity)
      out.back().end_utc = times[t + 1];
    else
      out.push_back({hazards[0].region, hazards[0].kind, times[t], times[t + 1], severity});
  }
}

/// Pieces of constant severity: sorted, cut where a hazard begins or ends, and joined where severity stays the same.
std::vector<Hazard> merge_hazards(std::vector<Hazard> hazards) {
  std::ranges::stable_sort(hazards, {},
                           [](const Hazard& h) { return std::tuple_cat(place(h), std::tuple(h.start_utc)); });
  std::vector<Hazard> out;
  for (auto from = hazards.begin(); from != hazards.end();) {
    const auto to = std::find_if(from, hazards.end(), [&](const Hazard& h) { return place(h) != place(*from); });
    cut({from, to}, out);
    from = to;
  }
  return out;
}

}  // namespace

double HazardLevels::greatest() const {
  return *std::ranges::max_element(severity);
}

double hazard_rate(const HazardParams& params, HazardKind kind, double vulnerability) {
  const double x = params.vulnerability_slope * (vulnerability - params.vulnerability_typical);
  const double growth = params.rate == HazardRate::exponential ? math::exp(x) : std::max(0.0, 1.0 + x);
  return rate_of(params, kind) * growth;
}

Hazards Hazards::build(const HazardParams& params, std::span<const HazardRecord> records,
                       std::span<const Region> regions, std::int64_t start_utc, std::int64_t end_utc,
                       std::uint64_t seed, const std::filesystem::path& data_dir) {
  EXPECT(params.least_severity <= params.greatest_severity);
  std::vector<Hazard> all = given_hazards(params, records, regions, start_utc, data_dir);
  const Random random(seed, Stream::hazard);
  for (std::size_t r = 0; params.process && r < regions.size(); ++r)
    for (std::size_t k = 0; k < kHazardKinds; ++k)
      draw_hazards(params, random, RegionId{static_cast<std::uint16_t>(r)}, regions[r], static_cast<HazardKind>(k),
                   start_utc, end_utc, all);
  std::erase_if(all, [&](const Hazard& h) { return h.end_utc <= start_utc || h.start_utc >= end_utc; });
  Hazards out;
  out.pieces_ = merge_hazards(std::move(all));
  for (std::size_t i = 0; i < regions.size() * kHazardKinds; ++i) {
    const std::tuple at(RegionId{static_cast<std::uint16_t>(i / kHazardKinds)},
                        static_cast<HazardKind>(i % kHazardKinds));
    const auto first = std::ranges::lower_bound(out.pieces_, at, {}, place);
    out.first_.push_back(static_cast<std::size_t>(first - out.pieces_.begin()));
  }
  out.first_.push_back(out.pieces_.size());
  return out;
}

std::span<const Hazard> Hazards::of(RegionId region, std::size_t kind) const {
  const std::size_t i = region.value * kHazardKinds + kind;
  EXPECT(i + 1 < first_.size());
  return std::span(pieces_).subspan(first_[i], first_[i + 1] - first_[i]);
}

HazardLevels Hazards::active(RegionId region, std::int64_t utc) const {
  return aftermath(region, utc, {0});
}

HazardLevels Hazards::aftermath(RegionId region, std::int64_t utc, Duration decay) const {
  HazardLevels out;
  for (std::size_t k = 0; k < kHazardKinds; ++k) {
    const auto pieces = of(region, k);
    auto at = std::ranges::upper_bound(pieces, utc, {}, &Hazard::start_utc);
    double& level = out.severity[k];
    while (at != pieces.begin()) {
      --at;
      const auto over = static_cast<double>(std::max<std::int64_t>(0, utc - at->end_utc));
      if (utc >= at->end_utc && decay.seconds == 0) break;
      const double left = utc < at->end_utc ? 1.0 : math::exp(-over / decay.seconds);
      if (left <= level || left < kForgotten) break;  // earlier pieces ended earlier still
      if (at->severity * left >= kForgotten) level = std::max(level, at->severity * left);
    }
  }
  return out;
}

std::optional<std::int64_t> Hazards::since(RegionId region, std::int64_t utc) const {
  if (active(region, utc).greatest() == 0) return {};
  std::int64_t start = utc;
  for (bool earlier = true; earlier;) {
    earlier = false;
    for (std::size_t k = 0; k < kHazardKinds; ++k)
      for (const Hazard& piece : of(region, k)) {
        if (piece.start_utc >= start || piece.end_utc < start) continue;
        start = piece.start_utc;
        earlier = true;
      }
  }
  return start;
}

}  // namespace grid
}  // namespace swarm
