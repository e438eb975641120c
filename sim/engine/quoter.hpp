#pragma once
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/engine/listing_sample.hpp"
#include "sim/engine/migration.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/world/world.hpp"

/// Quotes of requests: which specialists are asked, what each would charge, and in which order they are preferred.
namespace swarm {
namespace engine {

class Quoter {
 public:
  /// Reads the bulletin of the step.
  explicit Quoter(const world::World& w);

  /// Under min-total-energy, gives the region's requests their destinations; before they are quoted.
  void direct(world::RegionState& r) const;

  /// Quotes the requests in rows [begin, end) of the region's scratch.
  void quote_rows(world::RegionState& r, std::size_t begin, std::size_t end) const;

  /// The quote that decided about a request: the one its order prefers, or, where it was refused, the best of all that
  /// could be in time, whether or not its users would pay it.
  struct Deciding {
    const world::Bulletin::Listing* listing = nullptr;  ///< null: nobody can answer in time
    policy::Items items;                                ///< of all multiplicity [USD]
    double footprint_g = 0;
    double expected_delay_s = 0;
  };
  Deciding deciding_quote(const world::RegionState& r, std::size_t row) const;

  const world::World& world() const { return w_; }

 private:
  struct Asked;  ///< the specialists one request looked at
  Asked ask(const world::RegionState& r, std::size_t row, const RandomBlock& draw, std::uint8_t seats) const;
  world::Refusal quote_row(world::RegionState& r, std::size_t row, const RandomBlock& draw, std::uint8_t seats,
                           world::Order& order) const;

  /// The listings that the request looks at.
  ListingSample sample(const world::RegionState& r, std::size_t row, const RandomBlock& draw) const;
  /// What refuses a request for which nobody offered: residency or distance where they rule out all who are listed.
  world::Refusal nobody_offered(const world::RegionState& r, std::size_t type) const;
  /// Permits that the request needs if its order is to go to these lines, at whichever site it is served.
  std::int64_t permits_of(const Asked& asked, const world::Order& order, std::span<const std::uint8_t> lines) const;
  /// Sets what the order on these lines reserves, and how much it would reserve at every other price of permits: the
  /// footprint of the dirtiest line that its users could then still pay.
  void value_permits(world::RegionState& r, std::size_t row, const Asked& asked, world::Order& order,
                     std::span<const std::uint8_t> lines) const;
  /// What a quote is expected to come to: itself at posted prices, what was last paid in the region's market otherwise.
  double expected_usd(std::size_t type, std::int64_t work, const policy::Items& items, double transfer,
                      std::uint16_t region) const;
  /// The most that the order's users bid in a market, justice included [µTKN].
  std::int64_t limit(const world::RegionState& r, const world::Order& order) const;

  /// Whether a council of so many can be held wherever an order that names this listing may be served: at its site, or at
  /// any that a market chooses.
  bool seats_fit(std::size_t type, const world::Bulletin::Listing& listing, std::uint8_t seats) const;

  const world::World& w_;
  std::vector<SiteRate> rates_;
  std::array<std::vector<std::uint32_t>, workload::kProblemTypes> least_residents_;  ///< by type, per region: of its sites with any; markets only
  std::vector<Elsewhere> elsewhere_;    ///< per region of the world; empty where nothing stands between regions
  std::optional<Migration> migration_;
  Random random_;
  bool posted_;
  bool capped_;
};

}  // namespace engine
}  // namespace swarm
