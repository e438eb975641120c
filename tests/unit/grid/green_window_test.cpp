#include "sim/grid/green_window.hpp"

#include <gtest/gtest.h>

namespace swarm::grid {
namespace {

using Flags = std::vector<std::uint8_t>;

TEST(GreenSlots, LieBelowAQuantileOfTheHorizon) {
  const std::vector<double> forecast{300, 200, 250, 100, 150, 400, 120, 350};  // sorted 100 120 150 200 250 300 350 400
  EXPECT_EQ(green_slots(forecast, 0.25), (Flags{0, 0, 0, 1, 0, 0, 1, 0})) << "position 1.75: 120 + 0.75·30 = 142.5";
  EXPECT_EQ(green_slots(forecast, 0.5), (Flags{0, 1, 0, 1, 1, 0, 1, 0})) << "between 200 and 250";
  EXPECT_EQ(green_slots(forecast, 0), Flags(8, 0)) << "nothing lies below the least";
}

TEST(GreenSlots, AFlatOrEmptyForecastHasNone) {
  EXPECT_EQ(green_slots(std::vector<double>{5, 5, 5}, 0.25), Flags(3, 0));
  EXPECT_EQ(green_slots({}, 0.25), Flags{});
}

}  // namespace
}  // namespace swarm::grid
