#pragma once
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

/// What the parameter structs say about themselves, as text: the resolved file, the manual, the assumptions.
namespace swarm {
namespace scenario {

/// The complete scenario as valid TOML, one line per key with its unit; it loads back to an equal scenario.
std::string effective_toml(const Scenario& s);

/// Type, unit, default, range, meaning and source of one key ("pricing.markup", "region.population",
/// "region.DE.population"), or an overview of a section ("pricing", "site").
/// @throws InputError with the nearest spelling if there is no such key.
std::string explain(const std::string& dotted_key);

/// docs/scenario.md: every section and key, the built-in regions and devices.
std::string reference_markdown();

/// docs/assumptions.md: the limits of the model, and every key with a source ("assumed" or a citation) with the
/// outcome most sensitive to it.
std::string assumptions_markdown();

/// A short commented scenario to start from; it loads as it is.
std::string starter_toml();

/// Every key in the order of the reference: "extends", "regions", "run.name", …, "region.NAME.population", ….
std::vector<std::string> all_keys();

}  // namespace scenario
}  // namespace swarm
