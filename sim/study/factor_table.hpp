#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/tree.hpp"
#include "sim/study/factor.hpp"
#include "sim/study/study_params.hpp"

/// The `[[factor]]` tables of a study file. Internal to the room.
namespace swarm {
namespace study {

/// What one `[[factor]]` says in plain keys; values and levels are lists.
struct FactorParams {
  std::string key, name;
  double min = 0, max = 1;
  Scale scale = Scale::linear;
  bool whole = false;
};

template <class V>
void describe(V& v, FactorParams& p) {
  v("key", p.key, {.unit = "", .doc = "Scenario key that is varied, such as pricing.markup or region.DE.population; none if levels are given."});
  v("name", p.name, {.unit = "", .doc = "Name of the coordinate in design.csv and study.h5; by default the last part of the key."});
  v("min", p.min, {.unit = "", .doc = "Least value in a sampled design (lhs, sobol, saltelli), in the key's unit."});
  v("max", p.max, {.unit = "", .doc = "Greatest value in a sampled design."});
  v("scale", p.scale, {.unit = "", .doc = "How values are spread between min and max: evenly (linear), or evenly in the logarithm (log)."});
  v("whole", p.whole, {.unit = "", .doc = "Whether only whole numbers from min to max are taken, all equally likely."});
}

/// The value of a key, taken out of its table.
std::optional<scenario::Node> take_entry(scenario::Node& table, const std::string& key);

/// Reads and checks the tables for a design; every fault becomes a problem.
std::vector<Factor> read_factors(const std::optional<scenario::Node>& tables, DesignKind design, const scenario::Place& file,
                                 scenario::Problems& problems);

/// The unit of a scenario key; a problem at `place` with the nearest spelling if there is no such key.
std::string unit_of_key(const std::string& key, const scenario::Place& place, scenario::Problems& problems);

/// Whether a name can be that of a coordinate; if not, a problem.
bool check_coordinate(const std::string& name, const scenario::Place& place, scenario::Problems& problems);

}  // namespace study
}  // namespace swarm
