#include "sim/cli/verbs.hpp"

#include <array>

#include "sim/core/errors.hpp"

namespace swarm {
namespace cli {
namespace {

std::string no_options() { return {}; }

constexpr std::array<Verb, 8> kVerbs{{
    {"run", "SCENARIO.toml [options]", "simulate a scenario and write an HDF5 file", run_verb, run_options},
    {"check", "SCENARIO.toml [options]", "validate a scenario and predict memory, file size and time", check_verb, check_options},
    {"init", "FILE.toml", "write a commented scenario to start from", init_verb, no_options},
    {"list", "regions|devices|rules|policies|scenarios", "list what scenarios can name", list_verb, no_options},
    {"info", "FILE.h5 [options]", "describe a result file", info_verb, info_options},
    {"version", "", "print versions and the instruction set in use", version_verb, no_options},
    {"help", "[VERB]", "explain a verb", help_verb, no_options},
    {"reference", "scenario|assumptions|format", "print a generated page of the manual", reference_verb, no_options},
}};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

const Verb* find_verb(std::string_view name) {
  for (const Verb& v : kVerbs)
    if (v.name == name) return &v;
  return nullptr;
}

ExitCode dispatch(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") return help_verb({});
  if (arguments[0] == "--version") return version_verb({});
  const Verb* verb = find_verb(arguments[0]);
  if (!verb) {
    std::vector<std::string> names;
    for (const Verb& v : kVerbs) names.emplace_back(v.name);
    const std::string near = nearest_spelling(arguments[0], names);
    throw InputError(Diagnostic{.problem = fmt::format("swarmsim: unknown verb '{}'", arguments[0]),
                                .why = "",
                                .suggestion = near.empty() ? "see 'swarmsim help'." : fmt::format("did you mean '{}'?", near)});
  }
  const Arguments rest(arguments.begin() + 1, arguments.end());
  for (const auto& a : rest)
    if (a == "--help" || a == "-h") return help_verb({std::string(verb->name)});
  return verb->run(rest);
}

}  // namespace cli
}  // namespace swarm
