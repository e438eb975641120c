#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/offer.hpp"

namespace boost {
namespace program_options {
class options_description;
}
}  // namespace boost

/// The program's verbs. A new one is one file and one line in the table of verbs.cpp, from which its help, its part of
/// the manual page and what shells complete are made.
namespace swarm {
namespace cli {

/// What the shell learns (`swarmsim help` and docs/architecture.md list them).
enum class ExitCode : int {
  done = 0,
  failed = 1,       ///< the model or an invariant failed
  bad_input = 2,    ///< what was typed or written is wrong
  runs_failed = 3,  ///< a sweep ended with failed runs
  bad_file = 4,     ///< a file cannot be opened, read or written
  checkpointed = 75,
  interrupted = 130,
  terminated = 143,
};
struct ExitMeaning {
  std::string_view codes;  ///< "4", "130/143"
  std::string_view meaning;
};
/// Every exit code, for people.
std::span<const ExitMeaning> exit_meanings();

using Arguments = std::vector<std::string>;
using Options = boost::program_options::options_description;

struct Verb {
  std::string_view name;
  std::string_view usage;    ///< arguments after the name
  std::string_view purpose;  ///< a few words, for the list of verbs
  std::string_view explanation;  ///< sentences, for its own page; lines that start with blanks stand as they are
  ExitCode (*run)(const Arguments&);
  Options (*options)();  ///< the very ones that `run` parses
  Offer first = {};      ///< what its first argument can be
  Offer others = {};     ///< what each later argument can be
};
std::span<const Verb> verbs();
/// The verb of that name. Throws InputError, which says `asker` and the nearest spelling, if there is none.
const Verb& require_verb(std::string_view asker, const std::string& name);

/// Runs the verb that the first argument names.
ExitCode dispatch(const Arguments& arguments);

ExitCode run_verb(const Arguments&);
ExitCode check_verb(const Arguments&);
ExitCode init_verb(const Arguments&);
ExitCode list_verb(const Arguments&);
ExitCode models_verb(const Arguments&);
ExitCode quote_verb(const Arguments&);
ExitCode clear_verb(const Arguments&);
ExitCode shift_verb(const Arguments&);
ExitCode info_verb(const Arguments&);
ExitCode compare_verb(const Arguments&);
ExitCode sweep_verb(const Arguments&);
ExitCode version_verb(const Arguments&);
ExitCode help_verb(const Arguments&);
ExitCode reference_verb(const Arguments&);
ExitCode completion_verb(const Arguments&);
Options run_options();
Options check_options();
Options models_options();
Options quote_options();
Options clear_options();
Options shift_options();
Options info_options();
Options compare_options();
Options sweep_options();
/// What can stand for the first argument of those that take a word.
std::vector<std::string> list_words();
std::vector<std::string> help_words();
std::vector<std::string> reference_words();
std::vector<std::string> completion_words();
std::vector<std::string> sweep_words();

}  // namespace cli
}  // namespace swarm
