#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/csv.hpp"
#include "sim/policy/rule.hpp"
#include "sim/scenario/scenario.hpp"

/// The pricing calculator behind `swarmsim quote`: requests from a table, quotes under one rule on the tariff base.
namespace swarm {
namespace cli {

enum class QuoteFormat : std::uint8_t { csv, text };

/// One request to be quoted.
struct QuoteRow {
  std::string id;
  const grid::Region* region = nullptr;  ///< one of the scenario's
  const workload::PurposeRecord* purpose = nullptr;
  double tok = 0;
  double renewable = 0;  ///< share in [0, 1]
  double intensity = 0;  ///< [g/kWh]
};

struct QuoteTable {
  std::vector<QuoteRow> rows;
  std::vector<std::string> unused;  ///< columns that mean nothing to the calculator
};

/// The scenario that holds every built-in region and the keys of `overrides`, as after `--set`.
/// @throws InputError also for keys that exist but change no quote.
scenario::Scenario quote_scenario(const std::vector<std::string>& overrides);

/// The keys that change a quote, as in scenario::all_keys().
std::vector<std::string> quote_keys();

/// Requests of a table with columns id, region, purpose, tokens and, if they are there, renewable_share (missing: 0)
/// and carbon_intensity (missing: that of the region). The rows point into `s`.
/// @throws InputError with the problems of all rows.
QuoteTable read_quote_table(const CsvTable& table, const scenario::Scenario& s);

/// What one request is charged and how it is rated.
struct Quoted {
  double kwh = 0;
  double footprint_g = 0;
  policy::RegionTerms terms;
  double carbon_usd_per_t = 0;
  policy::Items items;
  double impact_score = 0;
  double priority = 0;
};
Quoted quote_row(const scenario::Scenario& s, economy::PricingRule rule, const QuoteRow& row);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::QuoteFormat> {
  static constexpr std::array<std::string_view, 2> names{"csv", "text"};
};
}  // namespace core
}  // namespace swarm
