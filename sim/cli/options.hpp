#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

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

}  // namespace cli
}  // namespace swarm
