#include "sim/cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/core/errors.hpp"
#include "sim/scenario/echo.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::size_t kLineWidth = 80;
/// Key of the positional arguments: nothing that anybody would type as an option.
const std::string kFiles = "(arguments)";

/// The option that was probably meant: one that starts with what was typed, or is spelled much like it.
std::string near_option(const std::string& typed, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  const auto begins = [&](const std::string& name) { return typed.size() > 3 && name.starts_with(typed); };
  if (std::count_if(names.begin(), names.end(), begins) == 1) return *std::find_if(names.begin(), names.end(), begins);
  return nearest_spelling(typed, names);
}

/// `text` with its words wrapped into the column that starts at `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t at = indent;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(' '), text.size());
    if (at > indent && at + 1 + length > kLineWidth) {
      out += '\n' + std::string(indent, ' ');
      at = indent;
    }
    if (at > indent) {
      out += ' ';
      ++at;
    }
    out += text.substr(0, length);
    at += length;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return out;
}

/// What can be offered for a value of that name.
Offer offer_named(const std::string& value) {
  for (const std::string_view suffix : {".toml", ".h5", ".csv"})
    if (value.ends_with(suffix)) return {.suffix = suffix};
  if (value == "DIR") return {.also = Offer::Also::folders};
  if (value == "KEY=VALUE") return {.words = scenario::all_keys, .also = Offer::Also::overrides};
  return {};
}

}  // namespace

std::vector<std::string> files_of(const po::variables_map& values) {
  return values[kFiles].as<std::vector<std::string>>();
}

void usage_error(std::string_view verb, const std::string& problem, const std::string& suggestion) {
  throw InputError(Diagnostic{.file = fmt::format("swarmsim {}", verb),
                              .problem = problem,
                              .why = "",
                              .suggestion = suggestion.empty() ? fmt::format("see 'swarmsim help {}'.", verb) : suggestion});
}

std::int64_t parse_whole(std::string_view verb, std::string_view option, const std::string& text, std::int64_t least, std::int64_t most,
                         const std::string& suggestion) {
  std::int64_t value = least;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most)
    usage_error(verb, fmt::format("--{} is '{}', not a whole number from {} to {}", option, text, least, most), suggestion);
  return value;
}

Duration parse_span(std::string_view verb, std::string_view option, const std::string& text) {
  Duration span;
  if (!parse_duration(text, span) || !(span.seconds > 0))
    usage_error(verb, fmt::format("--{} is '{}', not a span of time", option, text), "write for example 7d, 12h or 90min.");
  return span;
}

std::size_t parse_name(std::string_view verb, std::string_view option, const std::string& text, std::span<const std::string_view> names) {
  const auto at = std::find(names.begin(), names.end(), text);
  if (at == names.end()) usage_error(verb, fmt::format("--{} is '{}'", option, text), fmt::format("choose one of {}.", fmt::join(names, ", ")));
  return static_cast<std::size_t>(at - names.begin());
}

po::variables_map parse_options(std::string_view verb, const std::vector<std::string>& arguments,
                                const po::options_description& options, std::size_t max_files) {
  po::options_description all;
  all.add(options);
  all.add_options()(kFiles.c_str(), po::value<std::vector<std::string>>()->default_value({}, ""));
  po::positional_options_description positional;
  positional.add(kFiles.c_str(), -1);
  namespace style = po::command_line_style;
  po::variables_map values;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(style::default_style & ~style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& e) {
    const std::string near = near_option(e.get_option_name(), options);
    usage_error(verb, fmt::format("unknown option '{}'", e.get_option_name()),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  } catch (const po::error& e) {
    usage_error(verb, e.what(), "");
  }
  const auto files = files_of(values);
  if (files.size() > max_files) usage_error(verb, fmt::format("unexpected argument '{}'", files[max_files]), "");
  for (const auto& file : files)
    if (file.empty()) usage_error(verb, "an argument is empty", "");
  return values;
}

std::vector<std::string> parse_words(std::string_view verb, const std::vector<std::string>& arguments,
                                     std::size_t max_words) {
  return files_of(parse_options(verb, arguments, po::options_description(), max_words));
}

std::vector<OptionRow> option_rows(const po::options_description& options) {
  std::vector<OptionRow> rows;
  for (const auto& option : options.options()) {
    const std::string brief = option->canonical_display_name(po::command_line_style::allow_dash_for_short);
    const std::string parameter = option->format_parameter();
    const auto* own = dynamic_cast<const WithOffer*>(option->semantic().get());
    OptionRow row{.name = option->long_name(),
                  .letter = brief.starts_with("--") || !brief.starts_with('-') ? "" : brief.substr(1),
                  .value = parameter.substr(0, parameter.find(" (=")),  // the meaning tells the default
                  .meaning = option->description(),
                  .repeats = option->semantic()->is_composing()};
    row.offer = own != nullptr ? own->offer : offer_named(row.value);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string options_text(const po::options_description& options) {
  const auto rows = option_rows(options);
  const auto left = [](const OptionRow& row) {
    return fmt::format("  {}--{}{}{}", row.letter.empty() ? "    " : "-" + row.letter + ", ", row.name, row.value.empty() ? "" : " ", row.value);
  };
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, left(row).size());
  std::string out = rows.empty() ? "" : "Options:\n";
  for (const auto& row : rows) out += fmt::format("{:<{}}  {}\n", left(row), width, wrapped(row.meaning, width + 2));
  return out;
}

}  // namespace cli
}  // namespace swarm
