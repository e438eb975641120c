#include "sim/scenario/validate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "agents/tasks/family.hpp"
#include "sim/core/calendar.hpp"
#include "sim/core/errors.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/scenario/text.hpp"
#include "sim/workload/problem_type.hpp"

namespace swarm {
namespace scenario {
namespace {

using Weights = std::array<std::pair<std::string, double>, workload::kProblemTypes>;

/// Steps are numbered with 32 bits in the keys of random draws.
constexpr double kMaxSteps = 4294967295.0;

class Validator : public Checks {
 public:
  using Checks::Checks;

  void check_all() {
    check_clock();
    check_population();
    check_types();
    check_sources();
    check_regions();
    check_purposes();
    check_need();
    check_economy(*this);
    check_network(*this);
    check_devices();
    check_sites();
    check_battery_policy();
    check_hazards();
    check_faults(*this);
    check_specialists();
    check_context();
    if (s_.engine.shards > static_cast<std::int64_t>(s_.regions.size()))
      report("engine.shards", fmt::format("{} shards for {} regions", s_.engine.shards, s_.regions.size()),
             "a region is the smallest piece of the world", "use 0 to give each region its own shard");
    check_whole("workload.complexity_alpha", s_.workload.complexity_alpha);
    check_whole("workload.complexity_beta", s_.workload.complexity_beta);
  }

 private:
  void check_clock() const {
    const double step = s_.run.step.seconds;
    try {
      parse_utc(s_.run.start);
    } catch (const std::invalid_argument& error) {
      report("run.start", std::string("'run.start': ") + error.what(), "", "");
    }
    if (step != std::floor(step)) {
      report("run.step", "'run.step' is " + duration_text(s_.run.step), "a step must be whole seconds",
             "write for example \"" + duration_text({std::max(1.0, std::nearbyint(step))}) + "\"");
      return;
    }
    check_multiple("run.warmup", s_.run.warmup, step);
    check_multiple("run.duration", s_.run.duration, step);
    const double steps = (s_.run.warmup.seconds + s_.run.duration.seconds) / step;
    if (steps > kMaxSteps)
      problems_.add(place("run.duration", {"run.end", "run.step"}),
                    "the run has " + number_text(steps) + " steps", "steps are numbered up to 4294967295",
                    "shorten it or lengthen run.step");
  }

  void check_context() const {
    const auto& p = s_.context;
    const auto rise = [&](const char* low, double a, const char* high, double b, const char* why) {
      if (a <= b) return;
      problems_.add(place(std::string("context.") + low, {std::string("context.") + high}),
                    fmt::format("'context.{}' is {}, more than 'context.{}' = {}", low, number_text(a), high, number_text(b)), why, "lower it");
    };
    const auto& w = p.window;
    const bool ahead = p.strategy != dispatch::ContextStrategy::reactive;
    if (ahead) rise("warn_share", w.warn_share, "handover_share", w.handover_share, "specialists would hand over before they are loaded");
    if (ahead) rise("handover_share", w.handover_share, "emergency_share", w.emergency_share, "every handover would be an emergency");
    rise("similarity_critical", p.handover.similarity_critical, "similarity_valid", p.handover.similarity_valid, "valid contexts would be critically unlike");
    if (ahead) rise("hot_tok", p.tiers.hot_tok, "warm_tok", p.tiers.warm_tok, "nothing would be warm");
    const double record = w.essential_tok + w.rationale_tok + w.breakdown_tok + w.margin_tok, room = w.handover_share * w.window_tok;
    if (ahead && p.enabled() && record >= room)
      problems_.add(place("context.window_tok", {"context.breakdown_tok", "context.margin_tok", "context.strategy"}),
                    fmt::format("a session's record and the margin take {} tok, and windows are handed over from {} tok on", number_text(record), number_text(room)),
                    "a fresh window would be handed over at once", "raise context.window_tok");
  }

  void check_multiple(const std::string& key, Duration span, double step) const {
    if (std::fmod(span.seconds, step) == 0) return;
    problems_.add(place(key, {"run.end", "run.step"}),
                  "'" + key + "' is " + duration_text(span) + ", not a multiple of 'run.step' (" +
                      duration_text({step}) + ")",
                  "the run would end within a step",
                  "write \"" + duration_text({std::ceil(span.seconds / step) * step}) + "\"");
  }

  /// Regions either state their own agents or share out population.agents between them.
  std::int64_t agents_in_all() const {
    std::int64_t total = 0;
    bool sharing = false;
    for (const auto& region : s_.regions) {
      if (region.agents < 0) sharing = true;
      total += std::max<std::int64_t>(region.agents, 0);
    }
    return total + (sharing ? s_.population.agents : 0);
  }

  void check_population() const {
    if (agents_in_all() == 0)
      report("region." + s_.regions.front().name + ".agents", "every region has 0 agents",
             "an empty population answers nothing", "give one of them agents");
  }

  Weights population_weights() const {
    const auto& p = s_.population;
    return {
        {{"vision", p.vision}, {"language", p.language}, {"reasoning", p.reasoning}, {"memory", p.memory}}};
  }
  Weights request_weights() const {
    const auto& w = s_.workload;
    return {
        {{"vision", w.vision}, {"language", w.language}, {"reasoning", w.reasoning}, {"memory", w.memory}}};
  }

  bool check_some_weight(const std::string& section, const Weights& weights, const std::string& why) const {
    if (std::any_of(weights.begin(), weights.end(), [](const auto& w) { return w.second > 0; })) return true;
    problems_.add(
        place(section + ".vision", {section + ".language", section + ".reasoning", section + ".memory"}),
        "all four problem-type weights of [" + section + "] are 0", why, "give one of them a weight above 0");
    return false;
  }

  void check_types() const {
    const Weights has = population_weights(), wants = request_weights();
    const bool some_agents = check_some_weight("population", has, "an empty population answers nothing");
    const bool some_requests = check_some_weight("workload", wants, "no request could be drawn");
    if (!some_agents || !some_requests) return;
    std::int64_t requested = 0;
    for (std::size_t i = 0; i < wants.size(); ++i) {
      requested += wants[i].second > 0 ? 1 : 0;
      if (wants[i].second == 0 || has[i].second > 0) continue;
      const std::string& type = wants[i].first;
      problems_.add(place("population." + type, {"workload." + type}),
                    "no specialists for " + type + " although 'workload." + type + "' is " +
                        number_text(wants[i].second),
                    "requests of that type could never be served",
                    "give population." + type + " a weight above 0 or set workload." + type + " = 0");
    }
    if (const auto agents = agents_in_all(); agents > 0 && agents < requested)
      report("population.agents", fmt::format("{} agents for {} requested problem types", agents, requested),
             "requests of some type could never be served", fmt::format("use at least {}", requested));
  }

  void check_sources() const {
    if (s_.workload.source == workload::Source::trace && s_.workload.trace.empty())
      report("workload.source", "'workload.source' is \"trace\" but 'workload.trace' is empty",
             "there is nothing to read requests from", "name a CSV file in workload.trace");
    if (s_.grid.source == grid::SignalSource::trace && s_.grid.trace.empty())
      for (const auto& region : s_.regions)
        if (region.trace.empty()) {
          report("grid.source", "'grid.source' is \"trace\" but 'grid.trace' is empty",
                 "region '" + region.name + "' has no trace of its own", "name a CSV file in grid.trace");
          break;
        }
  }

  void check_regions() const {
    if (s_.workload.split != workload::Split::share) return;
    const auto asks = [](const grid::Region& region) { return region.request_share > 0; };
    if (std::none_of(s_.regions.begin(), s_.regions.end(), asks))
      report("workload.split", "every region has 'request_share' 0", "no region would ask for anything",
             "give one of them a share above 0");
  }

  void check_purposes() const {
    const auto occurs = [](const workload::PurposeRecord& purpose) { return purpose.share > 0; };
    if (std::any_of(s_.purposes.begin(), s_.purposes.end(), occurs)) return;
    report("purpose." + s_.purposes.front().name + ".share", "every purpose has share 0",
           "requests would be for nothing", "give one of them a share above 0");
  }

  /// Two limits that coincide make a step, which has a meaning; the wrong way round they would favour the rich.
  void check_need() const {
    const auto check = [&](const std::string& measure, const std::string& unit, double low, double high) {
      if (low <= high) return;
      const std::string lower = "policy.need_" + measure + "_low" + unit, upper = "policy.need_" + measure + "_high" + unit;
      problems_.add(place(lower, {upper}),
                    fmt::format("'{}' is {}, more than '{}' = {}", lower, number_text(low), upper, number_text(high)),
                    "discounts would go to those who need them least", "swap them");
    };
    const auto& p = s_.policy;
    check("income", "_usd", p.need_income_low_usd, p.need_income_high_usd);
    check("vulnerability", "", p.need_vulnerability_low, p.need_vulnerability_high);
  }

  void check_devices() const {
    for (const auto& d : s_.devices) {
      const std::string key = "device." + d.name;
      const auto check = [&](const char* low, double lower, const char* high, double upper) {
        if (lower <= upper) return;
        problems_.add(place(key + "." + low, {key + "." + high, key + ".name"}),
                      fmt::format("'{0}.{1}' is {3} W, more than '{0}.{2}' = {4} W", key, low, high,
                                  number_text(lower), number_text(upper)),
                      "standby, idle and maximum power must rise in this order", "");
      };
      check("standby_w", d.standby_w, "idle_w", d.idle_w);
      check("idle_w", d.idle_w, "max_w", d.max_w);
    }
  }

  void check_sites() const {
    std::vector<std::string> regions, devices;
    for (const auto& region : s_.regions) regions.push_back(region.name);
    for (const auto& device : s_.devices) devices.push_back(device.name);
    check_device("hardware.default_device", s_.hardware.default_device, devices);
    for (const auto& site : s_.sites) {
      const std::string key = "site." + site.name;
      check_battery(site, key);
      if (stated_.contains(key + ".name") || stated_.contains(key + ".device"))
        check_device(key + ".device", site.device, devices);
      if (std::find(regions.begin(), regions.end(), site.region) != regions.end()) continue;
      problems_.add(place(key + ".region", {key + ".name"}),
                    site.region.empty() ? "site '" + site.name + "' has no region"
                                        : "site '" + site.name + "' is in region '" + site.region +
                                              "', which is not part of the scenario",
                    "its grid is unknown", suggest(site.region, regions, "regions"));
    }
  }

  void check_battery(const hardware::Site& site, const std::string& key) const {
    if ((site.battery_kwh > 0) == (site.battery_kw > 0)) return;
    const bool small = site.battery_kwh == 0;
    problems_.add(place(key + (small ? ".battery_kw" : ".battery_kwh"), {key + ".name"}),
                  fmt::format("site '{}' has a battery of {} kWh and {} kW", site.name, number_text(site.battery_kwh), number_text(site.battery_kw)),
                  small ? "it could hold nothing" : "it could neither charge nor deliver",
                  small ? "give it battery_kwh above 0" : "give it battery_kw above 0, for example battery_kwh / 4");
  }

  /// A battery may hold between the two quantiles; the wrong way round it would do both at once.
  void check_battery_policy() const {
    const auto& p = s_.battery;
    if (p.charge_below <= p.discharge_above) return;
    problems_.add(place("battery.charge_below", {"battery.discharge_above"}),
                  fmt::format("'battery.charge_below' is {}, more than 'battery.discharge_above' = {}", number_text(p.charge_below), number_text(p.discharge_above)),
                  "batteries would charge and deliver at the same values", "swap them");
  }

  void check_hazards() const {
    const auto& p = s_.hazards;
    if (p.least_severity > p.greatest_severity)
      problems_.add(place("hazards.least_severity", {"hazards.greatest_severity"}),
                    fmt::format("'hazards.least_severity' is {}, more than 'hazards.greatest_severity' = {}",
                                number_text(p.least_severity), number_text(p.greatest_severity)),
                    "severities are drawn between the two", "swap them");
    std::vector<std::string> regions;
    for (const auto& region : s_.regions) regions.push_back(region.name);
    for (const auto& hazard : s_.hazard_records) {
      if (std::find(regions.begin(), regions.end(), hazard.region) != regions.end()) continue;
      const std::string key = "hazard." + hazard.name;
      problems_.add(place(key + ".region", {key + ".name"}),
                    hazard.region.empty() ? "hazard '" + hazard.name + "' has no region"
                                          : "hazard '" + hazard.name + "' is in region '" + hazard.region +
                                                "', which is not part of the scenario",
                    "it would strike nobody", suggest(hazard.region, regions, "regions"));
    }
  }

  void check_device(const std::string& key, const std::string& name,
                    const std::vector<std::string>& known) const {
    if (std::find(known.begin(), known.end(), name) == known.end())
      report(key, "unknown device '" + name + "' in '" + key + "'", "nothing is known of its speed and power",
             suggest(name, known, "devices"));
  }

  void check_specialists() const {
    const auto& p = s_.specialists;
    const std::string format = "'specialists.format' is \"" + std::string(enum_name(p.format)) + "\"";
    if (p.calibration == tasks::Calibration::fixed && !tasks::numerics_of(p).integers())
      problems_.add(place("specialists.calibration", {"specialists.format"}),
                    "'specialists.calibration' is \"static\" but " + format,
                    "only int8 and int4 have ranges of activations to fix",
                    "use int8 or int4, or \"dynamic\"");
    if (p.format == nn::Format::bf16_dot && !nn::bf16_dot_supported())
      report("specialists.format", format, "this machine has no AVX512_BF16, whose instruction it is",
             "use \"bf16\", which stores the same weights");
    if (p.family == tasks::Family::attention && p.channels % p.heads != 0)
      problems_.add(place("specialists.heads", {"specialists.channels", "specialists.family"}),
                    fmt::format("{} heads for {} channels", p.heads, p.channels),
                    "each head has the same number of channels",
                    "choose 'specialists.heads' as a divisor of 'specialists.channels'");
    else
      check_sizes(p);
  }

  /// Sizes that are each within their range may still make too large a network.
  void check_sizes(const tasks::SpecialistParams& p) const {
    for (const std::int64_t times : {std::int64_t{1}, p.distillation ? p.teacher_width : 1})
      for (std::size_t t = 0; t < workload::kProblemTypes; ++t)
        if (!check_size(p, static_cast<workload::ProblemType>(t), times)) return;
  }

  bool check_size(const tasks::SpecialistParams& p, workload::ProblemType type, std::int64_t times) const {
    try {
      tasks::architecture_of(p, type, times);
      return true;
    } catch (const ModelError& e) {
      problems_.add(
          place(times > 1 ? "specialists.teacher_width" : "specialists.channels", {"specialists.hidden_2"}),
          fmt::format("the {} cannot be built: {}", times > 1 ? "teacher" : "specialist", e.what()), "",
          "choose smaller sizes in [specialists]");
      return false;
    }
  }
};

}  // namespace

void resolve_end(RunParams& run, const Stated& stated, const Place& file, Problems& problems) {
  if (run.end.empty()) return;
  const auto found = stated.find("run.end");
  const Place& place = found == stated.end() ? file : found->second;
  const std::string stamp = std::exchange(run.end, {});
  std::int64_t end = 0, start = 0;
  try {
    end = parse_utc(stamp);
  } catch (const std::invalid_argument& error) {
    problems.add(place, std::string("'run.end': ") + error.what(), "", "");
    return;
  }
  try {
    start = parse_utc(run.start);
  } catch (const std::invalid_argument&) {
    return;  // validate() reports it
  }
  const double span = static_cast<double>(end - start) - run.warmup.seconds;
  if (end <= start) {
    problems.add(place, "'run.end' " + utc_text(end) + " is not after 'run.start' " + utc_text(start),
                 "the run would have no steps", "move one of them");
  } else if (span <= 0) {
    problems.add(place,
                 "'run.end' " + utc_text(end) + " is not after the warm-up, which ends at " +
                     utc_text(start + static_cast<std::int64_t>(run.warmup.seconds)),
                 "nothing would be left for results", "move run.end or shorten run.warmup");
  } else {
    run.duration = {span};
  }
}

void validate(const Scenario& s, const Stated& stated, const Place& file, Problems& problems) {
  Validator(s, stated, file, problems).check_all();
}

std::string why_out_of_range(const std::string& key, bool too_small) {
  if (!too_small) return "the model holds only within its range";
  if (key == "population.agents") return "an empty population answers nothing";
  if (key.ends_with("servers")) return "a site with zero capacity serves nothing";
  if (key == "run.duration") return "the run would have no steps";
  return "the model holds only within its range";
}

}  // namespace scenario
}  // namespace swarm
