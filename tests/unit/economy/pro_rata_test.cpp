#include "sim/economy/pro_rata.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "sim/core/rng.hpp"

namespace swarm::economy {
namespace {

std::vector<std::int64_t> divided(const std::vector<std::int64_t>& claims, std::int64_t total) {
  ProRata parts(std::accumulate(claims.begin(), claims.end(), Int128{0}), total);
  std::vector<std::int64_t> out;
  for (const std::int64_t claim : claims) out.push_back(parts.next(claim));
  return out;
}

using Numbers = std::vector<std::int64_t>;

TEST(ProRata, WorkedExamples) {
  // 10 among 5, 0, 5, 10: exact 2.5, 0, 2.5, 5; running sums 2.5, 2.5, 5, 10 rounded down 2, 2, 5, 10.
  EXPECT_EQ(divided({5, 0, 5, 10}, 10), (Numbers{2, 0, 3, 5}));
  EXPECT_EQ(divided({5, 0, 5, 10}, 20), (Numbers{5, 0, 5, 10}));
  EXPECT_EQ(divided({5, 0, 5, 10}, 1000), (Numbers{5, 0, 5, 10}));
  EXPECT_EQ(divided({5, 0, 5, 10}, 0), (Numbers{0, 0, 0, 0}));
  EXPECT_EQ(divided({0, 0}, 7), (Numbers{0, 0}));
  EXPECT_TRUE(divided({}, 7).empty());
}

TEST(ProRata, GivesEverythingAwayAndNobodyTooMuch) {
  RandomSequence draw(Random(1, Stream::experiment), 0, 0);
  for (int round = 0; round < 2000; ++round) {
    Numbers claims(1 + draw.word() % 20);
    for (std::int64_t& c : claims) c = draw.word() % (draw.word() % 4 == 0 ? 1'000'000'000 : 5);
    const std::int64_t sum = std::accumulate(claims.begin(), claims.end(), std::int64_t{0});
    const std::int64_t total = sum == 0 ? 3 : draw.word() % (2 * sum);
    const Numbers parts = divided(claims, total);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), std::min(sum, total));
    for (std::size_t i = 0; i < claims.size(); ++i) {
      EXPECT_GE(parts[i], 0);
      EXPECT_LE(parts[i], claims[i]);
      if (total < sum) {
        const double exact = double(claims[i]) * double(total) / double(sum);
        EXPECT_LT(std::abs(double(parts[i]) - exact), 1 + 1e-6);
      }
    }
  }
}

TEST(ProRata, LargestClaims) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(divided({most - 1, 1}, most - 1), (Numbers{most - 2, 1}));
  EXPECT_THROW(ProRata(Int128{most} + 1, 1), ModelError);
}

}  // namespace
}  // namespace swarm::economy
