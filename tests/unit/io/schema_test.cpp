#include "sim/io/schema.hpp"

#include <gtest/gtest.h>

#include "sample.hpp"
#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

std::string faults(const std::vector<Group>& groups) {
  try {
    check_schema(groups);
  } catch (const ModelError& e) {
    return e.what();
  }
  return "";
}

TEST(Schema, SampleIsSoundAndItsRowsAddUp) {
  const auto groups = sample::groups();
  EXPECT_EQ(faults(groups), "");
  // energy 3·8 + latency 3·4·4 + requests 3·8 + change 3·4 + served 4 + mode 3 + raw 4 = 119
  EXPECT_EQ(row_bytes(groups[0]), 119U);
  EXPECT_EQ(columns_of(groups[0]).back().name, "time");
  EXPECT_EQ(columns_of(groups[2]).back().name, "generation");
}

TEST(Schema, EachFaultIsFound) {
  const auto broken = [](auto&& change) {
    auto groups = sample::groups();
    change(groups[0]);
    return faults(groups);
  };
  const auto found = [](const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
  };
  EXPECT_TRUE(found(broken([](Group& g) { g.path = "region"; }), "must look like /name"));
  EXPECT_TRUE(found(broken([](Group& g) { g.path = "/agent"; }), "occurs twice"));
  EXPECT_TRUE(found(broken([](Group& g) { g.chunk_rows = 0; }), "at least one row"));
  EXPECT_TRUE(found(broken([](Group& g) { g.axes[0].length = 9; }), "0 axes grow"));
  EXPECT_TRUE(found(broken([](Group& g) { g.axes[1].length = 0; }), "2 axes grow"));
  EXPECT_TRUE(found(broken([](Group& g) { g.axes[1].labels.pop_back(); }), "has 2 labels"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].name = "step"; }), "empty or taken"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].name = "region"; }), "empty or taken"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].axes[1] = "planet"; }), "no axis 'planet'"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].axes = {"region", "time"}; }), "must be the first"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].axes.clear(); }), "must be the first"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].units.clear(); }), "units or long_name"));
  EXPECT_TRUE(found(broken([](Group& g) { g.variables[1].flag_meanings = {"a"}; }), "need the type i8"));
  EXPECT_TRUE(found(broken([](Group& g) { g.chunk_rows = std::uint64_t{1} << 28; }), "exceeds 2 GiB"));
}

}  // namespace
}  // namespace swarm::io
