#include <set>

#include "support.hpp"

/// Every balance policy runs, repeats itself to the bit however the work is divided, and does something of
/// its own.
namespace swarm::equivalence {
namespace {

std::vector<std::string> with(std::string_view policy, std::vector<std::string> more = {}) {
  more.push_back(fmt::format("balance.policy={}", policy));
  return more;
}

class Policies : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(, Policies, ::testing::ValuesIn(EnumNames<dispatch::BalancePolicy>::names),
                         [](const auto& p) {
                           std::string name(p.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(Policies, RepeatsItself) {
  const History plain = run(plan_of(everything_on(), with(GetParam())));
  with_threads(3, [&] {
    EXPECT_EQ(first_difference(plain, run(plan_of(everything_on(), with(GetParam(), {"engine.shards=2"})))),
              "");
  });
}

TEST(Policy, EachDoesSomethingOfItsOwn) {
  std::set<std::string> digests;
  for (const auto policy : EnumNames<dispatch::BalancePolicy>::names)
    digests.insert(run(plan_of(everything_on(), with(policy))).digest);
  EXPECT_EQ(digests.size(), EnumNames<dispatch::BalancePolicy>::names.size());
}

std::string digest_with(const std::vector<std::string>& overrides) {
  return run(plan_of(everything_on(), overrides)).digest;
}

/// What must be the same policy under two names, and parameters that do or do not enter.
TEST(Policy, ParametersEnterWhereTheyShould) {
  const auto random = digest_with(with("random")), two = digest_with(with("power-of-d"));
  EXPECT_EQ(digest_with(with("power-of-d", {"balance.d=1"})), random);
  EXPECT_NE(digest_with(with("power-of-d", {"balance.d=8"})), two);
  EXPECT_EQ(digest_with(with("random", {"balance.d=8", "balance.weight_price=3"})), random);
  const auto weighted = digest_with(with("weighted"));
  for (const char* weight : {"balance.weight_price=3", "balance.weight_latency=3", "balance.weight_energy=3",
                             "balance.weight_locality=3"})
    EXPECT_NE(digest_with(with("weighted", {weight})), weighted) << weight;
  EXPECT_EQ(digest_with(with("weighted", {"balance.d=8", "balance.signal=requests", "balance.delay_joules_per_s=5"})), weighted);
  EXPECT_NE(digest_with(with("power-of-d", {"balance.signal=requests"})), two);
  const auto shortest = digest_with(with("join-shortest-queue"));
  EXPECT_NE(digest_with(with("join-shortest-queue", {"balance.signal=requests"})), shortest);
  const auto least = digest_with(with("min-total-energy"));
  for (const char* key : {"balance.delay_joules_per_s=0", "network.joules_per_byte=1e-2", "balance.hot_above=0.5", "region.DE.residency=[KE]"})
    EXPECT_NE(digest_with(with("min-total-energy", {key})), least) << key;
}

}  // namespace
}  // namespace swarm::equivalence
