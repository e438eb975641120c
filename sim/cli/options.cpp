#include "sim/cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/errors.hpp"

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

std::string options_text(const po::options_description& options) {
  struct Line {
    std::string left, meaning;
  };
  std::vector<Line> lines;
  std::size_t width = 0;
  for (const auto& option : options.options()) {
    const std::string brief = option->canonical_display_name(po::command_line_style::allow_dash_for_short);
    const std::string parameter = option->format_parameter();
    const std::string value = parameter.substr(0, parameter.find(" (="));  // the meaning tells the default
    lines.push_back({fmt::format("  {}--{}{}{}", brief.starts_with('-') ? brief + ", " : "    ", option->long_name(),
                                 value.empty() ? "" : " ", value),
                     option->description()});
    width = std::max(width, lines.back().left.size());
  }
  std::string out = "Options:\n";
  for (const Line& line : lines)
    out += fmt::format("{:<{}}  {}\n", line.left, width, wrapped(line.meaning, width + 2));
  return out;
}

}  // namespace cli
}  // namespace swarm
