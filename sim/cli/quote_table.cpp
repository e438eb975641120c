#include "sim/cli/quote_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "sim/cli/table_input.hpp"
#include "sim/grid/region_table.hpp"
#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/layers.hpp"
#include "sim/scenario/load.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::array<std::string_view, 4> kNeeded{"id", "region", "purpose", "tokens"};
constexpr std::array<std::string_view, 2> kOptional{"renewable_share", "carbon_intensity"};
/// Counts above this are not all doubles.
constexpr double kMostTok = 9007199254740992.0;

/// The keys that enter a quote on the tariff base; of tables without their name.
constexpr std::array<std::string_view, 21> kKeys{
    "pricing.tariff_usd_per_tok", "pricing.tariff_kwh_per_tok",   "pricing.carbon_price_usd_per_t",
    "pricing.renewable_rebate",   "pricing.south_discount",       "pricing.north_premium",
    "pricing.legacy_benefit",     "policy.vulnerable_from",       "policy.priority_south",
    "policy.priority_vulnerable", "policy.priority_renewable",    "policy.need_income_low_usd",
    "policy.need_income_high_usd", "policy.need_vulnerability_low", "policy.need_vulnerability_high",
    "purpose.priority",           "region.global_south",          "region.gdp_per_capita_usd",
    "region.vulnerability",       "region.intensity_g_per_kwh",   "permits.floor_usd_per_t"};

/// The keys that one `--set` changes.
std::vector<std::string> keys_of(const scenario::Override& change) {
  if (!change.table.empty()) return {change.table + "." + change.key};
  const auto& section = change.tree.entries.front();
  std::vector<std::string> keys;
  for (const auto& entry : section.value.entries) keys.push_back(section.key + "." + entry.key);
  if (keys.empty()) keys.push_back(section.key);
  return keys;
}

void refuse_idle_keys(const std::vector<std::string>& overrides) {
  scenario::Problems problems;
  for (const auto& change : scenario::parse_overrides(overrides, problems))
    for (const auto& key : keys_of(change)) {
      if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
      problems.add(change.tree.place, fmt::format("'{}' changes no quote of this calculator", key),
                   "it would be ignored silently",
                   key == "pricing.rule" ? "name the rule with --rule" : "'swarmsim help quote' lists what does");
    }
  problems.raise();
}

double greatest_intensity() {
  for (const auto& row : scenario::rows_of(grid::Region{}))
    if (row.name == "intensity_g_per_kwh") return row.info.max;
  throw ModelError("a region has no intensity");
}

class Reader : private TableProblems {
 public:
  Reader(const CsvTable& table, const scenario::Scenario& s) : TableProblems(table), s_(s) {}

  QuoteTable read() {
    find_columns();
    raise();
    for (std::size_t row = 0; row < table_.rows(); ++row) read_row(row);
    raise();
    return std::move(out_);
  }

 private:
  void find_columns() {
    for (std::size_t i = 0; i < kNeeded.size(); ++i) collect([&] { column_[i] = table_.require_column(kNeeded[i]); });
    for (std::size_t i = 0; i < kOptional.size(); ++i) collect([&] { optional_[i] = table_.column(kOptional[i]); });
    for (const auto name : table_.header()) {
      if (std::find(kNeeded.begin(), kNeeded.end(), name) != kNeeded.end() ||
          std::find(kOptional.begin(), kOptional.end(), name) != kOptional.end())
        continue;
      for (std::size_t i = 0; i < kOptional.size(); ++i)
        if (!optional_[i] && resembles(name, kOptional[i]))
          collect([&] {
            throw table_.header_problem(fmt::format("unknown column \"{}\"", name), "it would be ignored silently",
                                        fmt::format("did you mean \"{}\"?", kOptional[i]));
          });
      out_.unused.emplace_back(name);
    }
  }

  /// Whether a column of this name was probably meant for the optional one.
  static bool resembles(std::string_view name, std::string_view optional) {
    if (trimmed(name).size() > 4 && (name.find(optional) != name.npos || optional.find(trimmed(name)) != name.npos))
      return true;
    return !nearest_spelling(std::string(name), {std::string(optional)}).empty();
  }

  void read_row(std::size_t row) {
    QuoteRow out;
    out.id = trimmed(table_.cell(row, column_[0]));
    check_id(row, column_[0], out.id, "quotes are told apart by it");
    find_region(row, out);
    find_purpose(row, out);
    collect([&] { out.tok = tok(row); });
    if (optional_[0]) collect([&] { out.renewable = share(row, *optional_[0]); });
    if (out.region != nullptr) out.intensity = out.region->intensity_g_per_kwh;
    if (optional_[1]) collect([&] { out.intensity = intensity(row, *optional_[1], out.intensity); });
    out_.rows.push_back(std::move(out));
  }

  void find_region(std::size_t row, QuoteRow& out) {
    const std::string name(trimmed(table_.cell(row, column_[1])));
    for (const auto& region : s_.regions)
      if (region.name == name) out.region = &region;
    if (out.region == nullptr)
      report(row, column_[1], name.empty() ? "this row has no region" : "unknown region '" + name + "'",
             "its grid and its need are not known", scenario::suggest_region(name));
  }

  void find_purpose(std::size_t row, QuoteRow& out) {
    const std::string name(trimmed(table_.cell(row, column_[2])));
    if (const auto purpose = workload::find_purpose(name))
      out.purpose = &s_.purposes[static_cast<std::size_t>(*purpose)];
    else
      report(row, column_[2], name.empty() ? "this row has no purpose" : "unknown purpose '" + name + "'",
             "it would silently count as an ordinary one", scenario::suggest_purpose(name));
  }

  double tok(std::size_t row) {
    const double n = table_.number(row, column_[3]);
    if (!(n > 0))
      report(row, column_[3], std::isnan(n) ? "this row has no tokens" : fmt::format("{:g} tokens", n),
             "there is nothing to quote", "give their number");
    else if (n != std::floor(n))
      report(row, column_[3], fmt::format("{} tokens", n), "tokens are whole",
             fmt::format("write {:.0f}", std::max(1.0, std::nearbyint(n))));
    else if (n > kMostTok)
      report(row, column_[3], fmt::format("{:g} tokens", n), "larger numbers cannot be told apart", "divide the request");
    return n;
  }

  double share(std::size_t row, std::size_t col) {
    const double x = table_.number(row, col);
    if (std::isnan(x)) return 0;
    if (!(x >= 0 && x <= 1))
      report(row, col, fmt::format("renewable share {}", x), "a share lies between 0 and 1",
             x > 1 && x <= 100 ? fmt::format("write {:.12g} if {} percent are meant", x / 100, x) : "correct it");
    return x;
  }

  double intensity(std::size_t row, std::size_t col, double otherwise) {
    const double c = table_.number(row, col);
    if (std::isnan(c)) return otherwise;
    if (c < 0)
      report(row, col, fmt::format("carbon intensity {} g/kWh", c), "making electricity binds no carbon", "give a value from 0");
    if (c > greatest_)
      report(row, col, fmt::format("carbon intensity {} g/kWh", c), fmt::format("no grid emits more than {} g/kWh", greatest_),
             "give it in grams per kWh");
    return c;
  }

  const scenario::Scenario& s_;
  const double greatest_ = greatest_intensity();
  std::array<std::size_t, kNeeded.size()> column_{};
  std::array<std::optional<std::size_t>, kOptional.size()> optional_;
  QuoteTable out_;
};

}  // namespace

scenario::Scenario quote_scenario(const std::vector<std::string>& overrides) {
  std::string text = "regions = [";
  for (const auto& region : grid::region_table()) text += "\"" + region.name + "\", ";
  auto s = scenario::load_text(text + "]\n", "swarmsim quote", overrides);
  refuse_idle_keys(overrides);
  return s;
}

std::vector<std::string> quote_keys() {
  std::vector<std::string> keys;
  for (const std::string& key : scenario::all_keys()) {
    std::string general = key;
    if (const auto at = key.find(".NAME."); at != key.npos) general.erase(at, 5);
    if (std::find(kKeys.begin(), kKeys.end(), general) != kKeys.end()) keys.push_back(key);
  }
  return keys;
}

QuoteTable read_quote_table(const CsvTable& table, const scenario::Scenario& s) { return Reader(table, s).read(); }

Quoted quote_row(const scenario::Scenario& s, economy::PricingRule rule, const QuoteRow& row) {
  economy::PricingParams pricing = s.pricing;
  pricing.rule = rule;
  Quoted q;
  q.kwh = pricing.tariff_kwh_per_tok * row.tok;
  q.footprint_g = policy::footprint_g(q.kwh, row.intensity, row.renewable);
  const policy::Subject subject{.base_usd = pricing.tariff_usd_per_tok * row.tok,
                                .footprint_g = q.footprint_g,
                                .tok = row.tok,
                                .renewable = row.renewable};
  q.terms = policy::region_terms(pricing, s.policy, *row.region);
  q.carbon_usd_per_t = policy::under_cap(rule) ? s.permits.floor_usd_per_t : pricing.carbon_price_usd_per_t;
  const double per_g = policy::charged_usd_per_g(rule, q.carbon_usd_per_t);
  if (per_g == 0) q.carbon_usd_per_t = 0;
  q.items = policy::quote(q.terms, subject, per_g);
  q.impact_score = policy::impact_score(pricing, row.region->global_south, subject);
  q.priority = policy::priority(s.policy, *row.region, row.purpose->priority) *
               policy::renewable_priority(s.policy, row.renewable);
  return q;
}

}  // namespace cli
}  // namespace swarm
