#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "sim/engine/exchange.hpp"
#include "sim/scenario/load.hpp"
#include "support.hpp"

/// Policies are compared on the same demand: the same people ask the same questions at the same moments, would pay the
/// same, and a specialist that is asked gives the same answer, whatever the policy.
namespace swarm::equivalence {
namespace {

using world::RegionState;

const std::string kTown = R"(
regions = ["BD", "KE", "DE"]
[run]
start = "2022-01-09T22:00Z"
warmup = "30min"
duration = "2h30min"
step = "10min"
seed = 7
[workload]
requests_per_hour = 3000
load = 1.3
burstiness = 0.4
deadline = "3min"
[demand]
budget_share = 1e-5
[market]
offers = 6
[fund]
endowment = "20min"
[population]
agents = 96
[specialists]
hidden_1 = 8
hidden_2 = 0
lineages = 2
training_samples = 256
[[site]]
name = "Nairobi"
region = "KE"
device = "cpu-server"
servers = 20
contracted_renewable = 0.5
[[site]]
name = "Berlin"
region = "DE"
device = "rtx-4090"
servers = 3
contracted_renewable = 0.6
)";

template <class T>
void append(std::string& bytes, const std::vector<T>& column) {
  if (!column.empty()) bytes.append(std::string_view(std::bit_cast<const char*>(column.data()), column.size() * sizeof(T)));
}

/// All columns of a region's requests of one step.
std::string request_bytes(const workload::RequestColumns& q) {
  std::string bytes;
  append(bytes, q.offset_s);
  append(bytes, q.sequence);
  append(bytes, q.type);
  append(bytes, q.complexity);
  append(bytes, q.tok_in);
  append(bytes, q.tok_out);
  append(bytes, q.bank_item);
  append(bytes, q.urgent);
  append(bytes, q.deadline_s);
  append(bytes, q.purpose);
  append(bytes, q.wtp_ratio);
  append(bytes, q.flexible);
  return bytes;
}

/// (step of arrival, asking region, number, model asked) → what the network put out, and whether it was right.
using Question = std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, std::uint32_t>;
struct Answer {
  std::array<float, tasks::kClasses> output;
  std::uint8_t correct;
  bool operator==(const Answer&) const = default;
};

struct Demand {
  std::vector<std::string> requests;        ///< per step and region
  std::vector<std::vector<double>> wtp_usd; ///< the same, by request
  std::map<Question, Answer> answers;
  std::uint64_t served = 0, refused_for_price = 0;
  std::int64_t paid = 0;
};

void collect_answers(const world::World& w, Demand& d) {
  for (std::size_t k = 0; k < w.batch.sorted.size(); ++k) {
    const auto& row = w.batch.sorted[k];
    const auto& f = w.regions[row.region].flights;
    Answer a{.correct = f.correct[row.flight]};
    std::memcpy(a.output.data(), w.batch.outputs.data() + k * tasks::kClasses, sizeof(a.output));
    d.answers[{f.arrival_step[row.flight], f.asker[row.flight], f.sequence[row.flight], row.model}] = a;
  }
}

/// The steps of a run, looked into after arrivals, quotes and inference.
Demand demand_of(const PlanPtr& plan, std::uint32_t steps, std::size_t shards = 1) {
  using namespace engine;
  const auto worlds = world::make_worlds(plan, shards);
  const auto run = [&](void (*phase)(world::World&)) {
    for (const auto& w : worlds) phase(*w);
  };
  const auto each = [&](auto&& body) {
    for (const auto& w : worlds)
      for (RegionState& r : w->regions) body(r);
  };
  Demand d;
  for (std::uint32_t step = 0; step < steps; ++step) {
    for (const auto& w : worlds) w->step = step;
    run(sense);
    exchange_bulletins(worlds);
    for (const auto phase : {share_fund, arrive, sell_permits, trade_futures, hold_predictions, triage}) run(phase);
    each([&](const RegionState& r) { d.requests.push_back(request_bytes(r.scratch.requests)); });
    run(defer);
    run(quote);
    each([&](const RegionState& r) {
      auto& wtp = d.wtp_usd.emplace_back();
      for (const auto& order : r.scratch.quoted) wtp.push_back(order.wtp_usd);
      d.refused_for_price += r.step.rejected_price;
    });
    for (auto attempt = plan->scenario.market.attempts; attempt > 0; --attempt) {
      exchange_orders(worlds);
      run(trade);
    }
    for (const auto phase : {assign, generate_inputs, infer}) run(phase);
    for (const auto& w : worlds) collect_answers(*w, d);
    run(settle_sellers);
    exchange_outcomes(worlds);
    for (const auto phase : {settle_buyers, audit}) run(phase);
    audit_mail(worlds, step);
    each([&](const RegionState& r) {
      d.served += r.step.requests_served;
      d.paid += static_cast<std::int64_t>(r.ledger.total(economy::Posting::payment));
    });
  }
  return d;
}

/// How many questions both put to the same network, and how many of those got another answer.
std::pair<std::size_t, std::size_t> compare_answers(const Demand& a, const Demand& b) {
  std::size_t both = 0, different = 0;
  for (const auto& [question, answer] : a.answers)
    if (const auto found = b.answers.find(question); found != b.answers.end()) {
      ++both;
      different += !(found->second == answer);
    }
  return {both, different};
}

PlanPtr with_admission(const PlanPtr& plan, economy::Admission admission) {
  auto copy = std::make_shared<world::Plan>(*plan);
  copy->scenario.market.admission = admission;
  return copy;
}

const Demand& reference() {
  static const Demand d = demand_of(plan_of(kTown), plan_of(kTown)->steps);
  return d;
}

/// What is known of demand before the first step.
void same_demand(const world::Plan& a, const world::Plan& b) {
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.start_utc, b.start_utc);
  EXPECT_EQ(a.step_s, b.step_s);
  EXPECT_EQ(a.multiplicity, b.multiplicity);
  EXPECT_EQ(a.typical_income, b.typical_income);
  EXPECT_EQ(a.accepting_share, b.accepting_share);
  ASSERT_EQ(a.regions.size(), b.regions.size());
  for (std::size_t r = 0; r < a.regions.size(); ++r) {
    EXPECT_EQ(a.regions[r].name, b.regions[r].name);
    EXPECT_EQ(a.regions[r].request_share, b.regions[r].request_share);
    EXPECT_EQ(a.regions[r].requests_per_hour, b.regions[r].requests_per_hour);
    EXPECT_EQ(a.regions[r].users, b.regions[r].users);
    EXPECT_EQ(a.regions[r].daily_budget, b.regions[r].daily_budget);
    for (const double price : {0.3, 1.0, 2.0})
      EXPECT_EQ(a.willingness[r].accepting_share(price, 0.2), b.willingness[r].accepting_share(price, 0.2));
  }
}

class EveryRule : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(IdenticalRequests, EveryRule, ::testing::ValuesIn(EnumNames<economy::PricingRule>::names),
                         [](const auto& rule) {
                           std::string name(rule.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryRule, SamePeopleSameQuestionsSameAnswers) {
  const auto plan = plan_of(kTown, {fmt::format("pricing.rule={}", GetParam()), "permits.floor_usd_per_t=100"});
  ASSERT_GT(reference().requests.size(), 40u);
  same_demand(*plan, *plan_of(kTown));
  for (const auto admission : {economy::Admission::arrival, economy::Admission::priority}) {
    const Demand d = demand_of(with_admission(plan, admission), plan->steps, admission == economy::Admission::arrival ? 1 : 2);
    EXPECT_TRUE(d.requests == reference().requests);
    EXPECT_TRUE(d.wtp_usd == reference().wtp_usd) << "the baseline price is no rule's";
    const auto [both, different] = compare_answers(d, reference());
    EXPECT_GT(both, 200u);
    EXPECT_EQ(different, 0u);
    const bool plain = GetParam() == "flat" && admission == economy::Admission::arrival;
    EXPECT_EQ(d.paid == reference().paid, plain) << "the policy did something";
  }
}

TEST(IdenticalRequests, WithATariffTheRatioIsTheSame) {
  const auto plan = plan_of(kTown, {"pricing.base=tariff", "pricing.rule=carbon", "pricing.tariff_usd_per_tok=1e-6"});
  const Demand d = demand_of(plan, plan->steps);
  EXPECT_TRUE(d.requests == reference().requests);
  EXPECT_FALSE(d.wtp_usd == reference().wtp_usd) << "the price it is multiplied with is another";
  const auto [both, different] = compare_answers(d, reference());
  EXPECT_GT(both, 100u);
  EXPECT_EQ(different, 0u);
}

TEST(IdenticalRequests, BalancingAndFundDoNotMatterEither) {
  for (const char* override : {"balance.policy=nearest", "fund.revenue_neutral=false", "policy.priority_south=9", "market.candidates=2"}) {
    const Demand d = demand_of(plan_of(kTown, {"pricing.rule=justice", override}), 6);
    for (std::size_t k = 0; k < d.requests.size(); ++k) ASSERT_TRUE(d.requests[k] == reference().requests[k]) << override;
    EXPECT_EQ(compare_answers(d, reference()).second, 0u) << override;
  }
}

class EveryStrategy : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(IdenticalRequests, EveryStrategy, ::testing::ValuesIn(EnumNames<dispatch::ScheduleStrategy>::names),
                         [](const auto& strategy) {
                           std::string name(strategy.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(EveryStrategy, HoldsBackTheSamePeopleWithTheSameQuestions) {
  const std::vector<std::string> keys{"workload.flexible_share=0.6", "workload.flexibility='1h'"};
  static const Demand at_once = demand_of(plan_of(kTown, keys), plan_of(kTown, keys)->steps);
  auto with = keys;
  with.push_back(fmt::format("schedule.strategy={}", GetParam()));
  const Demand d = demand_of(plan_of(kTown, with), plan_of(kTown)->steps, 2);
  EXPECT_TRUE(d.requests == at_once.requests);
  const auto [both, different] = compare_answers(d, at_once);
  EXPECT_GT(both, 200u);
  EXPECT_EQ(different, 0u);
  EXPECT_EQ(d.paid == at_once.paid, GetParam() == "none") << "the strategy did something";
}

// The mutants: other people, other wishes, other answers.
TEST(IdenticalRequests, DifferencesAreNoticed) {
  for (const char* override : {"run.seed=8", "demand.elasticity=-0.71", "workload.urgent_share=0.21", "purpose.luxury.share=0.13",
                               "demand.urgent_shift=0.51"}) {
    const Demand d = demand_of(plan_of(kTown, {override}), 3);
    bool same = true;
    for (std::size_t k = 0; k < d.requests.size(); ++k) same = same && d.requests[k] == reference().requests[k];
    EXPECT_FALSE(same) << override;
  }
  // Noise that goes by another key than the request's.
  Demand other = reference();
  for (auto it = other.answers.begin(); std::next(it) != other.answers.end(); ++it) it->second = std::next(it)->second;
  const auto [both, different] = compare_answers(other, reference());
  EXPECT_GT(different, both / 2);
}

// ---------------------------------------------------------------- shipped scenarios

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether the text of a scenario that extends another changes nothing but policies: who is charged, preferred, asked and
/// recorded, and its own name.
bool changes_only_policy(const std::string& text) {
  const std::set<std::string> tables{"[balance]", "[pricing]", "[policy]", "[fund]", "[market]", "[record]"};
  std::istringstream lines(text);
  std::string table;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(" \t"));
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      table = line.substr(0, line.find_last_of(']') + 1);
      if (table != "[run]" && table != "[[purpose]]" && !tables.contains(table)) return false;
      continue;
    }
    const std::string key = line.substr(0, line.find_first_of(" \t="));
    if (table.empty() && key != "extends") return false;
    if (table == "[run]" && key != "name" && key != "question") return false;
    if (table == "[[purpose]]" && key != "name" && key != "priority") return false;
  }
  return true;
}

TEST(IdenticalRequests, PolicyIsTold) {
  EXPECT_TRUE(changes_only_policy("extends = \"pilot.toml\"\n[run]\nname = \"x\"\n[pricing] # dear\nrule = \"justice\"\n"));
  EXPECT_TRUE(changes_only_policy("[[purpose]]\nname = \"luxury\"\npriority = 0\n"));
  EXPECT_FALSE(changes_only_policy("[[purpose]]\nname = \"luxury\"\nshare = 0\n"));
  EXPECT_FALSE(changes_only_policy("[run]\nseed = 2\n"));
  EXPECT_FALSE(changes_only_policy("[workload]\nload = 1\n"));
  EXPECT_FALSE(changes_only_policy("regions = [\"DE\"]\n"));
}

/// Short and with specialists trained for an instant; the same for all.
const std::vector<std::string> kShort{"run.warmup='0s'",           "run.duration='15min'",     "specialists.hidden_1=4", "specialists.hidden_2=0",
                                      "specialists.lineages=1", "specialists.training_samples=32"};

PlanPtr shipped(const std::filesystem::path& file) { return world::make_plan(scenario::load(file, kShort), {}); }

TEST(IdenticalRequests, ShippedScenariosOfOnePilotHaveItsDemand) {
  const auto folder = std::filesystem::path(SWARM_SOURCE_DIR) / "scenarios";
  const PlanPtr pilot = shipped(folder / "pilot.toml");
  const Demand expected = demand_of(pilot, 3);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::size_t compared = 0;
  for (const auto& file : files) {
    const std::string text = text_of(file);
    if (text.find("\nextends = \"pilot.toml\"") == std::string::npos || !changes_only_policy(text)) continue;
    SCOPED_TRACE(file.filename().string());
    ++compared;
    const PlanPtr plan = shipped(file);
    same_demand(*plan, *pilot);
    const Demand d = demand_of(plan, 3);
    EXPECT_TRUE(d.requests == expected.requests);
    const auto &a = plan->scenario.pricing, &b = pilot->scenario.pricing;
    const bool same_baseline = a.base == b.base && a.markup == b.markup && a.tariff_usd_per_tok == b.tariff_usd_per_tok;
    EXPECT_TRUE(!same_baseline || d.wtp_usd == expected.wtp_usd);
    EXPECT_EQ(compare_answers(d, expected).second, 0u);
  }
  EXPECT_GE(compared, 1u) << "baseline.toml at least";
}

}  // namespace
}  // namespace swarm::equivalence
