#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/dispatch/fault_params.hpp"

/// Faults by region and time: pure functions of scenario and seed; plan, not state (docs/models/faults.md).
namespace swarm {
namespace dispatch {

/// A site that can fail; rows are those of the whole world, region after region.
struct FaultSite {
  std::string name;
  RegionId region;
  std::uint64_t agents = 0;  ///< specialists that live there; within a region they are numbered site after site
};

/// One fault over [start_utc, end_utc) [s since 1970].
struct Fault {
  FaultKind kind = FaultKind::site_outage;
  RegionId region;
  std::int64_t start_utc = 0, end_utc = 0;
  std::uint32_t first_site = 0, sites = 0;  ///< rows of sites that it strikes
  double factor = 1;
  std::vector<std::uint32_t> agents;  ///< whom it strikes: local numbers, ascending
};

class Faults {
 public:
  /// Listed faults and those drawn, for the run [start_utc, end_utc). Regions and sites of records are known.
  ///
  /// Faults of a kind are a Poisson process: how many begin on a UTC day at a site (or in a region, where they strike it
  /// as a whole), when, whom they strike and how long they last is drawn by (seed, name of the site or region, kind,
  /// day), so a site keeps its faults in any scenario with as many specialists there, at any step length.
  static Faults build(const FaultParams& params, std::span<const FaultRecord> records, std::span<const std::string> regions,
                      std::span<const FaultSite> sites, std::int64_t start_utc, std::int64_t end_utc, std::uint64_t seed);

  bool none() const { return none_; }
  /// Those of a region, by start.
  std::span<const Fault> of(RegionId region) const { return regions_[region.value].faults; }

  /// body(fault) for every fault of the region that is going on.
  template <class Body>
  void each_active(RegionId region, std::int64_t utc, Body&& body) const {
    if (none_) return;
    const PerRegion& r = regions_[region.value];
    for (std::size_t k = r.begun(utc); k > 0 && r.latest_end[k - 1] > utc; --k)
      if (r.faults[k - 1].end_utc > utc) body(r.faults[k - 1]);
  }
  bool active(RegionId region, std::int64_t utc, FaultKind kind) const;

 private:
  struct PerRegion {
    std::vector<Fault> faults;             ///< by start
    std::vector<std::int64_t> latest_end;  ///< of this and all before it
    std::size_t begun(std::int64_t utc) const;
  };
  std::vector<PerRegion> regions_;
  bool none_ = true;
};

/// Of so many specialists from `first` on, those whom a share strikes: round(share · count), at least one, ranked by
/// keyed words of the fault's name.
std::vector<std::uint32_t> struck(std::uint64_t seed, const std::string& fault, std::uint32_t first, std::uint64_t count,
                                  double share);

}  // namespace dispatch
}  // namespace swarm
