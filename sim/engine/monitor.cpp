#include "sim/engine/monitor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/tasks/input.hpp"
#include "sim/core/parallel.hpp"
#include "sim/engine/collaboration.hpp"

namespace swarm {
namespace engine {
namespace {

using world::kMonitorFigures;
using world::RegionState;
using world::World;
using Figures = std::array<double, kMonitorFigures>;

/// Readings are kept step after step, as many as `rows`: the oldest make room.
void keep(std::vector<double>& readings, std::size_t kept, std::span<const double> latest) {
  const auto n = static_cast<std::ptrdiff_t>(latest.size());
  if (kept * latest.size() == readings.size()) {
    std::move(readings.begin() + n, readings.end(), readings.begin());
    --kept;
  }
  std::ranges::copy(latest, readings.begin() + static_cast<std::ptrdiff_t>(kept) * n);
}

/// Integration of the answers by problem type, of types that are not asked equally often in all steps.
double integration_of_types(const world::MonitorAccount& m) {
  const std::size_t rows = m.answers.size() / workload::kProblemTypes;
  if (m.steps + 1 < rows) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> signals;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    std::vector<double> one;
    for (std::size_t k = 0; k < rows; ++k) one.push_back(m.answers[k * workload::kProblemTypes + t]);
    if (std::ranges::adjacent_find(one, std::ranges::not_equal_to{}) != one.end()) signals.insert(signals.end(), one.begin(), one.end());
  }
  return dispatch::integration(signals, rows);
}

double attention(World& w, std::size_t region) {
  const auto councils = councils_of(w, region);
  double sum = 0;
  for (const auto& c : councils) sum += c.coherence;
  return councils.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(councils.size());
}

/// Of answers to questions of type memory: a thing is an item of a region's bank.
double memory(const World& w, const RegionState& r) {
  const auto& f = r.flights;
  const auto items = static_cast<std::uint64_t>(w.plan->scenario.specialists.bank_items);
  std::vector<std::uint64_t> thing;
  std::vector<std::uint32_t> recalled;
  for (std::size_t k = r.scratch.first_new_flight; k < f.size(); ++k) {
    if (f.type[k] != static_cast<std::uint8_t>(workload::ProblemType::memory)) continue;
    thing.push_back((f.asker[k] * std::uint64_t{workload::kComplexityBuckets} + f.bucket[k]) * items + f.bank_item[k]);
    recalled.push_back(r.scratch.seen.answer[k - r.scratch.first_new_flight]);
  }
  return dispatch::memory_consistency(thing, recalled);
}

void count_types(RegionState& r) {
  auto& m = r.collaboration.monitor;
  std::array<double, workload::kProblemTypes> answers{};
  for (std::size_t k = r.scratch.first_new_flight; k < r.flights.size(); ++k) ++answers[r.flights.type[k]];
  keep(m.answers, m.steps, answers);
}

void note_readings(const dispatch::MonitorParams& p, RegionState& r, const Figures& figure) {
  auto& m = r.collaboration.monitor;
  m.figure = figure;
  for (std::size_t j = 0; j < kMonitorFigures; ++j) {
    std::vector<double> former;
    for (std::size_t k = 0; k < m.steps; ++k) former.push_back(m.figures[k * kMonitorFigures + j]);
    m.anomaly[j] = dispatch::is_anomaly(p, former, figure[j]);
    if (r.step.in_warmup != 0) continue;
    m.total_anomalies[j] += m.anomaly[j];
    if (std::isnan(figure[j])) continue;
    m.total[j] += figure[j];
    ++m.total_readings[j];
  }
  keep(m.figures, m.steps, figure);
  m.steps = std::min(m.steps + 1, static_cast<std::uint32_t>(p.readings));
}

}  // namespace

void open_eyes(World& w) {
  if (!watched(w)) return;
  for (RegionState& r : w.regions) {
    const std::size_t n = r.flights.size() - r.scratch.first_new_flight;
    r.scratch.seen.confidence.resize(n);
    r.scratch.seen.answer.resize(n);
  }
}

void see_answer(RegionState& r, std::size_t flight, std::span<const float> logits) {
  std::array<double, tasks::kClasses> probability;
  dispatch::probabilities_of(logits, tasks::kClasses, probability);
  const auto best = std::ranges::max_element(probability);
  const std::size_t row = flight - r.scratch.first_new_flight;
  r.scratch.seen.confidence[row] = *best;
  r.scratch.seen.answer[row] = static_cast<std::uint8_t>(best - probability.begin());
}

void see_council(World& w, world::InferenceBatch::Council& c) {
  RegionState& r = w.regions[c.region];
  const auto probability = probabilities_of(w, c);
  const std::uint32_t answer = dispatch::answer_of(probability, tasks::kClasses, c.heard);
  double sum = 0;
  std::size_t heard = 0;
  for (std::uint32_t i = 0; i < c.members; ++i) {
    if ((c.heard >> i & 1) == 0) continue;
    sum += probability[i * tasks::kClasses + answer];
    ++heard;
  }
  const std::size_t row = c.flight - r.scratch.first_new_flight;
  r.scratch.seen.confidence[row] = sum / static_cast<double>(heard);
  r.scratch.seen.answer[row] = static_cast<std::uint8_t>(answer);
  c.coherence = dispatch::attention_coherence(probability, tasks::kClasses);
}

void read_monitor(World& w) {
  if (!watched(w)) return;
  parallel_each(w.regions.size(), [&](std::size_t i) {
    RegionState& r = w.regions[i];
    const auto& p = w.plan->scenario.monitor;
    const auto correct = std::span(r.flights.correct).subspan(r.scratch.first_new_flight);
    count_types(r);
    note_readings(p, r,
                  {integration_of_types(r.collaboration.monitor), dispatch::self_assessment(p, r.scratch.seen.confidence, correct),
                   attention(w, i), memory(w, r)});
  });
}

}  // namespace engine
}  // namespace swarm
