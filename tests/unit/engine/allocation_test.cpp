// Climate-optimal allocation in a run: one site that can do three fifths of what is asked of it.
#include "sim/engine/allocation.hpp"

#include <array>
#include <numeric>

#include "tests/unit/engine/shop.hpp"

namespace swarm::engine {
namespace {

using workload::Purpose;
using world::RegionState;
using Overrides = std::vector<std::string>;

/// A thousand requests of two seconds in a step of 300 s on four servers: 2,000 server-seconds of 1,200. Half of them
/// are for adaptation, half for general research.
const Overrides kScarce{"site.S.servers=4",
                        "demand.willingness=unlimited",
                        "workload.deadline='4min'",
                        "run.duration=2h",
                        "purpose.climate_adaptation.share=1",
                        "purpose.general_research.share=1",
                        "purpose.disaster_response.share=0",
                        "purpose.renewable_energy_optimisation.share=0",
                        "purpose.sustainable_agriculture.share=0",
                        "purpose.climate_science.share=0",
                        "purpose.global_south_education.share=0",
                        "purpose.luxury.share=0",
                        "purpose.cryptocurrency_mining.share=0"};

struct Told {
  std::array<double, workload::kPurposes> arrived{}, served{};
  std::uint64_t late = 0, refused = 0, beyond = 0, promised = 0;
  double requested_s = 0, allocated_s = 0;
  double share(Purpose p) const { return served[static_cast<std::size_t>(p)] / arrived[static_cast<std::size_t>(p)]; }
};

Told told_of(const std::string& text, Overrides overrides, const Overrides& more) {
  overrides.insert(overrides.end(), more.begin(), more.end());
  Simulation sim(quick_plan(text, overrides));
  Told t;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](RegionState& r) {
      for (std::size_t p = 0; p < workload::kPurposes; ++p) {
        t.arrived[p] += r.purposes.requests_arrived[p];
        t.served[p] += r.purposes.requests_served[p];
      }
      t.late += r.step.requests_late;
      t.refused += r.step.requests_rejected;
      t.beyond += r.step.beyond_allocation;
      t.promised += r.step.promised_late;
      t.requested_s += r.step.capacity_requested_s;
      t.allocated_s += r.step.capacity_allocated_s;
    });
  }
  return t;
}
Told scarce(const Overrides& more) {
  return told_of(shop("BD"), kScarce, more);
}

// 2 s on one of four servers: half a second of the site.
TEST(Allocation, WorkByHand) {
  const auto plan = quick_plan(shop("BD"), kScarce);
  const auto worlds = world::make_worlds(plan, 1);
  EXPECT_EQ(Allocator::work_us(*worlds[0], {}, 0), 500'000);
}

// Allocated are 6/7 and 1/7 of 1,200 server-seconds: 1,029 to adaptation, which asked for about 1,000, and 171 to
// research. With what adaptation leaves research has 200 of 1,000, without it 171. Twelve arrivals a second vary by 3 %
// in a step; over 24 steps the shares are within 0.03.
TEST(Allocation, ScarceTimeGoesToAdaptation) {
  const Told none = scarce({});
  EXPECT_NEAR(none.share(Purpose::climate_adaptation), 0.6, 0.03);
  EXPECT_NEAR(none.share(Purpose::general_research), 0.6, 0.03);
  EXPECT_EQ(none.requested_s, 0);
  const Told returned = scarce({"allocation.rule=climate"});
  EXPECT_GT(returned.share(Purpose::climate_adaptation), 0.95);
  EXPECT_NEAR(returned.share(Purpose::general_research), 0.2, 0.03);
  EXPECT_EQ(returned.promised, 0u);
  EXPECT_GT(returned.beyond, 0u);
  EXPECT_LE(returned.allocated_s, 24 * 1200.0);
  EXPECT_NEAR(returned.requested_s, 24 * 2000.0, 24 * 2000.0 * 0.03);
  const Told kept = scarce({"allocation.rule=climate", "allocation.return_unused=false"});
  EXPECT_GT(kept.share(Purpose::climate_adaptation), 0.95);
  EXPECT_NEAR(kept.share(Purpose::general_research), 0.171, 0.03);
  EXPECT_LT(kept.share(Purpose::general_research), returned.share(Purpose::general_research));
}

TEST(Allocation, TheFactorsDecide) {
  const Told equal =
      scarce({"allocation.rule=climate", "allocation.climate_factor=1", "allocation.adaptation_factor=1"});
  EXPECT_NEAR(equal.share(Purpose::climate_adaptation), 0.6, 0.03);
  EXPECT_NEAR(equal.share(Purpose::general_research), 0.6, 0.03);
}

TEST(Allocation, PromisesThatAreNotNormalisedAreKeptLate) {
  const Told promised = scarce({"allocation.rule=climate", "allocation.normalise=false"});
  EXPECT_EQ(promised.refused, 0u);
  EXPECT_EQ(promised.beyond, 0u);
  EXPECT_GT(promised.promised, 1000u);
  EXPECT_GT(promised.late, 1000u);
  EXPECT_GT(promised.allocated_s, 3 * promised.requested_s) << "6 for half of it, 1 for the other half";
  const Told normalised = scarce({"allocation.rule=climate"});
  EXPECT_EQ(promised.arrived, normalised.arrived);
  EXPECT_GT(promised.late, 10 * (normalised.late + 1));
}

// A second site that is dearer: what the first cannot do goes there, so nothing idles while orders are sent away.
TEST(Allocation, TheTimeOfAllSitesIsUsed) {
  const std::string two =
      shop("BD") + "[[site]]\nname = \"T\"\nregion = \"BD\"\ndevice = \"plain\"\nservers = 3\npue = 1.5\n";
  const auto sum = [](const Told& t) { return std::accumulate(t.served.begin(), t.served.end(), 0.0); };
  const Told none = told_of(two, kScarce, {"site.S.servers=2"});
  const Told climate = told_of(two, kScarce, {"site.S.servers=2", "allocation.rule=climate"});
  EXPECT_GT(none.refused, 1000u) << "both sites together are too small";
  // What is planned to the end of a step ends up to 14 s earlier or later, for some 300 exponential services of 2 s share
  // two or three servers, and time that is left over is lost: 2 % on average. One site alone would serve two fifths.
  EXPECT_GT(sum(climate), 0.95 * sum(none));
  EXPECT_GT(climate.share(Purpose::climate_adaptation), 0.95);
}

// Where delay has no weight, everybody would rather go to the cheaper site. Orders keep to the site that admitted them:
// else its queue would grow step by step (mean 190 s) while the other one idles.
TEST(Allocation, OrdersKeepToTheSiteThatAdmittedThem) {
  const std::string two =
      shop("BD") + "[[site]]\nname = \"T\"\nregion = \"BD\"\ndevice = \"plain\"\nservers = 3\npue = 1.5\n";
  Overrides overrides = kScarce;
  for (const char* key : {"site.S.servers=2", "allocation.rule=climate", "balance.weight_latency=0", "balance.weight_energy=0"})
    overrides.emplace_back(key);
  Simulation sim(quick_plan(two, overrides));
  double busy = 0, queue = 0;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](RegionState& r) {
      busy += r.sites.utilisation[1] / sim.plan().steps;
      queue = std::max(queue, r.sites.queue_s[0]);
    });
  }
  EXPECT_GT(busy, 0.9);
  EXPECT_LT(queue, 60);
}

// Services of 200 s reach into the next step, on average by 100 s. If what is being served counted as booked, only two
// thirds of the time could be given away.
TEST(Allocation, LongServicesLeaveNoGap) {
  const Overrides slow{"site.S.servers=400", "hardware.mean_service='200s'", "workload.deadline='1h'",
                       "allocation.rule=climate"};
  const Told climate = told_of(shop("BD"), kScarce, slow);
  EXPECT_GT(climate.beyond, 1000u);
  EXPECT_GT(climate.allocated_s, 0.85 * 24 * 300 * 400);
}

// Two countries ask for as much of 1,200 server-seconds, 1,000 each, all of it research. Where a cyclone is in one of
// them, it gets 5 parts of 6, which is all that it asked for, and the other one what is left. (Its own server is too dear
// to be asked first.)
TEST(Allocation, ACycloneGoesFirst) {
  const auto served = [](const Overrides& more) {
    std::string two = shop("BD");
    const std::string one = "regions = [\"BD\"]";
    two.replace(two.find(one), one.size(), "regions = [\"BD\", \"KE\"]");
    two += "[[hazard]]\nname = \"C\"\nkind = \"cyclone\"\nregion = \"KE\"\nstart = 0\nduration = \"1d\"\nseverity = 1\n";
    Overrides overrides = kScarce;
    for (const char* key : {"purpose.climate_adaptation.share=0", "workload.split=equal", "hardware.default_device=plain",
                            "hardware.default_servers=1", "region.KE.price_usd_per_kwh=10", "hazard.C.severity=1", "allocation.rule=climate"})
      overrides.emplace_back(key);
    overrides.insert(overrides.end(), more.begin(), more.end());
    Simulation sim(quick_plan(two, overrides));
    std::array<double, 2> arrived{}, answered{};
    while (!sim.done()) {
      sim.step();
      sim.each_region([&](RegionState& r) {
        arrived[r.id.value] += r.step.requests_arrived;
        answered[r.id.value] += r.step.requests_served;
      });
    }
    return std::array<double, 2>{answered[0] / arrived[0], answered[1] / arrived[1]};
  };
  const auto struck = served({}), no_factor = served({"emergency.cyclone_allocation=1"}), off = served({"emergency.protocol=off"});
  EXPECT_GT(struck[1], 0.9);
  EXPECT_LT(struck[0], 0.45) << "two tenths of its requests, and more where the other country's come in a later round";
  EXPECT_NEAR(no_factor[0], no_factor[1], 0.15) << "the one server in the struck country is its own";
  EXPECT_EQ(off, no_factor);
}

TEST(Allocation, NobodyIsSentAwayWhereThereIsEnough) {
  const Overrides enough{"demand.willingness=unlimited"};
  const Told none = told_of(shop("BD"), enough, {}), climate = told_of(shop("BD"), enough, {"allocation.rule=climate"});
  EXPECT_EQ(climate.beyond, 0u);
  EXPECT_EQ(climate.served, none.served);
  EXPECT_EQ(climate.late, none.late);
}

}  // namespace
}  // namespace swarm::engine
