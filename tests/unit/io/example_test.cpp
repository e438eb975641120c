#include <gtest/gtest.h>

#include <cstdlib>

#include "sample.hpp"

namespace swarm::io {
namespace {

/// Not a check: writes the sample file for tests/io_python/read_back.py, which names it in the environment.
TEST(Example, DISABLED_WriteForOtherReaders) {
  const char* name = std::getenv("SWARM_EXAMPLE_FILE");
  ASSERT_NE(name, nullptr);
  sample::write(name, 40, 7, 9);
}

}  // namespace
}  // namespace swarm::io
