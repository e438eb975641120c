#pragma once
#include <cstdint>
#include <span>

#include "sim/cli/report.hpp"
#include "sim/study/comparison.hpp"

/// What studies of several runs print on standard output.
namespace swarm {
namespace cli {

enum class CompareFormat : std::uint8_t { text, csv, json };

/// Every group against the reference. Text shows main figures and small tables; CSV and JSON hold everything.
void print_comparison(const study::Comparison& comparison, std::span<const study::RunFigures> runs, CompareFormat format);

/// The main figures over replicates with their intervals.
void print_means(std::span<const study::RunFigures> runs, std::int64_t master_seed, SummaryFormat format);

/// A value of a table with five significant digits, no exponent below 1e12; "–" for a missing one.
std::string figure_text(double x);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::CompareFormat> {
  static constexpr std::array<std::string_view, 3> names{"text", "csv", "json"};
};
}  // namespace core
}  // namespace swarm
