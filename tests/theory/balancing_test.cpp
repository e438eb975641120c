#include "sim/core/distributions.hpp"
#include "sim/core/rng.hpp"
#include "tests/theory/engine_page.hpp"

/// Balancing policies over n sites of one server each, all in one region: Poisson arrivals of rate n·λ,
/// exponential service of mean 1. "Wait" below is the mean wait in mean services.
///
/// What a request may see decides what theory applies. It is quoted by at most `market.candidates` ≤ 8
/// specialists, taken at even distances from those that the region lists (`market.offers`) in this step. With
/// 8 sites every request sees all of them: that is the textbook system, n = 8. With 64 sites, all listed, it
/// sees every eighth: eight separate systems of 8, however many sites there are. With 32 of 64 sites listed,
/// others in each of many short steps, pairs of sites are near enough random pairs of all 64, but for
/// requests of one step that meet again in its short list.
///
/// The engine's policies compare waits, that is work left, which a simulation knows; textbooks often compare
/// numbers of jobs. Hence
///   random               n queues M/M/1: W = λ/(1 − λ)
///   join-shortest-queue  = least work left = one queue for all servers, M/M/n: W by Erlang C, exactly
///   power-of-d           the least loaded of d. As n → ∞ the work u at a server has the tail F with (rate of
///   crossing
///                        the level w down = up) −F'(w) = λ ∫₀ʷ e^{−(w−u)} d(1 − F(u)^d), hence F' = λF^d −
///                        F, F(0) = λ. For d = 2: F(w) = 1/(λ + (1/λ − λ)e^w), and as a request waits longer
///                        than w if both servers are further behind, W = ∫F² = −ln(1 − λ²)/λ² − 1. (Hellemans
///                        & Van Houdt, Performance Evaluation 2018, find the same by other means.) The
///                        supermarket model, shorter queue of two, has T = Σ λ^(2ⁱ−2), i ≥ 1 (Mitzenmacher
///                        1996; by Little's law λT = Σ λ^(2ⁱ−1) jobs per server): more, as a short queue may
///                        be much work.
/// For finite n the error of such limits falls as 1/n (Gast & Van Houdt 2017); a plain simulation of n
/// servers and uniformly random pairs, 15 lines, says how large it is.
namespace swarm::theory {
namespace {

constexpr double kLoad = 0.7;

double random_wait(double load) {
  return load / (1 - load);
}
double central_queue_wait(int servers, double load) {
  const double a = servers * load;
  double b = 1;
  for (int k = 1; k <= servers; ++k) b = a * b / (k + a * b);
  return b / (1 - load * (1 - b)) / (servers - a);
}
double least_loaded_of_two(double load) {
  return -std::log(1 - load * load) / (load * load) - 1;
}
double supermarket_wait(double load) {
  double t = 0;
  for (int i = 1; i < 12; ++i) t += std::pow(load, std::ldexp(1.0, i) - 2);
  return t - 1;
}

/// n servers, each request to the one of two different random servers that has less work left.
Estimate reference(std::uint32_t n, double load, std::uint32_t batches, std::uint32_t batch) {
  const Random random(n, Stream::experiment);
  std::vector<double> free_at(n, 0.0), means;
  double now = 0;
  for (std::uint32_t b = 0; b <= batches; ++b) {
    double wait = 0;
    for (std::uint32_t k = 0; k < batch; ++k) {
      const RandomBlock x = random.block(b, k, 0), y = random.block(b, k, 1);
      now += exponential(uniform_open(x[0], x[1])) / (load * n);
      const std::uint32_t first = uniform_below(y[0], n);
      const std::uint32_t second = (first + 1 + uniform_below(y[1], n - 1)) % n;
      double& server = free_at[free_at[first] <= free_at[second] ? first : second];
      const double start = std::max(now, server);
      wait += start - now;
      server = start + exponential(uniform_open(x[2], x[3]));
    }
    if (b > 0) means.push_back(wait / batch);
  }
  return estimate(means);
}

struct Layout {
  int sites;
  int offers;
  int step_s;
  double mean_service_s;
  double requests;
};
/// Every request sees all sites.
constexpr Layout kAllSeen{8, 8, 200, 1, 600'000};
/// Every request sees one eighth of the sites, always the same ones together.
constexpr Layout kGroups{64, 64, 100, 1, 800'000};
/// One request in two steps, which sees 8 of 32 listed sites; others the next time.
constexpr Layout kMixed{64, 32, 1, 128 * kLoad, 100'000};

Waits run_sites(const Layout& at, std::string_view policy, double load = kLoad) {
  const double per_s = at.sites * load / at.mean_service_s;
  std::string text =
      fmt::format(R"(
regions = ["DE"]
[run]
warmup = 0
duration = {}
step = {}
[hardware]
service = "exponential"
mean_service = {}
[workload]
requests_per_hour = {}
multiplicity = 1
diurnal_amplitude = 0
weekend_factor = 1
burstiness = 0
urgent_share = 0
deadline = "3650d"
vision = 0
language = 1
reasoning = 0
memory = 0
[demand]
willingness = "unlimited"
budget_share = 1
[population]
agents = {}
vision = 0
language = 1
reasoning = 0
memory = 0
[market]
offers = {}
candidates = 8
[balance]
policy = "{}"
[record]
agents = 0
{})",
                  std::ceil(at.requests / per_s / at.step_s) * at.step_s, at.step_s, at.mean_service_s,
                  per_s * 3600, at.sites, at.offers, policy, kQuickSpecialists);
  for (int k = 0; k < at.sites; ++k)
    text += fmt::format("[[site]]\nname = \"S{}\"\nregion = \"DE\"\nservers = 1\n", k);
  engine::Simulation sim(plan_of(text));
  Waits w = measure_waits(sim, sim.plan().steps / 40);
  EXPECT_EQ(w.refused, 0u);
  w.wait_s.mean /= at.mean_service_s;
  w.wait_s.standard_error /= at.mean_service_s;
  return w;
}

::testing::AssertionResult same(const Estimate& a, const Estimate& b, double width = 3.5) {
  const double error = std::hypot(a.standard_error, b.standard_error);
  const auto text =
      fmt::format("{:.5f} ± {:.5f} and {:.5f} ± {:.5f}", a.mean, a.standard_error, b.mean, b.standard_error);
  return (std::abs(a.mean - b.mean) <= width * error ? ::testing::AssertionSuccess()
                                                     : ::testing::AssertionFailure())
         << text;
}

TEST(BalancingTheory, FormulasByHand) {
  // λ = ½: −ln(3/4)/(1/4) − 1 = 4·0.2876821 − 1; supermarket 1 + 1/4 + 1/64 + 1/16384 − 1; M/M/1 1.
  EXPECT_NEAR(least_loaded_of_two(0.5), 0.1507283, 5e-8);
  EXPECT_NEAR(supermarket_wait(0.5), 0.2656860, 1e-7);
  EXPECT_DOUBLE_EQ(random_wait(0.5), 1);
  // F solves its equation: F' = λF² − F by a central difference.
  const double h = 1e-4;
  const auto tail = [](double w) { return 1 / (kLoad + (1 / kLoad - kLoad) * std::exp(w)); };
  for (const double w : {0.1, 1.0, 3.0})
    EXPECT_NEAR((tail(w + h) - tail(w - h)) / (2 * h), kLoad * tail(w) * tail(w) - tail(w), 1e-8);
}

TEST(BalancingTheory, RandomIsSeparateQueues) {
  const Waits w = run_sites(kAllSeen, "random");
  EXPECT_TRUE(same(w.wait_s, {random_wait(kLoad), 0}));
  EXPECT_TRUE(same(w.waited, {kLoad, 0}));
}

TEST(BalancingTheory, LeastWorkLeftIsOneQueueForAll) {
  const Waits w = run_sites(kAllSeen, "join-shortest-queue");
  EXPECT_TRUE(same(w.wait_s, {central_queue_wait(8, kLoad), 0}));
  EXPECT_FALSE(same(w.wait_s, {central_queue_wait(7, kLoad), 0})) << "seven servers must be told apart";
}

TEST(BalancingTheory, TwoChoicesOfEight) {
  const Estimate w = run_sites(kAllSeen, "power-of-d").wait_s;
  EXPECT_TRUE(same(w, reference(8, kLoad, 40, 25'000)));
  EXPECT_LT(w.mean, random_wait(kLoad) / 3) << "much better than none";
  EXPECT_GT(w.mean, 2 * central_queue_wait(8, kLoad)) << "not as good as eight";
}

TEST(BalancingTheory, ARequestSeesOneOfSeparateGroups) {
  const Estimate w = run_sites(kGroups, "power-of-d").wait_s;
  EXPECT_TRUE(same(w, reference(8, kLoad, 40, 25'000)));
  EXPECT_FALSE(same(w, reference(64, kLoad, 40, 25'000)));
  EXPECT_TRUE(same(run_sites(kGroups, "join-shortest-queue").wait_s, {central_queue_wait(8, kLoad), 0}));
}

TEST(BalancingTheory, TheReferenceTendsToTheLimitAsOneOverN) {
  const double limit = least_loaded_of_two(kLoad);
  const Estimate w16 = reference(16, kLoad, 100, 20'000), w64 = reference(64, kLoad, 100, 20'000);
  const double excess16 = w16.mean - limit, excess64 = w64.mean - limit;
  EXPECT_GT(excess64, 3 * w64.standard_error) << "few servers are a little worse";
  // 4·(excess at 64) = (excess at 16), but for the next order, 1/n²: of the size of excess16²/limit.
  EXPECT_NEAR(4 * excess64, excess16,
              3.5 * std::hypot(4 * w64.standard_error, w16.standard_error) + excess16 * excess16 / limit);
}

TEST(BalancingTheory, TwoChoicesOfManyAreTheLimit) {
  const Estimate w = run_sites(kMixed, "power-of-d").wait_s;
  const double limit = least_loaded_of_two(kLoad);
  const Estimate finite = reference(64, kLoad, 40, 25'000);
  // Above the limit by what 64 servers cost, and by what requests of one step share. There is half another
  // request per step; one time in four it sees the same 8 sites, and then it has gone to one of this
  // request's two sites with probability 1/4 instead of 1/32. There it lengthens the shorter wait by at most
  // its service, 1 on average, and only if the other site is busy, probability λ.
  const double shared = 0.5 * 0.25 * (1.0 / 4 - 1.0 / 32) * kLoad;
  EXPECT_GT(w.mean, limit - 3.5 * w.standard_error);
  EXPECT_LT(w.mean, finite.mean + shared + 3.5 * std::hypot(w.standard_error, finite.standard_error))
      << "reference " << finite.mean << " ± " << finite.standard_error;
  EXPECT_FALSE(same(w, {supermarket_wait(kLoad), 0}, 10)) << "queue lengths instead of work left";
  EXPECT_FALSE(same(w, {random_wait(kLoad), 0}, 10));
}

TEST(BalancingTheory, OneChoiceIsRandom) {
  // Mutant by parameter: power-of-1 must lose what power-of-2 gains.
  const Layout at{8, 8, 200, 1, 300'000};
  std::string text = "power-of-d\"\nd = 1\n#\"";
  const Estimate w = run_sites(at, text).wait_s;
  EXPECT_TRUE(same(w, {random_wait(kLoad), 0}));
  EXPECT_FALSE(same(w, reference(8, kLoad, 40, 25'000), 10));
}

}  // namespace
}  // namespace swarm::theory
