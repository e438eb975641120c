#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "sim/scenario/load.hpp"
#include "sim/world/type_mix.hpp"
#include "sim/world/world.hpp"

namespace swarm::world {
namespace {

/// Twelve sites, one specialist each.
std::shared_ptr<const Plan> many_small_sites() {
  std::string text = R"(
regions = ["DE", "KE", "BD"]
[run]
warmup = 0
duration = "1h"
[population]
agents = 12
[specialists]
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
)";
  for (int k = 0; k < 12; ++k)
    text += "[[site]]\nname = \"S" + std::to_string(k) + "\"\nregion = \"" +
            (k < 4   ? "DE"
             : k < 8 ? "KE"
                     : "BD") +
            "\"\n";
  return make_plan(scenario::load_text(text, "/review/scenario.toml", {}), {});
}

std::vector<int> types_of(const std::vector<std::unique_ptr<World>>& worlds) {
  std::vector<int> types;
  for (const auto& w : worlds)
    for (const auto& r : w->regions) types.insert(types.end(), r.agents.type.begin(), r.agents.type.end());
  return types;
}

TEST(Population, ManySmallSitesTogetherHaveTheMix) {
  const auto plan = many_small_sites();
  const auto types = types_of(make_worlds(plan, 1));
  ASSERT_EQ(types.size(), 12u);
  const auto& p = plan->scenario.population;
  const std::array<double, 4> weight{p.vision, p.language, p.reasoning, p.memory};
  for (int t = 0; t < 4; ++t)
    EXPECT_NEAR(static_cast<double>(std::count(types.begin(), types.end(), t)),
                12 * weight[static_cast<std::size_t>(t)], 1.0)
        << t;
  EXPECT_EQ(types, types_of(make_worlds(plan, 3))) << "whatever the shards";
}

// The mutant: a mix that starts anew at each site gives the commonest type to all of them.
TEST(Population, AMixPerSiteIsRejected) {
  const auto plan = many_small_sites();
  std::vector<int> anew;
  for (std::size_t k = 0; k < plan->sites.size(); ++k)
    for (TypeMix mix(plan->scenario.population); anew.size() < k + 1;) anew.push_back(mix.next());
  EXPECT_EQ(std::count(anew.begin(), anew.end(), 1), 12);
  EXPECT_NE(anew, types_of(make_worlds(plan, 1)));
}

TEST(TypeMix, GoesOnWhereItStopped) {
  const scenario::PopulationParams p;
  TypeMix whole(p), start(p);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(whole.next(), start.next());
  TypeMix rest(p, start.counts());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(whole.next(), rest.next());
}

}  // namespace
}  // namespace swarm::world
