#include <fmt/format.h>

#include "sim/cli/completion.hpp"
#include "sim/cli/completion_lists.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::string_view kHelpers = R"script(
# Whether the verb is $argv, or with no argument whether there is none yet.
function __swarmsim_verb
    set -l typed (commandline -opc)
    test "$typed[2]" = "$argv"
end

# Whether an argument of verb $argv[1] is typed: its "first" or one of the "others". $argv[3] and the following are
# the options that take a value.
function __swarmsim_at
    __swarmsim_verb $argv[1]; or return 1
    set -l typed (commandline -opc)
    set -l place first
    set -l is_value no
    for word in $typed[3..]
        if test $is_value = yes
            set is_value no
        else if contains -- $word $argv[3..]
            set is_value yes
        else if not string match -q -- '-*' $word
            set place others
        end
    end
    test $is_value = no -a $place = $argv[2]
end

function __swarmsim_typed
    commandline -ct | string replace -r '^--[^=]*=' ''
end

# Folders, and files of which the names end in one of $argv.
function __swarmsim_files
    set -l pattern '/$' (string escape --style=regex -- $argv | string replace -r '$' '$$')
    complete -C '__swarmsim_any '(__swarmsim_typed) | string match -r '^[^\t]*' | string match -r -- '.*(?:'(string join '|' $pattern)')'
end

function __swarmsim_unfinished
    __swarmsim_files $argv.partial | string replace -r '\.partial$' ''
end

function __swarmsim_overrides
    set -l typed (__swarmsim_typed)
    set -l list __swarmsim_keys_$argv
    set -l words $$list
    string match -q -- '*=*' $typed; and set words $__swarmsim_choices
    # In a table NAME stands for the name that was typed.
    set -l table (string match -r -- '^([a-z]+)\.[^.=]+\.' $typed)
    and set words (string replace -- "$table[2].NAME." $table[1] $words)
    string match -v -- '*.NAME.*' $words | string match -v -- "$table[1]"
end

complete -c swarmsim -f
complete -c swarmsim -s h -l help -d 'explain it'
complete -c swarmsim -n __swarmsim_verb -l version -d 'print versions'
)script";

std::string quoted(std::string_view text) { return fmt::format("'{}'", with_backslashes(text, "\\'")); }

/// The arguments of `complete` for what `offer` offers; empty for nothing.
std::string candidates(const Offer& offer, std::span<const KeyList> lists) {
  if (offer.also == Offer::Also::overrides) return fmt::format(" -a '(__swarmsim_overrides {})'", list_name(lists, offer));
  std::vector<std::string> parts;
  if (offer.words != nullptr) parts = offer.words();
  if (!offer.suffix.empty()) parts.push_back(fmt::format("(__swarmsim_files {})", offer.suffix));
  if (offer.also == Offer::Also::unfinished) parts.push_back(fmt::format("(__swarmsim_unfinished {})", offer.suffix));
  if (offer.also == Offer::Also::folders) parts.emplace_back("(__swarmsim_files)");
  return parts.empty() ? "" : fmt::format(" -a '{}'", fmt::join(parts, " "));
}

}  // namespace

std::string fish_completion(std::span<const Verb> verbs) {
  const auto lists = key_lists(verbs);
  std::string out = "# Completion of swarmsim for fish, printed by 'swarmsim completion fish'.\n\n";
  for (const KeyList& list : lists) out += fmt::format("set -g __swarmsim_keys_{} {}\n", list.name, fmt::join(list.words, " "));
  out += fmt::format("set -g __swarmsim_choices {}\n", fmt::join(override_choices(), " ")) + std::string(kHelpers);
  for (const Verb& verb : verbs) {
    out += fmt::format("\ncomplete -c swarmsim -n __swarmsim_verb -a {} -d {}\n", verb.name, quoted(verb.purpose));
    std::string valued;
    for (const OptionRow& row : option_rows(verb.options())) {
      const std::string letter = row.letter.empty() ? "" : " -s " + row.letter;
      out += fmt::format("complete -c swarmsim -n '__swarmsim_verb {}'{} -l {}{}{} -d {}\n", verb.name, letter, row.name,
                         row.value.empty() ? "" : " -x", candidates(row.offer, lists), quoted(row.meaning));
      if (!row.value.empty()) valued += " --" + row.name + (row.letter.empty() ? "" : " -" + row.letter);
    }
    for (const auto& [place, offer] : {std::pair("first", verb.first), std::pair("others", verb.others)})
      if (!offer.empty())
        out += fmt::format("complete -c swarmsim -n '__swarmsim_at {} {}{}'{}\n", verb.name, place, valued, candidates(offer, lists));
  }
  return out;
}

}  // namespace cli
}  // namespace swarm
