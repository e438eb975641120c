#include "sim/hardware/catalogue.hpp"

#include <gtest/gtest.h>

#include <set>

namespace swarm::hardware {
namespace {

bool sane(const Device& d) {
  return d.standby_w >= 0 && d.standby_w <= d.idle_w && d.idle_w <= d.max_w && d.max_w > 0 &&
         d.peak_fp32 > 0 && d.peak_fp32 <= d.peak_fp16 && d.peak_fp16 <= d.peak_int8 && d.efficiency > 0 &&
         d.efficiency <= 1 && d.memory_bytes > 0 && d.bandwidth > 0 && d.storage_bytes > 0 &&
         d.price_usd > 0 && d.life_years > 0 && d.embodied_kg > 0 && d.idle_timeout.seconds >= 0 &&
         !d.source.empty();
}

TEST(Catalogue, HoldsTheTenDevicesOnceEach) {
  const std::set<std::string> expected{"raspberry-pi-5",  "raspberry-pi-5-hailo-8",
                                       "radxa-cubie-a7z", "sakura-ii",
                                       "alpon-x5",        "apple-m2",
                                       "rtx-4070",        "rtx-4090",
                                       "cpu-server",      "datacentre-gpu"};
  std::set<std::string> found;
  for (const Device& d : device_catalogue()) EXPECT_TRUE(found.insert(d.name).second) << d.name;
  EXPECT_EQ(found, expected);
}

TEST(Catalogue, FiguresAreSane) {
  for (const Device& d : device_catalogue()) EXPECT_TRUE(sane(d)) << d.name;
}

TEST(Catalogue, SanityCheckRejectsWrongFigures) {  // the mutants of the check above
  const Device good = *find_device("cpu-server");
  Device bad = good;
  bad.standby_w = good.idle_w + 1;
  EXPECT_FALSE(sane(bad));
  bad = good;
  bad.max_w = good.idle_w - 1;
  EXPECT_FALSE(sane(bad));
  bad = good;
  bad.source.clear();
  EXPECT_FALSE(sane(bad));
}

// Every figure must also lie in the range that its own parameter description allows.
struct RangeCheck {
  void operator()(const char* name, double& value, const FieldInfo& info) {
    EXPECT_GE(value, info.min) << name;
    EXPECT_LE(value, info.max) << name;
    EXPECT_FALSE(info.min_open && value == info.min) << name;
    ++checked;
  }
  template <class T>
  void operator()(const char*, T&, const FieldInfo&) {}
  int checked = 0;
};

TEST(Catalogue, FiguresLieInTheDescribedRanges) {
  for (Device d : device_catalogue()) {
    RangeCheck check;
    describe(check, d);
    EXPECT_EQ(check.checked, 13) << d.name;
  }
}

TEST(Catalogue, EdgeDevicesAreTheSmallOnes) {
  for (const Device& d : device_catalogue()) EXPECT_EQ(d.edge, d.max_w < 50) << d.name;
}

TEST(Catalogue, FindsByExactName) {
  ASSERT_NE(find_device("rtx-4090"), nullptr);
  EXPECT_EQ(find_device("rtx-4090")->name, "rtx-4090");
  EXPECT_EQ(find_device("RTX-4090"), nullptr);
  EXPECT_EQ(find_device(""), nullptr);
}

}  // namespace
}  // namespace swarm::hardware
