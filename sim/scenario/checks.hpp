#pragma once
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

#include "sim/scenario/problems.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/scenario/text.hpp"

/// What checks across keys share: the scenario, where its keys were stated, and how to report.
namespace swarm {
namespace scenario {

class Checks {
 public:
  Checks(const Scenario& s, const Stated& stated, const Place& file, Problems& problems)
      : s_(s), stated_(stated), file_(file), problems_(problems) {}

 protected:
  /// Where `key` was stated, or else the next of `others`, or else the file.
  Place place(const std::string& key, std::initializer_list<std::string> others = {}) const {
    if (const auto found = stated_.find(key); found != stated_.end()) return found->second;
    for (const auto& other : others)
      if (const auto found = stated_.find(other); found != stated_.end()) return found->second;
    return file_;
  }

  void report(const std::string& key, std::string problem, std::string why, std::string suggestion) const {
    problems_.add(place(key), std::move(problem), std::move(why), std::move(suggestion));
  }

  void check_whole(const std::string& key, double value) const {
    if (value != std::floor(value))
      report(key, "'" + key + "' is " + number_text(value), "it must be a whole number",
             "write " + number_text(std::nearbyint(value)));
  }

  const Scenario& s_;
  const Stated& stated_;
  const Place& file_;
  Problems& problems_;
};

/// Markets, credit, carbon prices, permits and the other instruments of the economy (validate_economy.cpp).
void check_economy(const Checks& checks);
/// Faults that are listed, and circuit breakers (validate_faults.cpp).
void check_faults(const Checks& checks);
/// Distances, residency and what counts as load (validate_network.cpp).
void check_network(const Checks& checks);

}  // namespace scenario
}  // namespace swarm
