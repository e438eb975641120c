// Batteries, heat, regeneration and allowances of energy in scenarios.
#include "helpers.hpp"
#include "sim/scenario/echo.hpp"

namespace swarm {
namespace scenario {
namespace {

const char* const kSite = "[[site]]\nname = \"S\"\nregion = \"BD\"\nbattery_kwh = 20\nbattery_kw = 5\n";

TEST(EnergyKeys, AreReadAndEchoed) {
  const auto s = read(std::string(kSite) + "[battery]\npolicy = \"price\"\n[regeneration]\nelasticity = 0.2\n",
                      {"site.S.heat_reuse=0.4", "hardware.edge_envelope=enforce", "energy.allowance=true"});
  EXPECT_EQ(s.sites[0].battery_kwh, 20);
  EXPECT_EQ(s.sites[0].battery_efficiency, 0.85);
  EXPECT_EQ(s.sites[0].heat_reuse, 0.4);
  EXPECT_NEAR(s.sites[0].heat_displaced_g_per_kwh, 56.1 * 3.6 / 0.9, 1e-9) << "natural gas in a boiler";
  EXPECT_EQ(s.battery.policy, hardware::BatteryPolicy::price);
  EXPECT_EQ(s.regeneration.elasticity, 0.2);
  EXPECT_EQ(s.hardware.edge_envelope, hardware::EdgeEnvelope::enforce);
  EXPECT_EQ(effective_toml(load_text(effective_toml(s), "/elsewhere/other.toml", {})), effective_toml(s));
  const auto plain = read("");
  EXPECT_EQ(plain.sites[0].battery_kwh, 0);
  EXPECT_EQ(plain.regeneration.elasticity, 0);
  EXPECT_FALSE(plain.energy.allowance);
}

TEST(EnergyKeys, BadBatteriesAreAllReported) {
  const std::string bad = problems_of(
      "[[site]]\nname = \"S\"\nregion = \"BD\"\nbattery_kwh = 20\nbattery_efficiency = 1.1\n"
      "[[site]]\nname = \"T\"\nregion = \"KE\"\nbattery_kw = 3\nheat_reuse = -1\n[battery]\ncharge_below = 0.8\ndischarge_above = 0.2\n");
  for (const char* part :
       {"pilot.toml:5:22: 'site.S.battery_efficiency' is 1.1, out of range", "pilot.toml:10:14: 'site.T.heat_reuse' is -1, out of range",
        "pilot.toml:4:15: site 'S' has a battery of 20 kWh and 0 kW (it could neither charge nor deliver) give it battery_kw above 0",
        "pilot.toml:9:14: site 'T' has a battery of 0 kWh and 3 kW (it could hold nothing) give it battery_kwh above 0",
        "pilot.toml:12:16: 'battery.charge_below' is 0.8, more than 'battery.discharge_above' = 0.2"})
    EXPECT_NE(bad.find(part), std::string::npos) << part << '\n' << bad;
  EXPECT_NE(problems_of("", {"site.BD-1.battery_efficiency=0"}), "") << "nothing would come out";
}

}  // namespace
}  // namespace scenario
}  // namespace swarm
