#include <fmt/format.h>

#include "sim/cli/message.hpp"
#include "sim/cli/options.hpp"
#include "sim/cli/quote_table.hpp"
#include "sim/cli/table_input.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

using economy::PricingRule;

constexpr const char* kHeader =
    "id,region,purpose,tokens,rule,energy_kwh,footprint_g,base_usd,carbon_usd,justice_usd,renewable_usd,credit_usd,"
    "total_usd,impact_score,priority";

std::vector<std::string> rule_words() {
  auto words = enum_words<PricingRule>();
  words.emplace_back("all");
  return words;
}

std::vector<PricingRule> rules_named(const std::string& name) {
  std::vector<PricingRule> rules;
  for (std::size_t i = 0; i < EnumNames<PricingRule>::names.size(); ++i)
    if (name == "all" || name == EnumNames<PricingRule>::names[i]) rules.push_back(static_cast<PricingRule>(i));
  if (!rules.empty()) return rules;
  const auto names = rule_words();
  const std::string near = nearest_spelling(name, names);
  usage_error("quote", fmt::format("unknown rule '{}'", name),
              near.empty() ? fmt::format("choose one of {}.", fmt::join(names, ", ")) : fmt::format("did you mean '{}'?", near));
}

/// Twelve digits: all that matters of a price, without the last bits of binary arithmetic.
std::string number(double x) { return fmt::format("{:.12g}", x + 0.0); }  // + 0.0: no "-0"

void print_csv(const QuoteRow& row, PricingRule rule, const Quoted& q) {
  fmt::print("{},{},{},{:.0f},{},{},{},{},{},{},{},{},{},{},{}\n", csv_cell(row.id), row.region->name, row.purpose->name, row.tok,
             enum_name(rule), number(q.kwh), number(q.footprint_g), number(q.items.base), number(q.items.carbon),
             number(q.items.justice), number(q.items.renewable), number(q.items.credit), number(q.items.total()),
             number(q.impact_score), number(q.priority));
}

void print_text(const scenario::Scenario& s, const QuoteRow& row, PricingRule rule, const Quoted& q) {
  const auto line = [](std::string_view label, double usd, const std::string& how) {
    fmt::print("  {:<12}{:>16} USD{}{}\n", label, number(usd), how.empty() ? "" : "   ", how);
  };
  fmt::print("{}: {:.0f} tok from {} ({}) for {}, rule {}\n", row.id, row.tok, row.region->name, row.region->title,
             row.purpose->name, enum_name(rule));
  line("base", q.items.base, fmt::format("{:.0f} tok at {} USD/tok", row.tok, number(s.pricing.tariff_usd_per_tok)));
  line("+ carbon", q.items.carbon,
       fmt::format("{} kWh x {} g/kWh x (1 - {}) = {} g, at {} USD/t{}", number(q.kwh), number(row.intensity), number(row.renewable),
                   number(q.footprint_g), number(q.carbon_usd_per_t),
                   policy::under_cap(rule) ? ", the floor price of permits: theirs is found in a run" : ""));
  line("+ justice", q.items.justice,
       q.terms.justice_usd_per_tok != 0 ? fmt::format("{} USD/tok on {:.0f} tok", number(q.terms.justice_usd_per_tok), row.tok)
                                        : fmt::format("{} of base", number(q.terms.justice_per_base)));
  line("- renewable", q.items.renewable,
       fmt::format("{} x share {} of base", number(q.terms.renewable_per_base), number(row.renewable)));
  line("= total", q.items.total(),
       q.items.sum() < 0 ? fmt::format("the items come to {}; nobody is paid for asking", number(q.items.sum())) : "");
  fmt::print("  impact score {}, priority {}\n", number(q.impact_score), number(q.priority));
}

}  // namespace

Options quote_options() {
  Options o;
  o.add_options()
      ("rule", offered_value<std::string>("NAME", {.words = rule_words}), "pricing rule, or all to compare them ('swarmsim list rules')")
      ("set", offered_value<std::vector<std::string>>("KEY=VALUE", {.words = quote_keys, .also = Offer::Also::overrides})->composing(),
       "override a key, e.g. pricing.carbon_price_usd_per_t=50; may be repeated")
      ("format", choice_value<QuoteFormat>("FORMAT")->default_value("csv"), "csv (default), or text: each quote explained item by item");
  return o;
}

ExitCode quote_verb(const Arguments& arguments) {
  const auto values = parse_options("quote", arguments, quote_options(), 1);
  const auto files = files_of(values);
  if (!values.count("rule"))
    usage_error("quote", "no rule named", "add --rule NAME, or --rule all to compare them; 'swarmsim list rules' lists them.");
  const auto rules = rules_named(values["rule"].as<std::string>());
  const auto format = parse_choice<QuoteFormat>("quote", "format", values["format"].as<std::string>());
  if (files.empty()) usage_error("quote", "no table given", "write 'swarmsim quote --rule NAME FILE.csv'; - reads standard input.");
  std::vector<std::string> overrides;
  if (values.count("set")) overrides = values["set"].as<std::vector<std::string>>();
  const scenario::Scenario s = quote_scenario(overrides);
  const CsvTable table = read_table(files[0]);
  const QuoteTable requests = read_quote_table(table, s);
  for (const auto& name : requests.unused) say("{}: column \"{}\" is not used\n", table.file(), name);
  if (format == QuoteFormat::csv) fmt::print("{}\n", kHeader);
  for (const auto& row : requests.rows)
    for (const PricingRule rule : rules) {
      const Quoted quoted = quote_row(s, rule, row);
      if (format == QuoteFormat::csv)
        print_csv(row, rule, quoted);
      else
        print_text(s, row, rule, quoted);
    }
  return ExitCode::done;
}

}  // namespace cli
}  // namespace swarm
