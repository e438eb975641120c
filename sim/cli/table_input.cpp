#include "sim/cli/table_input.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <limits>

namespace swarm {
namespace cli {
namespace {

constexpr std::size_t kMostProblems = 100;

}  // namespace

CsvTable read_table(const std::string& file) {
  if (file != "-") return CsvTable::read(file);
  std::string text;
  std::array<char, 1 << 16> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), stdin)) > 0;) text.append(buffer.data(), n);
  if (std::ferror(stdin) != 0)
    throw InputError(Diagnostic{.file = "standard input",
                                .problem = "it cannot be read",
                                .why = "its values are needed",
                                .suggestion = "pipe a CSV table into it"});
  return CsvTable::parse(std::move(text), "standard input");
}

std::string_view trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t"), last = s.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : s.substr(first, last - first + 1);
}

void TableProblems::check_id(std::size_t row, std::size_t col, const std::string& id, const std::string& why) {
  if (id.empty()) return report(row, col, "this row has no id", why, "give it one of its own");
  const auto [first, is_new] = first_line_.emplace(id, table_.line(row));
  if (!is_new)
    report(row, col, fmt::format("id \"{}\" stands already on line {}", id, first->second), why, "rename one of them");
}

std::string TableProblems::shown(std::size_t row, std::size_t col) const {
  constexpr std::size_t kMost = 40;
  const std::string_view cell = trimmed(table_.cell(row, col));
  return cell.size() > kMost ? std::string(cell.substr(0, kMost)) + "…" : std::string(cell);
}

std::optional<Decimal> TableProblems::number(std::size_t row, std::size_t col, std::string_view name, const std::string& why) {
  const auto [fault, value] = parse_decimal(trimmed(table_.cell(row, col)));
  const std::string cell = shown(row, col);
  if (cell.empty())
    report(row, col, fmt::format("this row has no {}", name), why, "give one");
  else if (fault == DecimalFault::not_a_number)
    report(row, col, fmt::format("\"{}\" in column \"{}\" is not a number", cell, name),
           "a finite number such as 12.5 or 1e-3 is needed", "correct the cell");
  else if (fault == DecimalFault::too_large)
    report(row, col, fmt::format("{} {} is out of range", name, cell),
           fmt::format("numbers are exact up to {}", std::numeric_limits<std::int64_t>::max()), "give it in larger units");
  else if (fault == DecimalFault::too_many_digits)
    report(row, col, fmt::format("{} {} has too many digits", name, cell),
           fmt::format("numbers are exact to {} decimals", kMostDecimals), "round it");
  else
    return value;
  return std::nullopt;
}

void TableProblems::raise() {
  if (problems_.empty()) return;
  if (problems_.size() > kMostProblems) {
    const std::size_t more = problems_.size() - kMostProblems;
    problems_.resize(kMostProblems);
    problems_.push_back({table_.file(), 0, 0, fmt::format("and {} more problems", more), "", ""});
  }
  throw InputError(std::move(problems_));
}

}  // namespace cli
}  // namespace swarm
