#include "sim/cli/options.hpp"

#include <sstream>

#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {

void usage_error(std::string_view verb, const std::string& problem, const std::string& suggestion) {
  throw InputError(Diagnostic{.problem = fmt::format("swarmsim {}: {}", verb, problem),
                              .why = "",
                              .suggestion = suggestion.empty() ? fmt::format("see 'swarmsim help {}'.", verb) : suggestion});
}

po::variables_map parse_options(std::string_view verb, const std::vector<std::string>& arguments,
                                const po::options_description& options, int max_files) {
  po::options_description all;
  all.add(options);
  all.add_options()("file", po::value<std::vector<std::string>>()->default_value({}, ""));
  po::positional_options_description positional;
  positional.add("file", -1);
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
    std::vector<std::string> names;
    for (const auto& option : options.options()) names.push_back("--" + option->long_name());
    const std::string near = nearest_spelling(e.get_option_name(), names);
    usage_error(verb, fmt::format("unknown option '{}'", e.get_option_name()),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  } catch (const po::error& e) {
    usage_error(verb, e.what(), "");
  }
  const auto files = values["file"].as<std::vector<std::string>>().size();
  if (files > static_cast<std::size_t>(max_files))
    usage_error(verb, fmt::format("unexpected argument '{}'", values["file"].as<std::vector<std::string>>().back()), "");
  return values;
}

std::string options_text(const po::options_description& options) {
  std::ostringstream out;
  out << options;
  return out.str();
}

}  // namespace cli
}  // namespace swarm
