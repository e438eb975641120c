#include "sim/study/run_records.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <limits>
#include <map>
#include <set>

#include "tests/unit/study/study_support.hpp"

namespace {

using namespace swarm;
using namespace swarm::study;
using namespace swarm::study::support;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Figures figures(std::vector<double> values, std::vector<std::string> regions = {"BD", "KE"}) {
  Figures f;
  f.layout.columns = {{"e", "kWh", "\"x\"", "modelled", ""}, {"w", "s", "é", "executed", "region"}};
  f.layout.labels["region"] = std::move(regions);
  f.values = std::move(values);
  return f;
}

std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> out;
  for (const double v : values) out.push_back(std::bit_cast<std::uint64_t>(v));
  return out;
}

TEST(RunRecords, RoundTripBitForBit) {
  const Folder folder;
  const std::vector<double> awkward{0.1, -0.0, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, -1e-300, 3, 1e22, 0x1.fffffffffffffp-1, 123456789012345680.0,
                                    1.0 / 3, kNaN};
  std::vector<double> values;
  {
    RecordWriter writer(folder / "w.jsonl");
    for (std::size_t i = 0; i + 2 < awkward.size(); ++i) {
      writer.done(static_cast<std::int64_t>(i), "id", 0.25, figures({awkward[i], awkward[i + 1], awkward[i + 2]}));
    }
    writer.failed(99, "odd", {3, 11, "tab\t \"quote\" new\nline é \xff", "logs/w.log"});
  }
  const Records records = read_records(folder.path());
  EXPECT_TRUE(records.damaged.empty());
  ASSERT_EQ(records.records.size(), awkward.size() - 1);
  for (std::size_t i = 0; i + 2 < awkward.size(); ++i) {
    const RunRecord& r = records.records[i];
    EXPECT_TRUE(r.done);
    EXPECT_EQ(r.run, static_cast<std::int64_t>(i));
    EXPECT_EQ(r.seconds, 0.25);
    EXPECT_EQ(bits(r.values), bits({awkward[i], awkward[i + 1], awkward[i + 2]}));
    EXPECT_EQ(*r.layout, figures({}).layout);
  }
  const RunRecord& failed = records.records.back();
  EXPECT_FALSE(failed.done);
  EXPECT_EQ(failed.id + "|" + failed.failure.log, "odd|logs/w.log");
  EXPECT_EQ(failed.failure.exit_code * 100 + failed.failure.signal, 311);
  EXPECT_EQ(failed.failure.message, "tab\t \"quote\" new\nline é \xEF\xBF\xBD");  // what is no text is marked as such
}

TEST(RunRecords, InfinityIsNoValue) {
  const Folder folder;
  RecordWriter(folder / "w.jsonl").done(0, "id", 1, figures({std::numeric_limits<double>::infinity(), 1, 2}));
  EXPECT_TRUE(std::isnan(read_records(folder.path()).records.at(0).values[0]));
}

TEST(RunRecords, FilesByNameAndOnlyThose) {
  const Folder folder;
  for (const char* name : {"b.jsonl", "a.jsonl"}) RecordWriter(folder / name).failed(name[0], "id", {1, 0, "", ""});
  folder.write("notes.txt", "x");
  const Records records = read_records(folder.path());
  ASSERT_EQ(records.records.size(), 2u);
  EXPECT_EQ(records.records[0].run, 'a');
  EXPECT_TRUE(read_records(folder / "absent").records.empty());
  std::filesystem::create_directory(folder / "c.jsonl");
  EXPECT_NE(said([&] { read_records(folder.path()); }).find("c.jsonl: cannot be read (it is a folder)"), std::string::npos);
  EXPECT_NE(said([&] { read_records(folder / "notes.txt"); }).find("notes.txt: cannot be read"), std::string::npos);  // no folder, not "nothing done"
}

TEST(RunRecords, TwoWritersOfOneFile) {
  const Folder folder;
  {
    RecordWriter first(folder / "w.jsonl");
    EXPECT_NE(said([&] { RecordWriter second(folder / "w.jsonl"); }).find("w.jsonl: is being written by another run"), std::string::npos);
    first.failed(1, "id", {1, 0, "", ""});
    RecordWriter(folder / "other.jsonl").failed(2, "id", {1, 0, "", ""});
  }
  RecordWriter(folder / "w.jsonl").failed(3, "id", {1, 0, "", ""});
  EXPECT_EQ(read_records(folder.path()).records.size(), 3u);
  EXPECT_NE(said([&] { RecordWriter(folder / "no/w.jsonl"); }).find("no/w.jsonl: cannot be opened (No such file"), std::string::npos);
}

// ---- kills and damage ----------------------------------------------------------------------------------------------

/// A file of four done runs and a failed one, as one worker wrote it.
std::string small_file(const Folder& folder) {
  RecordWriter writer(folder / "w.jsonl");
  for (int i = 0; i < 4; ++i) {
    if (i == 2) writer.failed(7, "bad", {2, 0, "why", "logs/w.log"});
    writer.done(10 * i, "id" + std::to_string(i), 1.5, figures({i + 0.1, kNaN, -1.0 * i}));
  }
  return read_text_file(folder / "w.jsonl");
}

using Found = std::map<std::int64_t, std::string>;

std::string text_of(const RunRecord& r) {
  return fmt::format("{}|{}|{}|{}", r.id, r.done, r.failure.message, fmt::join(bits(r.values), "|"));
}

Found found(const Records& records) {
  Found out;
  for (const auto& r : records.records) out[r.run] += text_of(r);
  return out;
}

/// The record that each line holds; of a line that explains others none.
std::vector<std::int64_t> runs_of_lines(const std::string& text) {
  std::vector<std::int64_t> runs;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) runs.push_back(text.compare(at, 7, "{\"run\":") == 0 ? std::atoll(text.c_str() + at + 7) : -1);
  return runs;
}

/// In place: to write the file anew takes some file systems a hundred times as long.
void poke(const std::filesystem::path& file, std::size_t place, char by) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(place));
  out.put(by);
}

/// What a change of the byte at `place` to `by` breaks that it must not; "" if nothing.
std::string broken_by(const Folder& folder, const std::string& text, const Found& whole, std::size_t place, char by) {
  const auto line = static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n'));
  const auto runs = runs_of_lines(text);
  std::set<std::int64_t> may_miss{runs[line]};
  if (text[place] == '\n' && line + 1 < runs.size()) may_miss.insert(runs[line + 1]);  // two lines become one
  poke(folder / "w.jsonl", place, by);
  const Records records = read_records(folder.path());
  poke(folder / "w.jsonl", place, text[place]);
  const Found left = found(records);
  for (const auto& [run, value] : left)
    if (!whole.contains(run) || whole.at(run) != value) return "run " + std::to_string(run) + " is another one";
  bool misses = false;
  for (const auto& [run, value] : whole) {
    if (left.contains(run)) continue;
    misses = true;
    if (!may_miss.contains(run)) return "run " + std::to_string(run) + " is lost";
  }
  const bool torn = place + 1 == text.size();  // an end that is missing is what a kill leaves: nothing to complain about
  if (misses && !torn && records.damaged.empty()) return "a loss is not named";
  for (const auto& d : records.damaged)
    if (d.file != folder / "w.jsonl" || d.line < static_cast<int>(line) + 1 || d.line > static_cast<int>(line) + 2) return "line " + std::to_string(d.line) + " is named";
  return "";
}

std::string broken_by_any_byte(const Folder& folder, const std::string& text) {
  folder.write("w.jsonl", text);
  const Found whole = found(read_records(folder.path()));
  for (std::size_t place = 0; place < text.size(); ++place)
    for (const char by : {'\n', '"', static_cast<char>(text[place] ^ 1)}) {
      if (by == text[place]) continue;
      if (const std::string what = broken_by(folder, text, whole, place, by); !what.empty()) return "byte " + std::to_string(place) + ": " + what;
    }
  return "";
}

TEST(RunRecords, DamageOfAnyByteCostsItsLineOnly) {
  const Folder folder;
  const std::string text = small_file(folder);
  EXPECT_EQ(found(read_records(folder.path())).size(), 5u);
  EXPECT_EQ(broken_by_any_byte(folder, text), "");
  // Mutant: a file whose layout is written once. Then a fault in it costs every record.
  std::string once = text;
  const std::string layout = text.substr(0, text.find('\n') + 1);
  for (std::size_t at = layout.size(); (at = once.find(layout, layout.size())) != once.npos;) once.erase(at, layout.size());
  EXPECT_NE(broken_by_any_byte(folder, once).find("is lost"), std::string::npos);
}

TEST(RunRecords, WhatIsWrongWithALineIsSaid) {
  const Folder folder;
  const std::string text = small_file(folder);
  const auto damage = [&](const std::string& changed) {
    folder.write("w.jsonl", changed);
    const auto damaged = read_records(folder.path()).damaged;
    std::string out;
    for (const auto& d : damaged) out += d.text() + "\n";
    for (std::size_t at; (at = out.find(folder.path().string() + "/")) != out.npos;) out.erase(at, folder.path().string().size() + 1);
    return out;
  };
  const auto message = [](int line, const std::string& why) {
    return fmt::format("w.jsonl:{}:1: a line of results is damaged ({}) the run counts as missing; 'swarmsim sweep' with the same study does it again.\n", line, why);
  };
  std::string changed = text;
  changed[changed.find("0.1") + 2] = '2';
  EXPECT_EQ(damage(changed), message(2, "its checksum does not match"));
  EXPECT_EQ(damage("hello\n" + text), message(1, "the line is not complete"));
  EXPECT_EQ(damage(text + "\n"), message(8, "the line is not complete"));
  // A record whose layout is in no file.
  const std::string record = text.substr(text.find("\n{\"run\"") + 1);
  EXPECT_EQ(damage(record.substr(0, record.find('\n') + 1)), message(1, "the line that says what its values mean is lost"));
  // … and one that another file explains.
  folder.write("v.jsonl", text.substr(0, text.find('\n') + 1));
  EXPECT_EQ(damage(record.substr(0, record.find('\n') + 1)), "");
}

/// How many records the first `length` bytes hold completely.
std::size_t complete_records(const std::string& text, std::size_t length) {
  const auto runs = runs_of_lines(text);
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), '\n');
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.begin() + lines, [](auto r) { return r >= 0; }));
}

// A kill may end the file anywhere. What was complete is there, and the next writer goes on behind it.
TEST(RunRecords, ATornEndIsDroppedAndRepaired) {
  const Folder folder;
  const std::string text = small_file(folder);
  for (std::size_t length = text.size() + 1; length-- > 0;) {
    std::filesystem::resize_file(folder / "w.jsonl", length);
    const Records records = read_records(folder.path());
    ASSERT_TRUE(records.damaged.empty()) << length;
    ASSERT_EQ(records.records.size(), complete_records(text, length)) << length;
  }
  for (std::size_t length = 0; length <= text.size(); length += 97) {
    folder.write("w.jsonl", text.substr(0, length));
    RecordWriter(folder / "w.jsonl").done(50, "new", 1, figures({1, 2, 3}));
    const Records after = read_records(folder.path());
    ASSERT_TRUE(after.damaged.empty()) << length;
    ASSERT_EQ(after.records.size(), complete_records(text, length) + 1) << length;
    EXPECT_EQ(after.records.back().run, 50);
  }
}

// A disk that is full, as a limit on the size of files.
TEST(RunRecords, AFullDiskLeavesNothingOfTheLine) {
  const Folder folder;
  const std::string text = small_file(folder);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  int refused = 0, written = 0;
  for (rlim_t room = 0; room < 1200; room += 61) {
    folder.write("w.jsonl", text);
    {
      RecordWriter writer(folder / "w.jsonl");
      const rlimit limit{text.size() + room, before.rlim_max};
      ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
      const std::string what = said([&] { writer.done(50, "new", 1, figures({1, 2, 3})); });
      setrlimit(RLIMIT_FSIZE, &before);
      if (what.empty()) {
        ++written;
        continue;
      }
      ++refused;
      EXPECT_NE(what.find("w.jsonl: results cannot be written (File too large) make room, then continue the study; what was done is kept."), std::string::npos) << what;
      EXPECT_EQ(read_text_file(folder / "w.jsonl"), text);
      writer.done(51, "then", 1, figures({1, 2, 3}));  // with room again
    }
    const Records after = read_records(folder.path());
    EXPECT_TRUE(after.damaged.empty());
    EXPECT_EQ(after.records.back().run, 51);
  }
  std::signal(SIGXFSZ, old);
  EXPECT_GT(refused, 3);
  EXPECT_GT(written, 3);
}

// In a long file a layout comes again and again; two layouts do not mix.
TEST(RunRecords, LayoutsOfManyRecords) {
  const Folder folder;
  {
    RecordWriter writer(folder / "w.jsonl");
    for (int i = 0; i < 100; ++i) writer.done(i, "id", 1, i % 2 ? figures({1, 2, 3}) : figures({4, 5}, {"DE"}));
  }
  const std::string text = read_text_file(folder / "w.jsonl");
  const auto runs = runs_of_lines(text);
  EXPECT_EQ(std::count(runs.begin(), runs.end(), -1), 2 * 3);  // of 50 records each: before the 1st, 2nd and 33rd
  const Records records = read_records(folder.path());
  ASSERT_EQ(records.records.size(), 100u);
  for (const auto& r : records.records) EXPECT_EQ(r.layout->labels.at("region"), (r.run % 2 ? std::vector<std::string>{"BD", "KE"} : std::vector<std::string>{"DE"}));
  EXPECT_EQ(records.records[0].layout.get(), records.records[98].layout.get());  // shared, not copied
}

}  // namespace
