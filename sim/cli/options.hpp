#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include "sim/core/params.hpp"

/// Command-line parsing shared by the verbs: full option names only, every fault an InputError.
namespace swarm {
namespace cli {

namespace po = boost::program_options;

/// Parses `arguments` of `verb`, of which at most `max_files` are positional. Names are never guessed from prefixes.
po::variables_map parse_options(std::string_view verb, const std::vector<std::string>& arguments,
                                const po::options_description& options, std::size_t max_files);

/// The positional arguments.
std::vector<std::string> files_of(const po::variables_map& values);

/// The positional arguments of a verb that has no options.
std::vector<std::string> parse_words(std::string_view verb, const std::vector<std::string>& arguments,
                                     std::size_t max_words);

/// Text of the options, for help.
std::string options_text(const po::options_description& options);

/// A fault in what was typed after `verb`.
[[noreturn]] void usage_error(std::string_view verb, const std::string& problem, const std::string& suggestion);

/// Place of `text` among the names an option can have, or a fault that lists them.
std::size_t parse_name(std::string_view verb, std::string_view option, const std::string& text, std::span<const std::string_view> names);
template <NamedEnum E>
E parse_choice(std::string_view verb, std::string_view option, const std::string& text) {
  return static_cast<E>(parse_name(verb, option, text, EnumNames<E>::names));
}

}  // namespace cli
}  // namespace swarm
