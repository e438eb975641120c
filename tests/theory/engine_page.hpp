#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/exchange.hpp"
#include "sim/engine/permits.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/scenario/load.hpp"

/// What the tests of the whole engine share: scenarios from text, statistics of autocorrelated series, and
/// the page of sim/engine/step.cpp with seams between its lines at which a test may do damage.
namespace swarm::theory {

/// Specialists that are trained for an instant: for tests in which answers do not matter.
inline constexpr const char* kQuickSpecialists =
    "[specialists]\nhidden_1 = 4\nhidden_2 = 0\nlineages = 1\ntraining_samples = 32\n";

inline std::shared_ptr<const world::Plan> plan_of(const std::string& text,
                                                  const std::vector<std::string>& overrides = {}) {
  return world::make_plan(scenario::load_text(text, "/theory/scenario.toml", overrides), {});
}

struct Estimate {
  double mean = 0;
  double standard_error = 0;
};

/// Mean of independent values, or of batches so long that they are as good as independent.
inline Estimate estimate(const std::vector<double>& batch) {
  const auto n = static_cast<double>(batch.size());
  double sum = 0, squares = 0;
  for (const double x : batch) sum += x;
  for (const double x : batch) squares += (x - sum / n) * (x - sum / n);
  return {sum / n, std::sqrt(squares / (n * (n - 1)))};
}

/// Whether `expected` lies within `width` standard errors.
inline bool agrees(const Estimate& e, double expected, double width = 3.5) {
  return std::abs(e.mean - expected) <= width * e.standard_error;
}

/// Share that waited and mean wait over consecutive batches of steps of one run, the first batch left out.
struct Waits {
  Estimate waited, wait_s;
  std::uint64_t served = 0, refused = 0;
};

inline Waits measure_waits(engine::Simulation& sim, std::uint32_t steps_per_batch) {
  Waits waits;
  std::vector<double> waited, wait_s;
  double batch_served = 0, batch_waited = 0, batch_wait_s = 0;
  while (!sim.done()) {
    sim.step();
    sim.each_region([&](const world::RegionState& r) {
      waits.served += r.step.requests_served;
      waits.refused += r.step.requests_rejected;
      batch_served += r.step.requests_served;
      batch_waited += r.step.requests_waited;
      if (r.step.requests_served > 0) batch_wait_s += r.step.wait_s * r.step.requests_served;
    });
    if (sim.steps_done() % steps_per_batch != 0) continue;
    if (sim.steps_done() > steps_per_batch) {
      waited.push_back(batch_waited / batch_served);
      wait_s.push_back(batch_wait_s / batch_served);
    }
    batch_served = batch_waited = batch_wait_s = 0;
  }
  waits.waited = estimate(waited);
  waits.wait_s = estimate(wait_s);
  return waits;
}

/// Places between the lines of the page.
enum class Seam {
  start,
  orders_written,
  orders_delivered,
  admitted,
  placed,
  sellers_settled,
  outcomes_delivered,
  end
};

/// Simulation::step() line by line, with tamper(worlds, seam) between the lines. That nothing is missing is a
/// test of its own: without damage it gives the same books as Simulation::step() (conservation_test.cpp).
template <class Tamper>
void step_with_seams(engine::Worlds worlds, std::uint32_t step, Tamper&& tamper) {
  using namespace engine;
  const auto run = [&](void (*phase)(world::World&)) {
    for (const auto& w : worlds) phase(*w);
  };
  for (const auto& w : worlds) w->step = step;
  tamper(worlds, Seam::start);
  run(sense);
  exchange_bulletins(worlds);
  run(share_fund);
  run(arrive);
  run(sell_permits);
  run(trade_futures);
  run(hold_predictions);
  run(triage);
  run(quote);
  tamper(worlds, Seam::orders_written);
  for (auto attempt = worlds[0]->plan->scenario.market.attempts; attempt > 0; --attempt) {
    exchange_orders(worlds);
    tamper(worlds, Seam::orders_delivered);
    run(trade);
  }
  tamper(worlds, Seam::admitted);
  run(assign);
  tamper(worlds, Seam::placed);
  run(generate_inputs);
  run(infer);
  run(settle_sellers);
  tamper(worlds, Seam::sellers_settled);
  run(lend);
  exchange_outcomes(worlds);
  tamper(worlds, Seam::outcomes_delivered);
  run(settle_buyers);
  tamper(worlds, Seam::end);
  run(audit);
  audit_mail(worlds, step);
  audit_permits(worlds, step);
}

/// No damage.
inline constexpr auto kUntouched = [](engine::Worlds, Seam) {};

}  // namespace swarm::theory
