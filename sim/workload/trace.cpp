#include "sim/workload/trace.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "sim/core/checks.hpp"
#include "sim/core/units.hpp"
#include "sim/workload/content.hpp"

namespace swarm {
namespace workload {
namespace {

constexpr std::size_t kMostProblems = 20;
/// Draws about trace rows have their own entity range, so they cannot meet those of a region's requests.
constexpr RegionId kTraceRows{0xFFFF};

/// Collects the problems of a file and throws them together.
class Problems {
 public:
  explicit Problems(const CsvTable& table) : table_(table) {}

  void add(std::size_t row, std::size_t col, std::string what, std::string why, std::string suggestion) {
    if (found_.size() < kMostProblems)
      found_.push_back(table_.problem(row, col, std::move(what), std::move(why), std::move(suggestion)));
    else
      ++more_;
  }

  /// The cell as a finite number ≥ 0, or NaN after noting what is wrong with it.
  double number(std::size_t row, std::size_t col, const char* what) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    double value = kNone;
    try {
      value = table_.number(row, col);
    } catch (const InputError& error) {
      if (found_.size() < kMostProblems)
        found_.insert(found_.end(), error.problems().begin(), error.problems().end());
      else
        ++more_;
      return kNone;
    }
    if (std::isnan(value))
      add(row, col, fmt::format("{} is missing", what), "every row needs one", "fill it in or drop the row");
    if (value < 0)
      add(row, col, fmt::format("{} is negative: {}", what, value), "it must be at least 0",
          "correct it or drop the row");
    return value >= 0 ? value : kNone;
  }

  /// The same, and a whole number that fits 32 bits.
  std::uint32_t whole(std::size_t row, std::size_t col, const char* what) {
    const double value = number(row, col, what);
    if (std::isnan(value)) return 0;
    if (value != std::floor(value) || value > 4294967295.0) {
      add(row, col, fmt::format("{} is not a whole number below 2^32: {}", what, value), "tok are counted",
          "round it");
      return 0;
    }
    return static_cast<std::uint32_t>(value);
  }

  void add_file(std::string what, std::string why, std::string suggestion) {
    found_.push_back({table_.file(), 0, 0, std::move(what), std::move(why), std::move(suggestion)});
  }

  void finish() {
    if (found_.empty()) return;
    if (more_ > 0)
      add_file(fmt::format("{} more problems of this kind", more_), "only the first are listed",
               "correct those first");
    throw InputError(std::move(found_));
  }

 private:
  const CsvTable& table_;
  std::vector<Diagnostic> found_;
  std::size_t more_ = 0;
};

/// Columns by name; all that are missing are reported at once.
template <std::size_t N>
std::array<std::size_t, N> require_columns(const CsvTable& table, const std::array<const char*, N>& names) {
  std::array<std::size_t, N> columns{};
  std::vector<Diagnostic> missing;
  for (std::size_t i = 0; i < N; ++i) {
    try {
      columns[i] = table.require_column(names[i]);
    } catch (const InputError& error) {
      missing.insert(missing.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!missing.empty()) throw InputError(std::move(missing));
  return columns;
}

/// Draws what the chosen rows of a trace are, many at a time, and appends them to the columns.
class RowWriter {
 public:
  RowWriter(const ContentSampler& sampler, const Random& request, RequestColumns& out)
      : sampler_(sampler), request_(request), out_(out) {}

  void add(std::uint32_t cycle, std::size_t row, const RandomBlock& block, double offset_s,
           std::uint32_t tok_in, std::uint32_t tok_out) {
    if (count_ == kContentChunk) flush();
    for (std::uint32_t j = 0; j < sampler_.complexity_blocks(); ++j)
      complexity_[j * kContentChunk + count_] =
          request_.block(cycle, RequestId(kTraceRows, row).packed, kComplexityDraw + j);
    Content& c = content_[count_++];
    sampler_.draw_content(block, c);
    c.tok_in = sampler_.limit_tok(tok_in, out_.tok_capped);
    c.tok_out = sampler_.limit_tok(tok_out, out_.tok_capped);
    out_.offset_s.push_back(offset_s);
  }

  void flush() {
    const std::span<Content> rows(content_.data(), count_);
    sampler_.draw_complexity(complexity_, rows);
    for (const Content& c : rows) {
      out_.sequence.push_back(static_cast<std::uint32_t>(out_.sequence.size()));
      out_.type.push_back(c.type);
      out_.complexity.push_back(c.complexity);
      out_.tok_in.push_back(c.tok_in);
      out_.tok_out.push_back(c.tok_out);
      out_.bank_item.push_back(c.bank_item);
      out_.urgent.push_back(c.urgent);
      out_.deadline_s.push_back(sampler_.deadline(c.urgent != 0));
    }
    out_.resize(out_.offset_s.size());  // purpose and willingness to pay are drawn later
    count_ = 0;
  }

 private:
  const ContentSampler& sampler_;
  const Random& request_;
  RequestColumns& out_;
  ComplexityBlocks complexity_;
  std::array<Content, kContentChunk> content_;
  std::size_t count_ = 0;
};

}  // namespace

RequestTrace RequestTrace::read(const std::filesystem::path& path) {
  return from(CsvTable::read(path));
}

RequestTrace RequestTrace::from(const CsvTable& table) {
  const auto [stamp, in, out] = require_columns<3>(table, {"arrival_s", "input_tokens", "output_tokens"});
  RequestTrace trace;
  Problems problems(table);
  double last = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double t = problems.number(row, stamp, "arrival_s");
    if (t < last)
      problems.add(row, stamp, fmt::format("arrival_s goes back from {} to {}", last, t),
                   "requests must be in order of arrival", "sort the file by arrival_s");
    if (t >= last) last = t;
    trace.stamp_.push_back(t);
    trace.tok_in_.push_back(problems.whole(row, in, "input_tokens"));
    trace.tok_out_.push_back(problems.whole(row, out, "output_tokens"));
  }
  const bool spread = !trace.stamp_.empty() && !(trace.stamp_.back() <= trace.stamp_.front());
  if (!spread)
    problems.add_file("the trace needs two requests at different times",
                      "it repeats after its span, which would be 0", "check that this is the right file");
  problems.finish();
  const double first = trace.stamp_.front();
  for (double& t : trace.stamp_) t -= first;
  const auto n = static_cast<double>(trace.size());
  trace.span_s_ = trace.stamp_.back() * (n / (n - 1));
  return trace;
}

void RequestTrace::slice(const WorkloadParams& params, const Random& request,
                         std::span<const double> region_shares, RegionId region,
                         [[maybe_unused]] std::uint32_t step, double t0, double t1, std::uint32_t bank_items,
                         RequestColumns& out) const {
  EXPECT(region.value < region_shares.size() && t0 >= 0);
  out.clear();
  const ContentSampler sampler(params, bank_items);
  // Words in [first, last) belong to this region; neighbours compute their common bound by the same sum.
  double below = 0;
  for (std::size_t r = 0; r < region.value; ++r) below += region_shares[r];
  const auto bound = [](double share) {
    return static_cast<std::uint64_t>(std::min(share, 1.0) * 0x1p32 + 0.5);
  };
  const bool rest = region.value + 1u == region_shares.size();
  const std::uint64_t first = bound(below), last = bound(rest ? 1 : below + region_shares[region.value]);

  std::array<RandomBlock, kContentChunk> block;
  RowWriter writer(sampler, request, out);
  for (double cycle = std::max(0.0, std::floor(t0 / span_s_) - 1); cycle * span_s_ < t1; ++cycle) {
    const double origin = cycle * span_s_;
    const auto from = [&](double t) {  // first row that arrives at or after t, by the very sum that stamps it
      return static_cast<std::size_t>(
          std::partition_point(stamp_.begin(), stamp_.end(), [&](double s) { return origin + s < t; }) -
          stamp_.begin());
    };
    const auto key = static_cast<std::uint32_t>(cycle);
    const std::size_t end = from(t1);
    for (std::size_t begin = from(t0); begin < end; begin += kContentChunk) {
      const std::size_t n = std::min(kContentChunk, end - begin);
      request.blocks(key, RequestId(kTraceRows, begin).packed, kContentDraw, std::span(block).first(n));
      for (std::size_t i = 0; i < n; ++i) {
        if (block[i][0] - first >= last - first) continue;  // unsigned: also if below first
        const std::size_t row = begin + i;
        writer.add(key, row, block[i], origin + stamp_[row] - t0, tok_in_[row], tok_out_[row]);
      }
    }
  }
  writer.flush();
}

RateTrace RateTrace::read(const std::filesystem::path& path) {
  return from(CsvTable::read(path));
}

RateTrace RateTrace::from(const CsvTable& table) {
  const auto [index, load] = require_columns<2>(table, {"hour_index", "approx_requests"});
  RateTrace trace;
  Problems problems(table);
  trace.cumulative_.push_back(0);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double hour = problems.number(row, index, "hour_index");
    if (!std::isnan(hour) && hour != static_cast<double>(row))
      problems.add(row, index, fmt::format("hour_index is {} where {} was expected", hour, row),
                   "hours must follow each other from 0", "fill missing hours with approx_requests 0");
    trace.cumulative_.push_back(trace.cumulative_.back() + problems.number(row, load, "approx_requests"));
  }
  const double total = trace.cumulative_.back();
  if (!(total > 0) && !std::isnan(total))
    problems.add_file("the series holds no requests", "a rate cannot be scaled by it",
                      "check that this is the right file");
  problems.finish();
  const double scale = static_cast<double>(trace.hours()) / total;
  for (double& c : trace.cumulative_) c *= scale;
  return trace;
}

double RateTrace::integral(double hours) const {
  const auto length = static_cast<double>(this->hours());
  const double cycles = std::floor(hours / length);
  const double within = std::clamp(hours - cycles * length, 0.0, length);
  const std::size_t i = std::min(static_cast<std::size_t>(within), this->hours() - 1);
  const double rest = within - static_cast<double>(i);
  return cycles * length + cumulative_[i] + rest * (cumulative_[i + 1] - cumulative_[i]);
}

double RateTrace::mean_factor(double t0, double t1) const {
  EXPECT(t0 >= 0 && t1 > t0);
  const double from = t0 / kSecondsPerHour, to = t1 / kSecondsPerHour;
  return (integral(to) - integral(from)) / (to - from);
}

}  // namespace workload
}  // namespace swarm
