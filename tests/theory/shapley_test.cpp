#include "sim/economy/shapley.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

/// Shapley's axioms, values that others have published, and the sampled estimate against the exact one.
namespace swarm::economy {
namespace {

constexpr double kStandardErrors = 4;
const Random kRandom(7, Stream::coalition);

using Table = std::vector<double>;

Table random_game(std::size_t members, std::uint64_t k) {
  RandomSequence draws(Random(11, Stream::experiment), 0, k);
  Table table(std::size_t{1} << members);
  for (double& v : table) v = 10 * draws.uniform() - 3;
  return table;
}

Table values_of(const Table& table) {
  Table values(static_cast<std::size_t>(std::countr_zero(table.size())));
  shapley_of_table(table, values);
  return values;
}

/// The axioms as distances from being kept, the largest over many random games of 1 to 9 members.
struct Axioms {
  double efficiency = 0, symmetry = 0, null_member = 0, additivity = 0;
};

template <class Values>
Axioms check_axioms(Values&& values_by) {
  Axioms worst;
  const auto raise = [](double& to, double x) { to = std::max(to, std::abs(x)); };
  for (std::uint64_t k = 0; k < 200; ++k) {
    const std::size_t n = 2 + k % 8, a = k % n, b = (k + 1) % n;
    const Table game = random_game(n, k), other = random_game(n, k + 1000);
    const Table values = values_by(game);
    raise(worst.efficiency,
          std::accumulate(values.begin(), values.end(), 0.0) - (game.back() - game.front()));
    Table both(game.size()), symmetric(game.size()), idle(game.size());
    for (std::size_t c = 0; c < game.size(); ++c) {
      const std::size_t in_a = c >> a & 1, in_b = c >> b & 1;
      const std::size_t swapped = (c & ~(std::size_t{1} << a | std::size_t{1} << b)) | in_a << b | in_b << a;
      both[c] = game[c] + other[c];
      symmetric[c] = game[c] + game[swapped];      // a and b can be exchanged
      idle[c] = game[c & ~(std::size_t{1} << a)];  // a adds nothing to anybody
    }
    const Table sum = values_by(both), others = values_by(other), alike = values_by(symmetric);
    for (std::size_t i = 0; i < n; ++i) raise(worst.additivity, sum[i] - values[i] - others[i]);
    raise(worst.symmetry, alike[a] - alike[b]);
    raise(worst.null_member, values_by(idle)[a]);
  }
  return worst;
}

TEST(ShapleyTheory, KeepsTheFourAxiomsThatDefineIt) {
  // Values up to 10, at most 2⁹ of them in a sum: roundings stay below 512 · 10 · 2⁻⁵³ · a few.
  constexpr double kRounding = 1e-11;
  const Axioms kept = check_axioms(values_of);
  EXPECT_LT(kept.efficiency, kRounding);
  EXPECT_LT(kept.symmetry, kRounding);
  EXPECT_LT(kept.null_member, kRounding);
  EXPECT_LT(kept.additivity, kRounding);
}

TEST(ShapleyTheory, OtherDivisionsBreakAnAxiomEach) {
  constexpr double kBroken = 0.1;
  // All coalitions of the others equally likely (Banzhaf): not efficient.
  const auto banzhaf = [](const Table& game) {
    Table values(static_cast<std::size_t>(std::countr_zero(game.size())));
    for (std::size_t i = 0; i < values.size(); ++i)
      for (std::size_t c = 0; c < game.size(); ++c)
        if (!(c >> i & 1)) values[i] += 2 * (game[c | std::size_t{1} << i] - game[c]) / double(game.size());
    return values;
  };
  EXPECT_GT(check_axioms(banzhaf).efficiency, kBroken);
  // One order for all: not symmetric.
  const auto one_order = [](const Table& game) {
    Table values(static_cast<std::size_t>(std::countr_zero(game.size())));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = game[(std::size_t{2} << i) - 1] - game[(std::size_t{1} << i) - 1];
    return values;
  };
  EXPECT_GT(check_axioms(one_order).symmetry, kBroken);
  // The same for everybody: pays who adds nothing.
  const auto equal = [](const Table& game) {
    const auto n = static_cast<std::size_t>(std::countr_zero(game.size()));
    return Table(n, (game.back() - game.front()) / double(n));
  };
  EXPECT_GT(check_axioms(equal).null_member, kBroken);
  // In proportion to what each is worth alone: not additive.
  const auto proportional = [](const Table& game) {
    Table values(static_cast<std::size_t>(std::countr_zero(game.size())));
    double alone = 0;
    for (std::size_t i = 0; i < values.size(); ++i) alone += std::abs(game[std::size_t{1} << i]);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = (game.back() - game.front()) * std::abs(game[std::size_t{1} << i]) / alone;
    return values;
  };
  EXPECT_GT(check_axioms(proportional).additivity, kBroken);
}

/// Airport game (S. C. Littlechild and G. Owen, Management Science 20, 1973): a runway costs what its longest
/// user needs, and each stretch is shared equally by those who need it.
double runway(Coalition c) {
  constexpr double kCosts[] = {8, 11, 13, 18};
  return c ? kCosts[std::bit_width(c) - 1] : 0;
}

/// Winning coalitions of the United Nations' Security Council; members 0 … 4 are permanent and have a veto.
double council(Coalition c, int majority) {
  return (c & 31) == 31 && std::popcount(c) >= majority ? 1 : 0;
}
double council_of_11(Coalition c) {
  return council(c, 7);
}
double council_of_15(Coalition c) {
  return council(c, 9);
}

TEST(ShapleyTheory, EqualsPublishedValues) {
  // 8/4 = 2; + 3/3; + 2/2; + 5.
  const std::vector<double> airport = exact_shapley(4, runway).value;
  const double shared[] = {2, 3, 4, 9};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(airport[i], shared[i], 1e-13);
  // L. S. Shapley and M. Shubik, American Political Science Review 48, 1954: 76/385 for each permanent
  // member, 1/462 for each other; since 1966, with 15 members, 421/2145 and 4/2145.
  const std::vector<double> old = exact_shapley(11, council_of_11).value,
                            now = exact_shapley(15, council_of_15).value;
  for (std::size_t i = 0; i < 11; ++i) EXPECT_NEAR(old[i], i < 5 ? 76.0 / 385 : 1.0 / 462, 1e-13) << i;
  for (std::size_t i = 0; i < 15; ++i) EXPECT_NEAR(now[i], i < 5 ? 421.0 / 2145 : 4.0 / 2145, 1e-13) << i;
}

/// Ten members whose worth grows with the cube of their weights: all gain by each other, and three more by a
/// meeting.
double synergies(Coalition c) {
  double weight = 0;
  for (int i = 0; i < 10; ++i) weight += (c >> i & 1) ? 1 + 0.3 * i : 0;
  return weight * weight * weight / 100 + ((c & 7) == 7 ? 40 : 0);
}

struct Game {
  const char* name;
  std::size_t members;
  double (*value)(Coalition);
};
const Game kGames[] = {{"council", 15, council_of_15}, {"airport", 4, runway}, {"synergies", 10, synergies}};

TEST(ShapleyTheory, SamplesAreWithinFourStandardErrorsAndAddUp) {
  for (const Game& game : kGames) {
    const std::vector<double> exact = exact_shapley(game.members, game.value).value;
    const ShapleyValues sampled = sampled_shapley(game.members, game.value, 4000, kRandom, 0, 0);
    double sum = 0;
    for (std::size_t i = 0; i < game.members; ++i) {
      // At most 29 members are compared and the seed is fixed: by chance 4 standard errors are passed once in
      // 500.
      EXPECT_LE(std::abs(sampled.value[i] - exact[i]), kStandardErrors * sampled.standard_error[i] + 1e-12)
          << game.name << ' ' << i;
      sum += sampled.value[i];
    }
    EXPECT_NEAR(sum, game.value((Coalition{1} << game.members) - 1), 1e-9) << game.name;
  }
}

/// Means over all members and `repeats` keys of squared error and of squared standard error.
struct Spread {
  double error = 0, claimed = 0;
  double honesty() const { return error / claimed; }
};

template <class Sample>
Spread spread_of(const Game& game, std::size_t repeats, Sample&& sample) {
  const std::vector<double> exact = exact_shapley(game.members, game.value).value;
  Spread spread;
  for (std::uint64_t k = 0; k < repeats; ++k) {
    const ShapleyValues s = sample(k);
    for (std::size_t i = 0; i < game.members; ++i) {
      spread.error += (s.value[i] - exact[i]) * (s.value[i] - exact[i]);
      spread.claimed += s.standard_error[i] * s.standard_error[i];
    }
  }
  return spread;
}

/// Members that join in random orders, used forwards only; `shuffle` orders the members.
template <class Shuffle>
ShapleyValues forwards_only(const Game& game, std::size_t orders, std::uint64_t key, Shuffle&& shuffle) {
  ShapleyValues result{std::vector<double>(game.members), std::vector<double>(game.members)};
  std::vector<double> squares(game.members);
  const double n = double(orders);
  for (std::size_t k = 0; k < orders; ++k) {
    RandomSequence draws(Random(5, Stream::experiment), static_cast<std::uint32_t>(k), key);
    std::vector<std::size_t> order(game.members);
    std::iota(order.begin(), order.end(), std::size_t{0});
    shuffle(order, draws);
    Coalition joined = 0;
    for (const std::size_t member : order) {
      const double added = game.value(joined | Coalition{1} << member) - game.value(joined);
      joined |= Coalition{1} << member;
      result.value[member] += added / n;
      squares[member] += added * added / n;
    }
  }
  for (std::size_t i = 0; i < game.members; ++i)
    result.standard_error[i] =
        std::sqrt(std::max(0.0, squares[i] - result.value[i] * result.value[i]) / (n - 1));
  return result;
}

void fair_shuffle(std::vector<std::size_t>& order, RandomSequence& draws) {
  for (std::size_t left = order.size(); left > 1; --left)
    std::swap(order[left - 1], order[uniform_below(draws.word(), static_cast<std::uint32_t>(left))]);
}

TEST(ShapleyTheory, StandardErrorsAreHonestAndPairsPay) {
  const Game& game = kGames[2];
  const auto antithetic = [&](std::uint64_t k) { return sampled_shapley(10, game.value, 50, kRandom, 1, k); };
  const auto independent = [&](std::uint64_t k) { return forwards_only(game, 100, k, fair_shuffle); };
  // 400 repeats of 10 members: a mean square has a relative standard error of about √(2/400) = 0.07 (members
  // of a repeat are correlated, so only repeats count); the bound is 4 of them.
  const Spread pairs = spread_of(game, 400, antithetic), single = spread_of(game, 400, independent);
  EXPECT_NEAR(pairs.honesty(), 1, kStandardErrors * 0.07);
  EXPECT_NEAR(single.honesty(), 1, kStandardErrors * 0.07);
  EXPECT_LT(pairs.error, 0.5 * single.error) << "for the same number of orders";
  // Mutant: pairs counted as 2·pairs independent orders that happen to have the single orders' spread.
  EXPECT_LT(pairs.error / single.claimed, 1 - kStandardErrors * 0.07);
}

TEST(ShapleyTheory, ABiasedShuffleIsFoundOut) {
  // Mutant: every place is swapped with any place, which does not make all orders equally likely.
  const auto naive_shuffle = [](std::vector<std::size_t>& order, RandomSequence& draws) {
    for (std::size_t& place : order)
      std::swap(place, order[uniform_below(draws.word(), static_cast<std::uint32_t>(order.size()))]);
  };
  const Game& game = kGames[2];
  const std::vector<double> exact = exact_shapley(game.members, game.value).value;
  const auto worst = [&](const ShapleyValues& s) {
    double z = 0;
    for (std::size_t i = 0; i < game.members; ++i)
      z = std::max(z, std::abs(s.value[i] - exact[i]) / s.standard_error[i]);
    return z;
  };
  EXPECT_LT(worst(forwards_only(game, 20'000, 0, fair_shuffle)), kStandardErrors);
  EXPECT_GT(worst(forwards_only(game, 20'000, 0, naive_shuffle)), kStandardErrors);
}

}  // namespace
}  // namespace swarm::economy
