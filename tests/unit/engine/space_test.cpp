// Residency, distance, the energy of carrying, load states and signals, followed through the phases.
#include "sim/engine/listing_sample.hpp"
#include "sim/engine/queue_lengths.hpp"
#include "sim/engine/weighing.hpp"
#include "tests/unit/engine/small_world.hpp"
#include "tests/unit/engine/still_grid.hpp"

namespace swarm::engine {
namespace {

using world::Barrier;
using world::Order;
using world::RegionState;

/// DE and BD half a globe apart, KE between them: round trips of 0.345, 0.175 and 0.175 s.
const std::string kGlobe = kThreeRegions + R"(
latitude = 0
longitude = 90
[network]
max_round_trip = 0
)" + kStillGrid;
const std::vector<std::string> kPlaces{"region.DE.latitude=0", "region.DE.longitude=0", "region.BD.latitude=0", "region.BD.longitude=180"};

std::shared_ptr<const world::Plan> globe(std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.end(), kPlaces.begin(), kPlaces.end());
  return small_plan(kGlobe, overrides);
}

/// Asker and server of every request that is placed in the step.
template <class Each>
void each_placed(Worlds worlds, Each&& each) {
  for (auto round = worlds[0]->plan->trade_rounds(); round > 0; --round) {
    exchange_orders(worlds);
    for (const auto& w : worlds) trade(*w);
  }
  for (const auto& w : worlds) assign(*w);
  for (const auto& w : worlds)
    for (const RegionState& r : w->regions)
      for (const auto asker : r.flights.asker) each(asker, r.id.value);
}

TEST(Space, BarriersFollowFromResidencyAndDistance) {
  EXPECT_TRUE(globe()->barriers.empty());
  const auto plan = globe({"region.DE.residency=home", "region.BD.residency=[DE]", "network.max_round_trip='200ms'"});
  const auto barrier = [&](std::uint16_t a, std::uint16_t b) { return plan->barrier(RegionId{a}, RegionId{b}); };
  for (std::uint16_t r = 0; r < 3; ++r) EXPECT_EQ(barrier(r, r), Barrier::none);
  EXPECT_EQ(barrier(0, 1), Barrier::residency) << "both rule it out: residency is named";
  EXPECT_EQ(barrier(0, 2), Barrier::residency);
  EXPECT_EQ(barrier(1, 0), Barrier::distance) << "345 ms";
  EXPECT_EQ(barrier(1, 2), Barrier::residency);
  EXPECT_EQ(barrier(2, 0), Barrier::none);
  EXPECT_EQ(barrier(2, 1), Barrier::none);
}

TEST(Space, NoOrderNamesWhoMayNotAnswer) {
  for (const char* mechanism : {"posted", "uniform", "cda"}) {
    const auto plan = globe({"region.DE.residency=home", "region.BD.residency=[KE]", fmt::format("market.mechanism={}", mechanism)});
    const auto worlds = world::make_worlds(plan, 1);
    up_to_quote(worlds);
    std::array<std::array<int, 3>, 3> lines{};
    for (const Order& order : orders_of(worlds))
      for (std::uint8_t j = 0; j < order.lines; ++j) ++lines[order.asker][plan->sites[order.line[j].site].region.value];
    EXPECT_GT(lines[0][0], 100);
    EXPECT_EQ(lines[0][1] + lines[0][2], 0);
    EXPECT_GT(lines[1][1], 100);
    EXPECT_GT(lines[1][2], 100);
    EXPECT_EQ(lines[1][0], 0);
    for (const int n : lines[2]) EXPECT_GT(n, 100);
    std::array<std::array<int, 3>, 3> placed{};
    each_placed(worlds, [&](std::uint16_t asker, std::uint16_t server) { ++placed[asker][server]; });
    EXPECT_EQ(placed[0][1] + placed[0][2] + placed[1][0], 0) << mechanism;
    EXPECT_GT(placed[0][0], 0) << mechanism;
  }
}

TEST(Space, WithoutBarriersASampleIsWhatItWas) {
  const auto plan = globe();
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  const auto& market = worlds[0]->bulletin.markets[0];
  for (std::uint16_t home = 0; home < 3; ++home) {
    const Elsewhere elsewhere(*worlds[0], RegionId{home});
    for (std::uint64_t k = 0; k < 50; ++k) {
      const RandomBlock draw = Random(1, Stream::experiment).block(0, k);
      const ListingSample plain(market, RegionId{home}, nullptr, 8, draw), listed(market, RegionId{home}, &elsewhere.rows(0), 8, draw);
      ASSERT_EQ(plain.size(), 8u);
      ASSERT_EQ(listed.size(), 8u);
      for (std::size_t j = 0; j < 8; ++j) EXPECT_EQ(plain[j], listed[j]);
    }
  }
}

TEST(Space, ASampleCanBeMadeToHoldAListing) {
  const auto plan = globe();
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  const auto& market = worlds[0]->bulletin.markets[0];
  ListingSample sample(market, RegionId{0}, nullptr, 4, {1, 2, 3, 4});
  const std::size_t there = sample[2];
  sample.include(there);
  EXPECT_EQ(sample.size(), 4u);
  EXPECT_EQ(sample[2], there) << "it is there already";
  std::size_t other = 0;
  while (other == sample[0] || other == sample[1] || other == sample[2] || other == sample[3]) ++other;
  sample.include(other);
  EXPECT_EQ(sample.size(), 4u);
  EXPECT_EQ(sample[3], other);
}

/// Region 0 has two specialists, so two problem types are answered at home; the others only abroad.
TEST(Space, RefusedForResidencyOnlyWhereItLeftNobody) {
  const auto refused = [](std::vector<std::string> overrides) {
    overrides.push_back("region.DE.agents=2");
    const auto worlds = world::make_worlds(globe(overrides), 1);
    up_to_quote(worlds);
    const RegionState& r = worlds[0]->regions[0];
    std::size_t unlisted = 0;
    for (const auto type : r.scratch.requests.type) unlisted += r.agents_of_type[static_cast<std::size_t>(type)].empty();
    EXPECT_GT(unlisted, 20u);
    EXPECT_EQ(r.step.requests_rejected, r.step.rejected_residency + r.step.rejected_deadline + r.step.rejected_capacity + r.step.rejected_price);
    return std::array<std::size_t, 4>{r.step.rejected_residency, r.step.rejected_deadline, r.step.rejected_capacity, unlisted};
  };
  const auto nowhere = refused({});
  EXPECT_EQ(nowhere[0], 0u);
  EXPECT_EQ(nowhere[1], 0u);
  const auto home = refused({"region.DE.residency=home"});
  EXPECT_EQ(home[0], home[3]);
  EXPECT_EQ(home[1], 0u);
  const auto far = refused({"network.max_round_trip='100ms'"});
  EXPECT_EQ(far[0], 0u);
  EXPECT_EQ(far[1], far[3]) << "distance is no residency";
  const auto both = refused({"region.DE.residency=[BD]", "network.max_round_trip='200ms'"});
  EXPECT_EQ(both[0], 0u) << "residency would let Bangladesh answer, which is too far";
  EXPECT_EQ(both[1], both[3]);
}

TEST(Space, CarryingTakesTimeAndEnergy) {
  // 300 tok at 4 B: 1,200 B. At 1,000 B/s 1.2 s more; at 2e-5 J/B 0.024 J, of 1,000 identical requests 24 J.
  const auto plan = globe({"network.bytes_per_s=1000", "network.joules_per_byte=2e-5", "workload.multiplicity=1000"});
  EXPECT_DOUBLE_EQ(plan->network_s(RegionId{0}, RegionId{2}, 300), plan->round_trip(RegionId{0}, RegionId{2}) + 1.2);
  EXPECT_DOUBLE_EQ(plan->network_s(RegionId{0}, RegionId{0}, 300), plan->scenario.network.base.seconds) << "nothing crosses a border";
  EXPECT_DOUBLE_EQ(plan->carrying_kwh(RegionId{0}, RegionId{2}, 300) * kJoulesPerKwh, 24);
  EXPECT_EQ(plan->carrying_kwh(RegionId{0}, RegionId{0}, 300), 0);
}

TEST(Space, TransferIsOnItsOwnMeter) {
  const std::vector<std::string> dear{"network.joules_per_byte=0.5", "balance.policy=random"};
  Simulation with(globe(dear)), without(globe({"balance.policy=random"}));
  double kwh = 0, grams = 0, expected_kwh = 0, expected_grams = 0;
  for (int step = 0; step < 6; ++step) {
    std::vector<std::vector<std::array<double, 3>>> open(3);  // asker, tok, finish
    with.step();
    without.step();
    const auto& plan = with.plan();
    for (std::size_t i = 0; i < 3; ++i) {
      const auto &a = with.worlds()[0]->regions[i].step, &b = without.worlds()[0]->regions[i].step;
      EXPECT_EQ(a.energy_kwh, b.energy_kwh) << "never inside serving energy";
      EXPECT_EQ(a.carbon_location_g, b.carbon_location_g);
      EXPECT_EQ(a.carbon_caused_location_g, b.carbon_caused_location_g);
      EXPECT_EQ(b.transfer_kwh, 0);
      kwh += a.transfer_kwh;
      grams += a.transfer_carbon_g;
      // All intensities stand still: what was carried so far is bounded by the dirtiest and the cleanest pair.
      expected_grams += a.transfer_kwh * plan.signals.intensity(RegionId{0}, 0);
    }
  }
  double tok_abroad = 0;
  with.each_region([&](const RegionState& r) { tok_abroad += r.totals.tok_served; });
  expected_kwh = 0.5 * 4 * tok_abroad / kJoulesPerKwh;
  EXPECT_GT(kwh, 0.3 * expected_kwh) << "two requests in three go abroad";
  EXPECT_LT(kwh, expected_kwh);
  EXPECT_GT(grams, 0);
  with.each_region([&](const RegionState& r) {
    kwh -= r.totals.transfer_kwh;
    grams -= r.totals.transfer_carbon_g;
  });
  EXPECT_NEAR(kwh, 0, 1e-12);
  EXPECT_NEAR(grams, 0, 1e-9);
}

TEST(Space, CarbonOfCarryingIsTheMeanOfBothEnds) {
  // 0.002 kWh there at 600 g/kWh, 0.0005 kWh on the way at (400 + 600)/2: 1.2 + 0.25 g.
  EXPECT_DOUBLE_EQ(carrying_intensity(400, 600), 500);
  const auto plan = globe({"network.joules_per_byte=1", "network.bytes_per_tok=1", "workload.multiplicity=1"});
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  auto& sites = worlds[0]->bulletin.sites;
  sites[plan->regions[0].first_site].intensity_g_per_kwh = 400;
  sites[plan->regions[2].first_site].intensity_g_per_kwh = 600;
  EXPECT_NEAR(expected_carbon_g(*worlds[0], RegionId{0}, plan->regions[2].first_site, 0.002, 1800), 1.45, 1e-12);
  EXPECT_NEAR(expected_carbon_g(*worlds[0], RegionId{2}, plan->regions[2].first_site, 0.002, 1800), 1.2, 1e-12);
}

TEST(Space, GreedyCarbonGoesWhereFewestGramsAre) {
  // Kenya's grid is the cleanest of the three; servers are alike.
  const auto plan = globe({"balance.policy=greedy-carbon"});
  const auto worlds = world::make_worlds(plan, 1);
  up_to_quote(worlds);
  for (const Order& order : orders_of(worlds)) {
    ASSERT_GT(order.lines, 0);
    EXPECT_EQ(plan->sites[order.line[0].site].region.value, 2);
  }
  const auto kept = globe({"balance.policy=greedy-carbon", "region.DE.residency=home"});
  const auto at_home = world::make_worlds(kept, 1);
  up_to_quote(at_home);
  for (const Order& order : orders_of(at_home)) EXPECT_EQ(kept->sites[order.line[0].site].region.value, order.asker == 0 ? 0 : 2);
}

TEST(Space, LoadStates) {
  const dispatch::BalanceParams p{.hot_above = 0.85, .idle_below = 0.3};
  using enum world::LoadState;
  EXPECT_EQ(world::load_state(p, 0.0), idle);
  EXPECT_EQ(world::load_state(p, 0.29), idle);
  EXPECT_EQ(world::load_state(p, 0.3), normal) << "the limits themselves are normal";
  EXPECT_EQ(world::load_state(p, 0.85), normal);
  EXPECT_EQ(world::load_state(p, 0.86), hot);
  Simulation sim(globe({"run.duration='30min'"}));
  std::vector<std::array<std::uint64_t, 2>> seen(3);
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const RegionState& r) {
      for (std::size_t k = 0; k < r.sites.load_state.size(); ++k) {
        EXPECT_EQ(r.sites.load_state[k], static_cast<std::uint8_t>(world::load_state(p, r.sites.utilisation[k])));
        seen[r.id.value][0] += r.sites.utilisation[k] > 0.85;
        seen[r.id.value][1] += r.sites.utilisation[k] < 0.3;
      }
    });
  }
  sim.each_region([&](const RegionState& r) {
    EXPECT_EQ(r.sites.total_hot[0], seen[r.id.value][0]);
    EXPECT_EQ(r.sites.total_idle[0], seen[r.id.value][1]);
  });
}

TEST(Space, RequestsInASiteAreCounted) {
  const auto plan = globe({"balance.signal=requests", "balance.policy=join-shortest-queue"});
  const auto worlds = world::make_worlds(plan, 1);
  RegionState& r = worlds[0]->regions[0];
  count_flights(*worlds[0], r);
  const auto gangs = static_cast<float>(plan->sites[plan->regions[0].first_site].gangs);
  EXPECT_EQ(requests_in(*worlds[0], r, 0, 0), 0);
  for (const double leaves : {3.0, 1.0, 2.0}) count_departure(*worlds[0], r, 0, leaves);
  EXPECT_EQ(requests_in(*worlds[0], r, 0, 0.5), 3 / gangs);
  EXPECT_EQ(requests_in(*worlds[0], r, 0, 1.0), 2 / gangs) << "who leaves now has left";
  EXPECT_EQ(requests_in(*worlds[0], r, 0, 2.5), 1 / gangs);
  EXPECT_EQ(requests_in(*worlds[0], r, 0, 9), 0);
}

}  // namespace
}  // namespace swarm::engine
