#include <map>

#include "support.hpp"

/// Every mechanism and every kind of bidder runs, repeats itself to the bit however the work is divided, and does
/// something of its own.
namespace swarm::equivalence {
namespace {

using Keys = std::vector<std::string>;

/// Specialists own little here, and all are to sell, less than is asked for: with plenty of asks the rules agree.
const std::string kSell = "market.minimum_balance_tkn=1", kScarce = "workload.load=4";

std::vector<Keys> markets() {
  std::vector<Keys> all;
  for (const auto mechanism : EnumNames<economy::Mechanism>::names)
    all.push_back({kSell, kScarce, fmt::format("market.mechanism={}", mechanism)});
  for (const auto bidder : EnumNames<economy::Bidder>::names) {
    if (bidder != enum_name(economy::MarketParams{}.buyers))
      all.push_back({kSell, kScarce, "market.mechanism=uniform", fmt::format("market.buyers={}", bidder)});
    if (bidder != enum_name(economy::MarketParams{}.sellers))
      all.push_back({kSell, kScarce, "market.mechanism=uniform", fmt::format("market.sellers={}", bidder)});
  }
  return all;
}

TEST(Mechanisms, EachRepeatsItselfAndDoesSomethingOfItsOwn) {
  std::map<std::string, std::string> first;  // key of the first run with a digest
  std::vector<std::string> alike;
  for (const Keys& keys : markets()) {
    const History plain = run(plan_of(everything_on(), keys));
    if (const auto [at, fresh] = first.emplace(plain.digest, keys.back()); !fresh) alike.push_back(at->second + " " + keys.back());
    Keys divided = keys;
    divided.push_back("engine.shards=2");
    with_threads(3, [&] {
      EXPECT_EQ(first_difference(plain, run(plan_of(everything_on(), divided))), "") << keys.back();
    });
  }
  // Among many small orders one is filled in part, and is the last accepted and the first refused at once.
  EXPECT_EQ(alike, std::vector<std::string>{"market.mechanism=uniform market.mechanism=second-price"});
}

}  // namespace
}  // namespace swarm::equivalence
