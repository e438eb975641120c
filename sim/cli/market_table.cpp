#include "sim/cli/market_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "sim/cli/decimal.hpp"
#include "sim/cli/table_input.hpp"

namespace swarm {
namespace cli {
namespace {

using economy::Side;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
/// Enough that the shares of a division by units are fine, where prices leave room.
constexpr int kUsualDecimals = 9;

/// A column of numbers before they have a common number of decimals.
struct NumberColumn {
  std::string_view name;
  std::size_t at = 0;
  std::vector<Decimal> values;

  /// The row with most decimals; there is one.
  std::size_t finest() const {
    return static_cast<std::size_t>(std::ranges::max_element(values, {}, &Decimal::decimals) - values.begin());
  }
  int decimals() const { return values.empty() ? 0 : values[finest()].decimals; }
  bool fits(int decimals) const {
    return std::ranges::all_of(values, [&](const Decimal& x) { return scaled(x, decimals).has_value(); });
  }
};

class Reader : private TableProblems {
 public:
  explicit Reader(const CsvTable& table) : TableProblems(table) {}

  MarketTable read() {
    find_columns();
    raise();
    for (std::size_t row = 0; row < table_.rows(); ++row) read_row(row);
    raise();
    scale();
    raise();
    return std::move(out_);
  }

 private:
  void find_columns() {
    collect([&] { id_ = table_.require_column("id"); });
    collect([&] { side_ = table_.require_column("side"); });
    for (NumberColumn* numbers : {&price_, &quantity_})
      collect([&] { numbers->at = table_.require_column(numbers->name); });
    for (const auto name : table_.header())
      if (name != "id" && name != "side" && name != price_.name && name != quantity_.name)
        out_.unused.emplace_back(name);
  }

  void read_row(std::size_t row) {
    out_.ids.emplace_back(trimmed(table_.cell(row, id_)));
    check_id(row, id_, out_.ids.back(), "settlements are told apart by it");
    out_.orders.push_back({side(row), {}});
    for (NumberColumn* numbers : {&price_, &quantity_}) numbers->values.push_back(amount(row, *numbers));
  }

  Side side(std::size_t row) {
    constexpr auto& names = EnumNames<Side>::names;
    const std::string name(trimmed(table_.cell(row, side_)));
    const auto found = std::ranges::find(names, name);
    if (found != names.end()) return static_cast<Side>(found - names.begin());
    const std::string near = nearest_spelling(name, {names.begin(), names.end()});
    report(row, side_, name.empty() ? "this row has no side" : fmt::format("unknown side '{}'", name),
           "it says who buys and who sells",
           near.empty() ? "write bid for who buys, ask for who sells" : fmt::format("did you mean '{}'?", near));
    return Side::bid;
  }

  Decimal amount(std::size_t row, const NumberColumn& column) {
    const auto value = number(row, column.at, column.name, "an order is not known without it");
    if (value && value->significand < 0)
      report(row, column.at, fmt::format("{} {}", column.name, shown(row, column.at)), "nobody trades below 0",
             "give a value from 0");
    return value.value_or(Decimal{});
  }

  void scale() {
    out_.quantity_decimals = quantity_.decimals();
    out_.price_decimals = std::min(std::max(kUsualDecimals, price_.decimals() + 1), kMostDecimals);
    while (out_.price_decimals > price_.decimals() && !price_.fits(out_.price_decimals)) --out_.price_decimals;
    for (const auto& [numbers, decimals] :
         {std::pair{&price_, out_.price_decimals}, {&quantity_, out_.quantity_decimals}})
      for (std::size_t row = 0; row < numbers->values.size(); ++row) take(row, *numbers, decimals);
    check_totals();
  }

  void take(std::size_t row, const NumberColumn& column, int decimals) {
    const auto units = scaled(column.values[row], decimals);
    if (!units)
      return report(row, column.at,
                    fmt::format("{} {} is too large beside the {} decimals on line {}", column.name,
                                trimmed(table_.cell(row, column.at)), decimals, table_.line(column.finest())),
                    fmt::format("together they need more than {} digits", kMostDecimals), "round one of them");
    auto& limit = out_.orders[row].limit;
    (&column == &price_ ? limit.price : limit.quantity) = *units;
  }

  /// The sum of all quantities of a side must fit as well.
  void check_totals() {
    std::array<Int128, 2> total{};
    for (std::size_t row = 0; row < out_.orders.size(); ++row) {
      Int128& sum = total[static_cast<std::size_t>(out_.orders[row].side)];
      const bool fitted = sum <= kMost;
      sum += out_.orders[row].limit.quantity;
      if (fitted && sum > kMost)
        report(row, quantity_.at,
               fmt::format("the {}s down to this one add up to a quantity of {}", enum_name(out_.orders[row].side),
                           decimal_text(sum, out_.quantity_decimals)),
               fmt::format("with {} decimals sums are exact up to {}", out_.quantity_decimals,
                           decimal_text(kMost, out_.quantity_decimals)),
               "give quantities in larger units or with fewer decimals");
    }
  }

  std::size_t id_ = 0, side_ = 0;
  NumberColumn price_{.name = "price"}, quantity_{.name = "quantity"};
  MarketTable out_;
};

}  // namespace

MarketTable read_market_table(const CsvTable& table) {
  return Reader(table).read();
}

}  // namespace cli
}  // namespace swarm
