#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/cli/completion.hpp"
#include "sim/cli/completion_lists.hpp"

namespace swarm {
namespace cli {
namespace {

constexpr std::string_view kHelpers = R"script(
# Each of these adds to COMPREPLY what goes on from $cur.
_swarmsim_words() {
  local word
  for word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}
_swarmsim_paths() {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do COMPREPLY+=("$name"); done
}
_swarmsim_folders() { _swarmsim_paths < <(compgen -d -- "$cur"); }
_swarmsim_files() { _swarmsim_paths < <(compgen -f -X "!*$1" -- "$cur"; compgen -d -- "$cur"); }
_swarmsim_unfinished() {
  local name
  while IFS= read -r name; do COMPREPLY+=("${name%.partial}"); done < <(compgen -f -X "!*$1.partial" -- "$cur")
}
_swarmsim_overrides() {
  local list=_swarmsim_keys_$1 words word
  words=${!list}
  if [[ $cur == *=* ]]; then words=$_swarmsim_choices; else compopt -o nospace 2>/dev/null; fi
  # In a table NAME stands for the name that was typed.
  [[ $cur =~ ^([a-z]+)\.[^.=]+\. ]] && words=${words//${BASH_REMATCH[1]}.NAME./${BASH_REMATCH[0]}}
  for word in $words; do
    [[ $word == *.NAME.* || $word == "$cur" && $word == *. ]] || _swarmsim_words "$word"
  done
}

_swarmsim() {
  local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} typed=() rest text i
  # Readline breaks words at "=" and ":"; here they are whole.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=${line#"${line%%[![:blank:]]*}"} text=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && text=$rest
    if ((i > 0)) && [[ $rest == "$line" ]]; then typed[${#typed[@]} - 1]+=$text; else typed+=("$text"); fi
    line=${rest#"$text"}
  done
  local last=$((${#typed[@]} - 1)) verb=${typed[1]} place=first option= prefix= cur valued
  cur=${typed[last]}
  COMPREPLY=()
  if ((last <= 1)); then
    if [[ $cur == -* ]]; then _swarmsim_words $(_swarmsim_options); else _swarmsim_words $_swarmsim_verbs; fi
    return
  fi
  case $verb in --help | -h) verb=help ;; --version) verb=version ;; esac
  valued=" $(_swarmsim_options "$verb") "
  for ((i = 2; i < last; i++)); do
    if [[ $option ]]; then option=
    elif [[ $valued == *" ${typed[i]}= "* ]]; then option=${typed[i]}
    elif [[ ${typed[i]} != -* ]]; then place=others
    fi
  done
  if [[ $option ]]; then
    _swarmsim_offer "$verb $option"
  elif [[ $cur == --*=* ]]; then
    prefix=${cur%%=*}= cur=${cur#*=}
    _swarmsim_offer "$verb ${prefix%=}"
  else
    [[ $cur == -* ]] || _swarmsim_offer "$verb $place"
    if [[ $cur == -* || -z $cur && ${#COMPREPLY[@]} == 0 ]]; then _swarmsim_words ${valued//= / }; fi
  fi
  # What stands before the last break stays as it is.
  local breaks=${COMP_WORDBREAKS//[^=:]/} whole=$prefix$cur before=
  [[ $breaks ]] && before=${whole%"${whole##*[$breaks]}"}
  for i in "${!COMPREPLY[@]}"; do
    whole=$prefix${COMPREPLY[i]}
    COMPREPLY[i]=${whole#"$before"}
  done
}
complete -F _swarmsim swarmsim
)script";

/// The commands that add what `offer` offers.
std::string action(const Offer& offer, std::span<const KeyList> lists) {
  if (offer.also == Offer::Also::overrides) return "_swarmsim_overrides " + list_name(lists, offer);
  std::vector<std::string> calls;
  if (offer.words != nullptr) calls.push_back(fmt::format("_swarmsim_words {}", fmt::join(offer.words(), " ")));
  if (!offer.suffix.empty()) calls.push_back(fmt::format("_swarmsim_files {}", offer.suffix));
  if (offer.also == Offer::Also::unfinished) calls.push_back(fmt::format("_swarmsim_unfinished {}", offer.suffix));
  if (offer.also == Offer::Also::folders) calls.emplace_back("_swarmsim_folders");
  return fmt::format("{}", fmt::join(calls, "; "));
}

/// Actions with the places where they apply: "'run --set' | 'check --set'".
class Places {
 public:
  void add(const std::string& place, const std::string& action) {
    if (action.empty()) return;
    const auto at = std::find_if(cases_.begin(), cases_.end(), [&](const auto& c) { return c.second == action; });
    if (at == cases_.end())
      cases_.emplace_back("'" + place + "'", action);
    else
      at->first += " | '" + place + "'";
  }
  std::string text() const {
    std::string out;
    for (const auto& [places, action] : cases_) out += fmt::format("    {}) {} ;;\n", places, action);
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> cases_;
};

}  // namespace

std::string bash_completion(std::span<const Verb> verbs) {
  const auto lists = key_lists(verbs);
  std::vector<std::string_view> names;
  std::string options;
  Places places;
  for (const Verb& verb : verbs) {
    const std::string name(verb.name);
    names.push_back(verb.name);
    places.add(name + " first", action(verb.first, lists));
    places.add(name + " others", action(verb.others, lists));
    std::string words;
    for (const OptionRow& row : option_rows(verb.options()))
      for (const std::string& spelling : {"--" + row.name, "-" + row.letter}) {
        if (spelling == "-") continue;
        words += spelling + (row.value.empty() ? " " : "= ");
        places.add(name + " " + spelling, action(row.offer, lists));
      }
    options += fmt::format("    {}) echo '{}--help -h' ;;\n", name, words);
  }
  std::string out = "# Completion of swarmsim for bash, printed by 'swarmsim completion bash'.\n\n";
  out += fmt::format("_swarmsim_verbs='{}'\n", fmt::join(names, " "));
  for (const KeyList& list : lists) out += fmt::format("_swarmsim_keys_{}='{}'\n", list.name, fmt::join(list.words, " "));
  out += fmt::format("_swarmsim_choices='{}'\n\n", fmt::join(override_choices(), " "));
  out += "# The options of a verb; behind those that take a value stands \"=\".\n_swarmsim_options() {\n  case $1 in\n" + options +
         "    *) echo '--help -h --version' ;;\n  esac\n}\n\n";
  out += "# What can stand at a place: \"VERB first\" and \"VERB others\" are arguments, \"VERB OPTION\" the value of an option.\n"
         "_swarmsim_offer() {\n  case $1 in\n" + places.text() + "  esac\n}\n";
  return out + std::string(kHelpers);
}

}  // namespace cli
}  // namespace swarm
