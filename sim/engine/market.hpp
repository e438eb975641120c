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
/// the serving site's seller hands on, is in them; transfer and justice, which depend on who asks, come on top.
namespace swarm {
namespace engine {

/// Millionths in which work is traded.
inline constexpr std::int64_t kWorkUnits = 1'000'000;

/// Work of a request [millionths of a standard request], at least one.
std::int64_t work_of(const world::Plan& plan, std::size_t type, std::uint32_t tok_in, std::uint32_t tok_out,
                     std::uint8_t seats);

/// An amount of price × work in whole µTKN, half to even.
std::int64_t whole_price(Int128 amount);
inline std::int64_t gross_at(std::int64_t price, std::int64_t work) { return whole_price(Int128{price} * work); }

/// What serving a standard request costs at a site [µTKN, all multiplicity]: energy and wear; its carbon at the price
/// of carbon and the carbon credits that it needs; and the rebate that the pricing rule asks of a seller behind contracted renewables, as a share.
struct StandardCost {
  double resources = 0;
  double carbon = 0;
  double rebate = 0;
  double seconds = 0;  ///< of all the site's gangs together, per standard request
};

/// Starts the markets of a step: between which prices each may move, market.price_move around its reference price.
/// Bids beyond are lowered, asks below are raised, in all rounds and wherever they rest.
void open_markets(const world::World& w, world::RegionState& r);
/// Ends them: figures of the step, and the price from which the next step's collar is drawn. That is the mean price of
/// what was sold; where nothing was, the end of the collar if that is what keeps the best bid and the best ask apart.
void close_markets(const world::World& w, world::RegionState& r);

/// One region's markets in one round of trade: costs, lots, bids. Spare time is what earlier rounds left, the same for
/// all types; nothing is written.
class MarketView {
 public:
  MarketView(const world::World& w, const world::RegionState& r, std::span<const SiteRate> rates);

  const StandardCost& cost(std::size_t type, std::size_t site) const { return costs_[type * sites_ + site]; }
  /// What a site can still serve of a type: its part of the spare time, in the mix in which types are asked for. All
  /// types together fill that time once.
  std::int64_t site_work(std::size_t type, std::size_t site) const;
  /// The specialist's part of that; 0 for those whose balance is too small to sell.
  std::int64_t lot(std::size_t type, std::uint32_t agent) const;
  /// Work that the specialist's quota for the day still covers, by the tok of a standard request.
  std::int64_t quota_work(std::size_t type, std::uint32_t agent) const;
  /// What the specialist asks. `round` distinguishes draws within a step.
  std::int64_t ask(std::size_t type, std::uint32_t agent, std::uint32_t round) const;
  /// What an order that comes to this region pays on top of its bid: transfer, and discount and premium of the quote it
  /// prefers here, which follow the cost-based ask and not what is bid.
  void enter(world::Order& order) const;
  /// What is paid on top of a bid: premium and transfer, less the discount.
  static std::int64_t on_top(const world::Order& order) { return order.premium + order.transfer - order.grant; }
  /// What an order can bid that holds so much in escrow beyond what comes on top; −1, and no bid, where that is negative.
  std::int64_t bid(std::size_t type, std::int64_t held, std::int64_t work) const;
  std::int64_t bid(const world::Order& order) const { return bid(order.type, order.reserved - on_top(order), order.work); }
  /// What an order is worth to its users, in the same terms as its bid.
  static std::int64_t value(double wtp_usd, std::int64_t on_top, std::int64_t work);
  static std::int64_t value(const world::Order& order) { return value(order.wtp_usd, on_top(order), order.work); }
  /// Below what price the specialist would lose by serving a standard request, its carbon included.
  std::int64_t cost_of(std::size_t type, std::uint32_t agent) const;

 private:
  const world::World& w_;
  const world::RegionState& r_;
  std::span<const SiteRate> rates_;
  std::size_t sites_;
  void share_standard_requests();

  std::vector<StandardCost> costs_;
  std::vector<double> share_;    ///< per type and site: standard requests per second of its time
  std::vector<double> spare_s_;  ///< per site: time of all gangs together that nothing is booked in
};

/// What an auction came to; quantities in millionths of a standard request, surplus in µTKN times that.
struct MarketFigures {
  Int128 offered = 0, demanded = 0, volume = 0;
  Int128 paid = 0;          ///< Σ price · work of what was sold
  Int128 surplus = 0;       ///< value to those served less cost of serving them
  Int128 best_surplus = 0;  ///< the greatest that the same orders and lots allow
};

/// Adds an auction's figures to the market's row of this step.
void count_figures(const world::World& w, world::RegionState& r, std::size_t type, const MarketFigures& figures);

/// Notes the best limits of a side that found nobody [µTKN; 0: none].
void count_limits(world::RegionState& r, std::size_t type, std::int64_t best_bid, std::int64_t best_ask);

/// Whether a bidder's price is drawn at random.
constexpr bool draws(economy::Bidder bidder) {
  return bidder == economy::Bidder::zi_constrained || bidder == economy::Bidder::zi_unconstrained;
}

/// A specialist hears what was paid for a standard request, or, where nothing was, the best price on its side; it learns
/// from it if sellers are of the kind that does. `active`: it still has work to sell; `draw` tells apart what it hears
/// in one step.
void hear(const world::World& w, world::RegionState& r, const MarketView& view, std::size_t type, std::uint32_t agent,
          const economy::Heard& heard, bool active, std::uint32_t draw);

/// How users learn from what became of their requests in a step. Those who learn together are one trader with units of
/// different worth, and such a trader goes by the unit at its margin: of the requests that were worth what the market
/// cost, the one worth least. If that could be had for less, so could all others; if it was outbid, it bid too little.
class UserLearning {
 public:
  UserLearning(const world::World& w, world::RegionState& r) : w_(w), r_(r) {}
  void note(const world::Outcome& outcome);
  /// Once all outcomes of the step are noted.
  void learn();

 private:
  struct Marginal {
    bool known = false, lost = false;
    double worth = 0, baseline = 0;  ///< of its work [µTKN]
    std::int64_t price = 0;          ///< what its work cost, or would have cost [µTKN]
  };
  const world::World& w_;
  world::RegionState& r_;
  std::array<Marginal, workload::kProblemTypes * world::kWorthClasses> marginal_{};
};

/// What users would have paid for the order at a price of the market it reached [µTKN]; 0 where there was none.
inline std::int64_t paid_by_users(std::int64_t price, const world::Order& order) {
  return price == 0 ? 0 : std::max<std::int64_t>(1, gross_at(price, order.work) + MarketView::on_top(order));
}

}  // namespace engine
}  // namespace swarm
