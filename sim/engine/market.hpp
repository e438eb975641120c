#pragma once
#include <span>
#include <vector>

#include "sim/core/rng.hpp"
#include "sim/economy/zip.hpp"
#include "sim/engine/pricing.hpp"
#include "sim/world/world.hpp"

/// What all auctions of capacity have in common (docs/models/markets.md, "In a run"). A market is one problem type in
/// one region. It trades **standard requests**: one is the work of a request of mean tok counts, at the baseline price;
/// quantities are millionths of it. Prices are µTKN per standard request, all multiplicity, and gross: carbon, which
/// the serving site's seller hands on, is in them; justice, which depends on who asks, comes on top.
namespace swarm {
namespace engine {

/// Millionths in which work is traded.
inline constexpr std::int64_t kWorkUnits = 1'000'000;

/// Work of a request [millionths of a standard request], at least one.
std::int64_t work_of(const world::Plan& plan, std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out);

/// An amount of price × work in whole µTKN, half to even.
std::int64_t whole_price(Int128 amount);
inline std::int64_t gross_at(std::int64_t price, std::int64_t work) { return whole_price(Int128{price} * work); }

/// What serving a standard request costs at a site [µTKN, all multiplicity]: energy and wear; its carbon at the price
/// of carbon; and the rebate that the pricing rule asks of a seller behind contracted renewables, as a share.
struct StandardCost {
  double resources = 0;
  double carbon = 0;
  double rebate = 0;
  double seconds = 0;  ///< of all the site's gangs together, per standard request
};

/// One region's markets in one step: costs, lots, bids. Reads what the step left so far; writes nothing.
class MarketView {
 public:
  MarketView(const world::World& w, const world::RegionState& r, std::span<const SiteRate> rates);

  const StandardCost& cost(std::size_t type, std::size_t site) const { return costs_[type * sites_ + site]; }
  /// The specialist's share of its site's spare capacity; 0 for those whose balance is too small to sell.
  std::int64_t lot(std::size_t type, std::uint32_t agent) const;
  /// What the specialist asks. `round` distinguishes draws within a step.
  std::int64_t ask(std::size_t type, std::uint32_t agent, std::uint32_t round) const;
  /// Justice of an order that comes to this region: discount and premium of the quote it prefers here, which follow
  /// the cost-based ask and not what is bid.
  void enter(world::Order& order) const;
  /// What the order can bid: all it holds in escrow and its discount, less its premium; negative, and no bid, where the
  /// premium alone is more.
  std::int64_t bid(const world::Order& order) const;
  /// What the order is worth to its users, in the same terms as its bid.
  std::int64_t value(const world::Order& order) const;
  /// Below what price the specialist would lose by serving a standard request, its carbon included.
  std::int64_t cost_of(std::size_t type, std::uint32_t agent) const;
  /// What the market's price may move to in one step: bids beyond it are lowered, asks below it raised.
  std::int64_t collar_low(std::size_t type) const { return low_[type]; }
  std::int64_t collar_high(std::size_t type) const { return high_[type]; }

 private:
  const world::World& w_;
  const world::RegionState& r_;
  std::span<const SiteRate> rates_;
  std::size_t sites_;
  void share_standard_requests();

  std::vector<StandardCost> costs_;
  std::vector<double> share_;  ///< per type and site: standard requests per second of its time
  std::array<std::int64_t, workload::kProblemTypes> low_{}, high_{};
};

/// What is left to offer of a lot once the specialist has made up for what it sold beyond earlier ones.
std::int64_t after_oversold(world::RegionState& r, std::uint32_t agent, std::int64_t lot);

/// What an auction came to; quantities in millionths of a standard request, surplus in µTKN times that.
struct MarketFigures {
  std::int64_t price = 0;  ///< 0: nothing was traded
  Int128 offered = 0, demanded = 0, volume = 0;
  Int128 surplus = 0;       ///< value to those served less cost of serving them
  Int128 best_surplus = 0;  ///< the greatest that the same orders and lots allow
};

/// Adds an auction's figures to the market's row of this step.
void count_figures(const world::World& w, world::RegionState& r, std::size_t type, const MarketFigures& figures);

/// The price from which the next step's collar is drawn: `price`, or where there is none, the end of the collar that
/// keeps all buyers or all sellers out.
void move_reference(world::RegionState& r, const MarketView& view, std::size_t type, std::int64_t price,
                    std::int64_t best_bid, std::int64_t best_ask);

/// Whether a bidder's price is drawn at random.
constexpr bool draws(economy::Bidder bidder) {
  return bidder == economy::Bidder::zi_constrained || bidder == economy::Bidder::zi_unconstrained;
}

/// A specialist hears what was paid for a standard request, or, where nothing was, the best price on its side; it learns
/// from it if sellers are of the kind that does. `active`: it still has work to sell.
void hear(const world::World& w, world::RegionState& r, const MarketView& view, std::size_t type, std::uint32_t agent,
          const economy::Heard& heard, bool active);
/// How users learn from what became of their requests in a step: those who learn together hear of the first request of
/// theirs that was sold and of the first that was not, and no more, or a busy step would drown what they knew.
class UserLearning {
 public:
  UserLearning(const world::World& w, world::RegionState& r) : w_(w), r_(r) {}
  /// Outcomes in their order: what the work of each cost in the market that sold it or not [µTKN].
  void hear(const world::Outcome& outcome);

 private:
  const world::World& w_;
  world::RegionState& r_;
  std::array<std::array<bool, 2>, workload::kProblemTypes * world::kWorthClasses> heard_{};
};

}  // namespace engine
}  // namespace swarm
