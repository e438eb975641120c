#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/errors.hpp"

namespace swarm {
inline namespace core {

class CsvReader;

/// A cell as it stands in a file: in quotes where it must be.
std::string csv_cell(std::string_view text);

/// A table of text cells with a header line, after RFC 4180: comma-separated, cells may be quoted, a quote
/// inside quotes is doubled, quoted cells may hold commas and line breaks, lines end in LF or CRLF.
/// UTF-8, with or without a byte order mark. Lines of nothing but blanks are skipped; there are no comments.
/// Names in the header are not empty, except that the first may be (an index column). A name may stand there
/// twice (matrices of places do that), but such columns are found by their place only.
///
/// A file that breaks a rule is refused with InputError, which names up to 20 of its problems at once.
/// The views handed out live as long as any copy of the table. Copies are cheap: they share the text.
class CsvTable {
 public:
  /// Reads a file; InputError also if it is missing or cannot be read.
  static CsvTable read(const std::filesystem::path& path);
  /// The same from text; `name` stands for the file in messages.
  static CsvTable parse(std::string text, std::string name);

  std::size_t rows() const { return lines_.size(); }
  std::size_t columns() const { return header_.size(); }
  const std::string& file() const { return file_; }
  std::span<const std::string_view> header() const { return header_; }

  /// Index of the column of that name, if there is one; InputError if there are several.
  std::optional<std::size_t> column(std::string_view name) const;
  /// The same; a missing column is an InputError that lists the names there are.
  std::size_t require_column(std::string_view name) const;

  /// Content of a cell without its quotes; spaces are kept.
  std::string_view cell(std::size_t row, std::size_t col) const { return cells_[row * header_.size() + col]; }
  /// Line of the file, from 1, on which a row begins.
  int line(std::size_t row) const { return lines_[row]; }

  /// The cell as a number, blanks around it ignored; NaN if there is nothing in it. InputError if it is no
  /// finite decimal number that a double can hold ("nan" and "inf" are not numbers).
  double number(std::size_t row, std::size_t col) const;

  /// A problem at a cell, with file, line and column (both from 1, columns in characters) filled in.
  Diagnostic problem(std::size_t row, std::size_t col, std::string what, std::string why,
                     std::string suggestion) const;
  /// The same for the header line.
  InputError header_problem(std::string what, std::string why, std::string suggestion) const;

 private:
  friend class CsvReader;
  CsvTable() = default;

  std::string file_;
  std::shared_ptr<const std::string> text_;
  std::vector<std::string_view> header_;
  std::vector<std::string_view> cells_;  // rows × columns
  std::vector<int> lines_;               // per row
};

}  // namespace core
}  // namespace swarm
