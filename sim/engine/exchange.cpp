#include "sim/engine/exchange.hpp"

#include "sim/core/parallel.hpp"
#include "sim/engine/parcel.hpp"

namespace swarm {
namespace engine {
namespace {

using world::RegionState;
using world::World;

/// Everything `from` has for the regions of `to`, source after source.
template <class T>
Parcel pack(World& from, const World& to, world::Outbox<T> World::* outbox) {
  Parcel parcel;
  for (std::size_t s = 0; s < from.regions.size(); ++s)
    for (std::size_t d = 0; d < to.regions.size(); ++d)
      parcel.put(std::span<const T>((from.*outbox).from_to(s, to.first_region + d)));
  return parcel;
}

template <class T>
void deliver(Worlds worlds, world::Outbox<T> World::* outbox, std::vector<T> world::StepScratch::* inbox) {
  for (const auto& to : worlds) {
    for (const auto& from : worlds) {
      if (from == to) {
        parallel_each(to->regions.size(), [&](std::size_t d) {
          auto& in = to->regions[d].scratch.*inbox;
          for (std::size_t s = 0; s < from->regions.size(); ++s) {
            const auto& list = (from.get()->*outbox).from_to(s, to->first_region + d);
            in.insert(in.end(), list.begin(), list.end());
          }
        });
      } else {
        Parcel parcel = pack(*from, *to, outbox);
        for (std::size_t s = 0; s < from->regions.size(); ++s)
          for (RegionState& r : to->regions) parcel.take(r.scratch.*inbox);
      }
    }
  }
  for (const auto& w : worlds) (w.get()->*outbox).clear();
}

/// One region's notices and offers join the bulletin; called in region order.
void join(world::Bulletin& bulletin, std::size_t region, const world::FundNotice& fund, const world::MarketNotice& prices,
          const std::vector<world::SiteNotice>& notices,
          const std::vector<world::PermitNotice>& permits,
          const std::array<std::vector<world::Offer>, workload::kProblemTypes>& offers,
          const std::array<std::vector<float>, workload::kProblemTypes>& reputations) {
  bulletin.funds.push_back(fund);
  bulletin.prices.push_back(prices);
  bulletin.permits.insert(bulletin.permits.end(), permits.begin(), permits.end());
  bulletin.sites.insert(bulletin.sites.end(), notices.begin(), notices.end());
  for (std::size_t t = 0; t < offers.size(); ++t) {
    for (const auto& offer : offers[t])
      bulletin.markets[t].listings.push_back({offer, static_cast<std::uint16_t>(region)});
    bulletin.markets[t].first.push_back(static_cast<std::uint32_t>(bulletin.markets[t].listings.size()));
    auto& reputation = bulletin.markets[t].reputation;
    reputation.insert(reputation.end(), reputations[t].begin(), reputations[t].end());
  }
}

Parcel pack_bulletin(const World& from) {
  Parcel parcel;
  for (const RegionState& r : from.regions) {
    parcel.put(std::span<const world::FundNotice>(&r.scratch.fund, 1));
    parcel.put(std::span<const world::MarketNotice>(&r.scratch.prices, 1));
    parcel.put(std::span<const world::SiteNotice>(r.scratch.notices));
    parcel.put(std::span<const world::PermitNotice>(r.scratch.permits));
    for (const auto& offers : r.scratch.offers) parcel.put(std::span<const world::Offer>(offers));
    for (const auto& reputations : r.scratch.reputations) parcel.put(std::span<const float>(reputations));
  }
  return parcel;
}

}  // namespace

void exchange_orders(Worlds worlds) { deliver(worlds, &World::orders, &world::StepScratch::inbox_orders); }
void exchange_outcomes(Worlds worlds) {
  deliver(worlds, &World::outcomes, &world::StepScratch::inbox_outcomes);
  if (worlds.front()->plan->defers_for_allowance()) deliver(worlds, &World::put_off, &world::StepScratch::inbox_put_off);
}

void audit_mail(Worlds worlds, std::uint32_t step) {
  Int128 abroad = 0;
  std::uint64_t pending = 0, flights = 0;
  for (const auto& w : worlds) {
    for (const RegionState& r : w->regions) {
      abroad += r.ledger.net_abroad();
      pending += r.requests_pending;
      flights += r.flights.size() + r.waiting.size() + r.held.size();
    }
  }
  if (abroad != 0)
    throw ModelError(fmt::format("step {}: {} µTKN were sent to other regions and not received", step,
                                 -static_cast<long long>(abroad)));
  if (pending != flights)
    throw ModelError(fmt::format("step {}: {} requests are pending by the asking regions' books and {} by the serving ones'",
                                 step, pending, flights));
}

void exchange_bulletins(Worlds worlds) {
  for (const auto& to : worlds) {
    to->bulletin.sites.clear();
    to->bulletin.funds.clear();
    to->bulletin.prices.clear();
    to->bulletin.permits.clear();
    for (auto& market : to->bulletin.markets) {
      market.listings.clear();
      market.first.assign(1, 0);
      market.reputation.clear();
    }
    for (const auto& from : worlds) {
      if (from == to) {
        for (const RegionState& r : from->regions)
          join(to->bulletin, r.id.value, r.scratch.fund, r.scratch.prices, r.scratch.notices, r.scratch.permits,
               r.scratch.offers, r.scratch.reputations);
        continue;
      }
      Parcel parcel = pack_bulletin(*from);
      for (const RegionState& r : from->regions) {
        std::vector<world::FundNotice> fund;
        std::vector<world::MarketNotice> prices;
        std::vector<world::SiteNotice> notices;
        std::vector<world::PermitNotice> permits;
        std::array<std::vector<world::Offer>, workload::kProblemTypes> offers;
        std::array<std::vector<float>, workload::kProblemTypes> reputations;
        parcel.take(fund);
        parcel.take(prices);
        parcel.take(notices);
        parcel.take(permits);
        for (auto& list : offers) parcel.take(list);
        for (auto& list : reputations) parcel.take(list);
        join(to->bulletin, r.id.value, fund.at(0), prices.at(0), notices, permits, offers, reputations);
      }
    }
  }
}

}  // namespace engine
}  // namespace swarm
