"""What each shipped study found, in Markdown: one function a study, named as its file. Used by study_findings.py."""
import math

import numpy
from policy_pilot import number
from swarmsim_analysis import metrics, paired, pareto, sobol
from swarmsim_analysis.appearance import shown
from swarmsim_analysis.intervals import mean_interval

# (heading, outcome, factor to the unit of the heading)
EMISSIONS = ("emissions t", "carbon_location_g", 1e-6)
SOUTH = ("served South", "served_share_south", 100)
NORTH = ("served North", "served_share_north", 100)
ENERGY, DELAY, SERVED, HOT = ("energy MWh", "energy_kwh", 1e-3), ("delay s", "delay_s", 1), ("served", "served_share", 100), ("hot", "hot_share", 100)
WELFARE = [("welfare USD", "welfare_usd", 1), ("weighted welfare USD", "welfare_weighted_usd", 1)]


# ---- arithmetic --------------------------------------------------------------------------------------------

def crossing(prices, values, target):
    """The price at which a curve, straight between its points, first reaches a target from below; NaN if it
    does not."""
    for (p, v), (q, w) in zip(zip(prices, values), zip(prices[1:], values[1:])):
        if v <= target <= w and v < w:
            return p + (q - p) * (target - v) / (w - v)
    return math.nan


def used_up(energy, answers, energy_after, answers_after):
    """Part of the expected saving of energy that changed demand uses up; negative if demand falls; NaN
    without a saving.

    Expected: what each answer now takes less, times the answers there were. Of it is missing what the
    additional answers take: E0 - E1 = (e0 - e1) n0 - e1 (n1 - n0) with e = E / n.
    """
    before, after = energy / answers, energy_after / answers_after
    expected = (before - after) * answers
    missing = expected - (energy - energy_after)
    return numpy.where(expected > 0, missing / numpy.where(expected > 0, expected, 1), numpy.nan)


# ---- Markdown ----------------------------------------------------------------------------------------------

def table(head, rows, aligned=" ---: |"):
    return ["| " + " | ".join(head) + " |", "| --- |" + aligned * (len(head) - 1),
            *("| " + " | ".join(row) + " |" for row in rows), ""]


def cell(mean, low, high, factor=1.0):
    return f"{number(mean * factor)} [{number(low * factor)}, {number(high * factor)}]"


def interval(values, factor=1.0):
    """Of one value per replicate."""
    found = mean_interval(values)
    return cell(found.mean, found.low, found.high, factor)


def changes(study, factor, reference, level, columns):
    """Cells with the paired differences of a level to the reference; no other factor may be left."""
    cells = []
    for _, outcome, size in columns:
        rows = paired.differences(study, outcome, factor, reference)
        row = rows[rows[factor] == level].iloc[0]
        cells.append(cell(row["difference"], row["low95"], row["high95"], size))
    return cells


def means(study, columns):
    return [number(float(study.scalar(outcome).mean()) * size, False) for _, outcome, size in columns]


def compared(study, columns, factor, reference, head, within=None):
    """A table of the means at one level of a factor and of what its other levels change, for each level of the
    factor `within` if one is named; no other factor may be left."""
    parts = [("", study)] if within is None else [(f"{shown(x)}, ", study.at(**{within: x})) for x in study.levels(within)]
    rows = []
    for prefix, part in parts:
        rows.append([f"{prefix}{shown(reference)} (mean)", *means(part.at(**{factor: reference}), columns)])
        rows += [[f"{prefix}{shown(level)}", *changes(part, factor, reference, level, columns)]
                 for level in study.levels(factor) if level != reference]
    return table([head, *(heading for heading, _, _ in columns)], rows)


def each(study, outcome, **levels):
    """One value per replicate at a point of a grid."""
    return study.at(levels).scalar(outcome).values


def claim(words, values, holds, unit, text=number):
    """What was claimed beforehand, with every replicate. `holds` says of a value whether it is as claimed."""
    return (f"- {words}: held in {sum(bool(holds(x)) for x in values)} of {len(values)} replicates "
            f"({', '.join(text(x) for x in values)} {unit}).")


def falls(value):
    return value < 0


def rises(value):
    return value > 0


# ---- studies -----------------------------------------------------------------------------------------------

def carbon_price(study):
    columns = [EMISSIONS, SOUTH, NORTH]
    rules, prices = study.levels("rule"), study.levels("carbon_price")
    parts = [study.at(rule=rule) for rule in rules]
    rows = [["0 (mean)", *(x for part in parts for x in means(part.at(carbon_price=0), columns))]]
    for price in prices[1:]:
        cells = [changes(part, "carbon_price", 0, price, columns) for part in parts]
        rows.append([shown(price), *sum(cells, [])])
    head = ["USD/t", *(f"{rule}: {heading}" for rule in rules for heading, _, _ in columns)]
    without, dearest = (each(study, EMISSIONS[1], carbon_price=price, rule="carbon") for price in (0, 340))
    lines = [claim("carbon, 340 against 0 USD/t, `carbon_location_g` falls",
                   (dearest - without) * EMISSIONS[2], falls, "t"),
             "", "Differences to no carbon price under the same rule, served shares in points:", "",
             *table(head, rows)]
    rows = [[shown(price), *changes(study.at(carbon_price=price), "rule", "carbon", "justice", columns)]
            for price in prices]
    head = ["USD/t", *(heading for heading, _, _ in columns)]
    return lines + ["justice against carbon at the same price:", "", *table(head, rows)]


def rules(study, columns):
    """A table of what each rule changes against flat."""
    return ["", "Differences to flat, served shares in points:", "", *compared(study, columns, "rule", "flat", "rule")]


def south_of(study):
    """{rule: the South's served share in percent, one per replicate}."""
    return {rule: 100 * each(study, SOUTH[1], rule=rule) for rule in study.levels("rule")}


def justice_rules(study):
    south = south_of(study)

    def line(rule, other, words, holds):
        return claim(f"{rule} against {other}, `served_share_south` {words}", south[rule] - south[other],
                     holds, "points")

    return [line("justice", "carbon", "rises", rises), line("means-tested", "carbon", "rises", rises),
            line("means-tested", "justice", "does not fall", lambda x: x >= 0),
            *rules(study, [EMISSIONS, SOUTH, NORTH, *WELFARE])]


def legacy_variants(study):
    south = south_of(study)
    next_lowest = numpy.min([south[rule] for rule in south if rule != "legacy"], axis=0)
    next_highest = numpy.max([south[rule] for rule in south if rule != "justice"], axis=0)
    return [claim("legacy against the lowest of the others, `served_share_south` is lower",
                  south["legacy"] - next_lowest, falls, "points"),
            claim("justice against the highest of the others, `served_share_south` is higher",
                  south["justice"] - next_highest, rises, "points"),
            *rules(study, [EMISSIONS, SOUTH, NORTH])]


def premium_equivalent(study):
    def spend(policy, region):
        return (each(study, f"spend_usd_by_region[{region}]", policy=policy)
                / each(study, f"requests_served_by_region[{region}]", policy=policy))

    regions = study.dataset["region"].values.tolist()
    prices = [policy for policy in study.levels("policy") if policy != "premium"]
    curve = numpy.array([spend(price, "DE") for price in prices])
    found = numpy.array([crossing([float(p) for p in prices], curve[:, k], target)
                         for k, target in enumerate(spend("premium", "DE"))])
    rows = [[policy, *(interval(spend(policy, region) / spend("0", region) - 1, 100) for region in regions),
             *changes(study, "policy", "0", policy, [EMISSIONS])]
            for policy in study.levels("policy") if policy != "0"]
    head = ["policy", *(f"{region}: spend per served request %" for region in regions), EMISSIONS[0]]
    said = "Germany pays per served request what it pays under the premium at "
    if numpy.isfinite(found).all():
        said += (f"a carbon price of {found.mean():.0f} USD/t ({', '.join(f'{x:.0f}' for x in found)} in the "
                 f"{len(found)} replicates).")
    else:
        said += (f"no carbon price up to {prices[-1]} USD/t in {int((~numpy.isfinite(found)).sum())} of "
                 f"{len(found)} replicates.")
    return ["- no direction was claimed.", f"- {said}", "",
            "The measure is `spend_usd_by_region` over `requests_served_by_region`; between the carbon "
            "prices that were run the curve is taken to be straight. It is what those who are served pay on "
            "average: who and what is served changes with the price, so it is not the price of one and the "
            "same request. "
            "Differences to a carbon price of 0, spending in percent of it:", "", *table(head, rows)]


def purpose_price(study):
    mining, priorities = "served_share_by_purpose[cryptocurrency_mining]", study.levels("mining_priority")
    arrival, priority = (study.at(admission=admission) for admission in ("arrival", "priority"))
    most = [max(float(abs(data - data.isel(mining_priority=0)).max()) for data in
                (arrival.dataset[name].isel(replicate=k) for name in arrival.outcomes))
            for k in range(study.dataset.sizes["replicate"])]
    words = "admitted as they arrive, no outcome that the study keeps differs between mining's priorities"
    lines = [claim(words, most, lambda x: x == 0, "as the largest difference", "{:g}".format)]
    share = {p: 100 * each(priority, mining, mining_priority=p) for p in priorities}
    for p, q in zip(priorities, priorities[1:]):
        words = f"admitted by priority, {shown(q)} against {shown(p)}, mining's served share changes"
        lines.append(claim(words, share[q] - share[p], lambda x: x != 0, "points"))
    columns = [("mining's served share", mining, 100), ("served share", "served_share", 100),
               ("spend, USD per billion tok", "spend_usd_per_kilotoken", 1e6), EMISSIONS]
    first = priorities[0]
    return lines + ["", f"Admitted by priority, differences to a priority of {shown(first)}, shares in "
                    "points:", "", *compared(priority, columns, "mining_priority", first, "priority of mining")]


def flood(study):
    share, ways = "served_share_by_purpose[{}]".format, study.levels("admission")
    words = {"emergency_fulfilled": ("rises", rises), share("luxury"): ("falls", falls), share("cryptocurrency_mining"): ("falls", falls)}
    lines = [claim(f"admission by {way}, `{outcome}` {word}", 100 * (each(study, outcome, protocol="on", admission=way)
                                                                  - each(study, outcome, protocol="off", admission=way)), holds, "points")
             for way in ways for outcome, (word, holds) in words.items()]
    columns = [("emergencies fulfilled", "emergency_fulfilled", 100), ("unmet", "emergency_unmet", 1), ("first answer s", "first_answer_s", 1),
               ("luxury", share("luxury"), 100), ("mining", share("cryptocurrency_mining"), 100), ("served BD", "served_share_by_region[BD]", 100), EMISSIONS]
    return lines + ["", "Differences to no protocol, shares in points:", "",
                    *compared(study, columns, "protocol", "off", "admission, protocol", within="admission")]


def real_grids(study):
    bangladesh = "served_share_by_region[BD]"
    change = {grid: 100 * (each(study, bangladesh, grid=grid, rule="carbon")
                           - each(study, bangladesh, grid=grid, rule="flat"))
              for grid in study.levels("grid")}
    columns = [("served BD", bangladesh, 100), ("served KE", "served_share_by_region[KE]", 100),
               ("served DE", "served_share_by_region[DE]", 100), EMISSIONS]
    return [claim("carbon against flat, Bangladesh's served share falls on its real grid", change["real"],
                  falls, "points"),
            claim("it falls by more there than on the prototype's grids",
                  change["real"] - change["prototype"], falls, "points"),
            "", "Differences to flat on the same grids, served shares in points:", "",
            *compared(study, columns, "rule", "flat", "grids, rule", within="grid")]


def rebound(study):
    study.add_outcome(metrics.energy_intensity(study))
    study.add_outcome((study.dataset["requests_served"] * study.dataset["multiplicity"]).rename("answers"))
    lines, rows = [], []
    for elasticity in study.levels("elasticity"):
        part = study.at(elasticity=elasticity)
        energy, answers, per_answer = ([each(part, name, energy_weight=w) for w in (0, 8)] for name in
                                       ("energy_kwh", "answers", "energy_wh_per_answer"))
        relative = [100 * (x[1] / x[0] - 1) for x in (per_answer, answers, energy)]
        lines.append(claim(f"elasticity {shown(elasticity)}, weight 8 against 0, energy per answer falls",
                           relative[0], falls, "%"))
        share = 100 * used_up(energy[0], answers[0], energy[1], answers[1])
        rows.append([shown(elasticity), *(interval(x) for x in (*relative, share)),
                     ", ".join(number(x) for x in share)])
    head = ["elasticity", "energy per answer %", "answers %", "energy %", "saving used up %",
            "in each replicate"]
    return lines + ["", "Weight 8 against 0. Expected saving: what an answer takes less, times the answers "
                    "at weight 0. Used up: the part of it that does not show in the energy actually used; "
                    "negative where fewer answers saved more. Energy includes idle servers.", "",
                    *table(head, rows)]


def policy_space(study):
    wanted = {"minimise": [EMISSIONS[1]], "maximise": [SOUTH[1]]}
    points = pareto.study_front(study, **wanted)
    alone = []
    for k in study.dataset["replicate"].values:
        runs = {name: study.scalar(name).sel(replicate=k).values for name in (EMISSIONS[1], SOUTH[1])}
        alone.append(pareto.front(runs, **wanted))
    points["alone"] = numpy.sum(alone, axis=0)
    best = points[points["on_front"]].sort_values(EMISSIONS[1])
    rows = [[f"{row[EMISSIONS[1]] * 1e-6:.2f}", f"{100 * row[SOUTH[1]]:.1f}",
             *(f"{row[name]:.3g}" for name in study.factors), f"{row['alone']} of {len(alone)}"]
            for _, row in best.iterrows()]
    head = ["emissions t", "served South %", *(name.replace("_", " ") for name in study.factors),
            "on the front of single replicates"]
    emissions, south = points[EMISSIONS[1]] * 1e-6, points[SOUTH[1]] * 100
    return ["- no direction was claimed.",
            f"- {len(best)} of {len(points)} points are on the front: no other both emits no more and serves "
            f"no less of the South, and is better in one of them (means of {len(alone)} replicates). All "
            f"points: {emissions.min():.2f} to {emissions.max():.2f} t, "
            f"{south.min():.1f} to {south.max():.1f} %.", "", *table(head, rows)]


def sensitivity(study):
    indices = [sobol.study_indices(study, outcome) for outcome in study.outcomes]
    found = {x.outcome: x.table for x in indices}
    lines = ["- no direction was claimed.",
             f"- N = {min(x.samples for x in indices)} base samples ({max(x.dropped for x in indices)} left "
             f"out), {len(study.dataset['point'])} points, {study.dataset.sizes['replicate']} replicates of "
             "each; 95 % intervals by bootstrap over base samples."]
    for order, words in (("first", "First-order indices, what the factor explains alone:"),
                         ("total", "Total indices, what it explains alone and together with others:")):
        rows = []
        for factor in study.factors:
            figures = (tuple(x.loc[factor, [order, f"{order}_low", f"{order}_high"]]) for x in found.values())
            rows.append([factor.replace("_", " "), *("{:.2f} [{:.2f}, {:.2f}]".format(*x) for x in figures)])
        lines += ["", words, "", *table(["factor", *(f"`{outcome}`" for outcome in found)], rows)[:-1]]
    return lines + [""]


def auction_formats(study):
    study.add_outcome((study.dataset["consumer_surplus_usd"] + study.dataset["producer_surplus_usd"]).rename("surplus_usd"))
    truthful, learning = (study.at(buyers=buyers) for buyers in ("truthful", "zip"))

    def change(outcome, part, mechanism="uniform", reference="posted"):
        return each(part, outcome, mechanism=mechanism) - each(part, outcome, mechanism=reference)

    def dearer(part):
        at_one_price = each(part, "spend_usd", mechanism="uniform")
        return 100 * change("spend_usd", part, "pay-as-bid", "uniform") / at_one_price

    lines = [claim("uniform against posted, surplus of users and sellers together rises",
                   change("surplus_usd", truthful), rises, "USD"),
             claim("uniform against posted, `served_share_south` falls", 100 * change(SOUTH[1], truthful), falls, "points"),
             claim("uniform against posted, `carbon_location_g` falls", EMISSIONS[2] * change(EMISSIONS[1], truthful), falls, "t"),
             claim("truthful users, pay-as-bid against uniform, `spend_usd` rises", dearer(truthful), rises, "%"),
             claim("pay-as-bid, users who learn against truthful ones, `spend_usd` falls",
                   each(learning, "spend_usd", mechanism="pay-as-bid") - each(truthful, "spend_usd", mechanism="pay-as-bid"),
                   falls, "USD"),
             claim("pay-as-bid against uniform, users' spending differs less among those who learn",
                   abs(dearer(learning)) - abs(dearer(truthful)), falls, "points")]
    columns = [EMISSIONS, SOUTH, NORTH, ("users' surplus USD", "consumer_surplus_usd", 1),
               ("sellers' surplus USD", "producer_surplus_usd", 1), *WELFARE, ("spend USD", "spend_usd", 1)]
    rows = [["posted (mean)", *means(truthful.at(mechanism="posted"), columns)]]
    rows += [[f"{mechanism}, {buyers}", *changes(part, "mechanism", "posted", mechanism, columns)]
             for buyers, part in (("truthful", truthful), ("zip", learning))
             for mechanism in study.levels("mechanism") if mechanism != "posted"]
    return lines + ["", "Differences to posted prices, served shares in points:", "",
                    *table(["mechanism, users", *(heading for heading, _, _ in columns)], rows)]


def mining(study):
    adaptation, crypto = (f"served_share_by_purpose[{purpose}]" for purpose in ("climate_adaptation", "cryptocurrency_mining"))
    admissions = study.levels("admission")
    share = {(a, m): 100 * each(study, adaptation, admission=a, mining=m) for a in admissions for m in ("none", "five-fold")}
    mined = {a: 100 * each(study, crypto, admission=a, mining="five-fold") for a in admissions}
    lost = {a: share[a, "five-fold"] - share[a, "none"] for a in admissions}
    lines = [claim("by arrival, five-fold against none, adaptation's served share falls", lost["arrival"], falls, "points"),
             claim("by priority it falls by less", lost["priority"] - lost["arrival"], rises, "points"),
             claim("five-fold, priority against arrival, mining's served share falls",
                   mined["priority"] - mined["arrival"], falls, "points")]
    columns = [("adaptation served", adaptation, 100), SOUTH, NORTH, EMISSIONS, WELFARE[0]]
    return lines + ["", "Differences to no mining under the same admission, served shares in points:", "",
                    *compared(study, columns, "mining", "none", "admission, mining", within="admission")]


def revenue(study):
    prices = study.levels("carbon_price")
    south = {(f, p): 100 * each(study, SOUTH[1], funding=f, carbon_price=p) for f in study.levels("funding") for p in prices}
    gap = {p: south["public", p] - south["endowed", p] for p in prices}
    lines = []
    for p in prices:
        def gained(outcome):
            return (each(study, outcome, funding="public", carbon_price=p)
                    - each(study, outcome, funding="endowed", carbon_price=p))
        lines += [claim(f"{shown(p)} USD/t, public against endowed, `served_share_south` rises", gap[p], rises, "points"),
                  claim(f"{shown(p)} USD/t, public against endowed, `carbon_location_g` rises",
                        EMISSIONS[2] * gained(EMISSIONS[1]), rises, "t"),
                  claim(f"{shown(p)} USD/t, public, `fund_deficit_usd` is above zero",
                        each(study, "fund_deficit_usd", funding="public", carbon_price=p), rises, "USD"),
                  claim(f"{shown(p)} USD/t, neutral against endowed, `served_share_south` does not rise",
                        south["neutral", p] - south["endowed", p], lambda x: x <= 0, "points")]
    low, high = prices
    lines.append(claim(f"the gap in `served_share_south` between public and endowed is smaller at {shown(high)} than at {shown(low)} USD/t",
                       gap[high] - gap[low], falls, "points"))
    columns = [SOUTH, NORTH, EMISSIONS, ("grants USD", "grants_usd", 1), ("deficit USD", "fund_deficit_usd", 1), *WELFARE]
    return lines + ["", "Differences to an endowed fund at the same price, served shares in points:", "",
                    *compared(study, columns, "funding", "endowed", "USD/t, funding", within="carbon_price")]


def caps(study):
    paid, back = (study.dataset[f"{name}_by_region"].sel(region=["BD", "KE"]).sum("region") for name in ("spend_usd", "dividends_usd"))
    study.add_outcome((paid - back).rename("south_pays_usd"))
    levels, traded = study.levels("cap"), study.at(ownership="cap-and-trade")
    lines = []
    for looser, tighter in zip(levels, levels[1:]):
        def change(outcome):
            return each(traded, outcome, cap=tighter) - each(traded, outcome, cap=looser)
        lines += [claim(f"{tighter} against {looser}, `carbon_location_g` falls", EMISSIONS[2] * change(EMISSIONS[1]), falls, "t"),
                  claim(f"{tighter} against {looser}, `carbon_price_usd_per_t` rises", change("carbon_price_usd_per_t"), rises, "USD/t"),
                  claim(f"{tighter} against {looser}, `served_share_south` falls", 100 * change(SOUTH[1]), falls, "points")]
    for cap in levels[1:]:
        def between(outcome):
            return (each(study, outcome, cap=cap, ownership="per-capita")
                    - each(study, outcome, cap=cap, ownership="cap-and-trade"))
        lines += [claim(f"{cap}, per-capita against cap-and-trade, `carbon_location_g` is the same",
                        between(EMISSIONS[1]), lambda x: x == 0, "g", "{:g}".format),
                  claim(f"{cap}, per-capita against cap-and-trade, the South's users pay less, net of dividends",
                        between("south_pays_usd"), falls, "USD")]
    columns = [EMISSIONS, ("permit price USD/t", "carbon_price_usd_per_t", 1), SOUTH, NORTH,
               ("the South pays, net, USD", "south_pays_usd", 1), *WELFARE]
    return lines + ["", "Differences to no cap under the same ownership, served shares in points:", "",
                    *compared(study, columns, "cap", levels[0], "ownership, cap", within="ownership")]


def value_form(study):
    forms, rules = study.levels("form"), study.levels("rule")
    worth = {(form, rule): 1000 * each(study, "answer_value_usd_per_g", form=form, rule=rule) for form in forms for rule in rules}
    lines = [claim(f"{rule}, product against sum, value per gram rises", worth["product", rule] - worth["sum", rule], rises,
                   "USD/kg") for rule in rules]
    for first, second in (("flat", "carbon"), ("flat", "justice"), ("carbon", "justice")):
        leads = [worth[form, second] / worth[form, first] - 1 for form in ("product", "sum")]
        lines.append(claim(f"{second} lies on the same side of {first} by either form (product of both relative leads)",
                           leads[0] * leads[1] * 1e4, rises, "percent²"))
    rows = [[rule, *(interval(worth[form, rule]) for form in forms)] for rule in rules]
    return lines + ["", "Value of answers per kilogram of location-based carbon, USD:", "", *table(["rule", *forms], rows)]


def allocation(study):
    adaptation, research = (f"served_share_by_purpose[{purpose}]" for purpose in ("climate_adaptation", "general_research"))

    def change(outcome, level, reference):
        return each(study, outcome, allocation=level) - each(study, outcome, allocation=reference)

    lines = [claim("normalised against none, adaptation's served share rises",
                   100 * change(adaptation, "normalised", "none"), rises, "points"),
             claim("normalised against none, general research's served share falls",
                   100 * change(research, "normalised", "none"), falls, "points"),
             claim("promised against normalised, `delay_s` rises", change("delay_s", "promised", "normalised"), rises, "s"),
             claim("promised against normalised, `requests_late` rises",
                   change("requests_late", "promised", "normalised"), rises, "requests"),
             claim("kept against normalised, `served_share` falls",
                   100 * change("served_share", "kept", "normalised"), falls, "points")]
    columns = [("adaptation served", adaptation, 100), ("research served", research, 100), ("served", "served_share", 100),
               SOUTH, NORTH, ("delay s", "delay_s", 1), ("late", "requests_late", 1), EMISSIONS, WELFARE[0]]
    return lines + ["", "Differences to no allocation, served shares in points, late answers in simulated requests:", "",
                    *compared(study, columns, "allocation", "none", "allocation")]


STUDIES = [carbon_price, flood, justice_rules, legacy_variants, premium_equivalent, purpose_price, real_grids,
           rebound, revenue, caps, auction_formats, mining, value_form, allocation, policy_space, sensitivity]
