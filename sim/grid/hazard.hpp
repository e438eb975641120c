#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/grid/hazard_params.hpp"
#include "sim/grid/params.hpp"

/// Hazards by region and time: pure functions of scenario, seed and a feed; plan, not state.
namespace swarm {
namespace grid {

/// One hazard over [start_utc, end_utc) [s since 1970].
struct Hazard {
  RegionId region;
  HazardKind kind = HazardKind::flood;
  std::int64_t start_utc = 0;
  std::int64_t end_utc = 0;
  double severity = 0;  ///< in (0, 1]
  friend bool operator==(const Hazard&, const Hazard&) = default;
};

/// Severity of each kind at a moment; 0 where there is none.
struct HazardLevels {
  std::array<double, kHazardKinds> severity{};
  double of(HazardKind kind) const { return severity[static_cast<std::size_t>(kind)]; }
  double greatest() const;
};

/// Hazards per year of one kind in a region of this vulnerability.
double hazard_rate(const HazardParams& params, HazardKind kind, double vulnerability);

class Hazards {
 public:
  /// Listed hazards, those of the feed and those drawn, for the run [start_utc, end_utc). Relative paths are below
  /// `data_dir`. Throws InputError with every problem of the feed (FILE:LINE:COL) and of the list.
  ///
  /// Arrivals of a kind are a Poisson process: how many begin on a UTC day, when, how long and how bad is drawn by
  /// (seed, region's name, kind, day), so a region keeps its hazards in any scenario, at any step length and from any
  /// start on; those that began before the run and still last are among them. What ended before it leaves nothing.
  static Hazards build(const HazardParams& params, std::span<const HazardRecord> records,
                       std::span<const Region> regions, std::int64_t start_utc, std::int64_t end_utc,
                       std::uint64_t seed, const std::filesystem::path& data_dir);

  /// What is going on. Where hazards of one kind overlap the most severe one counts.
  HazardLevels active(RegionId region, std::int64_t utc) const;

  /// The same with what is left of hazards that are over: severity · exp(−time since the end / decay); a decay of 0 s
  /// leaves nothing, and below a millionth it is over.
  HazardLevels aftermath(RegionId region, std::int64_t utc, Duration decay) const;

  /// Start of the unbroken time with hazards of any kind in which the moment lies; nothing if nothing is going on.
  std::optional<std::int64_t> since(RegionId region, std::int64_t utc) const;

  /// Disjoint pieces of constant severity, in order of (region, kind, start).
  std::span<const Hazard> pieces() const { return pieces_; }

 private:
  std::span<const Hazard> of(RegionId region, std::size_t kind) const;

  std::vector<Hazard> pieces_;
  std::vector<std::size_t> first_;  ///< per region × kind, and the end
};

}  // namespace grid
}  // namespace swarm
