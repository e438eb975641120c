#include "sim/workload/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>

#include "sim/workload/arrivals.hpp"
#include "sim/workload/moments.hpp"

namespace swarm::workload {
namespace {

const Random kRequest(42, Stream::request);

std::filesystem::path shared(const char* file) {
  const char* folder = std::getenv("SWARM_SHARED");
  return std::filesystem::path(folder ? folder : SWARM_SOURCE_DIR "/../shared/data") / file;
}

RequestTrace parse(const std::string& rows,
                   const std::string& header = "arrival_s,input_tokens,output_tokens") {
  return RequestTrace::from(CsvTable::parse(header + "\n" + rows, "load.csv"));
}

/// A trace of n requests with uneven gaps and distinct tok counts.
RequestTrace example(std::size_t n) {
  std::string rows;
  double t = 100;
  for (std::size_t i = 0; i < n; ++i) {
    rows += std::to_string(t) + "," + std::to_string(1 + i) + "," + std::to_string(1 + i % 7) + "\n";
    t += static_cast<double>(i * 37 % 11) / 8;
  }
  return parse(rows);
}

RequestColumns slice(const RequestTrace& trace, std::span<const double> shares, std::size_t region, double t0,
                     double t1, const WorkloadParams& p = {}) {
  RequestColumns out;
  trace.slice(p, kRequest, shares, RegionId{static_cast<std::uint16_t>(region)}, 0, t0, t1, 4096, out);
  return out;
}

/// Everything about a request but where it stands in its step.
using Row = std::tuple<double, std::uint32_t, std::uint32_t, ProblemType, float, std::uint32_t, std::uint8_t>;

std::vector<Row> rows_of(const RequestColumns& c, double t0) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < c.size(); ++i)
    rows.emplace_back(c.offset_s[i] + t0, c.tok_in[i], c.tok_out[i], c.type[i], c.complexity[i],
                      c.bank_item[i], c.urgent[i]);
  return rows;
}

TEST(RequestTrace, ReadsAndMeasuresItsSpan) {
  // Stamps 5, 6, 9: span (9 − 5)·3/2 = 6, one mean gap of 2 beyond the last.
  const RequestTrace t = parse("5,10,1\n6,20,2\n9,30,3\n");
  EXPECT_EQ(t.size(), 3u);
  EXPECT_DOUBLE_EQ(t.span_s(), 6);
  const double all[] = {1.0};
  const RequestColumns c = slice(t, all, 0, 0, 12);  // two cycles: 0, 1, 4 and 6, 7, 10
  ASSERT_EQ(c.size(), 6u);
  EXPECT_EQ(c.offset_s, (std::vector<double>{0, 1, 4, 6, 7, 10}));
  EXPECT_EQ(c.tok_in, (std::vector<std::uint32_t>{10, 20, 30, 10, 20, 30}));
  EXPECT_EQ(c.sequence, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
}

TEST(RequestTrace, FindsColumnsByName) {
  const RequestTrace t = parse("7,x,3,0\n9,y,4,1\n", "output_tokens,note,input_tokens,arrival_s");
  EXPECT_EQ(t.tok_in()[0], 3u);
  EXPECT_EQ(t.tok_out()[1], 9u);
}

std::string problems_of(const std::string& rows,
                        const char* header = "arrival_s,input_tokens,output_tokens") {
  try {
    parse(rows, header);
  } catch (const InputError& error) {
    std::string text;
    for (const Diagnostic& d : error.problems()) text += d.text() + "\n";
    return text;
  }
  return "";
}

TEST(RequestTrace, RefusesBadRowsWithTheirLines) {
  EXPECT_EQ(problems_of("0,1,1\n1,1,1\n"), "");
  EXPECT_NE(problems_of("0,1,1\n2,1,1\n1,1,1\n3,1,1\n").find("load.csv:4:"), std::string::npos);  // unsorted
  EXPECT_NE(problems_of("0,1,1\n1,-5,1\n").find("load.csv:3:"), std::string::npos);               // negative
  EXPECT_NE(problems_of("-1,1,1\n1,5,1\n").find("load.csv:2:"), std::string::npos);               // negative
  EXPECT_NE(problems_of("0,1,1\n1,5,many\n").find("load.csv:3:"), std::string::npos);             // no number
  EXPECT_NE(problems_of("0,1,1\n1,,1\n").find("input_tokens is missing"), std::string::npos);     // empty
  EXPECT_NE(problems_of("0,1,1\n1,1,2.5\n").find("not a whole number"), std::string::npos);
  EXPECT_NE(problems_of("0,1\n1,1\n", "arrival_s,input_tokens").find("output_tokens"), std::string::npos);
  EXPECT_NE(problems_of("3,1,1\n3,1,1\n").find("different times"), std::string::npos);
  EXPECT_NE(problems_of("").find("two requests"), std::string::npos);
}

TEST(RequestTrace, ReportsAllProblemsAtOnce) {
  const std::string text = problems_of("0,x,1\n2,1,-1\n1,1,1\n3,0.5,1\n");
  for (const char* line : {"load.csv:2:", "load.csv:3:", "load.csv:4:", "load.csv:5:"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  std::string many;
  for (int i = 0; i < 500; ++i) many += std::to_string(i) + ",-1,1\n";
  EXPECT_NE(problems_of(many).find("480 more problems"), std::string::npos);
}

TEST(RequestTrace, RegionsPartitionItWhateverTheStep) {
  const RequestTrace trace = example(700);
  const double shares[] = {0.5, 0.0, 0.3, 0.2};
  const double end = 3.5 * trace.span_s();
  std::vector<std::vector<Row>> by_region(4);
  for (std::size_t r = 0; r < 4; ++r) by_region[r] = rows_of(slice(trace, shares, r, 0, end), 0);
  EXPECT_TRUE(by_region[1].empty());
  const double one[] = {1.0};
  std::vector<Row> all = rows_of(slice(trace, one, 0, 0, end), 0), joined;
  for (const auto& rows : by_region) joined.insert(joined.end(), rows.begin(), rows.end());
  std::sort(joined.begin(), joined.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(joined, all);
  EXPECT_GE(all.size(), 3u * 700);

  for (double dt : {300.0, 7.3, 1.0})  // the same requests, in the same order, in any steps
    for (std::size_t r = 0; r < 4; ++r) {
      std::vector<Row> rows;
      for (int k = 0; k * dt < end; ++k) {
        const RequestColumns c = slice(trace, shares, r, k * dt, std::min(end, (k + 1) * dt));
        for (const double offset : c.offset_s) EXPECT_TRUE(offset >= 0 && offset <= dt);
        const auto part = rows_of(c, k * dt);
        rows.insert(rows.end(), part.begin(), part.end());
      }
      ASSERT_EQ(rows.size(), by_region[r].size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_NEAR(std::get<0>(rows[i]), std::get<0>(by_region[r][i]), 1e-9);
        std::get<0>(rows[i]) = std::get<0>(by_region[r][i]);
        EXPECT_EQ(rows[i], by_region[r][i]);
      }
    }
}

TEST(RequestTrace, SharesAreRespectedAndCyclesDrawAnew) {
  const RequestTrace trace = example(2000);
  const double shares[] = {0.25, 0.75};
  const double span = trace.span_s();
  std::size_t total = 0, first = 0;
  for (int cycle = 0; cycle < 10; ++cycle) {
    first += slice(trace, shares, 0, cycle * span, (cycle + 1) * span).size();
    total += 2000;
  }
  const auto n = static_cast<double>(total);
  EXPECT_NEAR(static_cast<double>(first), 0.25 * n, 4 * std::sqrt(n * 0.25 * 0.75));
  const auto a = slice(trace, shares, 0, 0, span), b = slice(trace, shares, 0, span, 2 * span);
  EXPECT_NE(a.tok_in, b.tok_in);  // another subset of the rows
  const double one[] = {1.0};
  const auto whole = slice(trace, one, 0, 0, span), again = slice(trace, one, 0, span, 2 * span);
  EXPECT_EQ(whole.tok_in, again.tok_in);  // the trace itself repeats
  EXPECT_NE(whole.bank_item, again.bank_item);
}

TEST(RequestTrace, CutsTokAtBothEnds) {
  const RequestTrace t = parse("0,0,9\n1,100,5\n2,7,0\n");
  const double one[] = {1.0};
  WorkloadParams p;
  p.tok_max = 8;
  const RequestColumns c = slice(t, one, 0, 0, t.span_s(), p);
  EXPECT_EQ(c.tok_in, (std::vector<std::uint32_t>{1, 8, 7}));
  EXPECT_EQ(c.tok_out, (std::vector<std::uint32_t>{8, 5, 1}));
  EXPECT_EQ(c.tok_capped, 2u);
  EXPECT_DOUBLE_EQ(expected_tok(p, t).in, 16.0 / 3);
  EXPECT_DOUBLE_EQ(expected_tok(p, t).out, 14.0 / 3);
}

class RealTrace : public testing::TestWithParam<const char*> {};

TEST_P(RealTrace, IsPartitionedExactly) {
  const auto path = shared(GetParam());
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "real data absent: " << GetParam();
  const RequestTrace trace = RequestTrace::read(path);
  std::vector<double> shares(41);
  for (std::size_t r = 0; r < shares.size(); ++r) shares[r] = static_cast<double>(r + 1) / (41 * 42 / 2.0);
  std::uint64_t tok_in = 0, tok_out = 0;
  std::size_t requests = 0;
  WorkloadParams p;
  p.tok_max = 1e7;
  for (int k = 0; k * 300.0 < trace.span_s(); ++k)
    for (std::size_t r = 0; r < shares.size(); ++r) {
      const auto c = slice(trace, shares, r, k * 300.0, std::min(trace.span_s(), (k + 1) * 300.0), p);
      requests += c.size();
      tok_in += std::accumulate(c.tok_in.begin(), c.tok_in.end(), std::uint64_t{0});
      tok_out += std::accumulate(c.tok_out.begin(), c.tok_out.end(), std::uint64_t{0});
    }
  EXPECT_EQ(requests, trace.size());
  const auto sum = [](std::span<const std::uint32_t> tok) {
    std::uint64_t total = 0;
    for (const std::uint32_t t : tok) total += std::max(t, 1u);
    return total;
  };
  EXPECT_EQ(tok_in, sum(trace.tok_in()));
  EXPECT_EQ(tok_out, sum(trace.tok_out()));
  EXPECT_NEAR(trace.span_s(), 3600, 200);
}

INSTANTIATE_TEST_SUITE_P(Files, RealTrace,
                         testing::Values("llm_traces/azure2023_code.csv", "llm_traces/azure2023_conv.csv",
                                         "llm_traces/mooncake_conversation.csv"));

TEST(RealTrace, AzureMeansAreThePublishedOnes) {  // Patel et al. 2024: conversation 1,155 in and 211 out
  const auto path = shared("llm_traces/azure2023_conv.csv");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "real data absent: llm_traces/azure2023_conv.csv";
  const RequestTrace trace = RequestTrace::read(path);
  EXPECT_EQ(trace.size(), 19366u);
  EXPECT_NEAR(expected_tok(WorkloadParams{}, trace).in, 1155, 1);
  EXPECT_NEAR(expected_tok(WorkloadParams{}, trace).out, 211, 1);
}

RateTrace rate(const std::string& rows) {
  return RateTrace::from(CsvTable::parse("hour_index,approx_requests\n" + rows, "rate.csv"));
}

TEST(RateTrace, MultipliesAroundOneAndRepeats) {
  const RateTrace t = rate("0,10\n1,0\n2,50\n");  // mean 20: factors 0.5, 0, 2.5
  EXPECT_EQ(t.hours(), 3u);
  EXPECT_DOUBLE_EQ(t.mean_factor(0, 3600), 0.5);
  EXPECT_DOUBLE_EQ(t.mean_factor(1800, 5400), 0.25);
  EXPECT_DOUBLE_EQ(t.mean_factor(7200, 7500), 2.5);
  EXPECT_DOUBLE_EQ(t.mean_factor(0, 3 * 3600), 1);
  EXPECT_NEAR(t.mean_factor(9 * 3600, 10 * 3600), 0.5, 1e-12);
  EXPECT_NEAR(t.mean_factor(2.5 * 3600, 3.5 * 3600), 1.5, 1e-12);  // across the seam
}

TEST(RateTrace, RefusesBadSeries) {
  EXPECT_THROW(rate("0,1\n2,1\n"), InputError);
  EXPECT_THROW(rate("0,1\n1,-1\n"), InputError);
  EXPECT_THROW(rate("0,0\n"), InputError);
  EXPECT_THROW(rate(""), InputError);
  EXPECT_THROW(rate("0,x\n"), InputError);
}

TEST(RateTrace, ReadsBurstGpt) {
  const auto path = shared("llm_traces/burstgpt1_hourly_load.csv");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "real data absent: llm_traces/burstgpt1_hourly_load.csv";
  const RateTrace t = RateTrace::read(path);
  EXPECT_EQ(t.hours(), 1461u);
  EXPECT_NEAR(t.mean_factor(0, 1461 * 3600.0), 1, 1e-12);
  EXPECT_NEAR(t.mean_factor(0, 3600), 86 * 1461 / 1429737.0, 1e-9);  // first hour: 86 of 1,429,737 requests
}

}  // namespace
}  // namespace swarm::workload
