#include <gtest/gtest.h>

#include "sim/core/errors.hpp"
#include "sim/scenario/load.hpp"
#include "sim/world/world.hpp"

/// Who lives where with hardware.edge_envelope.
namespace swarm::world {
namespace {

using Counts = std::array<std::uint64_t, workload::kProblemTypes>;

/// A board on which specialists of up to two million parameters fit (75 ms at these tiny widths), and those for language, of
/// 50 million, do not.
constexpr const char* kBoards = R"(
regions = ["BD", "KE"]
[run]
duration = "1h"
[specialists]
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
format = "int8"
nominal_memory = 1e6
nominal_vision = 2e6
nominal_reasoning = 2e6
[population]
agents = 200
[[device]]
name = "radxa-cubie-a7z"
max_w = 5
[[site]]
name = "board"
region = "BD"
device = "radxa-cubie-a7z"
servers = 400
[[site]]
name = "hall"
region = "BD"
servers = 40
)";

std::shared_ptr<const Plan> plan_of(const std::vector<std::string>& overrides) {
  return make_plan(scenario::load_text(kBoards, "/edge/scenario.toml", overrides), {});
}

/// Specialists of each type by site.
std::map<std::string, Counts> living(const std::shared_ptr<const Plan>& plan) {
  std::map<std::string, Counts> count;
  const World world(plan, 0, plan->regions.size());
  for (const auto& r : world.regions)
    for (std::size_t i = 0; i < r.agents.size(); ++i) ++count[plan->sites[r.agents.site[i]].name][r.agents.type[i]];
  return count;
}

Counts together(const std::map<std::string, Counts>& all) {
  Counts sum{};
  for (const auto& [site, counts] : all)
    for (std::size_t t = 0; t < sum.size(); ++t) sum[t] += counts[t];
  return sum;
}

TEST(EdgeEnvelope, SpecialistsThatBreakItLiveElsewhereInTheirRegion) {
  const auto warned = living(plan_of({})), kept = living(plan_of({"hardware.edge_envelope=enforce"}));
  constexpr auto kLanguage = static_cast<std::size_t>(workload::ProblemType::language);
  EXPECT_GT(warned.at("board")[kLanguage], 0u);
  EXPECT_EQ(kept.at("board")[kLanguage], 0u);
  for (std::size_t t = 0; t < kept.at("board").size(); ++t) {
    EXPECT_EQ(kept.at("board")[t] > 0, t != kLanguage) << t;
  }
  EXPECT_EQ(together(warned), together(kept)) << "nobody is lost";
  EXPECT_EQ(warned.at("KE-1"), kept.at("KE-1")) << "other regions stay as they are";
}

TEST(EdgeEnvelope, WhereNothingIsBrokenEnforcingChangesNothing) {
  const std::vector<std::string> small{"specialists.nominal_language=2e6"};
  EXPECT_EQ(living(plan_of(small)), living(plan_of({small[0], "hardware.edge_envelope=enforce"})));
  EXPECT_EQ(living(plan_of({"energy.scale=executed", "workload.multiplicity=1"})),
            living(plan_of({"energy.scale=executed", "workload.multiplicity=1", "hardware.edge_envelope=enforce"})));
}

TEST(EdgeEnvelope, ATypeWithoutASiteIsAnErrorThatNamesEveryLimit) {
  try {
    plan_of({"hardware.edge_envelope=enforce", "site.hall.region=KE", "specialists.nominal_language=2e8", "device.radxa-cubie-a7z.max_w=6",
             "specialists.nominal_memory=0.5e6"});
    FAIL() << "no error";
  } catch (const InputError& e) {
    ASSERT_EQ(e.problems().size(), 4u) << "one for each type: the board takes 6 W";
    const std::string all = e.what();
    for (const char* part : {"language specialists do not fit site 'board'", "model size 299", "latency", "sustained power 6 W exceeds the edge limit of 5 W",
                             "nobody in BD could answer language problems", "memory specialists do not fit site 'board': sustained power"})
      EXPECT_NE(all.find(part), std::string::npos) << part << '\n' << all;
  }
}

TEST(EdgeEnvelope, CheckSaysWhoDoesNotLiveWhere) {
  const auto said = notes(scenario::load_text(kBoards, "/edge/scenario.toml", {"hardware.edge_envelope=enforce"}));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].starts_with("no language specialists live at board: latency ")) << said[0];
}

}  // namespace
}  // namespace swarm::world
