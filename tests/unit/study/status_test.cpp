#include "sim/study/status.hpp"

#include <gtest/gtest.h>

#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

/// The folder of kGrid (12 runs), to which records are added.
struct Begun : StudyTest {
  explicit Begun(const std::vector<std::string>& overrides = {}) : StudyTest(kGrid, overrides), plan(record()) { results().begin(plan); }
  const std::string& id(std::int64_t run) const { return plan.rows.at(static_cast<std::size_t>(run)).id; }
  void done(const std::string& worker, std::int64_t run, double value = 1) const {
    Figures f;
    f.layout.columns = {{"x", "1", "x", "executed", ""}};
    f.values = {value};
    RecordWriter(results().results_of(worker)).done(run, id(run), 2, f);
  }
  void failed(const std::string& worker, std::int64_t run, const std::string& message = "why") const {
    RecordWriter(results().results_of(worker)).failed(run, id(run), {2, 0, message, "logs/w.log"});
  }
  StudyState state() const { return state_of(plan, results()); }

  StudyRecord plan;
};

TEST(Status, WhatIsDoneFailedAndMissing) {
  const Begun b;
  EXPECT_EQ(b.state().missing, 12u);
  b.done("w0", 3);
  b.failed("w0", 4, "first");
  b.failed("w1", 4, "second");
  b.done("w1", 5);
  const StudyState s = b.state();
  EXPECT_EQ(s.done * 10000 + s.failed * 100 + s.missing, 2u * 10000 + 1 * 100 + 9);
  EXPECT_EQ(s.seconds, 4);
  EXPECT_EQ(s.runs[3].status, RunStatus::done);
  EXPECT_EQ(s.runs[4].status, RunStatus::failed);
  EXPECT_EQ(s.runs[4].attempts, 2);
  EXPECT_EQ(s.runs[4].record->failure.message, "second");
  EXPECT_EQ(s.runs[0].status, RunStatus::missing);
  EXPECT_EQ(s.runs[0].record, nullptr);
  EXPECT_EQ(most_attempts(s), 2);
}

// Whatever failed before or after it, a success counts; of two the first in order.
TEST(Status, ASuccessCounts) {
  const Begun b;
  b.failed("w0", 1);
  b.done("w1", 1, 7);
  b.failed("w2", 1);
  b.done("w3", 1, 8);
  const StudyState s = b.state();
  EXPECT_EQ(s.runs[1].status, RunStatus::done);
  EXPECT_EQ(s.runs[1].attempts, 2);
  EXPECT_EQ(s.runs[1].record->values, std::vector<double>{7});
  EXPECT_EQ(most_attempts(s), 0);  // of runs that are failed now
}

TEST(Status, RecordsOfOtherRunsDoNotCount) {
  const Begun b;
  RecordWriter(b.results().results_of("w0")).failed(2, "0000000000000000", {1, 0, "", ""});
  RecordWriter(b.results().results_of("w0")).failed(12, b.id(1), {1, 0, "", ""});
  RecordWriter(b.results().results_of("w0")).failed(-1, b.id(1), {1, 0, "", ""});
  EXPECT_EQ(b.state().missing, 12u);
}

TEST(Status, RunsToDo) {
  const Begun b;
  b.done("w0", 0);
  b.failed("w0", 1);
  b.failed("w0", 2);
  b.failed("w0", 2);
  const auto runs = [&](int attempts) { return runs_to_do(b.plan, b.state(), attempts); };
  EXPECT_EQ(runs(1), (std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(runs(2), (std::vector<std::int64_t>{1, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(runs(3), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(runs(most_attempts(b.state()) + 1), runs(3));
}

// Runs of one seed come together, so that a worker that gets them in a row trains its specialists once.
TEST(Status, RunsOfOneSeedComeTogether) {
  const Begun b({"study.common_random_numbers=true"});
  EXPECT_EQ(runs_to_do(b.plan, b.state(), 1), (std::vector<std::int64_t>{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}));
}

TEST(Failures, OneLineForEachRunThatIsFailedNow) {
  const Begun b;
  b.failed("w0", 3, "tab\there\nand a line");
  b.failed("w0", 5, "again");
  b.failed("w0", 5, "and again");
  b.failed("w0", 6);
  b.done("w0", 6);
  write_failures(b.results(), b.plan, b.state());
  const DesignRow &r3 = b.plan.rows[3], &r5 = b.plan.rows[5];
  const std::string head = "run\tpoint\treplicate\tid\tattempts\texit_code\tsignal\tmessage\tlog\tcommand\n";
  const std::string run = "cd " + b.folder.path().string() + " && swarmsim run scenario.toml";
  EXPECT_EQ(read_text_file(b.results().failures()),
            head + "3\t1\t1\t" + r3.id + "\t1\t2\t0\ttab here and a line\tlogs/w.log\t" + run +
                " --set pricing.markup=0.1 --set pricing.carbon_price_usd_per_t=50 --seed " +
                std::to_string(r3.seed) + " -o run-3.h5\n5\t2\t1\t" + r5.id + "\t2\t2\t0\tand again\tlogs/w.log\t" + run +
                " --set pricing.markup=0.1 --set pricing.carbon_price_usd_per_t=100 --seed " + std::to_string(r5.seed) + " -o run-5.h5\n");
  b.done("w0", 3);
  b.done("w0", 5);
  write_failures(b.results(), b.plan, b.state());
  EXPECT_EQ(read_text_file(b.results().failures()), head);
}

// Collecting must not need the files that the study was made from: without them there is no command.
TEST(Failures, WithoutTheTableOfPoints) {
  const StudyTest t("[study]\nscenario = \"scenario.toml\"\ndesign = \"csv\"\nfile = \"p.csv\"\n", {}, kScenario);
  t.folder.write("p.csv", "pricing.markup\n0.1\n0.2\n");
  const StudyRecord plan = t.record();
  t.results().begin(plan);
  RecordWriter(t.results().results_of("w0")).failed(1, plan.rows[1].id, {0, 11, "gone", "logs/w0.log"});
  const auto last_cell = [&] {
    write_failures(t.results(), plan, state_of(plan, t.results()));
    const std::string text = read_text_file(t.results().failures());
    return text.substr(text.rfind('\t') + 1);
  };
  EXPECT_NE(last_cell().find("pricing.markup=0.2"), std::string::npos);
  for (const char* other : {"pricing.markup\n0.1\n", "pricing.markup\n0.1\n0.3\n", "nonsense\n"}) {
    t.folder.write("p.csv", other);
    EXPECT_EQ(last_cell(), "\n") << other;
  }
  std::filesystem::remove(t.folder / "p.csv");
  EXPECT_EQ(last_cell(), "\n");
}

}  // namespace
