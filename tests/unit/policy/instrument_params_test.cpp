// What the instruments say of their parameters.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sim/grid/hazard_params.hpp"
#include "sim/policy/allocation.hpp"
#include "sim/policy/credit_market.hpp"
#include "sim/policy/emergency.hpp"
#include "sim/policy/permits.hpp"

namespace swarm {
namespace policy {
namespace {

struct Inspector {
  std::set<std::string_view> names = {};

  void number(std::string_view name, double value, const FieldInfo& info) {
    EXPECT_GE(value, info.min) << name;
    EXPECT_LE(value, info.max) << name;
    EXPECT_FALSE(info.min_open && value == info.min) << name;
  }
  void operator()(std::string_view name, const double& value, const FieldInfo& info) {
    number(name, value, info), any(name, info);
  }
  void operator()(std::string_view name, const Duration& value, const FieldInfo& info) {
    number(name, value.seconds, info), any(name, info);
    EXPECT_EQ(info.unit, "s") << name;
  }
  void operator()(std::string_view name, const bool&, const FieldInfo& info) { any(name, info); }
  void operator()(std::string_view name, const std::string&, const FieldInfo& info) { any(name, info); }
  template <NamedEnum E>
  void operator()(std::string_view name, const E& value, const FieldInfo& info) {
    EXPECT_FALSE(enum_name(value).empty()) << name;
    any(name, info);
  }
  void any(std::string_view name, const FieldInfo& info) {
    EXPECT_TRUE(names.insert(name).second) << name << " stands there twice";
    EXPECT_TRUE(info.doc.ends_with('.') && info.doc.size() > 15) << name;
  }
};

template <class Params>
std::size_t inspect() {
  Params params;
  Inspector inspector;
  describe(inspector, params);
  return inspector.names.size();
}

TEST(InstrumentParams, EveryOneIsDescribed) {
  EXPECT_EQ(inspect<PermitParams>(), 5u);
  EXPECT_EQ(inspect<CreditParams>(), 10u);
  EXPECT_EQ(inspect<EmergencyParams>(), 12u);
  EXPECT_EQ(inspect<AllocationParams>(), 7u);
  EXPECT_EQ(inspect<grid::HazardParams>(), 18u);
  EXPECT_EQ(inspect<grid::HazardRecord>(), 6u);
}

}  // namespace
}  // namespace policy
}  // namespace swarm
