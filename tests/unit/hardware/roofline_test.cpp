#include "sim/hardware/roofline.hpp"

#include <gtest/gtest.h>

#include "sim/hardware/catalogue.hpp"
#include "sim/hardware/power.hpp"

namespace swarm::hardware {
namespace {

Device example() {
  return {.name = "example",
          .peak_fp32 = 1e12,
          .peak_fp16 = 2e12,
          .peak_int8 = 8e12,
          .efficiency = 0.5,
          .memory_bytes = 8e9,
          .bandwidth = 1e10,
          .idle_w = 10,
          .max_w = 100,
          .standby_w = 2,
          .price_usd = 1000,
          .life_years = 4,
          .embodied_kg = 100,
          .edge = true,
          .source = "none"};
}

TEST(Roofline, WorkedByHand) {
  // Arithmetic: 1e9 / (1e12 · 0.5) = 2 ms; memory: 1e6 / 1e10 = 0.1 ms, 1e8 / 1e10 = 10 ms.
  EXPECT_DOUBLE_EQ(roofline_seconds(example(), 1e9, 1e6), 2e-3);
  EXPECT_DOUBLE_EQ(roofline_seconds(example(), 1e9, 1e8), 1e-2);
  EXPECT_DOUBLE_EQ(roofline_seconds(example(), 1e9, 0, NumberFormat::fp16), 1e-3);
  EXPECT_DOUBLE_EQ(roofline_seconds(example(), 1e9, 0, NumberFormat::int8), 0.25e-3);
  EXPECT_EQ(roofline_seconds(example(), 0, 0), 0);
}

TEST(Roofline, BindsByTheSlowerSideAndNeverByTheSum) {
  const Device d = example();
  const double ridge = d.peak_fp32 * d.efficiency / d.bandwidth;  // op per byte at which both sides tie
  for (double intensity : {ridge / 8, ridge / 2, ridge, ridge * 2, ridge * 8}) {
    const double bytes = 1e7, operations = intensity * bytes;
    const double compute = roofline_seconds(d, operations, 0), memory = roofline_seconds(d, 0, bytes);
    const double t = roofline_seconds(d, operations, bytes);
    EXPECT_DOUBLE_EQ(t, intensity > ridge ? compute : memory);
    EXPECT_LT(t, compute + memory);  // mutant: adding the two sides
  }
}

TEST(Roofline, JoulesPerMacFollowFromStateEnergy) {
  // 2 · 100 W / 5e11 op/s = 0.4 nJ. It must agree with the energy of the busy time: nothing comes on top.
  EXPECT_DOUBLE_EQ(joules_per_mac(example()), 4e-10);
  const double macs = 1e12;
  const double joules = state_joules(example(), {roofline_seconds(example(), 2 * macs, 0), 0, 0});
  EXPECT_DOUBLE_EQ(joules / macs, joules_per_mac(example()));
  EXPECT_DOUBLE_EQ(joules_per_mac(example(), NumberFormat::int8), 5e-11);
}

TEST(Roofline, WritesOffPriceAndCarbonOverLife) {
  // 1,000 USD / (4 · 8,766 h) = 0.0285193… USD per hour; 100 kg likewise 2.85193… g per hour.
  EXPECT_NEAR(amortisation_usd_per_second(example()) * 3600, 0.0285192790326260, 1e-15);
  EXPECT_NEAR(embodied_g_per_second(example()) * 3600, 2.85192790326260, 1e-13);
}

TEST(EdgeEnvelope, AcceptsTheLimitsAndNamesEveryBreach) {
  const Device d = example();
  EXPECT_TRUE(edge_violations(d, 100e6, 2e9, 0.1, 5, 1e9).empty());
  EXPECT_EQ(edge_violations(d, 100e6 + 1, 2e9, 0.1, 5, 1e9).size(), 1u);
  EXPECT_EQ(edge_violations(d, 101e6, 2.1e9, 0.11, 5.1, 1.1e9).size(), 5u);
  EXPECT_EQ(edge_violations(d, 1e6, 1e6, 0.11, 1)[0],
            "latency 110 ms exceeds the edge limit of 100 ms on example");
}

TEST(EdgeEnvelope, AppliesToEdgeDevicesOnly) {
  Device d = example();
  d.edge = false;
  EXPECT_TRUE(edge_violations(d, 1e12, 1e12, 100, 1000).empty());
}

TEST(EdgeEnvelope, ASmallDeviceTightensIt) {
  const Device& tiny = *find_device("radxa-cubie-a7z");  // 1 GB of memory
  EXPECT_TRUE(edge_violations(tiny, 1e6, 1e9, 0.01, 1).empty());
  EXPECT_EQ(edge_violations(tiny, 1e6, 1.5e9, 0.01, 1).size(), 1u);
}

TEST(StateEnergy, WorkedByHand) {
  // 10 W · 20 s + 100 W · 30 s + 2 W · 50 s = 200 + 3,000 + 100 = 3,300 J.
  EXPECT_DOUBLE_EQ(state_joules(example(), {.busy = 30, .idle = 20, .standby = 50}), 3300);
}

}  // namespace
}  // namespace swarm::hardware
