#include "agents/nn/isa.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "sim/core/errors.hpp"
#include "tests/unit/nn/nets.hpp"

namespace swarm::nn {
namespace {

TEST(Isa, PortableAlwaysRuns) {
  EXPECT_TRUE(supported(Isa::portable));
  EXPECT_EQ(isa_from_name("portable"), Isa::portable);
}

TEST(Isa, NamesMeanTheirSets) {
  for (const Isa set : test::supported_sets()) EXPECT_EQ(isa_from_name(enum_name(set)), set);
}

TEST(Isa, AnUnknownNameListsTheUsableOnes) {
  try {
    isa_from_name("avx");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("SWARMSIM_SIMD=\"avx\""), std::string::npos) << text;
    for (const Isa set : test::supported_sets())
      EXPECT_NE(text.find(std::string(enum_name(set))), std::string::npos) << text;
  }
}

TEST(Isa, ASetTheMachineLacksIsRefused) {
  if (test::supported_sets().size() == EnumNames<Isa>::names.size())
    GTEST_SKIP() << "this machine has every set";
  for (const Isa set : {Isa::avx2, Isa::avx512}) {
    if (supported(set)) continue;
    EXPECT_THROW(isa_from_name(enum_name(set)), InputError);
  }
}

TEST(Isa, TestsCanForceASet) {
  const Isa before = active_isa();
  {
    const test::Forced forced(Isa::portable);
    EXPECT_EQ(active_isa(), Isa::portable);
  }
  EXPECT_EQ(active_isa(), before);
}

TEST(Isa, EachSetHasKernelsOfItsOwn) {
  const std::vector<Isa> sets = test::supported_sets();
  for (std::size_t i = 1; i < sets.size(); ++i) EXPECT_NE(&kernels_of(sets[i]), &kernels_of(sets[i - 1]));
}

/// The choice is made once per process, so each case runs in a process of its own.
void exit_with_choice(const char* name) {
  setenv("SWARMSIM_SIMD", name, 1);
  try {
    std::exit(10 + static_cast<int>(active_isa()));
  } catch (const InputError&) {
    std::exit(2);
  }
}

TEST(IsaDeathTest, TheEnvironmentForcesTheSet) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const Isa set : test::supported_sets())
    EXPECT_EXIT(exit_with_choice(std::string(enum_name(set)).c_str()),
                testing::ExitedWithCode(10 + static_cast<int>(set)), "");
  EXPECT_EXIT(exit_with_choice("sse9"), testing::ExitedWithCode(2), "");
}

}  // namespace
}  // namespace swarm::nn
