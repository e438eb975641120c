#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/decimal.hpp"
#include "sim/core/csv.hpp"

/// What the calculators share: a table from a file or from standard input, and all its problems at once.
namespace swarm {
namespace cli {

/// The table of a file, or of standard input if it is called "-".
CsvTable read_table(const std::string& file);

/// Without blanks at both ends.
std::string_view trimmed(std::string_view s);

/// Base of what reads the rows of a table: gathers problems until they are raised together.
class TableProblems {
 protected:
  explicit TableProblems(const CsvTable& table) : table_(table) {}

  /// Runs `action` and takes over what it finds wrong.
  template <class Action>
  void collect(Action action) {
    try {
      action();
    } catch (const InputError& error) {
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
  }
  void report(std::size_t row, std::size_t col, std::string what, std::string why, std::string suggestion) {
    problems_.push_back(table_.problem(row, col, std::move(what), std::move(why), std::move(suggestion)));
  }
  /// Reports an id that is missing or stands in an earlier row.
  void check_id(std::size_t row, std::size_t col, const std::string& id, const std::string& why);
  /// The number in a cell of the column called `name`, exact; reports a cell that is empty (`why` it is needed), no
  /// number, or out of what a Decimal holds, and gives nothing then.
  std::optional<Decimal> number(std::size_t row, std::size_t col, std::string_view name, const std::string& why);
  /// Throws InputError with the first hundred problems if there are any.
  void raise();

  /// Content of a cell without blanks at both ends, as it is quoted in a message.
  std::string shown(std::size_t row, std::size_t col) const;

  const CsvTable& table_;

 private:
  std::vector<Diagnostic> problems_;
  std::map<std::string, int> first_line_;
};

}  // namespace cli
}  // namespace swarm
