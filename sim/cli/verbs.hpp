#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The program's verbs. A new one is one file and one line in the table of verbs.cpp.
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

using Arguments = std::vector<std::string>;

struct Verb {
  std::string_view name;
  std::string_view usage;    ///< arguments after the name
  std::string_view purpose;  ///< a few words, for the list of verbs
  std::string_view explanation;  ///< sentences, for its own page
  ExitCode (*run)(const Arguments&);
  std::string (*options)();  ///< text of its options, empty if it has none
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
ExitCode quote_verb(const Arguments&);
ExitCode info_verb(const Arguments&);
ExitCode compare_verb(const Arguments&);
ExitCode version_verb(const Arguments&);
ExitCode help_verb(const Arguments&);
ExitCode reference_verb(const Arguments&);
std::string run_options();
std::string check_options();
std::string quote_options();
std::string info_options();
std::string compare_options();

}  // namespace cli
}  // namespace swarm
