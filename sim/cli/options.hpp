#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include "sim/cli/offer.hpp"
#include "sim/core/params.hpp"

/// Command-line parsing shared by the verbs: full option names only, every fault an InputError. What an option's value
/// is called says what shells offer for it: FILE.h5, FILE.csv and FILE.toml files, DIR folders, KEY=VALUE overrides of
/// scenario keys. A value from a list of words is a `choice_value`, anything else an `offered_value`.
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

/// One option as help, the manual page and shells know it.
struct OptionRow {
  std::string name;    ///< long, without dashes
  std::string letter;  ///< "o" of -o, or empty
  std::string value;   ///< what its value is called, empty if it takes none
  std::string meaning;
  bool repeats = false;
  Offer offer;
};
std::vector<OptionRow> option_rows(const po::options_description& options);

/// Text of the options for help; empty if there are none.
std::string options_text(const po::options_description& options);

/// Base of the values that say themselves what can be offered for them.
struct WithOffer {
  Offer offer;
};
template <class T>
class OfferedValue : public po::typed_value<T>, public WithOffer {
 public:
  OfferedValue(const char* name, const Offer& o) : po::typed_value<T>(nullptr), WithOffer{o} { this->value_name(name); }
};
/// The value called `name` of an option, with what shells offer for it.
template <class T>
po::typed_value<T>* offered_value(const char* name, const Offer& offer) {
  return new OfferedValue<T>(name, offer);  // the option takes it over, as it does that of po::value
}

template <NamedEnum E>
std::vector<std::string> enum_words() {
  return {EnumNames<E>::names.begin(), EnumNames<E>::names.end()};
}
/// A value for parse_choice.
template <NamedEnum E>
po::typed_value<std::string>* choice_value(const char* name) {
  return offered_value<std::string>(name, {.words = enum_words<E>});
}

/// A fault in what was typed after `verb`.
[[noreturn]] void usage_error(std::string_view verb, const std::string& problem, const std::string& suggestion);

/// A whole number from `least` to `most`, or a fault of the option.
std::int64_t parse_whole(std::string_view verb, std::string_view option, const std::string& text, std::int64_t least, std::int64_t most,
                         const std::string& suggestion);
/// A span of time, or a fault of the option.
Duration parse_span(std::string_view verb, std::string_view option, const std::string& text);

/// Place of `text` among the names an option can have, or a fault that lists them.
std::size_t parse_name(std::string_view verb, std::string_view option, const std::string& text, std::span<const std::string_view> names);
template <NamedEnum E>
E parse_choice(std::string_view verb, std::string_view option, const std::string& text) {
  return static_cast<E>(parse_name(verb, option, text, EnumNames<E>::names));
}

}  // namespace cli
}  // namespace swarm
