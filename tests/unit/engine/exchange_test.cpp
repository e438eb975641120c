#include "sim/engine/exchange.hpp"

#include "tests/unit/engine/small_world.hpp"

namespace swarm::engine {
namespace {

constexpr std::size_t kRegions = 5;

constexpr const char* kFiveRegions = R"(
regions = ["DE", "BD", "KE", "FR", "IN"]
[run]
warmup = 0
duration = "1h"
[population]
agents = 100
)";
std::shared_ptr<const world::Plan> five_regions() {
  static const auto plan = small_plan(kFiveRegions);
  return plan;
}

/// Every region sends each other, and itself, up to three orders, numbered in order of sending.
void write_orders(Worlds worlds) {
  for (const auto& w : worlds)
    for (std::size_t s = 0; s < w->regions.size(); ++s) {
      const std::size_t source = w->first_region + s;
      for (std::uint32_t k = 0; k < 3; ++k)
        for (std::size_t d = 0; d < kRegions; ++d)
          if ((source + d + k) % 4 != 0)
            w->orders.from_to(s, d).push_back({.sequence = k, .asker = static_cast<std::uint16_t>(source)});
    }
}

using Mail = std::vector<std::pair<std::uint16_t, std::uint32_t>>;

std::vector<Mail> delivered(Worlds worlds) {
  std::vector<Mail> all;
  for (const auto& w : worlds)
    for (const auto& r : w->regions) {
      all.emplace_back();
      for (const auto& order : r.scratch.inbox_orders) all.back().emplace_back(order.asker, order.sequence);
    }
  return all;
}

TEST(Exchange, DeliversByRegionThenInOrderOfSendingForAnyShards) {
  std::vector<Mail> expected(kRegions);
  for (std::size_t d = 0; d < kRegions; ++d)
    for (std::size_t s = 0; s < kRegions; ++s)
      for (std::uint32_t k = 0; k < 3; ++k)
        if ((s + d + k) % 4 != 0) expected[d].emplace_back(static_cast<std::uint16_t>(s), k);
  for (const std::size_t shards : {1u, 2u, 3u, 5u, 0u}) {
    const auto worlds = world::make_worlds(five_regions(), shards);
    write_orders(worlds);
    exchange_orders(worlds);
    EXPECT_EQ(delivered(worlds), expected) << shards << " shards";
    // The outboxes are empty: a second delivery brings nothing.
    exchange_orders(worlds);
    EXPECT_EQ(delivered(worlds), expected) << shards << " shards";
  }
}

TEST(Exchange, WorldsInAnotherOrderAreNoticed) {
  // Mutant: worlds deliver as they happen to finish.
  auto worlds = world::make_worlds(five_regions(), 0);
  write_orders(worlds);
  std::rotate(worlds.begin(), worlds.begin() + 1, worlds.end());
  exchange_orders(worlds);
  for (const Mail& mail : delivered(worlds)) EXPECT_FALSE(std::is_sorted(mail.begin(), mail.end()));
}

TEST(Exchange, OutcomesGoTheSameWay) {
  for (const std::size_t shards : {1u, 2u, 0u}) {
    const auto worlds = world::make_worlds(five_regions(), shards);
    for (const auto& w : worlds)
      for (std::size_t s = 0; s < w->regions.size(); ++s)
        w->outcomes.from_to(s, 3).push_back(
            {.price = 7, .server = static_cast<std::uint16_t>(w->first_region + s)});
    exchange_outcomes(worlds);
    for (const auto& w : worlds)
      for (const auto& r : w->regions) {
        ASSERT_EQ(r.scratch.inbox_outcomes.size(), r.id.value == 3 ? kRegions : 0);
        for (std::size_t k = 0; k < r.scratch.inbox_outcomes.size(); ++k)
          EXPECT_EQ(r.scratch.inbox_outcomes[k].server, k);
      }
  }
}

TEST(Exchange, ReputationsGoWithTheirListingsWhereTheyWeigh) {
  const auto plan = small_plan(std::string(kFiveRegions) + "[reputation]\nenabled = true\nweight = 1\n[fund]\ncarbon_share = 0.5\n");
  for (const std::size_t shards : {1u, 2u, 0u}) {
    const auto worlds = world::make_worlds(plan, shards);
    for (const auto& w : worlds)
      for (auto& r : w->regions) {
        auto& count = r.reputation.ratings.count;
        auto& sum = r.reputation.ratings.sum;
        for (std::size_t k = 0; k < count.size(); ++k) sum[k] = 0.001 * static_cast<double>(k % 97 + r.id.value), count[k] = 1;
      }
    for (const auto& w : worlds) sense(*w);
    exchange_bulletins(worlds);
    exchange_bulletins(worlds);
    for (const auto& w : worlds)
      for (const auto& market : w->bulletin.markets) {
        ASSERT_EQ(market.reputation.size(), market.listings.size());
        for (std::size_t k = 0; k < market.listings.size(); ++k) {
          const auto region = market.listings[k].region;
          for (const auto& home : worlds)
            if (region >= home->first_region && region < home->first_region + home->regions.size()) {
              const auto& score = home->regions[region - home->first_region].reputation.score;
              EXPECT_EQ(market.reputation[k], static_cast<float>(score[market.listings[k].offer.agent]));
            }
        }
      }
  }
}

TEST(Exchange, EveryWorldReadsTheSameBulletin) {
  std::vector<std::string> read;
  for (const std::size_t shards : {1u, 2u, 0u}) {
    const auto worlds = world::make_worlds(five_regions(), shards);
    for (const auto& w : worlds) sense(*w);
    exchange_bulletins(worlds);
    exchange_bulletins(worlds);  // once more replaces, not adds
    for (const auto& w : worlds) {
      std::string text;
      for (const auto& n : w->bulletin.sites)
        text += fmt::format("{} {} {};", n.site, n.wait_s, n.price_usd_per_kwh);
      for (const auto& market : w->bulletin.markets) {
        EXPECT_EQ(market.first.size(), kRegions + 1);
        EXPECT_EQ(market.first.back(), market.listings.size());
        EXPECT_TRUE(market.reputation.empty()) << "nobody looks at it";
        for (std::size_t region = 0; region < kRegions; ++region)
          for (auto k = market.first[region]; k < market.first[region + 1]; ++k) {
            EXPECT_EQ(market.listings[k].region, region);
            EXPECT_EQ(w->plan->sites[market.listings[k].offer.site].region.value, region);
            text += fmt::format("{} {};", market.listings[k].offer.agent, market.listings[k].offer.markup);
          }
      }
      read.push_back(text);
    }
  }
  for (const auto& text : read) EXPECT_EQ(text, read[0]);
  EXPECT_GT(read[0].size(), 500u);
}

}  // namespace
}  // namespace swarm::engine
