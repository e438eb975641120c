#include <fmt/core.h>

#include <algorithm>

#include "sim/dispatch/network.hpp"
#include "sim/scenario/checks.hpp"

namespace swarm {
namespace scenario {
namespace {

const std::string kAnywhere = "anywhere", kHome = "home";

class NetworkChecks : public Checks {
 public:
  explicit NetworkChecks(const Checks& checks) : Checks(checks) {
    for (const auto& region : s_.regions) regions_.push_back(region.name);
  }

  void check_all() const {
    check_distance();
    check_load_limits();
    for (const auto& region : s_.regions)
      if (check_names(region)) check_somebody_answers(region);
  }

 private:
  /// Nothing is nearer than home.
  void check_distance() const {
    const auto& p = s_.network;
    if (p.max_round_trip.seconds == 0 || p.max_round_trip >= p.base) return;
    problems_.add(place("network.max_round_trip", {"network.base"}),
                  fmt::format("'network.max_round_trip' is {}, less than 'network.base' = {}", duration_text(p.max_round_trip),
                              duration_text(p.base)),
                  "not even a region's own sites could answer", "use 0 for no limit, or more than network.base");
  }

  void check_load_limits() const {
    const auto& p = s_.balance;
    if (p.idle_below <= p.hot_above) return;
    problems_.add(place("balance.idle_below", {"balance.hot_above"}),
                  fmt::format("'balance.idle_below' is {}, more than 'balance.hot_above' = {}", number_text(p.idle_below),
                              number_text(p.hot_above)),
                  "a site would be idle and a hotspot at once", "swap them");
  }

  /// One of two words, or regions of the scenario.
  bool check_names(const grid::Region& region) const {
    const auto& names = region.residency.names;
    const std::string key = "region." + region.name + ".residency";
    bool all_known = true;
    for (const std::string& name : names) {
      if (std::find(regions_.begin(), regions_.end(), name) != regions_.end()) continue;
      const bool word = name == kAnywhere || name == kHome;
      if (word && names.size() == 1) continue;
      all_known = false;
      if (word) {
        report(key, "'" + key + "' lists \"" + name + "\" among other names", "it is a word for the whole of it",
               "write residency = \"" + name + "\", or regions only: home is always allowed");
        continue;
      }
      std::vector<std::string> known = regions_;
      if (names.size() == 1) known.insert(known.end(), {kAnywhere, kHome});
      report(key, "unknown region '" + name + "' in '" + key + "'", "nobody there could answer",
             suggest(name, known, "regions"));
    }
    return all_known;
  }

  bool may_answer(const grid::Region& asker, const grid::Region& server) const {
    const auto& names = asker.residency.names;
    const double longest = s_.network.max_round_trip.seconds;
    const bool resides = asker.name == server.name || names.front() == kAnywhere ||
                         std::find(names.begin(), names.end(), server.name) != names.end();
    const bool near = asker.name == server.name || longest == 0 ||
                      dispatch::round_trip_s(s_.network, {asker.latitude, asker.longitude},
                                             {server.latitude, server.longitude}) <= longest;
    return resides && near;
  }

  /// Regions that share out population.agents get some, as a rule; those that state 0 have none.
  void check_somebody_answers(const grid::Region& region) const {
    const bool silent = s_.workload.split == workload::Split::share && region.request_share == 0;
    const auto answers = [&](const grid::Region& server) { return server.agents != 0 && may_answer(region, server); };
    if (silent || region.agents != 0 || std::any_of(s_.regions.begin(), s_.regions.end(), answers)) return;
    const std::string key = "region." + region.name;
    const bool by_residency = region.residency.names.front() != kAnywhere;
    if (!by_residency && s_.network.max_round_trip.seconds == 0) return;  // there are no specialists at all: reported as that
    problems_.add(place(by_residency ? key + ".residency" : "network.max_round_trip", {key + ".agents", key + ".name"}),
                  fmt::format("{} no region with specialists to answer region '{}', which has none",
                              by_residency ? "'" + key + ".residency' leaves" : "'network.max_round_trip' leaves", region.name),
                  "all its requests would be refused",
                  by_residency ? "give it agents, or allow a region that has some" : "give it agents, or raise network.max_round_trip");
  }

  std::vector<std::string> regions_;
};

}  // namespace

void check_network(const Checks& checks) { NetworkChecks(checks).check_all(); }

}  // namespace scenario
}  // namespace swarm
