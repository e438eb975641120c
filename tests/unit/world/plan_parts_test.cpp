#include "sim/world/plan_parts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "sim/scenario/load.hpp"
#include "sim/world/plan.hpp"

namespace swarm::world {
namespace {

using Names = std::vector<std::string>;
using Models = std::vector<tasks::BaseModel>;
using Banks = std::shared_ptr<const tasks::TaskBanks>;
/// Where plans take their parts from.
struct Source {
  std::function<Models(const tasks::SpecialistParams&, std::uint64_t)> models;
  std::function<Banks(std::uint64_t, const Names&, std::uint32_t)> banks;
};

tasks::SpecialistParams small(std::int64_t hidden = 4, std::int64_t samples = 32) {
  tasks::SpecialistParams p;
  p.hidden_1 = hidden;
  p.hidden_2 = 0;
  p.lineages = 1;
  p.training_samples = samples;
  return p;
}

bool equal(const Models& a, const Models& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].type != b[i].type || a[i].lineage != b[i].lineage || a[i].test_accuracy != b[i].test_accuracy || a[i].model.packed() != b[i].model.packed()) return false;
  return true;
}

bool equal(const tasks::TaskBanks& a, const tasks::TaskBanks& b, std::size_t regions) {
  if (a.items() != b.items() || a.bytes() != b.bytes()) return false;
  for (std::size_t r = 0; r < regions; ++r)
    for (std::uint32_t i = 0; i < a.items(); ++i) {
      const RegionId region{static_cast<std::uint16_t>(r)};
      const auto type = static_cast<workload::ProblemType>(i % workload::kProblemTypes);
      if (a.label(region, type, 0, i) != b.label(region, type, 0, i)) return false;
      if (!std::equal(a.input(region, type, 0, i), a.input(region, type, 0, i) + tasks::kInputs, b.input(region, type, 0, i))) return false;
    }
  return true;
}

/// What was asked for in a row, each thing once changed and changed back, is what would be made anew.
bool is_faithful(Source source) {
  for (const auto& [params, seed] : std::vector<std::pair<tasks::SpecialistParams, std::uint64_t>>{
           {small(), 1}, {small(), 1}, {small(), 2}, {small(), 1}, {small(5), 1}, {small(), 1}, {small(4, 33), 1}, {small(), 1}})
    if (!equal(source.models(params, seed), tasks::base_models(params, seed, {}))) return false;
  struct Asked {
    std::uint64_t seed;
    Names names;
    std::uint32_t items;
  };
  for (const auto& [seed, names, items] : std::vector<Asked>{{1, {"BD", "KE"}, 8}, {1, {"BD", "KE"}, 8}, {2, {"BD", "KE"}, 8}, {1, {"BD", "KE"}, 8}, {1, {"KE", "BD"}, 8},
                                                             {1, {"BD"}, 8}, {1, {"BDK", "E"}, 8}, {1, {"BD", "KE"}, 8}, {1, {"BD", "KE"}, 9}, {1, {"BD", "KE"}, 8}})
    if (!equal(*source.banks(seed, names, items), tasks::TaskBanks(seed, names, items), names.size())) return false;
  return true;
}

Source of(PlanParts& parts) {
  return {[&](const tasks::SpecialistParams& p, std::uint64_t seed) { return parts.base_models(p, seed, {}); },
          [&](std::uint64_t seed, const Names& names, std::uint32_t items) { return parts.banks(seed, names, items); }};
}

/// Mutants: parts that are kept by keys which forget something.
Source kept_by(const std::function<std::string(const tasks::SpecialistParams&, std::uint64_t)>& models_key,
               const std::function<std::string(std::uint64_t, const Names&, std::uint32_t)>& banks_key) {
  auto models = std::make_shared<std::map<std::string, Models>>();
  auto banks = std::make_shared<std::map<std::string, Banks>>();
  return {[=](const tasks::SpecialistParams& p, std::uint64_t seed) { return models->try_emplace(models_key(p, seed), tasks::base_models(p, seed, {})).first->second; },
          [=](std::uint64_t seed, const Names& names, std::uint32_t items) {
            return banks->try_emplace(banks_key(seed, names, items), std::make_shared<tasks::TaskBanks>(seed, names, items)).first->second;
          }};
}

TEST(PlanParts, AreThoseThatWouldBeMadeAnew) {
  PlanParts parts;
  EXPECT_TRUE(is_faithful(of(parts)));
  const auto models = [](const tasks::SpecialistParams& p, std::uint64_t seed) {
    return fmt::format("{} {} {}", p.hidden_1, p.training_samples, seed);
  };
  const auto banks = [](std::uint64_t seed, const Names& n, std::uint32_t items) { return fmt::format("{} {} {}", seed, items, fmt::join(n, ",")); };
  EXPECT_TRUE(is_faithful(kept_by(models, banks)));
  // Mutants: the seed, a parameter, the items, the regions or where one name ends are not in the key.
  EXPECT_FALSE(is_faithful(kept_by([](const auto& p, auto) { return fmt::format("{} {}", p.hidden_1, p.training_samples); }, banks)));
  EXPECT_FALSE(is_faithful(kept_by([](const auto& p, auto seed) { return fmt::format("{} {}", p.training_samples, seed); }, banks)));
  EXPECT_FALSE(is_faithful(kept_by([](const auto& p, auto seed) { return fmt::format("{} {}", p.hidden_1, seed); }, banks)));
  EXPECT_FALSE(is_faithful(kept_by(models, [](auto, const Names& n, auto items) { return fmt::format("{} {}", items, fmt::join(n, ",")); })));
  EXPECT_FALSE(is_faithful(kept_by(models, [](auto seed, const Names& n, auto) { return fmt::format("{} {}", seed, fmt::join(n, ",")); })));
  EXPECT_FALSE(is_faithful(kept_by(models, [](auto seed, const Names&, auto items) { return fmt::format("{} {}", seed, items); })));
  EXPECT_FALSE(is_faithful(kept_by(models, [](auto seed, const Names& n, auto items) { return fmt::format("{} {} {}", seed, items, fmt::join(n, "")); })));
}

TEST(PlanParts, AreShared) {
  PlanParts parts;
  const Names names{"BD", "KE"};
  const Banks first = parts.banks(1, names, 8);
  EXPECT_EQ(parts.banks(1, names, 8).get(), first.get());
  EXPECT_NE(parts.banks(2, names, 8).get(), first.get());
  EXPECT_NE(parts.banks(1, names, 8).get(), first.get());  // of the latest key only
}

/// Plans of several scenarios in a row, with and without shared parts.
TEST(PlanParts, GivePlansThatAreTheSameAsAlone) {
  const std::string text = "regions = [\"BD\", \"KE\"]\n[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n[population]\nagents = 20\n";
  PlanParts parts;
  std::shared_ptr<const Plan> before;
  for (const std::vector<std::string>& overrides : std::vector<std::vector<std::string>>{
           {}, {"pricing.markup=0.3"}, {"run.seed=2"}, {"regions=[\"KE\", \"BD\"]"}, {"specialists.hidden_1=5"}, {"specialists.bank_items=5000"}, {"run.seed=2"}}) {
    const auto s = scenario::load_text(text, "/x/s.toml", overrides);
    const auto shared = make_plan(s, {}, &parts), alone = make_plan(s, {});
    ASSERT_EQ(shared->models.size(), alone->models.size());
    for (std::size_t m = 0; m < alone->models.size(); ++m) {
      const tasks::BaseModel &one = shared->models[m].base, &other = alone->models[m].base;
      EXPECT_EQ(one.model.packed(), other.model.packed());
      EXPECT_EQ(one.test_accuracy, other.test_accuracy);
    }
    EXPECT_TRUE(equal(*shared->banks, *alone->banks, 2));
    if (overrides == std::vector<std::string>{"pricing.markup=0.3"}) {
      EXPECT_EQ(shared->banks.get(), before->banks.get());
    }
    if (overrides == std::vector<std::string>{"run.seed=2"}) {
      EXPECT_FALSE(equal(*shared->banks, *before->banks, 2));
    }
    before = shared;
  }
}

}  // namespace
}  // namespace swarm::world
