#include "sim/study/collect.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "sim/io/digest.hpp"
#include "sim/io/reader.hpp"
#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

using Labels = std::vector<std::string>;

/// A scalar and a table over regions that say which run they come from.
Figures figures(std::int64_t run, Labels regions = {"BD", "KE"}) {
  Figures f;
  f.layout.columns = {{"cost_usd", "USD", "what it cost", "accounting", ""}, {"energy_kwh_by_region", "kWh", "energy", "modelled", "region"},
                      {"served", "1", "share", "executed", ""}};
  f.values = {static_cast<double>(run)};
  for (const auto& r : regions) f.values.push_back(static_cast<double>(1000 * run + r[0]));
  f.values.push_back(-static_cast<double>(run));
  f.layout.labels["region"] = std::move(regions);
  return f;
}

struct Collected : StudyTest {
  explicit Collected(const std::string& text = kGrid, const std::vector<std::string>& overrides = {}) : StudyTest(text, overrides), plan(record()) {
    results().begin(plan);
  }
  const std::string& id(std::int64_t run) const { return plan.rows.at(static_cast<std::size_t>(run)).id; }
  void done(const std::string& worker, std::int64_t run, const Figures& f) const { RecordWriter(results().results_of(worker)).done(run, id(run), 1, f); }
  void done(const std::string& worker, std::int64_t run) const { done(worker, run, figures(run)); }
  void failed(const std::string& worker, std::int64_t run) const {
    RecordWriter(results().results_of(worker)).failed(run, id(run), {1, 0, "why", ""});
  }
  std::filesystem::path file() const {
    collect(plan, state_of(plan, results()), folder / "study.h5");
    return folder / "study.h5";
  }
  std::string digest() const { return io::digest(file()); }

  StudyRecord plan;
};

std::vector<bool> gaps(const std::vector<double>& values) {
  std::vector<bool> out;
  for (const double v : values) out.push_back(std::isnan(v));
  return out;
}

TEST(Collect, GridOfAllRuns) {
  const Collected c;
  for (std::int64_t run = 0; run < 12; ++run) c.done("w", run);
  const io::ResultReader file(c.file());
  EXPECT_EQ(file.dataset("/cost_usd").axes, (Labels{"markup", "carbon_price", "replicate"}));
  EXPECT_EQ(file.dataset("/cost_usd").shape, (std::vector<std::uint64_t>{2, 3, 2}));
  EXPECT_EQ(file.dataset("/cost_usd").units + "|" + file.dataset("/cost_usd").long_name + "|" + file.dataset("/cost_usd").kind, "USD|what it cost|accounting");
  EXPECT_EQ(file.dataset("/served").kind, "executed");
  std::vector<double> expected(12);
  for (std::size_t i = 0; i < 12; ++i) expected[i] = static_cast<double>(i);
  EXPECT_EQ(file.read<double>("/cost_usd"), expected);
  EXPECT_EQ(file.dataset("/energy_kwh_by_region").axes, (Labels{"markup", "carbon_price", "replicate", "region"}));
  const auto energy = file.read<double>("/energy_kwh_by_region");
  for (std::size_t run = 0; run < 12; ++run) {
    EXPECT_EQ(energy[2 * run], 1000.0 * static_cast<double>(run) + 'B');
    EXPECT_EQ(energy[2 * run + 1], 1000.0 * static_cast<double>(run) + 'K');
  }
  EXPECT_EQ(file.read_text("/region"), (Labels{"BD", "KE"}));
  EXPECT_EQ(file.read<double>("/markup"), (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(file.read<double>("/carbon_price"), (std::vector<double>{0, 50, 100}));
  EXPECT_EQ(file.dataset("/carbon_price").units + "|" + file.dataset("/carbon_price").long_name, "USD/t|carbon price");
  EXPECT_EQ(file.read<std::int64_t>("/replicate"), (std::vector<std::int64_t>{0, 1}));
  std::vector<std::int64_t> seeds;
  for (const auto& row : c.plan.rows) seeds.push_back(row.seed);
  EXPECT_EQ(file.read<std::int64_t>("/seed"), seeds);
  EXPECT_EQ(file.read<std::int8_t>("/status"), std::vector<std::int8_t>(12, 0));
  EXPECT_EQ(file.dataset("/status").flag_meanings, (Labels{"done", "failed", "missing"}));
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"filetype", "swarmsim-study"}, {"format_version", "1"}, {"Conventions", "CF-1.10"}, {"name", "prices"}, {"question", "What does it cost?"}, {"study", kGrid},
           {"design", "grid"}, {"points", "6"}, {"replicates", "2"}, {"master_seed", "1"}, {"common_random_numbers", "0"}, {"factors", "markup\ncarbon_price"},
           {"swarmsim_version", c.plan.version}, {"source_revision", c.plan.revision}})
    EXPECT_EQ(file.attribute_text(name), value);
}

TEST(Collect, FailedAndMissingRunsHaveNoValues) {
  const Collected c;
  for (std::int64_t run = 0; run < 12; ++run) {
    if (run == 4) c.failed("w", run);
    else if (run != 7) c.done("w", run);
  }
  const io::ResultReader file(c.file());
  std::vector<bool> expected(12, false);
  expected[4] = expected[7] = true;
  EXPECT_EQ(gaps(file.read<double>("/cost_usd")), expected);
  EXPECT_EQ(gaps(file.read<double>("/served")), expected);
  std::vector<std::int8_t> status(12, 0);
  status[4] = 1;
  status[7] = 2;
  EXPECT_EQ(file.read<std::int8_t>("/status"), status);
}

TEST(Collect, NothingDoneYet) {
  const Collected c;
  const io::ResultReader file(c.file());
  EXPECT_EQ(file.read<std::int8_t>("/status"), std::vector<std::int8_t>(12, 2));
  EXPECT_FALSE(file.has("/cost_usd"));
  EXPECT_EQ(file.read<double>("/markup").size(), 2u);
}

// A factor may choose the regions: then the axis has all of them, and a run values for its own.
TEST(Collect, TablesWhoseLabelsDifferBetweenRuns) {
  const Collected c;
  for (std::int64_t run = 0; run < 12; ++run) c.done("w", run, run < 6 ? figures(run) : figures(run, {"DE", "BD"}));
  const io::ResultReader file(c.file());
  EXPECT_EQ(file.read_text("/region"), (Labels{"BD", "KE", "DE"}));
  const auto energy = file.read<double>("/energy_kwh_by_region");
  for (std::size_t run = 0; run < 12; ++run) {
    const double base = 1000.0 * static_cast<double>(run);
    EXPECT_EQ(energy[3 * run], base + 'B');
    EXPECT_EQ(std::isnan(energy[3 * run + 1]), run >= 6);
    EXPECT_EQ(std::isnan(energy[3 * run + 2]), run < 6);
    EXPECT_EQ(energy[3 * run + (run < 6 ? 1 : 2)], base + (run < 6 ? 'K' : 'D'));
  }
  EXPECT_EQ(file.read<double>("/served")[11], -11);
}

TEST(Collect, OutcomesThatOnlySomeRunsHave) {
  const Collected c;
  Figures more = figures(0);
  more.layout.columns.push_back({"extra", "1", "more", "executed", ""});
  more.values.push_back(5);
  c.done("w", 0, more);
  c.done("w", 1);
  const io::ResultReader file(c.file());
  const auto extra = file.read<double>("/extra");
  EXPECT_EQ(extra[0], 5);
  EXPECT_EQ(std::count_if(extra.begin(), extra.end(), [](double x) { return std::isnan(x); }), 11);
}

TEST(Collect, AFactorMayHaveTheNameOfAnOutcomeOrOfItsAxis) {
  const Collected c("[study]\nscenario = \"scenario.toml\"\n[[factor]]\nkey = \"pricing.markup\"\nname = \"cost_usd\"\nvalues = [0.1, 0.2]\n"
                    "[[factor]]\nkey = \"regions\"\nname = \"region\"\nvalues = [[\"BD\"], [\"KE\"]]\n");
  for (std::int64_t run = 0; run < 4; ++run) c.done("w", run);
  const io::ResultReader file(c.file());
  EXPECT_EQ(file.read<double>("/cost_usd"), (std::vector<double>{0.1, 0.2}));
  EXPECT_EQ(file.read<double>("/outcome_cost_usd"), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(file.read_text("/region"), (Labels{"[\"BD\"]", "[\"KE\"]"}));
  EXPECT_EQ(file.read_text("/outcome_region"), (Labels{"BD", "KE"}));
  EXPECT_EQ(file.dataset("/energy_kwh_by_region").axes, (Labels{"cost_usd", "region", "replicate", "outcome_region"}));
}

TEST(Collect, PointsOfOtherDesigns) {
  const Collected c("[study]\nscenario = \"scenario.toml\"\ndesign = \"saltelli\"\npoints = 2\nreplicates = 2\n"
                    "[[factor]]\nkey = \"pricing.markup\"\nmin = 0.1\nmax = 0.5\n"
                    "[[factor]]\nname = \"rule\"\nlevels = [{name = \"flat\"}, {name = \"legacy\", set = [\"pricing.rule=legacy\"]}]\n");
  for (std::int64_t run = 0; run < 16; ++run) c.done("w", run);
  const io::ResultReader file(c.file());
  EXPECT_EQ(file.dataset("/cost_usd").axes, (Labels{"point", "replicate"}));
  EXPECT_EQ(file.dataset("/energy_kwh_by_region").axes, (Labels{"point", "replicate", "region"}));
  EXPECT_EQ(file.dataset("/markup").axes, Labels{"point"});
  EXPECT_EQ(file.dataset("/seed").axes, (Labels{"point", "replicate"}));
  EXPECT_EQ(file.read<std::int64_t>("/point"), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(file.read<std::int64_t>("/sample"), (std::vector<std::int64_t>{0, 0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(file.read<std::int64_t>("/matrix"), (std::vector<std::int64_t>{0, 2, 3, 1, 0, 2, 3, 1}));
  const auto rule = file.read_text("/rule");
  const auto markup = file.read<double>("/markup");
  for (std::size_t p = 0; p < 8; ++p) {
    EXPECT_EQ(rule.at(p), c.plan.rows[2 * p].cells[1]);
    EXPECT_EQ(markup.at(p), std::stod(c.plan.rows[2 * p].cells[0]));
  }
  EXPECT_EQ(file.attribute_text("factors"), "markup\nrule");
}

// ---- the digest depends on the design and the results alone ----------------------------------------------------------

TEST(CollectDigest, OfWhoDidWhichRunInWhichOrder) {
  const auto by = [](const std::function<std::string(std::int64_t)>& worker, bool backwards, bool failures) {
    const Collected c;
    for (std::int64_t i = 0; i < 12; ++i) {
      const std::int64_t run = backwards ? 11 - i : i;
      if (failures && run % 3 == 0) c.failed("a", run);
      // Regions that differ, so that the order of runs could decide the order of labels.
      c.done(worker(run), run, figures(run, run % 2 ? Labels{"DE", "BD"} : Labels{"BD", "KE"}));
      if (failures && run % 4 == 0) c.failed("z", run);
    }
    return c.digest();
  };
  const std::string one = by([](std::int64_t) { return "local-0"; }, false, false);
  EXPECT_EQ(by([](std::int64_t) { return "local-0"; }, true, false), one);
  EXPECT_EQ(by([](std::int64_t run) { return "w" + std::to_string(run % 3); }, false, false), one);
  EXPECT_EQ(by([](std::int64_t run) { return "w" + std::to_string(11 - run); }, true, true), one);
}

TEST(CollectDigest, SeesEveryValueAndEveryGap) {
  const auto with = [](const std::function<void(const Collected&)>& last, const std::vector<std::string>& overrides = {}) {
    const Collected c(kGrid, overrides);
    for (std::int64_t run = 0; run < 11; ++run) c.done("w", run);
    last(c);
    return c.digest();
  };
  const std::string one = with([](const Collected& c) { c.done("w", 11); });
  EXPECT_EQ(with([](const Collected& c) { c.done("w", 11); }), one);
  EXPECT_NE(with([](const Collected& c) { c.done("w", 11, figures(12)); }), one);
  EXPECT_NE(with([](const Collected& c) { c.failed("w", 11); }), one);
  EXPECT_NE(with([](const Collected&) {}), one);
  EXPECT_NE(with([](const Collected& c) { c.failed("w", 11); }), with([](const Collected&) {}));
  EXPECT_NE(with([](const Collected& c) { c.done("w", 11); }, {"study.seed=2"}), one);
}

TEST(Collect, ReplacesAnOlderFileOrLeavesIt) {
  const Collected c;
  c.folder.write("study.h5", "old");
  c.done("w", 0);
  EXPECT_EQ(io::ResultReader(c.file()).read<double>("/cost_usd")[0], 0);
  EXPECT_NE(said([&] { collect(c.plan, state_of(c.plan, c.results()), c.folder / "no/study.h5"); }).find("No such file or directory"), std::string::npos);
}

}  // namespace
