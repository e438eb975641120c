#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/decimal.hpp"
#include "sim/cli/market_table.hpp"
#include "sim/cli/message.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/report.hpp"
#include "sim/cli/table_input.hpp"
#include "sim/cli/values.hpp"
#include "sim/cli/verbs.hpp"

namespace swarm {
namespace cli {
namespace {

using economy::Mechanism;
using economy::MarketOutcome;
using economy::Settlement;

constexpr const char* kHeader = "id,side,filled,price,payment";

Mechanism mechanism_named(const std::string& name) {
  const auto names = enum_words<Mechanism>();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<Mechanism>(found - names.begin());
  const std::string near = nearest_spelling(name, names);
  usage_error("clear", fmt::format("unknown mechanism '{}'", name),
              near.empty() ? fmt::format("choose one of {}.", fmt::join(names, ", "))
                           : fmt::format("did you mean '{}'?", near));
}

void print_rows(const MarketTable& market, const std::vector<Settlement>& settlements) {
  const int decimals = market.price_decimals + market.quantity_decimals;
  fmt::print("{}\n", kHeader);
  for (std::size_t i = 0; i < settlements.size(); ++i) {
    const auto& [filled, payment] = settlements[i];
    fmt::print("{},{},{},{},{}\n", csv_cell(market.ids[i]), enum_name(market.orders[i].side),
               decimal_text(filled, market.quantity_decimals),
               filled > 0 ? ratio_text(payment, filled, market.price_decimals) : "0", decimal_text(payment, decimals));
  }
}

void print_summary(const MarketTable& market, const MarketOutcome& outcome, SummaryFormat format) {
  const bool traded = outcome.volume > 0, json = format == SummaryFormat::json;
  const std::string none = json ? "null" : "–";
  const std::string price = traded ? ratio_text(outcome.turnover, outcome.volume, market.price_decimals) : none;
  const std::string volume = decimal_text(outcome.volume, market.quantity_decimals);
  const std::string surplus = decimal_text(outcome.surplus, market.price_decimals + market.quantity_decimals);
  if (json) {
    fmt::print("{{\"clearing_price\":{},\"volume\":{},\"surplus\":{},\"efficiency\":{}}}\n", price, volume, surplus,
               json_number(outcome.efficiency()));
    return;
  }
  const std::string efficiency = traded ? fmt::format("{:.1f} %", 100 * outcome.efficiency()) : none;
  fmt::print("  clearing price  {}\n  volume          {}\n  surplus         {}\n  efficiency      {}\n", price, volume,
             surplus, efficiency);
}

}  // namespace

Options clear_options() {
  Options o;
  o.add_options()
      ("mechanism", choice_value<Mechanism>("NAME"), "uniform, pay-as-bid, second-price, vcg, cda or posted")
      ("summary", choice_value<SummaryFormat>("FORMAT"),
       "print price, volume, surplus and efficiency as text or json and nothing else");
  return o;
}

ExitCode clear_verb(const Arguments& arguments) {
  const auto values = parse_options("clear", arguments, clear_options(), 1);
  const auto files = files_of(values);
  if (!values.count("mechanism"))
    usage_error("clear", "no mechanism named",
                fmt::format("add --mechanism NAME: {}.", fmt::join(enum_words<Mechanism>(), ", ")));
  const Mechanism rule = mechanism_named(values["mechanism"].as<std::string>());
  auto format = SummaryFormat::text;
  if (values.count("summary"))
    format = parse_choice<SummaryFormat>("clear", "summary", values["summary"].as<std::string>());
  if (files.empty())
    usage_error("clear", "no table given", "write 'swarmsim clear --mechanism NAME FILE.csv'; - reads standard input.");
  const CsvTable table = read_table(files[0]);
  const MarketTable market = read_market_table(table);
  for (const auto& name : market.unused) say("{}: column \"{}\" is not used\n", table.file(), name);
  std::vector<Settlement> settlements(market.orders.size());
  const MarketOutcome outcome = economy::clear_market(rule, market.orders, settlements);
  if (values.count("summary"))
    print_summary(market, outcome, format);
  else
    print_rows(market, settlements);
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
