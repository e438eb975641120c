#include "sim/core/csv.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>

namespace swarm {
inline namespace core {
namespace {

constexpr std::size_t kMostProblems = 20;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

/// Characters (not bytes) of valid UTF-8.
int characters(std::string_view s) {
  return static_cast<int>(std::count_if(
      s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// A cell as it is quoted in a message: not longer than a line can bear.
std::string excerpt(std::string_view s) {
  constexpr std::size_t kMost = 40;
  if (s.size() <= kMost) return std::string(s);
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(s[cut]) & 0xC0) == 0x80) --cut;
  return std::string(s.substr(0, cut)) + "…";
}

/// Length of the UTF-8 sequence at the start of s; 0 if there is none (RFC 3629: no overlong forms, no
/// surrogates, nothing beyond U+10FFFF).
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const unsigned next = byte(1);
  const bool overlong = (lead == 0xE0 && next < 0xA0) || (lead == 0xF0 && next < 0x90);
  const bool outside = (lead == 0xED && next > 0x9F) || (lead == 0xF4 && next > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted(1, '"');
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  quoted += '"';
  return quoted;
}

/// Turns the text of a table into cells in one pass, unescaping quoted cells in place.
class CsvReader {
 public:
  CsvReader(std::string text, std::string name) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    table_.file_ = std::move(name);
    text_ = std::make_shared<std::string>(std::move(text));
    table_.text_ = text_;
    at_ = text_->data();
    end_ = at_ + text_->size();
    line_start_ = at_;
  }

  CsvTable table() {
    check_encoding();
    while (at_ != end_ && problems_.size() < kMostProblems) read_line();
    if (table_.header_.empty() && problems_.empty())
      report(1, 0, "there is no header line", "columns are found by their names",
             "put the column names on the first line");
    if (!problems_.empty()) {
      std::stable_sort(problems_.begin(), problems_.end(),
                       [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
      if (problems_.size() > kMostProblems) problems_.resize(kMostProblems);
      throw InputError(std::move(problems_));
    }
    return std::move(table_);
  }

 private:
  void report(int line, int column, std::string problem, std::string why, std::string suggestion) {
    problems_.push_back(
        {table_.file_, line, column, std::move(problem), std::move(why), std::move(suggestion)});
  }
  int column_of(const char* position) const {
    return characters({line_start_, static_cast<std::size_t>(position - line_start_)}) + 1;
  }

  void check_encoding() {
    const std::string_view text = *text_;
    int line = 1;
    std::size_t line_start = 0, i = 0;
    while (i < text.size() && problems_.size() < kMostProblems) {
      std::uint64_t eight = 0;
      if (i + sizeof eight <= text.size()) {
        std::memcpy(&eight, &text[i], sizeof eight);
        // eight plain bytes without a high bit, a zero or a line end can be skipped at once
        const std::uint64_t low = 0x0101010101010101ull, high = low << 7;
        const std::uint64_t ends = eight ^ (low * '\n');
        if (((eight | (eight - low) | (ends - low)) & high) == 0) {
          i += sizeof eight;
          continue;
        }
      }
      const std::size_t length = text[i] == '\0' ? 0 : sequence_length(text.substr(i));
      if (length == 0)
        report(line, characters(text.substr(line_start, i - line_start)) + 1,
               fmt::format("byte 0x{:02X} is not UTF-8 text", static_cast<unsigned char>(text[i])),
               "names and numbers cannot be read reliably", "save the file as UTF-8");
      if (text[i] == '\n') {
        ++line;
        line_start = i + 1;
      }
      i += std::max<std::size_t>(length, 1);
    }
  }

  bool at_line_end() const {
    return at_ == end_ || *at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] == '\n'));
  }
  void pass_line_end() {
    if (at_ != end_ && *at_ == '\r') ++at_;
    if (at_ != end_) ++at_;
    ++line_;
    line_start_ = at_;
  }

  bool skip_blank_line() {
    const char* p = at_;
    while (p != end_ && (is_blank(*p) || *p == '\r')) ++p;
    if (p != end_ && *p != '\n') return false;
    at_ += p - at_;
    pass_line_end();
    return true;
  }

  void read_line() {
    if (skip_blank_line()) return;
    const bool is_header = table_.header_.empty();
    auto& cells = is_header ? table_.header_ : table_.cells_;
    const std::size_t before = cells.size();
    const int first_line = line_;
    const std::size_t known_problems = problems_.size();
    for (;;) {
      cells.push_back(at_ != end_ && *at_ == '"' ? quoted_cell() : plain_cell());
      if (at_line_end()) break;
      ++at_;  // the comma
    }
    pass_line_end();
    if (is_header) {
      check_header(first_line);
      return;
    }
    const std::size_t count = cells.size() - before, columns = table_.header_.size();
    if (count != columns) {
      if (problems_.size() == known_problems) report_width(first_line, count, columns);
      cells.resize(before);
      return;
    }
    table_.lines_.push_back(first_line);
  }

  void report_width(int line, std::size_t count, std::size_t columns) {
    report(line, 0,
           fmt::format("this row has {} cell{}, the header has {}", count, count == 1 ? "" : "s", columns),
           "values would land in the wrong columns",
           count > columns ? "put quotes around a cell that holds a comma"
                           : "leave missing values empty but keep their commas");
  }

  void check_header(int line) {
    const auto& names = table_.header_;
    for (std::size_t i = 1; i < names.size(); ++i)
      if (names[i].empty())
        report(line, column_in_text(names[i]), fmt::format("column {} has no name", i + 1),
               "only the first column may be without one", "name it or remove the comma");
  }
  int column_in_text(std::string_view cell) const {
    const std::string_view before(text_->data(), static_cast<std::size_t>(cell.data() - text_->data()));
    return characters(before.substr(before.rfind('\n') + 1)) + 1;
  }

  std::string_view plain_cell() {
    const char* begin = at_;
    for (; at_ != end_ && *at_ != ',' && *at_ != '\n'; ++at_) {
      if (*at_ == '\r') {
        if (at_line_end()) break;
        report(line_, column_of(at_), "a carriage return stands inside a line", "lines end in LF or CRLF",
               "convert the line ends");
      } else if (*at_ == '"') {
        report(line_, column_of(at_), "a quote stands inside a cell that does not begin with one",
               "it is unclear where the cell ends", "quote the whole cell and double the quotes in it");
        skip_cell();
        break;
      }
    }
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }
  void skip_cell() {
    while (!at_line_end() && *at_ != ',') ++at_;
  }

  std::string_view quoted_cell() {
    const int line = line_, column = column_of(at_);
    char* const begin = ++at_;
    char* to = begin;
    for (;;) {
      char* quote = static_cast<char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
      char* const stop = quote != nullptr ? quote : end_;
      count_lines(at_, stop);
      if (to != at_) std::memmove(to, at_, static_cast<std::size_t>(stop - at_));
      to += stop - at_;
      if (quote == nullptr) {
        report(line, column, "the quote opened here is never closed",
               "the rest of the file would be one cell", "close it");
        at_ = end_;
        return {begin, static_cast<std::size_t>(to - begin)};
      }
      at_ = quote + 1;
      if (at_ == end_ || *at_ != '"') break;
      *to++ = '"';
      ++at_;
    }
    std::fill(to, at_ - 1, ' ');  // what unescaping left over must hold no line ends
    if (!at_line_end() && *at_ != ',') {
      report(line_, column_of(at_), "text follows a closing quote", "it is unclear where the cell ends",
             "double a quote that belongs to the cell");
      skip_cell();
    }
    return {begin, static_cast<std::size_t>(to - begin)};
  }
  void count_lines(const char* from, const char* to) {
    for (; (from = static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(to - from)))) !=
           nullptr;) {
      ++line_;
      line_start_ = ++from;
    }
  }

  CsvTable table_;
  std::shared_ptr<std::string> text_;
  std::vector<Diagnostic> problems_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  const char* line_start_ = nullptr;
  int line_ = 1;
};

CsvTable CsvTable::parse(std::string text, std::string name) {
  return CsvReader(std::move(text), std::move(name)).table();
}

CsvTable CsvTable::read(const std::filesystem::path& path) {
  const auto refuse = [&](const char* problem, const char* suggestion) {
    throw InputError(Diagnostic{path.string(), 0, 0, problem, "its values are needed", suggestion});
  };
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    refuse("there is no such file", "check the name and the folder it is relative to");
  if (std::filesystem::is_directory(path, error)) refuse("this is a folder", "name a CSV file in it");
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse("the file cannot be opened", "check its permissions");
  std::string text;
  const auto size = std::filesystem::file_size(path, error);
  if (!error) text.reserve(size);
  std::vector<char> buffer(std::size_t{1} << 18);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) refuse("the file cannot be read", "check the disk");
  return parse(std::move(text), path.string());
}

InputError CsvTable::header_problem(std::string what, std::string why, std::string suggestion) const {
  const auto lines_before = std::count(text_->data(), header_.front().data(), '\n');
  return InputError(Diagnostic{file_, static_cast<int>(lines_before) + 1, 0, std::move(what), std::move(why),
                               std::move(suggestion)});
}

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header_.begin(), header_.end(), name);
  if (found == header_.end()) return std::nullopt;
  if (std::find(found + 1, header_.end(), name) != header_.end())
    throw header_problem(fmt::format("column \"{}\" appears twice", excerpt(name)),
                         "it is unclear which one is meant", "rename or remove one of them");
  return static_cast<std::size_t>(found - header_.begin());
}

std::size_t CsvTable::require_column(std::string_view name) const {
  if (const auto found = column(name)) return *found;
  constexpr std::size_t kMostNames = 12;
  const std::vector<std::string> names(header_.begin(), header_.end());
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    list += (i > 0 ? ", " : "") + excerpt(names[i]);
  if (names.size() > kMostNames) list += fmt::format(", … ({} in all)", names.size());
  const std::string near = nearest_spelling(std::string(name), names);
  throw header_problem(fmt::format("there is no column \"{}\"", excerpt(name)),
                       fmt::format("the columns are {}", list),
                       near.empty() ? "name one of them" : fmt::format("did you mean \"{}\"?", near));
}

double CsvTable::number(std::size_t row, std::size_t col) const {
  std::string_view s = trimmed(cell(row, col));
  if (s.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (s.size() > 1 && s[0] == '+' && s[1] != '-') s.remove_prefix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error == std::errc{} && stop == s.data() + s.size() && std::isfinite(value)) return value;
  const bool too_far = error == std::errc::result_out_of_range && stop == s.data() + s.size();
  throw InputError(problem(row, col,
                           fmt::format("\"{}\" in column \"{}\" {}", excerpt(s), excerpt(header_[col]),
                                       too_far ? "is beyond the range of a double" : "is not a number"),
                           "a finite number such as 12.5 or 1e-3 is needed, or nothing at all",
                           "correct or empty the cell"));
}

Diagnostic CsvTable::problem(std::size_t row, std::size_t col, std::string what, std::string why,
                             std::string suggestion) const {
  const std::string_view text = *text_;
  const auto offset = [&](std::string_view s) { return static_cast<std::size_t>(s.data() - text.data()); };
  const std::size_t row_start = offset(cell(row, 0));
  std::size_t position = offset(cell(row, col));
  if (position > 0 && text[position - 1] == '"') --position;  // the cell begins at its quote
  const std::string_view before = text.substr(0, position);
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 on the first line
  const std::size_t from = std::min(row_start, position);
  const auto extra = static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(from),
                                                 text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
  return {file_,           line(row) + extra, characters(before.substr(line_start)) + 1,
          std::move(what), std::move(why),    std::move(suggestion)};
}

}  // namespace core
}  // namespace swarm
