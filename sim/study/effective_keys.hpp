#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The effective scenario that a result file carries, as keys that can be compared.
namespace swarm {
namespace study {

/// "pricing.rule" → "\"flat\"", "site.Nairobi.servers" → "40": values as written, without units. Beside them the
/// names of tables in their order: "region" → "BD, KE".
using EffectiveKeys = std::map<std::string, std::string>;

/// Takes apart the text of the attribute `scenario_effective`: one `key = value  # unit` per line, in `[section]`s
/// and `[[table]]`s with a name. Keys it does not know are kept too, so files of other versions can be read.
EffectiveKeys effective_keys(std::string_view text);

/// The keys that decide what a run finds, apart from chance: without the seed, names and questions, how work is
/// divided and how much is recorded, cache folders, and the folder of traces if no trace is used.
EffectiveKeys deciding_keys(const EffectiveKeys& all);

/// Whether a key can be one of those; run.data_dir can.
bool may_decide(std::string_view key);

struct KeyDifference {
  std::string key;
  std::string reference, value;  ///< empty: there is no such key
};
/// What differs, in alphabetical order.
std::vector<KeyDifference> differences(const EffectiveKeys& reference, const EffectiveKeys& other);

}  // namespace study
}  // namespace swarm
