#include <fmt/core.h>

#include <algorithm>

#include "sim/scenario/checks.hpp"

namespace swarm {
namespace scenario {
namespace {

using dispatch::FaultKind;
using dispatch::FaultRecord;

class FaultChecks : public Checks {
 public:
  explicit FaultChecks(const Checks& checks) : Checks(checks) {
    for (const auto& region : s_.regions) regions_.push_back(region.name);
    for (const auto& site : s_.sites) sites_.push_back(site.name);
  }

  void check_all() const {
    for (const FaultRecord& fault : s_.fault_records) check(fault);
    if (s_.breaker.least_answers > s_.breaker.window)
      problems_.add(place("breaker.least_answers", {"breaker.window"}),
                    fmt::format("'breaker.least_answers' is {}, more than 'breaker.window' = {}", s_.breaker.least_answers, s_.breaker.window),
                    "a breaker never knows of so many answers, so none would ever open",
                    "make the window longer");
  }

 private:
  void check(const FaultRecord& fault) const {
    const std::string key = "fault." + fault.name, kind(enum_name(fault.kind));
    const bool region_known = fault.region.empty() || known(regions_, fault.region);
    if (!region_known)
      problems_.add(place(key + ".region", {key + ".name"}),
                    "fault '" + fault.name + "' is in region '" + fault.region + "', which is not part of the scenario",
                    "it would strike nobody", suggest(fault.region, regions_, "regions"));
    if (fault.region.empty() && fault.site.empty())
      problems_.add(place(key + ".name"), "fault '" + fault.name + "' has neither region nor site", "it would strike nobody",
                    "add a line region = \"…\" or site = \"…\"");
    if (!fault.site.empty()) check_site(fault, key, region_known);
    if (!dispatch::strikes_agents(fault.kind) && fault.share != FaultRecord{}.share)
      check_unused(key + ".share", "'share' means nothing with kind = \"" + kind + "\"", "it is for faults of specialists");
    if (fault.kind != FaultKind::slow_agent && fault.factor != FaultRecord{}.factor)
      check_unused(key + ".factor", "'factor' means nothing with kind = \"" + kind + "\"", "it is by how much a slow-agent is slower");
  }

  void check_site(const FaultRecord& fault, const std::string& key, bool region_known) const {
    const std::string named = "fault '" + fault.name + "' is at site '" + fault.site + "'";
    if (dispatch::strikes_region(fault.kind))
      return problems_.add(place(key + ".site", {key + ".kind"}), named + ", but a " + std::string(enum_name(fault.kind)) + " strikes a whole region",
                           "its site would be ignored", "name the region and leave the site out");
    const auto site = std::ranges::find(s_.sites, fault.site, &hardware::Site::name);
    if (site == s_.sites.end())
      return problems_.add(place(key + ".site", {key + ".name"}), named + ", which is not part of the scenario",
                           "it would strike nobody", suggest(fault.site, sites_, "sites"));
    if (region_known && !fault.region.empty() && site->region != fault.region)
      problems_.add(place(key + ".region", {key + ".site"}), named + " in region '" + fault.region + "'",
                    "that site is in region '" + site->region + "'", "leave the region out, or write region = \"" + site->region + "\"");
  }

  void check_unused(const std::string& key, std::string problem, std::string why) const {
    if (stated_.contains(key)) problems_.add(place(key), std::move(problem), std::move(why), "remove it");
  }

  static bool known(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  }

  std::vector<std::string> regions_, sites_;
};

}  // namespace

void check_faults(const Checks& checks) { FaultChecks(checks).check_all(); }

}  // namespace scenario
}  // namespace swarm
