// Where minimum-total-energy migration sends requests.
#include "sim/engine/migration.hpp"

#include <algorithm>
#include <map>

#include "sim/engine/weighing.hpp"
#include "tests/unit/engine/small_world.hpp"
#include "tests/unit/engine/still_grid.hpp"

namespace swarm::engine {
namespace {

using world::Order;
using world::RegionState;

std::vector<std::string> migrating(std::vector<std::string> more = {}) {
  more.push_back("balance.policy=min-total-energy");
  more.push_back("workload.language=1");
  for (const char* type : {"vision", "reasoning", "memory"}) {
    more.push_back(std::string("workload.") + type + "=0");
    more.push_back(std::string("population.") + type + "=0");
  }
  return more;
}
constexpr std::size_t kLanguage = 1;

class MigrationTest : public ::testing::Test {
 protected:
  void open(std::vector<std::string> overrides) {
    plan_ = small_plan(kThreeRegions + kStillGrid, migrating(std::move(overrides)));
    worlds_ = world::make_worlds(plan_, 1);
    up_to_quote(worlds_);
  }
  world::World& w() { return *worlds_[0]; }
  /// What regions asked for last, and what their sites could still take [standard requests].
  Migration solve(std::array<std::int64_t, 3> asked, std::array<double, 3> room) {
    for (std::size_t i = 0; i < 3; ++i) {
      w().bulletin.prices[i].asked = {};
      w().bulletin.prices[i].asked[kLanguage] = asked[i];
      const auto& site = plan_->sites[i];
      const auto& standard = plan_->standard[kLanguage];
      w().bulletin.sites[i].spare_s =
          (room[i] + 0.5) * site.service[kLanguage].seconds(standard.tok_in, standard.tok_out) * site.occupancy_factor;
    }
    return Migration(w());
  }
  std::vector<std::pair<std::uint32_t, std::int64_t>> shares(const Migration& m, std::uint16_t region) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> out;
    for (const auto& share : m.shares(kLanguage, RegionId{region})) out.emplace_back(share.site, share.amount);
    return out;
  }
  std::shared_ptr<const world::Plan> plan_;
  std::vector<std::unique_ptr<world::World>> worlds_;
};
using Shares = std::vector<std::pair<std::uint32_t, std::int64_t>>;

TEST_F(MigrationTest, HomeWhereAllSitesAreAlike) {
  open({});
  const Migration m = solve({100, 80, 60}, {500, 500, 500});
  EXPECT_EQ(shares(m, 0), (Shares{{0, 100}}));
  EXPECT_EQ(shares(m, 1), (Shares{{1, 80}}));
  EXPECT_EQ(shares(m, 2), (Shares{{2, 60}}));
}

TEST_F(MigrationTest, WhatIsTooMuchGoesToTheNearestWithRoom) {
  // All sites take the same energy; Frankfurt's delay to Nairobi is shorter than to Dhaka.
  open({});
  const Migration m = solve({100, 0, 0}, {60, 500, 500});
  ASSERT_LT(plan_->round_trip(RegionId{0}, RegionId{2}), plan_->round_trip(RegionId{0}, RegionId{1}));
  EXPECT_EQ(shares(m, 0), (Shares{{0, 60}, {2, 40}}));
}

TEST_F(MigrationTest, WhatFindsNoPlaceHasNoDestination) {
  open({});
  const Migration m = solve({100, 0, 0}, {60, 10, 20});
  EXPECT_EQ(shares(m, 0), (Shares{{0, 60}, {1, 10}, {2, 20}, {world::kNoSite, 10}}));
}

TEST_F(MigrationTest, TheThriftySiteTakesAllThatIsWorthTheWay) {
  // Dhaka's servers stand in a building that takes nothing on top; the others' takes half as much again.
  const std::vector<std::string> thrifty{"site.DE-1.pue=1.5", "site.KE-1.pue=1.5", "site.BD-1.pue=1"};
  auto cheap = thrifty;
  cheap.push_back("balance.delay_joules_per_s=0");
  open(cheap);
  Migration m = solve({100, 80, 60}, {500, 500, 500});
  for (std::uint16_t region = 0; region < 3; ++region)
    EXPECT_EQ(shares(m, region), (Shares{{1, region == 0 ? 100 : region == 1 ? 80 : 60}}));
  auto impatient = thrifty;
  impatient.push_back("balance.delay_joules_per_s=1e6");
  open(impatient);
  m = solve({100, 80, 60}, {500, 500, 500});
  EXPECT_EQ(shares(m, 0), (Shares{{0, 100}}));
  auto heavy = cheap;
  heavy.push_back("network.joules_per_byte=1");
  open(heavy);
  m = solve({100, 80, 60}, {500, 500, 500});
  EXPECT_EQ(shares(m, 0), (Shares{{0, 100}}));
}

TEST_F(MigrationTest, NothingCrossesABarrier) {
  open({"region.DE.residency=[BD]", "site.KE-1.pue=1", "site.DE-1.pue=1.5", "site.BD-1.pue=1.4", "balance.delay_joules_per_s=0"});
  const Migration m = solve({100, 0, 50}, {500, 70, 500});
  EXPECT_EQ(shares(m, 0), (Shares{{0, 30}, {1, 70}}));
  EXPECT_EQ(shares(m, 2), (Shares{{2, 50}}));
}

TEST_F(MigrationTest, JoulesByHand) {
  // 2 s at 100 W and PUE 1.2: 240 J. 500 tok at 4 B and 1e-3 J/B: 2 J. Round trip and 2 s at 3 J/s.
  open({"network.joules_per_byte=1e-3", "balance.delay_joules_per_s=3"});
  world::SiteInfo site = plan_->sites[2];
  site.device.max_w = 100;
  site.pue = 1.2;
  site.answer_factor = 1;
  EXPECT_NEAR(joules_without_wait(*plan_, RegionId{0}, site, 2, 500), 240 + 2 + 3 * (2 + plan_->round_trip(RegionId{0}, RegionId{2})), 1e-9);
  EXPECT_NEAR(joules_without_wait(*plan_, RegionId{2}, site, 2, 500), 240 + 3 * (2 + 0.005), 1e-9);
}

TEST_F(MigrationTest, RequestsFollowTheSharesInAnyStretch) {
  open({});
  const Migration m = solve({100, 0, 0}, {50, 10, 30});  // and 10 without a place
  RegionState& r = w().regions[0];
  m.direct(w(), r);
  const auto& to = r.scratch.destination;
  ASSERT_GT(to.size(), 200u);
  const std::map<std::uint32_t, double> share{{0, 0.5}, {1, 0.1}, {2, 0.3}, {world::kNoSite, 0.1}};
  // The points of a golden-ratio sequence in an interval are never further from their share than about three, nor are
  // those of any stretch.
  for (std::size_t first = 0; first < to.size(); first += 17)
    for (std::size_t last = first + 1; last <= to.size(); last += 13)
      for (const auto& [site, part] : share) {
        const auto n = std::count(to.begin() + static_cast<std::ptrdiff_t>(first), to.begin() + static_cast<std::ptrdiff_t>(last), site);
        EXPECT_NEAR(static_cast<double>(n), part * static_cast<double>(last - first), 3.0);
      }
}

TEST_F(MigrationTest, TheDestinationComesFirst) {
  // Only two of three sites are seen; the thrifty one is always made to be.
  open({"market.candidates=2", "site.DE-1.pue=1.5", "site.KE-1.pue=1.5", "site.BD-1.pue=1", "balance.delay_joules_per_s=0"});
  Simulation sim(plan_);
  sim.step();  // nobody has asked before: all by cost
  sim.each_region([](const RegionState& r) {
    for (const auto site : r.scratch.destination) EXPECT_EQ(site, world::kNoSite);
    EXPECT_EQ(r.markets.asked[kLanguage], static_cast<std::int64_t>(r.scratch.requests.size()));
  });
  sim.step();
  std::size_t directed = 0;
  sim.each_region([&](const RegionState& r) {
    for (std::size_t k = 0; k < r.scratch.quoted.size(); ++k) {
      const Order& order = r.scratch.quoted[k];
      if (order.lines == 0 || order.destination == world::kNoSite) continue;
      ++directed;
      EXPECT_EQ(order.line[0].site, order.destination);
    }
  });
  EXPECT_GT(directed, 500u);
}

TEST_F(MigrationTest, FullSitesAreNoSinks) {
  open({});
  const Migration m = solve({100, 0, 0}, {-0.5, 500, 500});
  EXPECT_EQ(shares(m, 0), (Shares{{2, 100}}));
}

TEST_F(MigrationTest, TypesDivideWhatIsSpareByWhatIsAskedFor) {
  plan_ = small_plan(kThreeRegions + kStillGrid, {"balance.policy=min-total-energy", "balance.delay_joules_per_s=1e6"});
  worlds_ = world::make_worlds(plan_, 1);
  up_to_quote(worlds_);
  for (auto& notice : w().bulletin.prices) notice.asked = {};
  w().bulletin.prices[0].asked = {30, 10, 0, 0};
  const auto& site = plan_->sites[0];
  const auto seconds = [&](std::size_t t) {
    return site.service[t].seconds(plan_->standard[t].tok_in, plan_->standard[t].tok_out) * site.occupancy_factor;
  };
  // Room for two thirds of both: 20 and 6.67 requests.
  w().bulletin.sites[0].spare_s = 2.0 / 3 * (30 * seconds(0) + 10 * seconds(1)) + 1e-9;
  const Migration m(w());
  EXPECT_EQ(m.shares(0, RegionId{0})[0].amount, 20);
  EXPECT_EQ(m.shares(1, RegionId{0})[0].amount, 6);
  EXPECT_TRUE(m.shares(2, RegionId{0}).empty());
}

}  // namespace
}  // namespace swarm::engine
