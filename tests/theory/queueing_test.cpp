#include "tests/theory/engine_page.hpp"

/// The engine as a queue M/M/c. One region with a flat Poisson stream, one site of c servers, exponential
/// service of mean 1 s, deadlines that never bind. With a = λ·1 s and ρ = a/c (Erlang 1917; Kleinrock I,
/// 1975):
///   B₀ = 1, B_k = a·B_{k−1}/(k + a·B_{k−1}),  P(wait) = C = B_c/(1 − ρ(1 − B_c)),  E[wait] = C/(c − λ) s.
///
/// Waits of neighbours in the queue are much alike, so the spread of single waits says nothing about the
/// error of their mean. The run is cut into batches, each far longer than the queue remembers, and the
/// standard error comes from the spread of batch means. The queue's memory is its relaxation time 1/(c·(1 −
/// √ρ)²) s: 9 s for c = 10 and 90 s for c = 1 at ρ = 0.8, against batches of 4,000 s or more.
namespace swarm::theory {
namespace {

struct Erlang {
  double waited, wait_s;
};

Erlang erlang(int servers, double load) {
  const double a = servers * load;
  double b = 1;
  for (int k = 1; k <= servers; ++k) b = a * b / (k + a * b);
  const double c = b / (1 - load * (1 - b));
  return {c, c / (servers - a)};
}

std::string queue(int servers, double load, double hours, int step_s) {
  return fmt::format(R"(
regions = ["DE"]
[run]
warmup = 0
duration = "{}h"
step = {}
[hardware]
service = "exponential"
mean_service = 1
[workload]
requests_per_hour = {}
multiplicity = 1
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
urgent_share = 0
deadline = "365d"
[demand]
willingness = "unlimited"
budget_share = 1
[population]
agents = 40
[record]
agents = 0
[[site]]
name = "S"
region = "DE"
servers = {}
{})",
                     hours, step_s, load * servers * 3600, servers, kQuickSpecialists);
}

Waits run_queue(int servers, double load, double hours, int step_s = 100) {
  engine::Simulation sim(plan_of(queue(servers, load, hours, step_s)));
  return measure_waits(sim, sim.plan().steps / 40);
}

TEST(QueueTheory, ErlangsFormulaByHand) {
  // c = 1: everybody who finds the server busy waits, C = ρ. c = 2, a = 1: B₁ = 1/2, B₂ = (1/2)/(5/2) = 1/5,
  // C = (1/5)/(1 − (1/2)(4/5)) = 1/3, E[wait] = 1/3 s.
  EXPECT_DOUBLE_EQ(erlang(1, 0.8).waited, 0.8);
  EXPECT_DOUBLE_EQ(erlang(1, 0.8).wait_s, 4);
  EXPECT_DOUBLE_EQ(erlang(2, 0.5).waited, 1.0 / 3);
  EXPECT_DOUBLE_EQ(erlang(2, 0.5).wait_s, 1.0 / 3);
  EXPECT_NEAR(erlang(10, 0.8).waited, 0.40918, 5e-6);
}

void expect_erlang(const Waits& w, int servers, double load) {
  const Erlang theory = erlang(servers, load);
  EXPECT_EQ(w.refused, 0u);
  ::testing::Test::RecordProperty(
      "measured",
      fmt::format("{} servers, load {}: waited {:.5f} ± {:.5f} ({:.5f}), wait {:.5f} ± {:.5f} s ({:.5f})",
                  servers, load, w.waited.mean, w.waited.standard_error, theory.waited, w.wait_s.mean,
                  w.wait_s.standard_error, theory.wait_s));
  EXPECT_TRUE(agrees(w.waited, theory.waited))
      << w.waited.mean << " ± " << w.waited.standard_error << " waited, theory " << theory.waited;
  EXPECT_TRUE(agrees(w.wait_s, theory.wait_s))
      << w.wait_s.mean << " ± " << w.wait_s.standard_error << " s, theory " << theory.wait_s;
}

TEST(QueueTheory, TenServersAtLoadFourFifths) {
  const Waits w = run_queue(10, 0.8, 45);
  expect_erlang(w, 10, 0.8);
  // The bounds mean something: a tenth of the difference that one server makes.
  EXPECT_LT(w.waited.standard_error, 0.1 * (erlang(10, 0.8).waited - erlang(11, 0.8 * 10 / 11).waited));
}

TEST(QueueTheory, TenServersAtHalfLoad) {
  expect_erlang(run_queue(10, 0.5, 45), 10, 0.5);
}

TEST(QueueTheory, OneServer) {
  expect_erlang(run_queue(1, 0.8, 200, 300), 1, 0.8);
}

TEST(QueueTheory, StepsAreInvisible) {
  // 20 or 2,000 services per step: the same queue.
  expect_erlang(run_queue(10, 0.8, 15, 20), 10, 0.8);
  expect_erlang(run_queue(10, 0.8, 45, 1800), 10, 0.8);
}

TEST(QueueTheory, ElevenServersAreRejected) {
  const Waits w = run_queue(11, 0.8 * 10 / 11, 45);
  EXPECT_FALSE(agrees(w.waited, erlang(10, 0.8).waited, 10));
  EXPECT_FALSE(agrees(w.wait_s, erlang(10, 0.8).wait_s, 10));
}

/// Mutant: what arrives during a step is put to the servers at its beginning or at its end.
Waits run_batched(bool at_end, int step_s) {
  engine::Simulation sim(plan_of(queue(10, 0.8, 3, step_s)));
  std::vector<double> waited, wait_s;
  for (std::uint32_t step = 0; step < sim.plan().steps; ++step) {
    step_with_seams(sim.worlds(), step, [&](engine::Worlds worlds, Seam seam) {
      if (seam != Seam::admitted) return;
      for (auto& order : worlds[0]->regions[0].scratch.admitted)
        order.offset_s = at_end ? step_s * (1 - 1e-9) : 0;
    });
    const auto& s = sim.worlds()[0]->regions[0].step;
    if (step < 10 || s.requests_served == 0) continue;
    waited.push_back(static_cast<double>(s.requests_waited) / s.requests_served);
    wait_s.push_back(s.wait_s);
  }
  return {estimate(waited), estimate(wait_s)};
}

TEST(QueueTheory, ServiceThatStartsAtStepBoundariesIsRejected) {
  for (const bool at_end : {false, true}) {
    const Waits w = run_batched(at_end, 20);
    EXPECT_FALSE(agrees(w.waited, erlang(10, 0.8).waited, 10));
    EXPECT_FALSE(agrees(w.wait_s, erlang(10, 0.8).wait_s, 10));
  }
}

}  // namespace
}  // namespace swarm::theory
