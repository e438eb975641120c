#include "sim/engine/parcel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "sim/world/messages.hpp"

namespace swarm::engine {
namespace {

struct Odd {
  std::uint8_t a;
  double b;
  bool operator==(const Odd&) const = default;
};

/// Kept out of line: GCC 12 mistakes the growth of the inlined buffer for an overflow.
template <class T>
[[gnu::noinline]] void put(Parcel& parcel, const std::vector<T>& list) {
  parcel.put(std::span<const T>(list));
}

TEST(Parcel, ListsOfSeveralTypesComeOutInTheOrderTheyWentIn) {
  const std::vector<std::uint64_t> first{1, 2, ~std::uint64_t{0}};
  const std::vector<std::uint8_t> none;
  const std::vector<Odd> odd{{1, 0.1}, {2, -3e300}};
  Parcel parcel;
  put(parcel, first);
  put(parcel, none);
  put(parcel, odd);
  std::vector<std::uint64_t> a;
  std::vector<std::uint8_t> b;
  std::vector<Odd> c;
  parcel.take(a);
  parcel.take(b);
  parcel.take(c);
  EXPECT_EQ(a, first);
  EXPECT_EQ(b, none);
  EXPECT_EQ(c, odd);
}

TEST(Parcel, TakingAppends) {
  const std::vector<int> more{3, 4};
  Parcel parcel;
  put(parcel, more);
  put(parcel, more);
  std::vector<int> list{1, 2};
  parcel.take(list);
  parcel.take(list);
  EXPECT_EQ(list, (std::vector<int>{1, 2, 3, 4, 3, 4}));
}

TEST(Parcel, AnOrderSurvivesByteForByte) {
  world::Order order{.offset_s = 1.25,
                     .reserved = 77,
                     .deadline_s = 30,
                     .sequence = 5,
                     .asker = 3,
                     .lines = 2,
                     .attempt = 1};
  order.line[1] = {.agent = 9, .site = 4, .price = -1};
  Parcel parcel;
  put(parcel, std::vector<world::Order>{order});
  std::vector<world::Order> out;
  parcel.take(out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(std::memcmp(&out[0], &order, sizeof order), 0);
}

#ifdef SWARM_CONTRACTS
TEST(Parcel, TakingMoreThanWasPutIsAModelError) {
  Parcel parcel;
  std::vector<int> list;
  EXPECT_THROW(parcel.take(list), ModelError);
  const std::vector<std::uint8_t> bytes{2, 0, 0, 0, 0, 0, 0, 0};  // promises two, holds none
  put(parcel, bytes);
  std::vector<std::uint8_t> out;
  parcel.take(out);
  EXPECT_THROW(parcel.take(list), ModelError);
}
#endif

}  // namespace
}  // namespace swarm::engine
