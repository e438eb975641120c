#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "sim/engine/market.hpp"
#include "tests/unit/engine/shop.hpp"
#include "tests/unit/engine/still_grid.hpp"

/// A small world whose markets are watched at every step: each promise that a market makes is a count of faults.
namespace swarm::engine {

using world::Order;
using world::RegionState;

/// Two regions, cheap and dear sites, more demand than can be served.
inline const std::string kTown = std::string(R"(
[run]
warmup = 0
duration = "4h"
step = "5min"
)") + kStillGrid + R"(
[workload]
requests_per_hour = 3000
load = 2
split = "equal"
diurnal_amplitude = 0
weekend_factor = 1
[demand]
budget_share = 1
[population]
agents = 120
[pricing]
rule = "justice"
[market]
minimum_balance_tkn = 0
[[region]]
name = "DE"
[[region]]
name = "BD"
[[site]]
name = "Berlin"
region = "DE"
device = "cpu-server"
servers = 20
[[site]]
name = "Frankfurt"
region = "DE"
device = "rtx-4090"
servers = 2
contracted_renewable = 0.6
[[site]]
name = "Dhaka"
region = "BD"
device = "cpu-server"
servers = 30
)";

/// What went wrong in a run, and that there was something to go wrong.
struct Findings {
  int overpaid = 0, beyond_worth = 0, sold_at_a_loss = 0, more_than_one_price = 0, beyond_collar = 0;
  int more_than_spare = 0, badly_divided = 0, efficiency = 0, kept_too_long = 0, lost = 0, early = 0;
  int lots_lost = 0, unevenly_offered = 0, off_mean = 0;
  std::size_t sales = 0, waited = 0, carried = 0;
  double busiest = 0;  ///< work sold over capacity, of the site that sold most
  int all() const {
    return overpaid + beyond_worth + sold_at_a_loss + more_than_one_price + beyond_collar + more_than_spare +
           badly_divided + efficiency + kept_too_long + lost + early + lots_lost + unevenly_offered + off_mean;
  }
};

using Damage = std::function<void(RegionState&)>;

/// What a run is held to beside what it promises.
struct Promises {
  bool one_price = false;
  double price_move = 0;
};

inline std::string text(const Findings& f) {
  return fmt::format("overpaid {}, beyond worth {}, at a loss {}, prices {}, collar {}, spare {}, divided {}, efficiency {}, "
                     "kept {}, lost {}, early {}, lots {}, offered {}, mean {}", f.overpaid, f.beyond_worth, f.sold_at_a_loss, f.more_than_one_price,
                     f.beyond_collar, f.more_than_spare, f.badly_divided, f.efficiency, f.kept_too_long, f.lost, f.early, f.lots_lost, f.unevenly_offered, f.off_mean);
}

class Town {
 public:
  Town(const std::vector<std::string>& overrides, Damage damage, const Promises& promises)
      : plan_(small_plan(kTown, overrides)),
        worlds_(world::make_worlds(plan_, 2)),
        damage_(std::move(damage)),
        one_price_(promises.one_price || plan_->scenario.market.mechanism != economy::Mechanism::cda),
        price_move_(promises.price_move > 0 ? promises.price_move : plan_->scenario.market.price_move) {}

  Findings run(std::uint32_t steps) {
    std::map<std::uint32_t, double> sold_s;  // per site
    for (std::uint32_t step = 0; step < steps; ++step) {
      open(step);
      for (auto round = plan_->trade_rounds(); round > 0; --round) {
        std::vector<std::size_t> before;
        std::vector<Offered> offered;
        each([&](RegionState& r) {
          before.push_back(r.scratch.admitted.size());
          offered.push_back(round == plan_->trade_rounds() ? lots_of(r) : Offered{});
        });
        exchange_orders(worlds_);
        for (const auto& w : worlds_) trade(*w);
        std::size_t i = 0;
        each([&](RegionState& r) {
          look_at_prices(r, before[i]);
          if (round == plan_->trade_rounds()) look_at_offers(r, offered[i]);
          ++i;
        });
      }
      std::vector<std::vector<std::int64_t>> sold, mean;
      each([&](RegionState& r) {
        sold.push_back(lots_sold(r));
        mean.push_back(mean_prices(r));
        if (damage_) damage_(r);
      });
      for (const auto& w : worlds_) assign(*w);
      std::size_t i = 0;
      each([&](RegionState& r) {
        look_at_lots(r, sold[i]);
        look_at_mean(r, mean[i++]);
        look_at_sales(r, sold_s);
      });
      close(step);
      each([&](RegionState& r) { look_at_books(r, step); });
    }
    for (const auto& [site, seconds] : sold_s) {
      const double share = seconds / (steps * plan_->step_s);
      found_.busiest = std::max(found_.busiest, share);
      // One request per market and round may be sold beyond what is spare, once: the next step begins with less.
      found_.more_than_spare += share > 1 + largest_s_[site] * 16 / (steps * plan_->step_s);
    }
    return found_;
  }

 private:
  template <class Visit>
  void each(Visit visit) {
    for (const auto& w : worlds_)
      for (auto& r : w->regions) visit(r);
  }
  void open(std::uint32_t step) {
    for (const auto& w : worlds_) {
      w->step = step;
      sense(*w);
    }
    exchange_bulletins(worlds_);
    references_.clear();
    each([&](RegionState& r) { references_.push_back(r.markets.reference); });
    for (const auto& w : worlds_) share_fund(*w);
    for (const auto phase : {arrive, triage, quote})
      for (const auto& w : worlds_) phase(*w);
  }
  void close(std::uint32_t step) {
    for (const auto& w : worlds_)
      for (const auto phase : {generate_inputs, infer, settle_sellers}) phase(*w);
    exchange_outcomes(worlds_);
    for (const auto& w : worlds_)
      for (const auto phase : {settle_buyers, audit}) phase(*w);
    audit_mail(worlds_, step);
  }

  using Offered = std::array<double, workload::kProblemTypes>;

  /// All lots of each type, before anything is sold [standard requests].
  Offered lots_of(const RegionState& r) const {
    const auto rates = site_rates(*worlds_[r.id.value]);
    const MarketView view(*worlds_[r.id.value], r, rates);
    Offered all{};
    for (std::size_t t = 0; t < all.size(); ++t)
      for (const std::uint32_t agent : r.agents_of_type[t])
        all[t] += static_cast<double>(view.lot(t, agent)) / static_cast<double>(kWorkUnits);
    return all;
  }

  /// Types auctioned late offer as much as those auctioned first: call auctions all of their part of the spare time.
  void look_at_offers(const RegionState& r, const Offered& lots) {
    for (std::size_t t = 0; t < lots.size(); ++t) {
      const double offered = r.markets.offered[t];
      const bool books = plan_->scenario.market.mechanism == economy::Mechanism::cda;
      found_.unevenly_offered += books ? offered > lots[t] + 1e-9 : std::abs(offered - lots[t]) > 1e-9;
    }
  }

  std::vector<std::int64_t> lots_sold(const RegionState& r) const {
    std::vector<std::int64_t> work;
    for (const auto& lots : r.scratch.sold) {
      work.push_back(0);
      for (const auto& lot : lots) work.back() += lot.work;
    }
    return work;
  }

  /// With one round of trade, a site's lots are used up by the work that was put there, and no more of them.
  void look_at_lots(const RegionState& r, const std::vector<std::int64_t>& sold) {
    if (plan_->trade_rounds() != 1 || plan_->scenario.market.mechanism == economy::Mechanism::cda) return;
    const auto& info = plan_->regions[r.id.value];
    std::vector<std::int64_t> placed(sold.size(), 0);
    const auto& f = r.flights;
    for (std::size_t k = r.scratch.first_new_flight; k < f.size(); ++k)
      placed[world::lots_row(0, f.type[k], f.site[k] - info.first_site, info.sites)] += f.work[k];
    const auto left = lots_sold(r);
    for (std::size_t row = 0; row < sold.size(); ++row)
      found_.lots_lost += left[row] != std::max<std::int64_t>(0, sold[row] - placed[row]);
  }

  /// Mean price of a standard request of each type, over all rounds and trades; 0 without any.
  std::vector<std::int64_t> mean_prices(const RegionState& r) const {
    std::vector<std::int64_t> mean;
    for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
      double paid = 0, work = 0;
      for (const Order& o : r.scratch.admitted) {
        paid += o.type == t ? static_cast<double>(o.price) * static_cast<double>(o.work) : 0.0;
        work += o.type == t ? static_cast<double>(o.work) : 0.0;
      }
      mean.push_back(work > 0 ? round_half_even(paid / work) : 0);
    }
    return mean;
  }

  /// The reference is that mean; sums of doubles may round it to the next µTKN.
  void look_at_mean(const RegionState& r, const std::vector<std::int64_t>& mean) {
    for (std::size_t t = 0; t < mean.size(); ++t)
      found_.off_mean += mean[t] > 0 && std::abs(r.markets.reference[t] - mean[t]) > 1;
  }

  /// One price per auction, never far from the last.
  void look_at_prices(const RegionState& r, std::size_t first) {
    const double step = std::pow(1.0 + price_move_, plan_->step_s / kSecondsPerHour);
    std::array<std::set<std::int64_t>, workload::kProblemTypes> prices;
    for (std::size_t k = first; k < r.scratch.admitted.size(); ++k) {
      const Order& o = r.scratch.admitted[k];
      prices[o.type].insert(o.price);
      const auto last = static_cast<double>(references_[r.id.value][o.type]);
      const auto price = static_cast<double>(o.price);
      found_.beyond_collar += last > 0 && (price > last * step + 1 || price < last / step - 1);
    }
    if (!one_price_) return;
    for (const auto& p : prices) found_.more_than_one_price += p.size() > 1;
  }

  /// What buyers pay, what sellers get, how the price is divided, and the time of sites that was sold.
  void look_at_sales(const RegionState& r, std::map<std::uint32_t, double>& sold_s) {
    const auto& w = *worlds_[r.id.value];
    const auto rates = site_rates(w);
    const MarketView view(w, r, rates);
    const auto& f = r.flights;
    const bool truthful = plan_->scenario.market.buyers == economy::Bidder::truthful;
    for (std::size_t k = r.scratch.first_new_flight; k < f.size(); ++k) {
      ++found_.sales;
      const std::int64_t carrying = micro_tkn_from_usd(transfer_usd(*plan_, RegionId{f.asker[k]}, r.id, f.tok[k])).value;
      found_.carried += carrying > 0;
      const std::int64_t gross = f.price[k] + f.grant[k] - f.premium[k];
      const std::size_t site = f.site[k] - plan_->regions[r.id.value].first_site;
      found_.overpaid += f.price[k] > f.reserved[k] || f.grant[k] > f.reserved_grant[k];
      found_.beyond_worth += truthful && static_cast<double>(f.price[k]) > f.wtp_usd[k] * kMicroTknPerUsd;
      found_.sold_at_a_loss += gross - carrying < gross_at(view.cost_of(f.type[k], f.agent[k]), f.work[k]);
      found_.badly_divided += f.carbon[k] < 0 || f.carbon[k] > gross || f.premium[k] < 0 || f.grant[k] < 0;
      const double seconds =
          static_cast<double>(f.work[k]) / static_cast<double>(kWorkUnits) * view.cost(f.type[k], site).seconds;
      sold_s[f.site[k]] += seconds;
      largest_s_[f.site[k]] = std::max(largest_s_[f.site[k]], seconds);
      found_.waited += f.start_s[k] > f.arrival_s[k] + plan_->step_s;
      found_.early += f.start_s[k] < f.arrival_s[k];
    }
    for (const double e : r.markets.efficiency) found_.efficiency += e > 1 + 1e-12;
  }

  /// Nothing rests that can no longer be served; who is pending rests in a book or is in flight.
  void look_at_books(const RegionState& r, std::uint32_t step) {
    std::size_t pending = 0;
    for (const auto& w : worlds_)
      for (const auto& other : w->regions) {
        pending += static_cast<std::size_t>(std::ranges::count(other.flights.asker, r.id.value));
        pending += static_cast<std::size_t>(std::ranges::count(other.waiting.asker, r.id.value));
      }
    found_.lost += pending != r.requests_pending;
    const double end = plan_->step_s * (step + 1);
    for (std::size_t k = 0; k < r.waiting.size(); ++k)
      found_.kept_too_long += plan_->step_s * r.waiting.arrival_step[k] + r.waiting.offset_s[k] +
                                  static_cast<double>(r.waiting.deadline_s[k]) < end;
  }

  std::shared_ptr<const world::Plan> plan_;
  std::vector<std::unique_ptr<world::World>> worlds_;
  Damage damage_;
  bool one_price_;
  double price_move_;
  Findings found_;
  std::vector<std::vector<std::int64_t>> references_;
  std::map<std::uint32_t, double> largest_s_;
};

inline constexpr std::uint32_t kSteps = 24;

inline Findings findings(const std::string& mechanism, std::vector<std::string> overrides = {}, Damage damage = {},
                  const Promises& promises = {}) {
  overrides.push_back("market.mechanism=" + mechanism);
  return Town(overrides, std::move(damage), promises).run(kSteps);
}

}  // namespace swarm::engine
