#include "sim/scenario/echo.hpp"
#include "sim/scenario/fields.hpp"
#include "sim/scenario/markdown.hpp"
#include "sim/scenario/sensitivity.hpp"

namespace swarm {
namespace scenario {
namespace {

constexpr const char* kIntroduction = R"(# Assumptions and limits

<!-- Generated from the parameter structs; change those, then run the scenario tests with SWARM_UPDATE_DOCS=1. -->

Every default that describes behaviour or the world rather than a choice of the user, with its source. `assumed` marks
our own assumptions: vary them within their range before resting a conclusion on them. A default of `region` or `device`
keys holds for records that are not built in; the built-in values stand in [scenario.md](scenario.md).

## Limits of the model

- Carbon is counted with *average* intensities, not marginal ones: savings are shares of what was emitted, not
  predictions of what a moved load would avoid ([grid](models/grid.md)).
- Sellers ask their cost, a markup and a premium for load. No market clears, and electricity is charged at the step's
  mean price, not at marginal cost ([economy](models/economy.md)).
- Users do not save: what is left of a day's budget is withdrawn. All users of a region share one budget
  ([economy](models/economy.md)).
- One income and one vulnerability stand for a whole region, so rich people in poor regions get the discount
  ([policy](models/policy.md)).
- Contracts for renewable energy lower market-based carbon and prices although the grid emits as before
  ([policy](models/policy.md)).
- Profiles give every day of the year the same shape, and weather in one region knows nothing of its neighbours'
  ([grid](models/grid.md)).
- There are no holidays and no summer time, and bursts of demand are independent between regions
  ([workload](models/workload.md)).
- A request sees asks, waits and loads abroad as they were one step ago, is quoted once, and knows waiting times
  exactly ([dispatch](models/dispatch.md)).
- Requests are not batched, transfers within a machine are not counted, and waking takes neither time nor energy
  ([hardware](models/hardware.md)).
- The networks that run are small and stand for larger ones; their accuracies say how specialists differ, not how good
  large models are ([tasks](models/tasks.md)).

)";

constexpr const char* kMeasured = R"(## Parameters

The last column says which figure of a run's `/summary` moves most with the key, relative to its mean:
`delay_s, +0.8 % per +1 %` is an elasticity of 0.8. For shares, too, it is the relative change, not points. Where a
default is 0 or a time of the day or year, whose zero is arbitrary, it is the change per step (`per +0.1`, `per +1 h`);
where it is a choice, the change with that alternative. In brackets: the record that stands for a table, and what was
set so that the key does anything. *None measurable* means that no figure's change differs from zero in that
experiment, which covers one day of the pilot; elsewhere the key may matter.

Measured by the command below on the pilot with `pricing.rule = "justice"`: half a Sunday and half a Monday after a
warm-up of six hours, a quarter of the sample, the key × 0.8 and × 1.25 but at most half the way to the end of its
range, five seeds in pairs. A figure counts if its slope differs from zero at the 5 % level divided by the number of
figures (paired t test, Bonferroni), and is at least 0.001 % per 1 %. So of a hundred keys that move nothing about five
would be given an outcome by chance; a change near 0.01 % may be one of them, and a larger but noisier one may be passed
over. The figures: `carbon_location_g`, `carbon_market_g`, `energy_kwh`, `spend_usd`, `served_share`,
`served_share_south`, `accuracy`, `delay_s`, `consumer_surplus_usd`, `producer_surplus_usd`, `welfare_usd`,
`welfare_weighted_usd`, `grants_usd`, `gini_wallet` and `forecast_mape` (mean over regions and horizons).

```sh
python3 analysis/sensitivity.py build/release/swarmsim --write        # all keys, some minutes on two cores
python3 analysis/sensitivity.py build/release/swarmsim --write --only pricing.markup
```

)";

}  // namespace

std::string assumptions_markdown() {
  std::string text = std::string(kIntroduction) + kMeasured +
                     head({"key", "default", "unit", "range", "meaning", "source", "most sensitive outcome"});
  const auto add = [&](const std::vector<SectionRows>& sections, const std::string& infix) {
    for (const auto& section : sections)
      for (const auto& row : section.rows) {
        if (row.info.source.empty()) continue;
        const std::string key = section.name + infix + row.name;
        const Sensitivity* found = find_sensitivity(key);
        text += line({code(key), code(row.value), unit_text(row), limits(row), std::string(row.info.doc),
                      std::string(row.info.source), found == nullptr ? "not measured" : sensitivity_text(*found)});
      }
  };
  add(section_rows({}), ".");
  add(table_rows(), ".NAME.");
  return text;
}

}  // namespace scenario
}  // namespace swarm
