#!/usr/bin/python3
"""What the pilot's pricing rules do: the findings of scenarios/README.md.

usage: policy_pilot.py SWARMSIM SOURCE_DIR [--write]

Runs each rule's scenario with five replicates of master seed 1, pairs them by seed with the flat price, and prints tables
in Markdown: mean difference, 95 % interval (Student's t), and for what was claimed beforehand every single replicate.
With --write the tables replace those in scenarios/README.md. Takes about four minutes on two cores.
"""
import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile

REPLICATES = 5
BEGIN, END = "<!-- findings:begin -->\n", "<!-- findings:end -->"

# (heading, metric, factor, unit of the difference)
COLUMNS = [("emissions t", "carbon_location_g", 1e-6), ("energy MWh", "energy_kwh", 1e-3), ("served South", "served_share_south", 100),
           ("served North", "served_share_north", 100), ("users' surplus USD", "consumer_surplus_usd", 1),
           ("sellers' surplus USD", "producer_surplus_usd", 1), ("welfare USD", "welfare_usd", 1),
           ("weighted welfare USD", "welfare_weighted_usd", 1)]

# (row, scenario, overrides, claim: (metric, direction, reference row, factor))
PILOT = [
    ("flat", "flat", [], None),
    ("carbon", "carbon", [], ("carbon_location_g", -1, "flat", 1e-6, "t")),
    ("justice", "justice", [], ("served_share_south", +1, "carbon", 100, "points")),
    ("means-tested", "means_tested", [], None),
    ("baseline", "baseline", [], None),
]
PRIORITY = ("priority", "priority", [])
TARIFF = [(rule, "legacy", [f"pricing.rule={rule}"]) for rule in
          ("flat", "carbon", "justice", "legacy", "legacy-sign-fixed", "legacy-unit-fixed")]


class Bench:
    def __init__(self, program, source, folder):
        self.program, self.source, self.folder = program, source, folder

    def run(self, label, scenario, overrides):
        name = label.replace(" ", "_")
        command = [self.program, "run", str(self.source / "scenarios" / f"{scenario}.toml"), "--replicates", str(REPLICATES),
                   "-o", f"{name}.h5", "--progress", "never"]
        for override in overrides:
            command += ["--set", override]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return [f"{name}.r{k}.h5" for k in range(REPLICATES)]

    def summaries(self, files):
        return [json.loads(subprocess.run([self.program, "info", name, "--summary", "json"], cwd=self.folder, check=True,
                                          capture_output=True, text=True).stdout) for name in files]

    def compare(self, reference, other):
        printed = subprocess.run([self.program, "compare", *reference, *other, "--format", "csv"], cwd=self.folder,
                                 check=True, capture_output=True, text=True).stdout
        return {row["metric"]: row for row in csv.DictReader(io.StringIO(printed))}


def number(value, signed=True):
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:{'+' if signed else ''},.{digits}f}"


def interval(row, factor):
    low, high = sorted((float(row["low95"]) * factor, float(row["high95"]) * factor))
    return f"{number(float(row['difference']) * factor)} [{number(low)}, {number(high)}]"


def mean(summaries, metric):
    return sum(s[metric] for s in summaries) / len(summaries)


def difference_table(bench, runs, summaries):
    head = ["rule"] + [c[0] for c in COLUMNS]
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * len(COLUMNS)]
    flat = [number(mean(summaries["flat"], metric) * factor, signed=False) for _, metric, factor in COLUMNS]
    lines.append("| flat (mean) | " + " | ".join(flat) + " |")
    for label in runs:
        if label == "flat":
            continue
        rows = bench.compare(runs["flat"], runs[label])
        lines.append(f"| {label} | " + " | ".join(interval(rows[metric], factor) for _, metric, factor in COLUMNS) + " |")
    return lines


def claims(runs, summaries):
    lines = []
    for label, _, _, claim in PILOT:
        if claim is None:
            continue
        metric, direction, reference, factor, unit = claim
        each = [(a[metric] - b[metric]) * factor for a, b in zip(summaries[label], summaries[reference])]
        lines.append(f"- {label} against {reference}, `{metric}` {'rises' if direction > 0 else 'falls'}: held in "
                     f"{sum(x * direction > 0 for x in each)} of {len(each)} replicates ({', '.join(number(x) for x in each)} {unit}).")
    return lines


def purpose_line(before, after):
    names = before[0]["purpose"]
    lines = []
    for purpose, direction in (("climate_adaptation", +1), ("cryptocurrency_mining", -1)):
        i = names.index(purpose)
        each = [100 * (a["served_share_by_purpose"][i] - b["served_share_by_purpose"][i]) for a, b in zip(after, before)]
        lines.append(f"- priority against justice, share of {purpose} served {'rises' if direction > 0 else 'falls'}: held in "
                     f"{sum(x * direction > 0 for x in each)} of {len(each)} replicates ({', '.join(number(x) for x in each)} points).")
    return lines


def fund_line(summaries):
    lines = []
    for label in ("carbon", "justice", "means-tested"):
        s = summaries[label]
        beyond = sum(x["grants_beyond_fund"] for x in s) / sum(x["requests_arrived"] for x in s)
        lines.append(f"- {label}: the fund ends at {number(mean(s, 'fund_balance_usd'), False)} USD after levies of "
                     f"{number(mean(s, 'carbon_levy_usd') + mean(s, 'premium_usd'), False)} and grants of {number(mean(s, 'grants_usd'), False)} USD; "
                     f"{100 * beyond:.1f} % of requests came when it could not pay their discount; "
                     f"{100 * mean(s, 'quotes_withdrawn') / (mean(s, 'quotes') + mean(s, 'quotes_withdrawn')):.1f} % of quotes were withdrawn as losses.")
    return lines


def tariff_table(bench):
    lines = ["| rule on the tariff | emissions t | served South | served North | users' surplus, million USD |", "| --- | ---: | ---: | ---: | ---: |"]
    for label, scenario, overrides in TARIFF:
        s = bench.summaries(bench.run("tariff " + label, scenario, overrides))
        lines.append(f"| {label} | {number(mean(s, 'carbon_location_g') * 1e-6, False)} | {100 * mean(s, 'served_share_south'):.1f} % "
                     f"| {100 * mean(s, 'served_share_north'):.1f} % | {number(mean(s, 'consumer_surplus_usd') * 1e-6, False)} |")
    return lines


def findings(program, source):
    with tempfile.TemporaryDirectory(prefix="policy_pilot_") as folder:
        bench = Bench(program, source, folder)
        runs = {label: bench.run(label, scenario, overrides) for label, scenario, overrides, _ in PILOT}
        summaries = {label: bench.summaries(files) for label, files in runs.items()}
        first = summaries["flat"]
        lines = [f"Pilot, flat price: utilisation {mean(first, 'utilisation'):.2f}. Differences to it, served shares in points; "
                 "all prices in the pilot rest on sellers' costs.", ""]
        lines += difference_table(bench, runs, summaries) + ["", "What was claimed beforehand:", ""] + claims(runs, summaries)
        lines += purpose_line(summaries["justice"], bench.summaries(bench.run(*PRIORITY)))
        lines += ["", "The justice fund:", ""] + fund_line(summaries)
        lines += ["", "The first prototype's tariff (legacy.toml), means of the same five seeds:", ""] + tariff_table(bench)
        return "\n".join(lines) + "\n"


def main(arguments):
    write = "--write" in arguments
    words = [a for a in arguments if a != "--write"]
    if len(words) != 2:
        print(__doc__)
        return 2
    program, source = str(pathlib.Path(words[0]).resolve()), pathlib.Path(words[1]).resolve()
    text = findings(program, source)
    print(text)
    if write:
        page = source / "scenarios" / "README.md"
        before, rest = page.read_text("utf-8").split(BEGIN)
        page.write_text(before + BEGIN + text + END + rest.split(END)[1], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
