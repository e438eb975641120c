#include "sim/core/checks.hpp"

#include <gtest/gtest.h>

namespace {

using namespace swarm;

TEST(Checks, ABrokenContractIsAModelErrorThatSaysWhereAndWhat) {
  try {
    contract_failed("precondition", "n > 0", "file.cpp", 12);
    FAIL();
  } catch (const ModelError& e) {
    const std::string text = e.what();
    EXPECT_EQ(text.find("file.cpp:12: precondition violated: n > 0 ("), 0u) << text;
  }
}

TEST(Checks, ContractsCostNothingWhereTheyAreOff) {
  int evaluated = 0;
  const auto holds = [&](bool truth) {
    ++evaluated;
    return truth;
  };
  EXPECT(holds(true));
  ENSURE(holds(true));
#ifdef SWARM_CONTRACTS
  EXPECT_EQ(evaluated, 2);
  EXPECT_THROW(EXPECT(holds(false)), ModelError);
  EXPECT_THROW(ENSURE(holds(false)), ModelError);
#else
  EXPECT(holds(false));
  EXPECT_EQ(evaluated, 0);
#endif
}

}  // namespace
