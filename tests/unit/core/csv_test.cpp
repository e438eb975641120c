#include "sim/core/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace {

using namespace swarm;

/// The text of the InputError that `action` throws; "" if it throws none.
template <class Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}
std::string refusal_of(std::string text) {
  return refusal([&] { CsvTable::parse(std::move(text), "t.csv"); });
}

TEST(Csv, ReadsCellsByNameAndPlace) {
  const CsvTable t = CsvTable::parse("zone,ci,price\nDE,350.5,\nFR, 56 ,+1e-3\n", "t.csv");
  ASSERT_EQ(t.rows(), 2u);
  ASSERT_EQ(t.columns(), 3u);
  EXPECT_EQ(t.file(), "t.csv");
  EXPECT_EQ(t.header()[2], "price");
  EXPECT_EQ(t.column("ci"), 1u);
  EXPECT_EQ(t.column("CI"), std::nullopt);
  EXPECT_EQ(t.require_column("price"), 2u);
  EXPECT_EQ(t.cell(1, 0), "FR");
  EXPECT_EQ(t.cell(1, 1), " 56 ");
  EXPECT_EQ(t.number(0, 1), 350.5);
  EXPECT_EQ(t.number(1, 1), 56.0);
  EXPECT_EQ(t.number(1, 2), 1e-3);
  EXPECT_TRUE(std::isnan(t.number(0, 2)));
  EXPECT_EQ(t.line(0), 2);
  EXPECT_EQ(t.line(1), 3);
}

TEST(Csv, QuotesCommasAndLineBreaks) {
  const CsvTable t =
      CsvTable::parse("a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\"\"\r\nlast,1", "t.csv");
  ASSERT_EQ(t.rows(), 3u);
  EXPECT_EQ(t.cell(0, 0), "x, y");
  EXPECT_EQ(t.cell(0, 1), "say \"hi\"");
  EXPECT_EQ(t.cell(1, 0), "two\nlines");
  EXPECT_EQ(t.cell(1, 1), "");
  EXPECT_EQ(t.cell(2, 1), "1");
  EXPECT_EQ(t.line(1), 3);
  EXPECT_EQ(t.line(2), 5);
}

TEST(Csv, ByteOrderMarkBlankLinesAndIndexColumn) {
  const CsvTable t = CsvTable::parse("\xEF\xBB\xBF\n,b\n\n1,2\n \t \n3,4\n\n", "t.csv");
  ASSERT_EQ(t.rows(), 2u);
  EXPECT_EQ(t.header()[0], "");
  EXPECT_EQ(t.column("b"), 1u);
  EXPECT_EQ(t.line(0), 4);
  EXPECT_EQ(t.line(1), 6);
  EXPECT_EQ(t.number(1, 0), 3.0);
  EXPECT_EQ(CsvTable::parse("only,header", "t.csv").rows(), 0u);
  EXPECT_EQ(CsvTable::parse("a,b\n,\n", "t.csv").rows(), 1u);  // cells, though empty: not a blank line
}

// A short text lies inside its string object: views must survive the table being moved and copied.
TEST(Csv, ViewsSurviveMoveAndCopy) {
  auto original = std::make_unique<CsvTable>(CsvTable::parse("a\n1\n", "t.csv"));
  const CsvTable copy = *original;
  const CsvTable moved = std::move(*original);
  original.reset();
  EXPECT_EQ(copy.cell(0, 0), "1");
  EXPECT_EQ(moved.cell(0, 0), "1");
  EXPECT_EQ(moved.header()[0], "a");
}

TEST(Csv, AllProblemsOfAFileAtOnce) {
  const std::string text = refusal_of("a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,\"2\"x,3\n1,2\"2,3\n1,2,\xFF\n");
  EXPECT_NE(text.find("t.csv:2: this row has 2 cells, the header has 3 ("), std::string::npos) << text;
  EXPECT_NE(text.find("t.csv:4: this row has 4 cells"), std::string::npos) << text;
  EXPECT_NE(text.find("t.csv:5:6: text follows a closing quote"), std::string::npos) << text;
  EXPECT_NE(text.find("t.csv:6:4: a quote stands inside a cell"), std::string::npos) << text;
  EXPECT_NE(text.find("t.csv:7:5: byte 0xFF is not UTF-8"), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  EXPECT_EQ(text.find("t.csv:3"), std::string::npos);
}

TEST(Csv, ProblemsAreCapped) {
  std::string text = "a,b\n";
  for (int i = 0; i < 1000; ++i) text += "1\n";
  try {
    CsvTable::parse(text, "t.csv");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.problems().size(), 20u);
  }
}

TEST(Csv, UnclosedQuoteNamesTheLineThatOpensIt) {
  const std::string text = refusal_of("a,b\n1,2\n3,\"4\n5,6\n7,8\n");
  EXPECT_NE(text.find("t.csv:3:3: the quote opened here is never closed"), std::string::npos) << text;
}

TEST(Csv, HeaderIsChecked) {
  for (const char* empty : {"", "\n \n", "\xEF\xBB\xBF"})
    EXPECT_NE(refusal_of(empty).find("t.csv:1: there is no header line"), std::string::npos);
  EXPECT_NE(refusal_of("a,b,\n").find("t.csv:1:5: column 3 has no name"), std::string::npos);
  EXPECT_NE(refusal_of("a\rb\n").find("carriage return"), std::string::npos);
}

TEST(Csv, ANameThatStandsTwiceIsNoWayToAColumn) {
  const CsvTable t = CsvTable::parse("a,b,a\n1,2,3\n", "t.csv");
  EXPECT_EQ(t.number(0, 2), 3.0);
  EXPECT_EQ(t.column("b"), 1u);
  EXPECT_EQ(refusal([&] { t.column("a"); }).find("t.csv:1: column \"a\" appears twice"), 0u);
  EXPECT_EQ(refusal([&] { t.require_column("a"); }).find("t.csv:1: column \"a\" appears twice"), 0u);
}

TEST(Csv, EncodingIsChecked) {
  EXPECT_EQ(refusal_of("ünïcödé,€,𝄞\n1,2,3\n"), "");
  // Latin-1, overlong '/', a surrogate, beyond U+10FFFF, a cut sequence, a lone continuation, a zero byte
  for (const char* bad : {"caf\xE9", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_NE(refusal_of(std::string("name\nlonger than a word\n") + bad + "\n").find("t.csv:3:"),
              std::string::npos)
        << bad;
  EXPECT_NE(refusal_of(std::string("a\n\0\n", 4)).find("byte 0x00"), std::string::npos);
}

TEST(Csv, NumbersAreDecimalAndFinite) {
  for (const char* bad :
       {"nan", "inf", "-inf", "NaN", "1,5", "1 2", "0x10", "12kg", "--1", "+-1", "1e999", "+", "abc"}) {
    const CsvTable t = CsvTable::parse("a,value\n1,\"" + std::string(bad) + "\"\n", "t.csv");
    const std::string text = refusal([&] { t.number(0, 1); });
    EXPECT_EQ(text.find("t.csv:2:3: \"" + std::string(bad) + "\" in column \"value\" is "), 0u) << text;
  }
  const CsvTable t = CsvTable::parse("a\n-1.5e300\n0\n-0\n.5\n17\n", "t.csv");
  EXPECT_EQ(t.number(0, 0), -1.5e300);
  EXPECT_EQ(t.number(3, 0), 0.5);
}

TEST(Csv, PlacesCountCharactersAndLinesOfTheFile) {
  const CsvTable t = CsvTable::parse("a,b,c\nüü,\"x\ny\",bad\nz,\"q\",w\n", "t.csv");
  const Diagnostic second = t.problem(0, 1, "what", "why", "do");
  EXPECT_EQ(second.line, 2);
  EXPECT_EQ(second.column, 4);  // at the quote, after two umlauts and a comma
  const Diagnostic third = t.problem(0, 2, "what", "why", "do");
  EXPECT_EQ(third.line, 3);  // the quoted cell went on to line 3
  EXPECT_EQ(third.column, 4);
  EXPECT_EQ(t.problem(1, 0, "what", "why", "do").text(), "t.csv:4:1: what (why) do");
}

TEST(Csv, MissingColumnSaysWhatThereIs) {
  const CsvTable t = CsvTable::parse("\nzone,intensity\n", "t.csv");
  const std::string text = refusal([&] { t.require_column("intensty"); });
  EXPECT_EQ(text,
            "t.csv:2: there is no column \"intensty\" (the columns are zone, intensity) did you mean "
            "\"intensity\"?");
}

TEST(Csv, CellsReadBackAsTheyWereWritten) {
  EXPECT_EQ(csv_cell("plain text"), "plain text");
  EXPECT_EQ(csv_cell("say \"a,b\""), "\"say \"\"a,b\"\"\"");
  const std::vector<std::string> cells{"a", "b,c", "d\"e", "f\ng", "\"", " h "};
  std::string text = "1,2,3,4,5,6\n";
  for (const auto& cell : cells) text.append(csv_cell(cell)).append(1, ',');
  text.back() = '\n';
  const CsvTable table = CsvTable::parse(text, "cells");
  for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(table.cell(0, i), cells[i]);
}

TEST(Csv, MissingFileAndFolder) {
  EXPECT_NE(refusal([] {
              CsvTable::read("/nowhere/at/all.csv");
            }).find("/nowhere/at/all.csv: there is no such file"),
            std::string::npos);
  EXPECT_NE(refusal([] { CsvTable::read("/"); }).find("this is a folder"), std::string::npos);
}

TEST(Csv, ReadsAFileLargerThanItsBuffer) {
  const auto path = std::filesystem::temp_directory_path() / "swarm_csv_test.csv";
  {
    std::ofstream out(path);
    out << "i,text\n";
    for (int i = 0; i < 60000; ++i) out << i << ",row number " << i << '\n';
  }
  const CsvTable t = CsvTable::read(path);
  std::filesystem::remove(path);
  ASSERT_EQ(t.rows(), 60000u);
  for (std::size_t row : {0u, 29999u, 59999u}) EXPECT_EQ(t.number(row, 0), static_cast<double>(row));
}

TEST(Csv, RealDataIsReadWhole) {
  const char* variable = std::getenv("SWARM_SHARED");
  const std::filesystem::path folder = variable != nullptr ? variable : SWARM_SOURCE_DIR "/../shared/data";
  const auto file = folder / "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "real data absent: " << file;
  const CsvTable t = CsvTable::read(file);
  EXPECT_EQ(t.rows(), 8760u);
  EXPECT_EQ(t.columns(), 124u);
  for (std::size_t row = 0; row < t.rows(); row += 97)
    for (std::size_t col = 1; col < t.columns(); ++col) EXPECT_GE(t.number(row, col), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const bool small = entry.is_regular_file() && entry.file_size() < 300'000;
    if (small && entry.path().extension() == ".csv") {
      EXPECT_EQ(refusal([&] { CsvTable::read(entry.path()); }), "") << entry.path();
    }
  }
}

}  // namespace
