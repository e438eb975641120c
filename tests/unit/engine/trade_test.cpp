#include "tests/unit/engine/small_world.hpp"

namespace swarm::engine {
namespace {

using world::Order;
using world::Refusal;

/// One server per region, every service takes one second, round trips are 5 ms at home; half a globe apart on
/// the equator, DE and BD are 5 + 12 · 20.0151 = 245.2 ms apart, KE a quarter from both, 125.1 ms.
const std::string kOneServerEach = R"(
[run]
warmup = 0
duration = "1h"
[hardware]
service = "exponential"
mean_service = 1
default_servers = 1
[network]
base = "5ms"
seconds_per_1000_km = 0.012
[workload]
multiplicity = 1
requests_per_hour = 1
[population]
agents = 12
[[region]]
name = "DE"
latitude = 0
longitude = 0
[[region]]
name = "BD"
latitude = 0
longitude = 180
[[region]]
name = "KE"
latitude = 0
longitude = 90
)";

class Trade : public ::testing::Test {
 protected:
  explicit Trade(const std::vector<std::string>& overrides = {})
      : plan_(small_plan(kOneServerEach, overrides)), worlds_(world::make_worlds(plan_, 1)) {
    for (const auto& w : worlds_) sense(*w);
  }
  world::RegionState& region(std::size_t i) { return worlds_[0]->regions[i]; }
  /// An order of region 0 that names one specialist in each of these regions, best first.
  Order order(std::uint32_t sequence, std::vector<std::size_t> regions, double offset_s, float deadline_s) {
    Order o{.offset_s = offset_s,
            .deadline_s = deadline_s,
            .sequence = sequence,
            .tok_in = 100,
            .tok_out = 100,
            .asker = 0};
    for (const std::size_t i : regions)
      o.line[o.lines++] = {.agent = 0, .site = static_cast<std::uint32_t>(i), .price = 10};
    return o;
  }
  void send(const Order& o, std::size_t to) { worlds_[0]->orders.from_to(0, to).push_back(o); }
  void round() {
    exchange_orders(worlds_);
    for (const auto& w : worlds_) trade(*w);
  }
  std::vector<std::uint32_t> admitted(std::size_t i) {
    std::vector<std::uint32_t> out;
    for (const Order& o : region(i).scratch.admitted) out.push_back(o.sequence);
    return out;
  }
  std::size_t refused() { return refusals().size(); }
  std::vector<world::Outcome> refusals() {
    std::vector<world::Outcome> all;
    for (std::size_t s = 0; s < 3; ++s)
      for (const auto& o : worlds_[0]->outcomes.from_to(s, 0)) all.push_back(o);
    return all;
  }
  std::shared_ptr<const world::Plan> plan_;
  std::vector<std::unique_ptr<world::World>> worlds_;
};
using Sequences = std::vector<std::uint32_t>;

TEST_F(Trade, AdmitsAsLongAsTheDeadlineHolds) {
  // All arrive at 0: answers after 1.005, 2.005, 3.005 s; the fourth would come after 4.005 s.
  for (std::uint32_t k = 0; k < 5; ++k) send(order(k, {0}, 0, 4.0f), 0);
  round();
  EXPECT_EQ(admitted(0), (Sequences{0, 1, 2}));
  EXPECT_EQ(refused(), 2u);
  for (const auto& o : refusals()) EXPECT_EQ(o.refusal, Refusal::capacity);
  EXPECT_EQ(region(0).markets.orders_received[0], 5u);
  EXPECT_EQ(region(0).markets.orders_admitted[0], 3u);
}

TEST_F(Trade, GoesByArrivalNotByMail) {
  send(order(0, {0}, 2.5, 1.5f), 0);
  send(order(1, {0}, 0.0, 1.5f), 0);
  send(order(2, {0}, 0.2, 1.5f), 0);  // would wait 0.8 s: 1.805 s
  send(order(3, {0}, 0.9, 1.5f), 0);  // waits 0.1 s
  round();
  EXPECT_EQ(admitted(0), (Sequences{1, 3, 0}));
}

TEST_F(Trade, SendsOnToTheNextRegionNamed) {
  send(order(0, {0, 2, 1}, 0, 1.9f), 0);
  send(order(1, {0, 2, 1}, 0, 1.9f), 0);
  send(order(2, {0, 2, 1}, 0, 1.9f), 0);
  send(order(3, {0, 2, 1}, 0, 1.9f), 0);
  round();
  EXPECT_EQ(admitted(0), Sequences{0});
  round();
  EXPECT_EQ(admitted(2), Sequences{1});
  EXPECT_EQ(refused(), 0u);
  round();
  EXPECT_EQ(admitted(1), Sequences{2});
  EXPECT_EQ(refused(), 1u) << "the third attempt was the last";
  round();
  EXPECT_EQ(admitted(0).size() + admitted(1).size() + admitted(2).size() + refused(), 4u);
}

TEST_F(Trade, ARefusalReturnsTheReserve) {
  auto o = order(0, {0}, 0, 0.5f);
  o.reserved = 1234;
  send(o, 0);
  round();
  ASSERT_EQ(refused(), 1u);
  EXPECT_EQ(refusals()[0].reserved, 1234);
  EXPECT_EQ(refusals()[0].price, 0);
}

TEST_F(Trade, CountsTheWayThere) {
  // KE answers DE after 1 + 0.1251 s, BD after 1 + 0.2452 s.
  EXPECT_NEAR(plan_->round_trip(RegionId{0}, RegionId{2}), 0.12509, 1e-5);
  EXPECT_NEAR(plan_->round_trip(RegionId{0}, RegionId{1}), 0.24518, 1e-5);
  send(order(0, {2}, 0, 1.12f), 2);
  send(order(1, {2}, 100, 1.13f), 2);
  send(order(2, {1}, 0, 1.24f), 1);
  send(order(3, {1}, 100, 1.25f), 1);
  round();
  EXPECT_EQ(admitted(2), Sequences{1});
  EXPECT_EQ(admitted(1), Sequences{3});
}

TEST_F(Trade, TwoLinesInOneRegionAreOneAttempt) {
  auto o = order(0, {0, 0, 2}, 0, 1.9f);
  send(order(9, {0}, 0, 1.9f), 0);
  send(o, 0);
  round();
  EXPECT_EQ(refused(), 0u);
  round();
  EXPECT_EQ(admitted(2), Sequences{0});
}

class OneAttempt : public Trade {
 protected:
  OneAttempt() : Trade({"market.attempts=1"}) {}
};

TEST_F(OneAttempt, IsNotSentOn) {
  send(order(0, {0, 2}, 0, 1.9f), 0);
  send(order(1, {0, 2}, 0, 1.9f), 0);
  round();
  EXPECT_EQ(admitted(0), Sequences{0});
  EXPECT_EQ(refused(), 1u);
  round();
  EXPECT_EQ(admitted(2), Sequences{});
}

}  // namespace
}  // namespace swarm::engine
