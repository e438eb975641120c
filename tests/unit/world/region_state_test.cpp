#include "sim/world/region_state.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "sim/world/fields.hpp"

namespace swarm::world {
namespace {

TEST(DelayBins, WorkedByHand) {
  // Eight bins an octave from 2⁻¹⁰ s: 1 s begins bin 10·8, 1.5 s bin 84, 2 s bin 88.
  EXPECT_EQ(delay_bin(std::ldexp(1, -10)), 0u);
  EXPECT_EQ(delay_bin(1.0), 80u);
  EXPECT_EQ(delay_bin(1.124), 80u);
  EXPECT_EQ(delay_bin(1.125), 81u);
  EXPECT_EQ(delay_bin(1.5), 84u);
  EXPECT_EQ(delay_bin(2.0), 88u);
  EXPECT_DOUBLE_EQ(delay_bin_start(80), 1.0);
  EXPECT_DOUBLE_EQ(delay_bin_start(84), 1.5);
}

TEST(DelayBins, TheEnds) {
  for (const double s : {0.0, -1.0, 1e-300, 1e-5, std::nan("")}) EXPECT_EQ(delay_bin(s), 0u);
  EXPECT_EQ(delay_bin(1e300), kDelayBins - 1);
  EXPECT_EQ(delay_bin(std::numeric_limits<double>::infinity()), kDelayBins - 1);
}

TEST(DelayBins, AreMonotoneAndInverse) {
  for (std::size_t b = 0; b < kDelayBins; ++b) {
    EXPECT_EQ(delay_bin(delay_bin_start(b)), b);
    EXPECT_LT(delay_bin_start(b), delay_bin_start(b + 1));
    EXPECT_LE(delay_bin_start(b + 1) / delay_bin_start(b), 1.125 + 1e-12) << "an eighth wide at most";
    EXPECT_EQ(delay_bin(std::nextafter(delay_bin_start(b + 1), 0)), b);
  }
  std::size_t last = 0;
  for (double s = 1e-4; s < 1e5; s *= 1.01) {
    EXPECT_GE(delay_bin(s), last);
    last = delay_bin(s);
  }
}

/// What the registry says, and which bytes it reaches.
struct Registry {
  struct Column {
    FieldSpec spec;
    const void* object;
    std::size_t size;
  };
  std::vector<Column> columns;
  template <class C>
  void operator()(const FieldSpec& spec, C&& column) {
    columns.push_back({spec, static_cast<const void*>(&column), sizeof column});
  }
  /// Bytes of `object` that belong to described scalars of it.
  template <class T>
  std::size_t covered(const T& object) const {
    const auto* first = reinterpret_cast<const char*>(&object);
    std::size_t bytes = 0;
    for (const Column& c : columns) {
      const auto* at = static_cast<const char*>(c.object);
      if (at >= first && at < first + sizeof object) bytes += c.size;
    }
    return bytes;
  }
  const Column* find(const void* object) const {
    for (const Column& c : columns)
      if (c.object == object) return &c;
    return nullptr;
  }
};

Registry registry_of(RegionState& r) {
  Registry registry;
  describe_fields(registry, r);
  return registry;
}

std::size_t duplicates(const Registry& registry) {
  std::set<std::pair<Dim, std::string>> names;
  std::size_t twice = 0;
  for (const auto& c : registry.columns)
    twice += !names.insert({c.spec.dim, std::string(c.spec.name)}).second;
  return twice;
}

TEST(Fields, NamesAreUniqueWithinADimensionAndFullyDescribed) {
  RegionState r(RegionId{0});
  auto registry = registry_of(r);
  EXPECT_EQ(duplicates(registry), 0u);
  EXPECT_GT(registry.columns.size(), 100u);
  for (const auto& c : registry.columns) {
    EXPECT_FALSE(c.spec.name.empty() || c.spec.unit.empty() || c.spec.meaning.empty());
    EXPECT_EQ(c.spec.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos)
        << c.spec.name;
  }
  registry.columns.push_back(registry.columns.front());
  EXPECT_EQ(duplicates(registry), 1u) << "a name given twice must be noticed";
}

TEST(Fields, EveryColumnOfAFlightIsState) {
  RegionState r(RegionId{0});
  const Registry registry = registry_of(r);
  std::apply(
      [&](const auto&... column) {
        const auto check = [&](const auto& c) {
          const auto* found = registry.find(&c);
          ASSERT_NE(found, nullptr);
          EXPECT_TRUE(is_state(found->spec.role)) << found->spec.name;
          EXPECT_EQ(found->spec.dim, Dim::flight) << found->spec.name;
        };
        (check(column), ...);
      },
      r.flights.columns());
}

TEST(Fields, WhatOutlivesAStepIsState) {
  RegionState r(RegionId{0});
  const Registry registry = registry_of(r);
  const auto is_described_state = [&](const void* object) {
    const auto* found = registry.find(object);
    return found != nullptr && is_state(found->spec.role);
  };
  for (const void* object :
       {static_cast<const void*>(&r.sites.load), static_cast<const void*>(&r.sites.idle_carry_nj),
        static_cast<const void*>(&r.agents.bill_remainder), static_cast<const void*>(&r.agents.arrears),
        static_cast<const void*>(&r.free_at), static_cast<const void*>(&r.requests_pending),
        static_cast<const void*>(&r.turns), static_cast<const void*>(&r.answered_cells),
        static_cast<const void*>(&r.correct_cells), static_cast<const void*>(&r.delay_bins)})
    EXPECT_TRUE(is_described_state(object));
  // What is rebuilt from scenario and seed is not.
  EXPECT_FALSE(is_described_state(&r.sites.residents));
  EXPECT_FALSE(is_described_state(&r.agents_of_type));
}

TEST(Fields, NoTotalAndNoFigureOfAStepIsForgotten) {
  RegionState r(RegionId{0});
  Registry registry = registry_of(r);
  EXPECT_EQ(registry.covered(r.totals), sizeof r.totals);
  // A step holds counts of four bytes and a flag, so up to 4 + 7 bytes of padding.
  EXPECT_GE(registry.covered(r.step) + 11, sizeof r.step);
  // Mutant: a registry without the last total.
  std::erase_if(registry.columns,
                [&](const auto& c) { return c.object == static_cast<const void*>(&r.totals.server_s); });
  EXPECT_LT(registry.covered(r.totals), sizeof r.totals);
}

TEST(Flights, ErasingKeepsTheOthersInOrder) {
  FlightColumns f;
  for (std::uint32_t k = 0; k < 6; ++k)
    f.push({.arrival_s = k * 1.0,
            .start_s = 0,
            .finish_s = 0,
            .service_s = 0,
            .price = 10 * k,
            .reserved = 0,
            .arrival_step = 0,
            .sequence = k,
            .agent = 0,
            .site = 0,
            .tok = 0,
            .bank_item = 0,
            .deadline_s = 0,
            .asker = 0,
            .type = 0,
            .bucket = 0});
  f.erase({0, 1, 0, 1, 1, 0});
  EXPECT_EQ(f.sequence, (std::vector<std::uint32_t>{0, 2, 5}));
  EXPECT_EQ(f.price, (std::vector<std::int64_t>{0, 20, 50}));
  std::apply([&](const auto&... column) { EXPECT_TRUE(((column.size() == 3) && ...)); }, f.columns());
}

}  // namespace
}  // namespace swarm::world
