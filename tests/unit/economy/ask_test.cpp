#include "sim/economy/ask.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace swarm::economy {
namespace {

// 2e-4 kWh at 0.25 USD/kWh = 5e-5 USD; 80 USD over 4 × 8,766 h is 0.00228154… USD/h, for 9 s 5.7038558e-6
// USD.
const AskTerms kTerms{2e-4, 0.25, amortisation_usd_per_s(80, 4), 9};

TEST(Ask, WorkedExample) {
  EXPECT_NEAR(kTerms.amortisation_usd_per_s * 3600, 0.0022815423, 1e-10);
  EXPECT_NEAR(marginal_cost_usd(kTerms), 5.57038558e-5, 1e-13);
  EXPECT_NEAR(ask_usd(kTerms, 0.1), 6.12742414e-5, 1e-13);
  // Mutant: the markup on electricity only.
  const double wrong = 1.1 * 2e-4 * 0.25 + kTerms.amortisation_usd_per_s * 9;
  EXPECT_GT(std::abs(wrong - 6.12742414e-5), 1e-13);
}

TEST(Ask, IsNeverBelowMarginalCostNorBelowZero) {
  for (const double price : {-5.0, -0.02, -0.01, 0.0, 0.3}) {
    AskTerms terms = kTerms;
    terms.price_usd_per_kwh = price;
    for (const double markup : {0.0, 0.1, 2.0}) {
      EXPECT_GE(ask_usd(terms, markup), marginal_cost_usd(terms));
      EXPECT_GE(ask_usd(terms, markup), 0.0);
    }
  }
  // Mutant: the bare formula undercuts a negative marginal cost.
  const double cost = -1e-3;
  EXPECT_LT((1 + 0.1) * cost, cost);
}

TEST(Ask, NotANumberIsNotHidden) {
  AskTerms terms = kTerms;
  terms.price_usd_per_kwh = std::nan("");
  EXPECT_TRUE(std::isnan(ask_usd(terms, 0.1)));
}

TEST(LoadFactor, WorkedExample) {
  const PricingParams params;  // knee 0.7, slope 1, cap 3
  EXPECT_EQ(load_factor(params, 0.0), 1.0);
  EXPECT_EQ(load_factor(params, 0.7), 1.0);
  EXPECT_NEAR(load_factor(params, 0.8), 1.5, 1e-12);   // 1 + 0.1/0.2
  EXPECT_NEAR(load_factor(params, 0.85), 2.0, 1e-12);  // 1 + 0.15/0.15
  EXPECT_EQ(load_factor(params, 0.9), 3.0);            // 1 + 0.2/0.1 = 3, the cap
  EXPECT_EQ(load_factor(params, 1.7), 3.0);
  EXPECT_EQ(load_factor(params, std::numeric_limits<double>::infinity()), 3.0);
}

/// Largest fall and largest jump between neighbours on a fine grid of loads.
struct Shape {
  double fall = 0, jump = 0;
};
template <class F>
Shape shape(F&& f) {
  Shape s;
  for (int k = 0; k < 200'000; ++k) {
    const double step = f((k + 1) * 1e-5) - f(k * 1e-5);
    s.fall = std::max(s.fall, -step);
    s.jump = std::max(s.jump, step);
  }
  return s;
}

TEST(LoadFactor, IsContinuousAndMonotone) {
  for (const double knee : {0.0, 0.7, 1.0})
    for (const double slope : {0.0, 1.0, 10.0}) {
      PricingParams params;
      params.load_knee = knee;
      params.load_slope = slope;
      params.load_cap = 1000;
      const Shape s = shape([&](double load) { return load_factor(params, load); });
      EXPECT_EQ(s.fall, 0.0) << knee << ' ' << slope;
      // Steepest at spare = 0.01: slope·(1/0.01 + (0.99 − knee)/0.01²) ≤ 1e4·slope per unit of load.
      EXPECT_LE(s.jump, 1.01e-5 * 1e4 * slope) << knee << ' ' << slope;
    }
  // Mutants: spare not bounded below (falls past load 1), and a step at the knee.
  const auto unbounded = [](double load) {
    return load <= 0.7 ? 1.0 : std::min(3.0, 1 + (load - 0.7) / (1 - load));
  };
  EXPECT_GT(shape(unbounded).fall, 0.0);
  const auto step = [](double load) {
    return load <= 0.7 ? 1.0 : std::min(3.0, 1 + load / std::max(1 - load, 0.01));
  };
  EXPECT_GT(shape(step).jump, 0.1);
}

}  // namespace
}  // namespace swarm::economy
