#pragma once
#include <string>

namespace swarm {
namespace cli {

/// Every scenario key as one JSON array, for programs: key, type, choices, default (as TOML), unit, min and max (null
/// where there is none), source. Keys of tables read "region.NAME.population".
std::string keys_json();

}  // namespace cli
}  // namespace swarm
