#include "sim/core/errors.hpp"

#include <gtest/gtest.h>

namespace {

using namespace swarm;

TEST(Errors, GrammarOfAMessage) {
  const Diagnostic full{
      "a.toml", 3, 7, "unknown key \"sed\"", "it would be ignored", "did you mean \"seed\"?"};
  EXPECT_EQ(full.text(), "a.toml:3:7: unknown key \"sed\" (it would be ignored) did you mean \"seed\"?");
  EXPECT_EQ((Diagnostic{"a.toml", 3, 0, "bad", "", ""}.text()), "a.toml:3: bad");
  EXPECT_EQ((Diagnostic{"a.toml", 0, 7, "bad", "why", ""}.text()), "a.toml: bad (why)");
  EXPECT_EQ((Diagnostic{"", 0, 0, "bad", "", "do this"}.text()), "bad; do this");
}

TEST(Errors, InputErrorCarriesAllProblemsInOrder) {
  const InputError error({{"f", 1, 0, "first", "", ""}, {"f", 2, 0, "second", "", ""}});
  EXPECT_STREQ(error.what(), "f:1: first\nf:2: second");
  ASSERT_EQ(error.problems().size(), 2u);
  EXPECT_EQ(error.problems()[1].line, 2);
  EXPECT_STREQ(InputError(Diagnostic{"f", 1, 2, "only", "", ""}).what(), "f:1:2: only");
  EXPECT_STREQ(FileError(Diagnostic{"out.h5", 0, 0, "disk full", "", "free space"}).what(),
               "out.h5: disk full; free space");
}

TEST(Errors, KindsAreToldApart) {
  EXPECT_THROW(throw ModelError("x"), ModelError);
  static_assert(!std::is_base_of_v<InputError, ModelError> && !std::is_base_of_v<ModelError, InputError>);
  static_assert(!std::is_base_of_v<FileError, InputError> && !std::is_base_of_v<InputError, FileError>);
}

TEST(Errors, NearestSpelling) {
  const std::vector<std::string> keys{"duration", "seed", "multiplicity", "warmup"};
  EXPECT_EQ(nearest_spelling("duraton", keys), "duration");
  EXPECT_EQ(nearest_spelling("sede", keys), "seed");  // a transposition is one slip
  EXPECT_EQ(nearest_spelling("multplicty", keys), "multiplicity");
  EXPECT_EQ(nearest_spelling("seed", keys), "seed");
  EXPECT_EQ(nearest_spelling("temperature", keys), "");
  EXPECT_EQ(nearest_spelling("seed", {}), "");
}

TEST(Errors, NearestSpellingOfShortWordsKeepsALetter) {
  // Two edits turn any word of two letters into any other; one edit is a slip.
  EXPECT_EQ(nearest_spelling("XY", {"KE", "BD"}), "");
  EXPECT_EQ(nearest_spelling("KF", {"KE", "BD"}), "KE");
  EXPECT_EQ(nearest_spelling("EK", {"KE", "BD"}), "KE");  // a transposition
  EXPECT_EQ(nearest_spelling("rnu", {"list", "run"}), "run");
  EXPECT_EQ(nearest_spelling("x", {"y"}), "");
  EXPECT_EQ(nearest_spelling("x", {"x"}), "x");
  EXPECT_EQ(nearest_spelling("", {"y"}), "");
}

}  // namespace
