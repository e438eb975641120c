// The counterfactual run: what is no such run is refused with all that is wrong with it.
#include "sim/world/counterfactual.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/scenario/load.hpp"

namespace swarm::world {
namespace {

/// What the reader below returns.
RecordedEmissions file;
RecordedEmissions read(const std::filesystem::path& path) {
  if (path.filename() == "none.h5") throw FileError({.file = path.string(), .problem = "this is no HDF5 file"});
  return file;
}

RecordedEmissions good() {
  return {.seed = 3,
          .start = "2022-01-03T00:00:00Z",
          .step_s = 300,
          .regions = {"BD", "KE"},
          .location_g = std::vector<double>(2 * 24, 1.0625)};
}

std::string problems_of(const RecordedEmissions& run, EmissionsReader reader = read,
                        const std::string& name = "flat.h5") {
  file = run;
  const auto s = scenario::load_text(
      "regions = [\"BD\", \"KE\"]\n[run]\nwarmup = \"1h\"\nduration = \"1h\"\nseed = 3\n"
      "start = \"2022-01-03\"\n[credits]\nenabled = true\ncounterfactual = \"" +
          name + "\"\n",
      "/studies/x.toml", {});
  try {
    const auto mg = read_counterfactual(s, reader);
    EXPECT_EQ(mg, std::vector<std::int64_t>(2 * 24, 1062)) << "whole milligrams, half to even";
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(Counterfactual, TheSameRunWithAnotherPolicyIsTaken) {
  EXPECT_EQ(problems_of(good()), "");
  EXPECT_EQ(problems_of(
                good(),
                [](const std::filesystem::path& path) {
                  EXPECT_EQ(path, "/studies/flat_3.h5") << "each seed has its own";
                  return file;
                },
                "flat_{seed}.h5"),
            "");
  auto longer = good();
  longer.location_g.resize(1000, 7);
  EXPECT_EQ(problems_of(longer), "") << "what comes later does not matter";
}

/// Three replicates, with the seeds 11, 3 and 13.
RecordedEmissions replicates(const std::filesystem::path& path) {
  constexpr std::array<std::int64_t, 3> kSeeds{11, 3, 13};
  auto run = file;
  for (std::size_t k = 0; k < kSeeds.size(); ++k) {
    run.seed = kSeeds[k];
    if (path == fmt::format("/studies/flat.r{}.h5", k)) return run;
  }
  throw FileError({.file = path.string(), .problem = "there is no such file"});
}

TEST(Counterfactual, AReplicateFindsThatOfItsSeed) {
  EXPECT_EQ(problems_of(good(), replicates, "flat.r{replicate}.h5"), "") << "number 1";
  const auto none = [](const std::filesystem::path& path) {
    if (path.filename() == "flat.r1.h5") return replicates("/studies/flat.r0.h5");
    return replicates(path);
  };
  EXPECT_EQ(problems_of(good(), none, "flat.r{replicate}.h5"),
            "/studies/flat.r{replicate}.h5: none of 3 counterfactual runs has the seed 3 of this run (the next one cannot be read: "
            "/studies/flat.r3.h5: there is no such file) For replicates run the scenario "
            "without the policy, 'swarmsim run SCENARIO --replicates N -o /studies/flat.h5' with the same master seed, and write "
            "credits.counterfactual = \"/studies/flat.r{replicate}.h5\".");
  const std::string said = problems_of(good(), replicates, "other.r{replicate}.h5");
  EXPECT_NE(said.find("/studies/other.r0.h5: this is no result"), said.npos) << said;
  EXPECT_NE(said.find("--replicates N -o /studies/other.h5'"), said.npos) << said;
}

TEST(Counterfactual, NothingIsReadWithoutCredits) {
  EXPECT_TRUE(read_counterfactual(scenario::load_text("", "/studies/x.toml", {}), nullptr).empty());
}

TEST(Counterfactual, AllThatIsWrongIsSaid) {
  auto other = good();
  other.seed = 4;
  other.regions = {"BD", "DE"};
  other.start = "2022-01-04T00:00:00Z";
  other.step_s = 600;
  const std::string said = problems_of(other);
  for (const char* words :
       {"/studies/flat.h5: the counterfactual has the seed 4, this run 3 (other requests would be served",
        "For replicates run the scenario without the policy, 'swarmsim run SCENARIO --replicates N -o /studies/flat.h5' with the same "
        "master seed, and write credits.counterfactual = \"/studies/flat.r{replicate}.h5\".",
        "the regions BD, DE, this run BD, KE (emissions are compared region by region)",
        "starts at 2022-01-04T00:00:00Z, this run at 2022-01-03T00:00:00Z", "steps of 600 s, this run of 300 s",
        "Run the counterfactual with the same [run] and regions"})
    EXPECT_NE(said.find(words), said.npos) << words << "\n" << said;
  auto shorter = good();
  shorter.location_g.resize(2 * 23);
  EXPECT_NE(problems_of(shorter).find("has 23 steps, this run 24 (nothing would be known of the rest)"),
            std::string::npos);
  for (const double wrong : {std::numeric_limits<double>::quiet_NaN(), -1.0, 1e16, std::numeric_limits<double>::infinity()}) {
    auto damaged = good();
    damaged.location_g[5] = wrong;
    EXPECT_NE(problems_of(damaged).find("region KE emits"), std::string::npos) << wrong;
    EXPECT_NE(problems_of(damaged).find("in step 2 of the counterfactual"), std::string::npos) << wrong;
  }
  EXPECT_NE(problems_of(good(), read, "none.h5").find("this is no result of a run that could be the counterfactual"),
            std::string::npos);
  EXPECT_NE(problems_of(good(), nullptr).find("cannot be read here"), std::string::npos);
}

}  // namespace
}  // namespace swarm::world
