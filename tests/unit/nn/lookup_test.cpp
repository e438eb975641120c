#include "agents/nn/lookup.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

using Floats = std::vector<float>;
using Ids = std::vector<std::uint32_t>;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Rows<const float> read(const Floats& x, std::size_t width) {
  return Rows<const float>::packed(x.data(), x.size() / width, width);
}
Rows<float> write(Floats& x, std::size_t width) {
  return Rows<float>::packed(x.data(), x.size() / width, width);
}

TEST(Embed, CopiesRowsById) {
  const Floats table{0, 1, 10, 11, 20, 21};
  Floats out(8, -77.0f);
  embed(read(table, 2), Ids{2, 0, 2}, {out.data(), 3, 2, 3});  // a gap after each row
  EXPECT_EQ(out, (Floats{20, 21, -77, 0, 1, -77, 20, 21}));
  embed(read(table, 2), Ids{}, {nullptr, 0, 2, 2});
}

TEST(Embed, RefusesAnIdBeyondTheTableAndWritesNothing) {
  const Floats table{0, 1, 10, 11};
  Floats out(4, -77.0f), gradient(4, 5.0f);
  const Floats delta(4, 1.0f);
  for (const std::uint32_t id : {2u, 0xFFFF'FFFFu}) {
    EXPECT_THROW(embed(read(table, 2), Ids{1, id}, write(out, 2)), ModelError);
    EXPECT_THROW(embed_gradient(Ids{1, id}, read(delta, 2), write(gradient, 2)), ModelError);
  }
  EXPECT_EQ(out, Floats(4, -77.0f));
  EXPECT_EQ(gradient, Floats(4, 5.0f));
  try {
    embed(read(table, 2), Ids{1, 7}, write(out, 2));
    FAIL() << "accepted";
  } catch (const ModelError& error) {
    EXPECT_STREQ(error.what(), "id 7 (number 1) is beyond a table of 2 rows");
  }
}

TEST(EmbedGradient, AddsInTheOrderOfSamples) {
  // 1 + 2²⁴ rounds to 2²⁴, so that the order shows: (1 + 2²⁴) − 2²⁴ = 0, but (−2²⁴ + 2²⁴) + 1 = 1.
  const float large = 0x1p24f;
  const auto scatter = [](const Floats& delta) {
    Floats gradient(2, 0.0f);
    embed_gradient(Ids{1, 1, 0, 1}, read(delta, 1), write(gradient, 1));
    return gradient;
  };
  EXPECT_EQ(scatter({1, large, 3, -large}), (Floats{3, 0}));
  EXPECT_EQ(scatter({-large, large, 3, 1}), (Floats{3, 1}));
}

Ids top(const Floats& row, std::size_t k, TopK rule = {}) {
  Ids out(k);
  SelectionScratch scratch;
  top_k(row, out, scratch, rule);
  return out;
}

TEST(TopK, ByHand) {
  const Floats row{3, 9, -1, 9, 4};
  EXPECT_EQ(top(row, 3), (Ids{1, 3, 4}));
  EXPECT_EQ(top(row, 5), (Ids{1, 3, 4, 0, 2}));
  EXPECT_EQ(top(row, 2, {.largest = false}), (Ids{2, 0}));
  EXPECT_EQ(top(row, 3, {.largest = false, .sorted = false}), (Ids{0, 2, 4}));
  EXPECT_EQ(top(row, 1), Ids{1});
  EXPECT_EQ(top(row, 0), Ids{});
  EXPECT_EQ(top({}, 0), Ids{});
}

TEST(TopK, TiesGoByIndexAndNanComesLast) {
  EXPECT_EQ(top({0.0f, -0.0f, 0.0f}, 3), (Ids{0, 1, 2}));
  EXPECT_EQ(top({-0.0f, 0.0f, -0.0f}, 3, {.largest = false}), (Ids{0, 1, 2}));
  EXPECT_EQ(top({kNan, -kInfinity, kNan, kInfinity, 1}, 5), (Ids{3, 4, 1, 0, 2}));
  EXPECT_EQ(top({kNan, -kInfinity, -kNan, kInfinity, 1}, 5, {.largest = false}), (Ids{1, 4, 3, 0, 2}));
  EXPECT_EQ(top({1e-45f, -1e-45f, 0.0f}, 3), (Ids{0, 2, 1}));
}

/// The plain way: sort all indices by value, then by index.
Ids sorted_indices(const Floats& row, std::size_t k, bool largest, bool later_first = false) {
  Ids all(row.size());
  std::iota(all.begin(), all.end(), 0u);
  std::sort(all.begin(), all.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (row[a] != row[b]) return (row[a] > row[b]) == largest;
    return (a > b) == later_first && a != b;
  });
  all.resize(k);
  return all;
}

TEST(TopK, EqualsAWholeSort) {
  std::size_t caught = 0, cases = 0;
  SelectionScratch scratch;
  for (const std::size_t n : {1u, 2u, 7u, 33u, 100u, 1000u})
    for (const std::size_t k : {1u, 2u, 5u, 7u, 33u, 63u, 64u, 65u, 99u, 100u, 999u, 1000u}) {
      if (k > n) continue;
      Floats row = test::noise(n, n + k);
      for (float& v : row) v = std::round(v * 20);  // many ties
      for (const bool largest : {true, false}) {
        Ids got(k);
        top_k(row, got, scratch, {.largest = largest});
        ASSERT_EQ(got, sorted_indices(row, k, largest)) << k << " of " << n;
        caught += got != sorted_indices(row, k, largest, true);
        ++cases;
        Ids unsorted(k);
        top_k(row, unsorted, scratch, {.largest = largest, .sorted = false});
        std::sort(got.begin(), got.end());
        ASSERT_EQ(unsorted, got);
      }
    }
  EXPECT_GT(caught, cases * 2 / 3) << "a rule that prefers later elements must show";
}

struct Found {
  Ids indices;
  Floats cosines;
};

Found lookup(const Floats& query, const Floats& keys, std::size_t k) {
  const Rows<const float> rows = read(keys, query.size());
  Floats inverse(rows.rows);
  inverse_norms(rows, inverse);
  Found out{Ids(k), Floats(k)};
  SelectionScratch scratch;
  cosine_top_k(query, rows, inverse, out.indices, out.cosines, scratch);
  return out;
}

TEST(CosineTopK, ByHand) {
  for (const Isa set : test::supported_sets()) {
    const test::Forced forced(set);
    // cosines with (3, 4): 1, 0.96 (24/25), 0, −1, and the zero key 0
    const Found found = lookup({3, 4}, {6, 8, 4, 3, 0, 0, -4, 3, -3, -4}, 5);
    EXPECT_EQ(found.indices, (Ids{0, 1, 2, 3, 4}));
    EXPECT_NEAR(found.cosines[0], 1, 2e-7);
    EXPECT_NEAR(found.cosines[1], 0.96, 2e-7);
    EXPECT_EQ(found.cosines[2], 0.0f);
    EXPECT_EQ(found.cosines[3], 0.0f);
    EXPECT_NEAR(found.cosines[4], -1, 2e-7);
    EXPECT_EQ(lookup({0, 0}, {1, 2, 3, 4}, 2).indices, (Ids{0, 1}));  // nothing to compare: ties
    EXPECT_EQ(lookup({1, 1}, {2, 2, kNan, 1, 4, 4}, 3).indices, (Ids{0, 2, 1}));
    EXPECT_EQ(lookup({1, 1}, {}, 0).indices, Ids{});
  }
}

TEST(CosineTopK, LengthsDoNotCount) {
  const std::size_t width = 64;
  const Floats query = test::noise(width, 1);
  Floats keys = test::noise(100 * width, 2);
  const Found before = lookup(query, keys, 10);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] *= i / width % 2 == 0 ? 1024.0f : 0.125f;  // exact
  const Found after = lookup(query, keys, 10);
  EXPECT_EQ(before.indices, after.indices);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(before.cosines[i], after.cosines[i], 2e-7);
}

TEST(CosineTopK, EverySetGivesTheSameBits) {
  for (const std::size_t width : {1u, 5u, 7u, 16u, 33u, 64u, 100u}) {
    const Floats query = test::noise(width, 1), keys = test::noise(50 * width, 2);
    std::vector<std::uint32_t> right;
    for (const Isa set : test::supported_sets()) {
      const test::Forced forced(set);
      const Found found = lookup(query, keys, 50);
      std::vector<std::uint32_t> all = found.indices;
      for (const float c : found.cosines) all.push_back(std::bit_cast<std::uint32_t>(c));
      if (right.empty()) right = all;
      EXPECT_EQ(all, right) << enum_name(set) << ", width " << width;
    }
  }
}

}  // namespace
}  // namespace swarm::nn
