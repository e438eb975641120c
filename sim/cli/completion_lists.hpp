#pragma once
#include <span>
#include <string>
#include <vector>

#include "sim/cli/options.hpp"
#include "sim/cli/verbs.hpp"

/// What the scripts of all shells hold besides verbs and options: the keys of scenarios that overrides can name.
namespace swarm {
namespace cli {

/// Keys that one kind of override can name.
struct KeyList {
  std::string name;                  ///< that of the first verb that takes them
  std::vector<std::string> (*of)(); ///< where they come from: Offer::words
  /// "pricing.markup=" for a key, "region.BD." for each known record of a table, "region.NAME.population=" for the
  /// keys of its records.
  std::vector<std::string> words;
};
std::vector<KeyList> key_lists(std::span<const Verb> verbs);
/// The name of the list that `offer` of overrides takes its keys from.
std::string list_name(std::span<const KeyList> lists, const Offer& offer);

/// "pricing.rule=flat", "region.NAME.global_south=true", ... for every key with a short list of values.
std::vector<std::string> override_choices();

/// `text` with a backslash before each of `characters`.
std::string with_backslashes(std::string_view text, std::string_view characters);

}  // namespace cli
}  // namespace swarm
