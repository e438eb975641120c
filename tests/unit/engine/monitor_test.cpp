#include "sim/engine/monitor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "agents/tasks/input.hpp"
#include "sim/engine/council.hpp"
#include "tests/unit/engine/inferred.hpp"

/// The monitor in a shop of eighty specialists, about a thousand answers in a step.
namespace swarm::engine {
namespace {

using world::RegionState;
using Overrides = std::vector<std::string>;
const double kNaN = std::numeric_limits<double>::quiet_NaN();

Overrides keys(const Overrides& more = {}) {
  Overrides all{"monitor.enabled=true", "monitor.readings=5", "demand.willingness=unlimited", "specialists.training_samples=2000", "specialists.lineages=4"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}
RegionState& region_of(Simulation& sim) { return sim.worlds()[0]->regions[0]; }

/// What the monitor should have read in a step of answers of one, straight from the networks' outputs.
std::array<double, 4> naive(const Inferred& step) {
  const auto& w = *step.worlds[0];
  const RegionState& r = step.region();
  struct Answer {
    std::size_t flight, answer;
    double confidence;
  };
  std::vector<Answer> answers;
  for (std::size_t k = 0; k < w.batch.sorted.size(); ++k) {
    const float* x = w.batch.outputs.data() + k * tasks::kClasses;
    const auto best = static_cast<std::size_t>(std::max_element(x, x + tasks::kClasses) - x);
    double sum = 0;
    for (std::size_t c = 0; c < tasks::kClasses; ++c) sum += std::exp(static_cast<double>(x[c]) - static_cast<double>(x[best]));
    answers.push_back({w.batch.sorted[k].flight, best, 1 / sum});
  }
  std::array<double, 10> right{}, confident{};
  double pairs = 0, agree = 0;
  for (const auto& a : answers) {
    const auto bin = std::min<std::size_t>(9, static_cast<std::size_t>(10 * a.confidence));
    right[bin] += r.flights.correct[a.flight];
    confident[bin] += a.confidence;
    for (const auto& b : answers) {
      const auto& f = r.flights;
      const auto same = [&](const auto& column) { return column[a.flight] == column[b.flight]; };
      if (a.flight >= b.flight || f.type[a.flight] != 3 || !same(f.type) || !same(f.bucket) || !same(f.bank_item) || !same(f.asker)) continue;
      ++pairs;
      agree += a.answer == b.answer;
    }
  }
  double error = 0;
  for (std::size_t b = 0; b < 10; ++b) error += std::abs(right[b] - confident[b]);
  return {kNaN, 1 - error / static_cast<double>(answers.size()), kNaN, agree / pairs};
}

TEST(Monitor, ReadsWhatANaiveCountReads) {
  const Inferred step(shop("BD"), keys({"workload.requests_per_hour=60000"}));  // so that some questions are asked twice
  const auto& m = step.region().collaboration.monitor;
  const auto expected = naive(step);
  EXPECT_TRUE(std::isnan(m.figure[0]));
  EXPECT_NEAR(m.figure[1], expected[1], 1e-12);
  EXPECT_TRUE(std::isnan(m.figure[2])) << "there are no councils";
  EXPECT_NEAR(m.figure[3], expected[3], 1e-12);
  EXPECT_GT(m.figure[1], 0.6);
  EXPECT_GT(m.figure[3], 0.2);
  EXPECT_LT(m.figure[3], 1) << "noise and different networks make answers differ";
}

TEST(Monitor, IntegrationIsOfTheLastStepsAnswersByType) {
  Simulation sim(quick_plan(shop("BD"), keys()));
  std::vector<std::array<double, 4>> answers;
  for (int k = 0; k < 8; ++k) {
    sim.step();
    const auto& w = *sim.worlds()[0];
    answers.push_back({});
    for (const auto& row : w.batch.sorted) ++answers.back()[static_cast<std::size_t>(sim.plan().models[row.model].base.type)];
    const auto& m = region_of(sim).collaboration.monitor;
    if (k < 4) {
      EXPECT_TRUE(std::isnan(m.figure[0])) << "five readings are wanted";
      continue;
    }
    std::vector<double> signals;
    for (std::size_t t = 0; t < 4; ++t)
      for (int j = k - 4; j <= k; ++j) signals.push_back(answers[j][t]);
    EXPECT_DOUBLE_EQ(m.figure[0], dispatch::integration(signals, 5));
    EXPECT_EQ(m.steps, 5u);
  }
}

TEST(Monitor, ReadsDuringTheWarmUpAndCountsAfterIt) {
  Simulation sim(quick_plan(shop("BD"), keys({"run.warmup=30min"})));
  for (int k = 0; k < 8; ++k) sim.step();
  const auto& m = region_of(sim).collaboration.monitor;
  EXPECT_EQ(m.steps, 5u);
  EXPECT_EQ(m.total_readings[1], 2u);
  EXPECT_EQ(m.total_readings[0], 2u) << "five readings are there when it ends";
}

TEST(Monitor, CouncilsAreSeenAsTheyAnswer) {
  const Inferred step(shop("BD"), keys({"council.seats=3", "council.threshold=0", "specialists.lineages=4", "workload.requests_per_hour=1200",
                                        "bus.enabled=true", "bus.watts_per_server=1e-8", "bus.j_per_batch=0"}));
  const auto& w = *step.worlds[0];
  const RegionState& r = step.region();
  double coherence = 0;
  std::set<std::uint32_t> heard;
  std::size_t right = 0;
  for (const auto& c : w.batch.councils) {
    const double* p = w.batch.council_probability.data() + std::size_t{c.first_seat} * 10;
    coherence += dispatch::attention_coherence(std::span(p, 30), 10);
    std::array<double, 10> mean{};
    double n = 0;
    for (std::uint32_t i = 0; i < 3; ++i)
      if ((c.heard >> i & 1) != 0) {
        ++n;
        for (std::size_t k = 0; k < 10; ++k) mean[k] += p[10 * i + k];
      }
    const auto best = std::ranges::max_element(mean);
    EXPECT_NEAR(r.scratch.seen.confidence[c.flight], *best / n, 1e-12);
    EXPECT_EQ(r.scratch.seen.answer[c.flight], best - mean.begin());
    heard.insert(c.heard);
    right += r.flights.correct[c.flight];
  }
  EXPECT_GT(heard.size(), 1u);
  EXPECT_GT(right, 10u);
  EXPECT_NEAR(r.collaboration.monitor.figure[2], coherence / static_cast<double>(w.batch.councils.size()), 1e-12);
}

TEST(Monitor, NoticesSpecialistsThatAnswerWronglyAndNothingElseHappens) {
  const std::string liars = shop("BD") + "[[fault]]\nname = \"f\"\nkind = \"wrong-answers\"\nregion = \"BD\"\nstart = \"30min\"\nduration = \"10min\"\nshare = 0.5\n";
  Simulation plain(quick_plan(shop("BD"), keys({"monitor.enabled=false"}))), watched(quick_plan(shop("BD"), keys())), fooled(quick_plan(liars, keys()));
  std::vector<int> flags, calm;
  for (int k = 0; k < 12; ++k) {
    for (auto* sim : {&plain, &watched, &fooled}) sim->step();
    flags.push_back(region_of(fooled).collaboration.monitor.anomaly[1]);
    calm.push_back(region_of(watched).collaboration.monitor.anomaly[1]);
  }
  EXPECT_EQ(flags[6], 1) << "the step in which it begins";
  EXPECT_EQ(calm[6], 0);
  for (int k = 0; k < 5; ++k) EXPECT_EQ(flags[k], 0) << "too few to say";
  const RegionState &a = region_of(plain), &b = region_of(watched);
  EXPECT_EQ(a.agents.earned, b.agents.earned);
  EXPECT_EQ(a.totals.requests_correct, b.totals.requests_correct);
  EXPECT_TRUE(a.collaboration.monitor.figures.empty());
  const auto& m = region_of(fooled).collaboration.monitor;
  EXPECT_EQ(m.total_anomalies[1], static_cast<std::uint64_t>(std::count(flags.begin(), flags.end(), 1)));
  EXPECT_EQ(m.total_readings[1], 12u);
  EXPECT_EQ(m.total_readings[0], 8u) << "from the fifth step on";
  EXPECT_LT(m.total[1], region_of(watched).collaboration.monitor.total[1]);
}

}  // namespace
}  // namespace swarm::engine
