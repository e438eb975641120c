#include <fmt/format.h>

#include "sim/cli/completion.hpp"
#include "sim/cli/completion_lists.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::string_view kHelpers = R"script(
# Words and files of which the names end in $1.
_swarmsim_either() { _alternative "words:word:(${argv[2,-1]})" "files:file:_files -g '*$1'" }

# Files of which the names end in $1, and the final names of those that are not finished.
_swarmsim_unfinished() {
  local -a unfinished=(${~PREFIX}*$1.partial(N:r))
  (( $#unfinished )) && compadd -f -a unfinished
  _files -g "*$1"
}

_swarmsim_overrides() {
  local list=_swarmsim_keys_$1 word
  local -a words match mbegin mend
  words=(${(P)list})
  [[ $PREFIX == *=* ]] && words=($_swarmsim_choices)
  # In a table NAME stands for the name that was typed.
  [[ $PREFIX =~ '^([a-z]+)\.[^.=]+\.' ]] && words=("${words[@]/#$match[1].NAME./$MATCH}")
  words=(${words:#*.NAME.*})
  if [[ $PREFIX == *=* ]]; then compadd -a words; else compadd -S '' -- ${words:#${PREFIX%.}.}; fi
}
)script";

constexpr std::string_view kFoot = R"script(
if [[ $funcstack[1] == _swarmsim ]]; then
  _swarmsim "$@"
else
  compdef _swarmsim swarmsim
fi
)script";

/// A word between single quotes.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return fmt::format("'{}'", out);
}

/// What _arguments does at a place, in its notation.
std::string action(const Offer& offer, std::span<const KeyList> lists) {
  const auto words = [&] { return fmt::format("{}", fmt::join(offer.words(), " ")); };
  if (offer.also == Offer::Also::overrides) return " _swarmsim_overrides " + list_name(lists, offer);
  if (offer.also == Offer::Also::unfinished) return fmt::format(" _swarmsim_unfinished {}", offer.suffix);
  if (offer.also == Offer::Also::folders) return "_files -/";
  if (offer.words != nullptr && !offer.suffix.empty()) return fmt::format(" _swarmsim_either {} {}", offer.suffix, words());
  if (offer.words != nullptr) return fmt::format("({})", with_backslashes(words(), ":"));
  return offer.suffix.empty() ? " " : fmt::format("_files -g \"*{}\"", offer.suffix);
}

std::string option_spec(const OptionRow& row, std::span<const KeyList> lists) {
  const std::string value = row.value.empty() ? "" : "=", repeats = row.repeats ? "*" : "";
  std::string what = fmt::format("[{}]", with_backslashes(row.meaning, "\\[]:"));
  if (!row.value.empty()) what += fmt::format(":{}:{}", row.value, action(row.offer, lists));
  if (row.letter.empty()) return quoted(fmt::format("{}--{}{}{}", repeats, row.name, value, what));
  const std::string exclusive = row.repeats ? "'*'" : fmt::format("'(-{} --{})'", row.letter, row.name);
  return fmt::format("{}{{-{}{},--{}{}}}{}", exclusive, row.letter, value.empty() ? "" : "+", row.name, value, quoted(what));
}

}  // namespace

std::string zsh_completion(std::span<const Verb> verbs) {
  constexpr std::string_view kHelp = "'(- *)'{-h,--help}'[explain it]'";
  const auto lists = key_lists(verbs);
  std::string out = "#compdef swarmsim\n# Completion of swarmsim for zsh, printed by 'swarmsim completion zsh'.\n\n";
  for (const KeyList& list : lists) out += fmt::format("typeset -ga _swarmsim_keys_{}=({})\n", list.name, fmt::join(list.words, " "));
  out += fmt::format("typeset -ga _swarmsim_choices=({})\n", fmt::join(override_choices(), " ")) + std::string(kHelpers);
  out += "\n_swarmsim_verbs() {\n  local -a verbs=(\n";
  for (const Verb& verb : verbs) out += fmt::format("    {}\n", quoted(fmt::format("{}:{}", verb.name, verb.purpose)));
  out += "  )\n  _describe verb verbs\n}\n\n_swarmsim() {\n"
         "  local curcontext=$curcontext state\n  local -a line\n  local -A opt_args\n"
         "  _arguments -C " + std::string(kHelp) +
         " '(- *)--version[print versions]' '1: :_swarmsim_verbs' '*:: :->rest' && return\n"
         "  [[ $state == rest ]] || return 1\n"
         "  curcontext=${curcontext%:*:*}:swarmsim-$words[1]:\n  case $words[1] in\n";
  for (const Verb& verb : verbs) {
    out += fmt::format("    {})\n      _arguments -S {}", verb.name, kHelp);
    const auto add = [&](const std::string& spec) { out += fmt::format(" \\\n        {}", spec); };
    for (const OptionRow& row : option_rows(verb.options())) add(option_spec(row, lists));
    if (!verb.first.empty()) add(quoted(fmt::format("1: :{}", action(verb.first, lists))));
    if (!verb.others.empty()) add(quoted(fmt::format("*: :{}", action(verb.others, lists))));
    out += " ;;\n";
  }
  return out + "  esac\n}\n" + std::string(kFoot);
}

}  // namespace cli
}  // namespace swarm
