#!/usr/bin/python3
"""What the shipped studies found: the findings of scenarios/README.md.

usage: study_findings.py SWARMSIM SOURCE_DIR [--write] [--from DIR]
       study_findings.py --self-test

Runs every scenarios/studies/NAME.toml, or with --from reads DIR/NAME, which `swarmsim sweep` has left there,
and prints in Markdown: each claim of a study file with every single replicate, and differences paired by seed
with 95 % intervals (Student's t). With --write they replace those in scenarios/README.md. A folder whose runs
are not those that the study file plans now is refused. All of them take about half an hour on two cores.
"""
import argparse
import csv
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
from policy_pilot import number
from swarmsim_analysis import ResultError, Study, metrics, paired, pareto, sobol
from swarmsim_analysis.appearance import shown
from swarmsim_analysis.intervals import mean_interval

BEGIN, END = "<!-- studies:begin -->\n", "<!-- studies:end -->"

# (heading, outcome, factor to the unit of the heading)
EMISSIONS = ("emissions t", "carbon_location_g", 1e-6)
SOUTH = ("served South", "served_share_south", 100)
NORTH = ("served North", "served_share_north", 100)
WELFARE = [("welfare USD", "welfare_usd", 1), ("weighted welfare USD", "welfare_weighted_usd", 1)]


class Refusal(Exception):
    """Why there are no findings."""


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
    rows = [["flat (mean)", *means(study.at(rule="flat"), columns)]]
    rows += [[rule, *changes(study, "rule", "flat", rule, columns)] for rule in study.levels("rule")
             if rule != "flat"]
    return ["", "Differences to flat, served shares in points:", "",
            *table(["rule", *(heading for heading, _, _ in columns)], rows)]


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
    rows = [[f"{shown(first)} (mean)", *means(priority.at(mining_priority=first), columns)]]
    rows += [[shown(p), *changes(priority, "mining_priority", first, p, columns)] for p in priorities[1:]]
    head = ["priority of mining", *(heading for heading, _, _ in columns)]
    return lines + ["", f"Admitted by priority, differences to a priority of {shown(first)}, shares in "
                    "points:", "", *table(head, rows)]


def real_grids(study):
    bangladesh = "served_share_by_region[BD]"
    change = {grid: 100 * (each(study, bangladesh, grid=grid, rule="carbon")
                           - each(study, bangladesh, grid=grid, rule="flat"))
              for grid in study.levels("grid")}
    columns = [("served BD", bangladesh, 100), ("served KE", "served_share_by_region[KE]", 100),
               ("served DE", "served_share_by_region[DE]", 100), EMISSIONS]
    rows = []
    for grid in study.levels("grid"):
        part = study.at(grid=grid)
        rows.append([f"{grid}, flat (mean)", *means(part.at(rule="flat"), columns)])
        rows += [[f"{grid}, {rule}", *changes(part, "rule", "flat", rule, columns)]
                 for rule in ("carbon", "justice")]
    return [claim("carbon against flat, Bangladesh's served share falls on its real grid", change["real"],
                  falls, "points"),
            claim("it falls by more there than on the prototype's grids",
                  change["real"] - change["prototype"], falls, "points"),
            "", "Differences to flat on the same grids, served shares in points:", "",
            *table(["grids, rule", *(c[0] for c in columns)], rows)]


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


STUDIES = [carbon_price, justice_rules, legacy_variants, premium_equivalent, purpose_price, real_grids,
           rebound, policy_space, sensitivity]


# ---- runs --------------------------------------------------------------------------------------------------

def call(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        words = " ".join(map(str, arguments))
        raise Refusal(f"swarmsim {words}: exit {done.returncode}\n{done.stderr.strip()}")


def planned(folder):
    with open(folder / "design.csv", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def check_same_runs(program, file, folder, scratch):
    """Refuses a folder that was made from another version of the study file, its scenarios or the program."""
    call(program, "sweep", "plan", file, "-o", scratch / "plan" / file.stem, "--progress", "never")
    if not (folder / "design.csv").is_file() or planned(folder) != planned(scratch / "plan" / file.stem):
        raise Refusal(f"{folder}: its runs are not those that {file} plans now (study file, scenario or "
                      "program have changed); run it again")


def section(render, file, folder):
    """The study's row in the list, and the lines about what it found."""
    with Study(folder / "study.h5") as study:
        if study.provenance["study"] != file.read_text("utf-8"):
            raise Refusal(f"{folder / 'study.h5'}: was made from another version of {file}; run it again")
        if study.status_counts()["done"] != study.dataset["status"].size:
            raise Refusal(f"{folder / 'study.h5'}: runs are missing or failed ({study.status_counts()})")
        row = [f"[{file.name}](studies/{file.name})", study.question, str(study.dataset["status"].size)]
        return row, [f"### {study.name}", "", *render(study)]


def findings(program, source, ready):
    files = {file.stem: file for file in (source / "scenarios/studies").glob("*.toml")}
    if set(files) != {render.__name__ for render in STUDIES}:
        raise Refusal(f"scenarios/studies has {', '.join(sorted(files))}; findings are made of "
                      f"{', '.join(sorted(render.__name__ for render in STUDIES))}")
    with tempfile.TemporaryDirectory(prefix="study_findings_") as scratch:
        scratch, rows, text = pathlib.Path(scratch), [], []
        for render in STUDIES:
            file = files[render.__name__]
            folder = (ready or scratch) / file.stem
            if ready:
                check_same_runs(program, file, folder, scratch)
            else:
                call(program, "sweep", file, "-o", folder, "--progress", "never")
            row, lines = section(render, file, folder)
            rows.append(row)
            text += lines
    return "\n".join([*table(["study", "question", "runs"], rows, " --- |"), *text])


def written(page, text):
    """The page with the text in place of what stands between its markers."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise Refusal("the page has no place for the findings: one pair of markers is wanted")
    before, rest = page.split(BEGIN)
    return before + BEGIN + text + END + rest.split(END)[1]


def self_test():
    failures, cases = [], 0

    def expect(what, found, wanted):
        nonlocal cases
        cases += 1
        close = isinstance(wanted, float) and not math.isnan(wanted)
        if not (abs(found - wanted) < 1e-12 if close else str(found) == str(wanted)):
            failures.append(f"{what}: expected {wanted}, found {found}")

    # Straight from (100, 1.0) to (200, 1.5): 1.2 lies at 140.
    expect("crossing", crossing([0, 100, 200], [0.5, 1.0, 1.5], 1.2), 140.0)
    expect("at a point", crossing([0, 100, 200], [0.5, 1.0, 1.5], 1.0), 100.0)
    expect("never reached", crossing([0, 100], [0.5, 1.0], 1.2), math.nan)
    expect("above it from the start", crossing([0, 100], [1.5, 2.0], 1.2), math.nan)
    expect("past a fall", crossing([0, 100, 200], [1.0, 0.5, 1.5], 1.2), 170.0)
    # 100 kWh for 10 answers, then 8 kWh each: 20 expected; 12 answers take 96: 4 saved, 16 of 20 used up.
    expect("used up", float(used_up(100.0, 10.0, 96.0, 12.0)), 0.8)
    expect("all of it kept", float(used_up(100.0, 10.0, 80.0, 10.0)), 0.0)
    expect("fewer answers", float(used_up(100.0, 10.0, 72.0, 9.0)), -0.4)
    expect("backfire", float(used_up(100.0, 10.0, 112.0, 14.0)), 1.6)
    expect("no saving", float(used_up(100.0, 10.0, 110.0, 10.0)), math.nan)
    several = used_up(numpy.array([100.0, 100.0]), 10.0, numpy.array([96.0, 80.0]), numpy.array([12.0, 10.0]))
    expect("each replicate", several.round(9), numpy.array([0.8, 0.0]))
    expect("a claim", claim("x falls", [-1.0, 0.0, math.nan, -0.25, -2.0], falls, "t"),
           "- x falls: held in 3 of 5 replicates (-1.00, +0.00, +nan, -0.25, -2.00 t).")
    # 1, 2, 3: s = 1, t(0.975, 2) = 4.30265, half width 4.30265 / sqrt(3) = 2.48414.
    expect("an interval", interval([0.01, 0.02, 0.03], 100), "+2.00 [-0.48, +4.48]")
    expect("between markers", written(f"a\n{BEGIN}old\n{END}\nb\n", "new\n"), f"a\n{BEGIN}new\n{END}\nb\n")
    for page in ("no markers\n", f"{END}\n", f"{BEGIN}{END}{BEGIN}{END}"):
        try:
            written(page, "new\n")
            expect("no place", "written", "refused")
        except Refusal:
            cases += 1
    print(*failures, sep="\n")
    print(f"{len(failures)} of {cases} cases went wrong")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(description=__doc__, usage=argparse.SUPPRESS,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("swarmsim", metavar="SWARMSIM", type=pathlib.Path, help="the program")
    parser.add_argument("source", metavar="SOURCE_DIR", type=pathlib.Path, help="the repository")
    parser.add_argument("--write", action="store_true", help="rewrite scenarios/README.md")
    parser.add_argument("--from", dest="ready", metavar="DIR", type=pathlib.Path,
                        help="folder with a finished folder per study")
    options = parser.parse_args(arguments)
    try:
        text = findings(str(options.swarmsim.resolve()), options.source.resolve(),
                        options.ready and options.ready.resolve())
        print(text)
        if options.write:
            page = options.source / "scenarios" / "README.md"
            page.write_text(written(page.read_text("utf-8"), text), "utf-8")
    except (Refusal, ResultError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
