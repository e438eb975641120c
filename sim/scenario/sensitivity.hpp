#pragma once
#include <span>
#include <string>
#include <string_view>

/// Which outcome of a run owes most to each behavioural default: measured by analysis/sensitivity.py on the pilot.
namespace swarm {
namespace scenario {

struct Sensitivity {
  std::string_view key;      ///< as in all_keys(): "pricing.markup", "region.NAME.population"
  std::string_view at;       ///< its default when it was measured, as TOML
  std::string_view varied;   ///< the one record's key that stands for a table's, "region.BD.population"; else empty
  std::string_view with;     ///< settings without which the key does nothing, "market.admission=priority"; else empty
  std::string_view outcome;  ///< the figure of /summary that moves most; empty if none measurably does
  std::string_view change;   ///< its relative change for a change of the key, "+0.8 % per +1 %"
};

/// One entry per key with a source, in the order of all_keys().
std::span<const Sensitivity> sensitivities();

/// The entry of `key` as in all_keys(), or nullptr.
const Sensitivity* find_sensitivity(std::string_view key);

/// "delay_s, +0.8 % per +1 % (region.BD.population; market.admission=priority)", or "none measurable".
std::string sensitivity_text(const Sensitivity& s);

}  // namespace scenario
}  // namespace swarm
