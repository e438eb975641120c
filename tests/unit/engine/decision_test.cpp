#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tests/unit/engine/shop.hpp"

/// Explained decisions: what is recorded of a request is what was quoted and what became of it.
namespace swarm::engine {
namespace {

using world::DecisionColumns;
using world::Order;
using world::Refusal;
using world::RegionState;

constexpr std::int64_t kRows = 40;

/// Everything happens: discounts, denials, refusals for price, budget and deadline, withdrawals.
const std::vector<std::string> kLively{
    "record.decisions=40",     "record.decision_interval='10min'", "pricing.rule=justice",     "demand.willingness=log-normal",
    "demand.budget_share=3e-7", "fund.endowment='3min'", "demand.served_at_baseline=0.5", "workload.multiplicity=0",  "workload.load=1.2",
    "workload.urgent_share=0.3",   "workload.urgent_deadline='400ms'", "hardware.service=roofline", "pricing.markup_spread=1"};

struct Seen {
  std::array<std::size_t, 5> outcome{};
  std::size_t denied = 0, rows = 0, without_quote = 0, discounted = 0;
  std::size_t discount_shown = 0, other_line = 0;  ///< what wrong variants would have got wrong
};

void check_row(const world::World& w, const RegionState& r, std::size_t k, Seen& seen) {
  const DecisionColumns& d = r.decisions;
  const auto& q = r.scratch.requests;
  const auto& plan = *w.plan;
  const auto m = static_cast<double>(plan.multiplicity);
  const auto found = std::find(q.sequence.begin(), q.sequence.end(), d.sequence[k]);
  ASSERT_NE(found, q.sequence.end());
  const auto row = static_cast<std::size_t>(found - q.sequence.begin());
  const Order& order = r.scratch.quoted[row];
  EXPECT_EQ(d.region[k], r.id.value);
  EXPECT_EQ(d.tok_in[k], q.tok_in[row]);
  EXPECT_EQ(d.tok_out[k], q.tok_out[row]);
  EXPECT_EQ(d.type[k], static_cast<std::uint8_t>(q.type[row]));
  EXPECT_EQ(d.purpose[k], static_cast<std::uint8_t>(q.purpose[row]));
  EXPECT_EQ(d.urgent[k], q.urgent[row]);
  EXPECT_EQ(d.seats[k], order.seats);
  EXPECT_EQ(d.arrival_s[k], plan.step_s * w.step + q.offset_s[row]);
  EXPECT_EQ(d.deadline_s[k], static_cast<double>(q.deadline_s[row]));
  EXPECT_DOUBLE_EQ(d.wtp_usd[k], q.wtp_ratio[row] * plan.baseline.usd(d.type[k], q.tok_in[row], q.tok_out[row]));
  const auto outcome = static_cast<Refusal>(d.outcome[k]);
  ++seen.outcome[d.outcome[k]];
  ++seen.rows;
  EXPECT_EQ(outcome == Refusal::none, order.lines > 0);
  if (d.site[k] == std::numeric_limits<std::uint32_t>::max()) {
    EXPECT_TRUE(std::isnan(d.total_usd[k]) && std::isnan(d.base_usd[k]) && std::isnan(d.expected_delay_s[k]));
    EXPECT_TRUE(outcome == Refusal::deadline || outcome == Refusal::capacity);
    ++seen.without_quote;
    return;
  }
  const double sum = d.base_usd[k] + d.carbon_usd[k] + d.justice_usd[k] - d.renewable_usd[k];
  EXPECT_NEAR(d.total_usd[k], std::max(0.0, sum), 1e-14 * d.base_usd[k]);
  EXPECT_NEAR(d.carbon_usd[k], d.footprint_g[k] * 100 / 1e6, 1e-14 * d.carbon_usd[k]);
  const bool south = plan.scenario.regions[r.id.value].global_south;
  EXPECT_NEAR(d.justice_usd[k], (!south ? 0.2 : order.granted != 0 ? -0.3 : 0.0) * d.base_usd[k], 1e-14 * d.base_usd[k]);
  EXPECT_EQ(d.granted[k], order.granted);
  EXPECT_LE(d.expected_delay_s[k] - static_cast<double>(d.deadline_s[k]), 300) << "waits are expected, not excluded";
  const double renewable = plan.sites[d.site[k]].contracted_renewable;
  EXPECT_NEAR(d.priority[k], static_cast<double>(order.priority) * (1 + 0.5 * renewable), 1e-12);
  EXPECT_NEAR(d.renewable_usd[k], 0.15 * renewable * d.base_usd[k], 1e-14 * d.base_usd[k]);
  // Three to four items, each rounded by half a µTKN at most, in the price of all multiplicity.
  const double rounding = 2e-9 / m + 1e-14 * d.total_usd[k];
  if (outcome == Refusal::none) {
    EXPECT_LE(d.total_usd[k], d.wtp_usd[k] + rounding);
    EXPECT_EQ(d.site[k], order.line[0].site);
    EXPECT_NEAR(d.total_usd[k], usd({order.line[0].price}) / m, rounding) << "the quote is that of the first line";
    const auto differs = [&](double total, std::int64_t price) { return std::abs(total - usd({price}) / m) > rounding; };
    seen.discount_shown += order.granted == 0 && differs(0.7 * d.base_usd[k] + d.carbon_usd[k] - d.renewable_usd[k], order.line[0].price);
    seen.other_line += order.lines > 1 && differs(d.total_usd[k], order.line[1].price);
    EXPECT_NEAR(order.granted != 0 && south ? -d.justice_usd[k] : 0.0, usd({order.line[0].grant}) / m, rounding);
  }
  EXPECT_TRUE(outcome != Refusal::price || d.total_usd[k] > d.wtp_usd[k] - rounding);
  seen.denied += order.granted == 0;
  seen.discounted += d.justice_usd[k] < 0;
}

Seen follow(std::vector<std::string> overrides, const std::string& text = kThreeRegions) {
  Simulation sim(quick_plan(text, overrides));
  Seen seen;
  while (!sim.done() && !::testing::Test::HasFailure()) {
    sim.step();
    const std::uint32_t step = sim.steps_done() - 1;
    for (const auto& w : sim.worlds()) {
      w->step = step;
      for (const RegionState& r : w->regions) {
        std::set<std::uint32_t> sequences(r.decisions.sequence.begin(), r.decisions.sequence.end());
        EXPECT_EQ(sequences.size(), r.decisions.size()) << "a request twice";
        if (step % 2 != 0) {  // every other step of five minutes
          EXPECT_EQ(r.decisions.size(), 0u);
          continue;
        }
        EXPECT_LE(r.decisions.size(), static_cast<std::size_t>(kRows));
        for (std::size_t k = 0; k < r.decisions.size(); ++k) check_row(*w, r, k, seen);
      }
      w->step = step + 1;
    }
  }
  return seen;
}

TEST(Decisions, SayWhatWasQuotedAndHowItEnded) {
  std::string text = kThreeRegions;
  for (const char* region : {"DE", "BD", "KE"})
    text += fmt::format("[[site]]\nname = \"{0}-a\"\nregion = \"{0}\"\ndevice = \"cpu-server\"\nservers = 30\ncontracted_renewable = 0.8\n"
                        "[[site]]\nname = \"{0}-b\"\nregion = \"{0}\"\ndevice = \"raspberry-pi-5\"\nservers = 300\n", region);
  const Seen seen = follow(kLively, text);
  // 6 sampled steps of 3 regions with 40 rows each, but for draws of a request that was drawn before.
  EXPECT_GT(seen.rows, 6u * 3u * 40u * 9 / 10);
  for (const Refusal outcome : {Refusal::none, Refusal::price, Refusal::budget, Refusal::deadline})
    EXPECT_GT(seen.outcome[static_cast<std::size_t>(outcome)], 20u) << enum_name(outcome);
  EXPECT_GT(seen.discounted, 20u);
  EXPECT_GT(seen.denied, 20u);
  EXPECT_GT(seen.without_quote, 20u);
  // The mutants: a denied discount that is shown all the same, and some other quote than the first line's.
  EXPECT_GT(seen.discount_shown, 10u);
  EXPECT_GT(seen.other_line, 50u);
}

}  // namespace
}  // namespace swarm::engine
