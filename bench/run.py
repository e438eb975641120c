#!/usr/bin/python3
"""Measures swarmsim and prints one table: what, measured (median, least - most), target, met or not.

    python3 bench/run.py --build build/release

Every figure is a ratio or a rate taken in one run of this script; where two things are compared they take turns at
least 20 times. A full run rewrites the tables in docs/performance.md, and --only networks rewrites those of networks.
--quick takes seconds, compares three times only and leaves the page alone. --against BUILD compares two builds phase by
phase instead.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import networks
import sweep

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
PILOT = ROOT / "scenarios" / "pilot.toml"
GLOBAL = ROOT / "scenarios" / "global.toml"
DAY = ["run.warmup=0s", "run.duration=1d"]  # the pilot, shortened
CANDIDATES = 8  # specialists that quote for one request, the default of market.candidates
NOT_OURS = ("generate", "infer")  # phases that a request pays for by its network


@dataclass
class Row:
    """One line of the table; a target is (comparison, value) and is met by the median."""
    what: str
    values: list
    unit: str = ""
    target: tuple = None
    measured: float = None  # if it is not the median of the values

    @property
    def middle(self):
        return median(self.values) if self.measured is None else self.measured

    @property
    def met(self):
        if self.target is None:
            return None
        sign, value = self.target
        return self.middle <= value if sign == "≤" else self.middle >= value

    def cells(self):
        spread = f"{number(min(self.values))} – {number(max(self.values))}" if len(self.values) > 1 else ""
        target = f"{self.target[0]} {number(self.target[1])}" if self.target else ""
        met = {None: "", True: "yes", False: "NO"}[self.met]
        return self.what, number(self.middle), self.unit, spread, target, met


@dataclass
class Table:
    rows: list = field(default_factory=list)
    below: str = ""  # what else its section of the page shows

    def add(self, *args, **named):
        self.rows.append(Row(*args, **named))

    def markdown(self):
        lines = ["| what | measured | unit | least – most | target | met |", "| --- | ---: | --- | --- | --- | --- |"]
        return "\n".join(lines + ["| " + " | ".join(row.cells()) + " |" for row in self.rows])

    def text(self):
        cells = [("what", "measured", "unit", "least – most", "target", "met")] + [row.cells() for row in self.rows]
        width = [max(len(row[c]) for row in cells) for c in range(6)]
        return "\n".join("  ".join(cell.rjust(w) if c == 1 else cell.ljust(w) for c, (cell, w) in
                                   enumerate(zip(row, width))).rstrip() for row in cells)

    def data(self):
        return [{"what": r.what, "measured": r.middle, "unit": r.unit, "values": r.values,
                 "target": " ".join(map(str, r.target)) if r.target else None, "met": r.met} for r in self.rows]


def number(x):
    size = abs(x)
    if size >= 1e5 or 0 < size < 1e-3:
        return f"{x:.3g}"
    return f"{x:.0f}" if size >= 100 else f"{x:.1f}" if size >= 10 else f"{x:.2f}" if size >= 1 else f"{x:.3f}"


def run(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def engine(build, sets, variants, repeat=1, scenario=PILOT):
    """Runs of the engine, one list per variant; the variants take turns."""
    command = [build / "bench" / "bench_engine", scenario, "--repeat", repeat]
    for key in sets:
        command += ["--set", key]
    for variant in variants:
        command += ["--variant", variant]
    lists = [[] for _ in variants]
    for line in run(command).splitlines():
        one = json.loads(line)
        lists[one["variant"]].append(one)
    return lists


def google(build, program, pattern, repeat):
    """Repetitions of Google Benchmark by name, in random order."""
    text = run([build / "bench" / program, f"--benchmark_filter={pattern}", f"--benchmark_repetitions={repeat}",
                "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.02", "--benchmark_format=json"])
    out = {}
    for one in json.loads(text)["benchmarks"]:
        if one["run_type"] == "iteration":
            out.setdefault(one["run_name"], []).append(one)
    return out


def own_seconds(one):
    return sum(s for phase, s in one["phases"].items() if phase not in NOT_OURS)


def per(runs, seconds, count):
    """Nanoseconds per request, input, … of each run."""
    return [1e9 * seconds(one) / one[count] for one in runs]


def ratio(table, what, above, below, scale=1.0, offset=0.0, **named):
    """Ratio of the medians of two series that took turns; the spread is that of neighbours."""
    pairs = [scale * (a / b + offset) for a, b in zip(above, below)]
    table.add(what, pairs, measured=scale * (median(above) / median(below) + offset), **named)


def measure_requests(table, build, repeat):
    single, double, beside = engine(build, DAY, ["threads=1,recorder=on", "threads=2,recorder=on",
                                                 "threads=1,recorder=on,kernels=on"], repeat)
    table.add("one request, all but its network and input", per(single, own_seconds, "requests"), "ns", ("≤", 1000))
    for phase in single[0]["phases"]:
        count = "inferences" if phase in NOT_OURS else "requests"
        target = ("≤", 100) if phase == "generate" else None
        label = {"generate": ", per input", "infer": ", per pass"}.get(phase, ", per request")
        table.add(f"phase {phase}{label}", per(single, lambda one: one["phases"][phase], count), "ns", target)
    table.add("multiply-adds while inferring, of the core's peak",
              [100 * one["macs"] / one["phases"]["infer"] / one["peak_macs_per_s"] for one in single], "%")
    table.add("phase infer, of the rate of its kernels alone, step by step in turn",
              [100 * one["kernels_s"] / one["phases"]["infer"] for one in beside], "%", ("≥", 60))
    for phase in single[0]["phases"]:
        one_thread = [one["phases"][phase] for one in single]
        per_step = 1e6 * median(one_thread) / single[0]["steps"]
        if per_step > 100:
            ratio(table, f"two threads, phase {phase} ({per_step:.0f} µs per step on one)", one_thread,
                  [one["phases"][phase] for one in double], unit="×", target=("≥", 1.7))
    ratio(table, "two threads, whole run", [one["wall_s"] for one in single], [one["wall_s"] for one in double],
          unit="×")


def measure_policy(table, build, repeat):
    """What justice prices, grants and levies cost beyond a flat price: the runs of both rules take turns."""
    rules = {"flat": [], "justice": []}
    for _ in range(repeat):
        for rule in rules:
            rules[rule] += engine(build, DAY + [f"pricing.rule={rule}"], ["threads=1,recorder=off"])[0]
    quotes = CANDIDATES * rules["flat"][0]["requests"]
    cost = [1e9 * (b["phases"]["quote"] - a["phases"]["quote"]) / quotes for a, b in zip(*rules.values())]
    table.add("justice prices and grants beyond a flat price, per quote", cost, "ns", ("≤", 150))


def measure_placing(table, build, repeat):
    """Admission and placement together, under every balancing policy: their runs take turns."""
    policies = {"weighted": [], "join-shortest-queue": [], "power-of-d": [], "greedy-carbon": [], "min-total-energy": []}
    counted = "power-of-d, requests counted"
    runs = {**policies, counted: []}
    for _ in range(repeat):
        for name, list_of in runs.items():
            policy = name.split(",")[0]
            signal = ["balance.signal=requests"] if name == counted else []
            list_of += engine(build, DAY + [f"balance.policy={policy}"] + signal, ["threads=1,recorder=off"])[0]
    for name, list_of in runs.items():
        table.add(f"admission and placement by {name}, per request",
                  per(list_of, lambda one: one["phases"]["trade"] + one["phases"]["assign"], "requests"), "ns", ("≤", 200))
    flows = [[engine(build, DAY[:1] + [f"balance.policy={policy}"], ["threads=1,recorder=off"], 1, GLOBAL)[0][0]
              for policy in ("greedy-carbon", "min-total-energy")] for _ in range(min(3, repeat))]
    table.add("migration among 48 countries, quotes beyond greedy-carbon's, per step",
              [1e6 * (b["phases"]["quote"] - a["phases"]["quote"]) / b["steps"] for a, b in flows], "µs")


def measure_global(table, build):
    run, = engine(build, [], ["threads=2,recorder=on"], 1, GLOBAL)
    table.add("global.toml, 8 days of 48 countries, two threads", [run[0]["wall_s"]], "s")
    table.add("global.toml, requests", [run[0]["requests"] / run[0]["wall_s"] / 1e6], "million/s")
    in_phases = sum(run[0]["phases"].values())
    for phase, seconds in sorted(run[0]["phases"].items(), key=lambda entry: -entry[1])[:6]:
        table.add(f"global.toml, share of phase {phase}", [100 * seconds / in_phases], "%")


def measure_recording(table, build, repeat):
    on, off = engine(build, ["run.warmup=0s", "run.duration=4d"], ["threads=1,recorder=on", "threads=1,recorder=off"],
                     repeat)
    ratio(table, "recording, beyond the wall time without", [one["wall_s"] for one in on],
          [one["wall_s"] for one in off], scale=100, offset=-1, unit="%", target=("≤", 5))
    table.add("recording one step", [1e6 * one["rows_s"] / one["steps"] for one in on], "µs")
    table.add("opening and finishing a result file", [1e3 * one["file_s"] for one in on], "ms")


def measure_studies(table, build, runs, repeat):
    overhead, whole, alone = sweep.measure(build / "swarmsim", runs, repeat)
    table.add(f"study of {runs:,} tiny runs, one worker: overhead per run", [1e3 * s for s in overhead], "ms", ("≤", 20))
    table.add(f"study of {runs:,} tiny runs, one worker: whole cost per run", [1e3 * s for s in whole], "ms")
    ratio(table, "one ordinary run against one in that study", alone, whole, unit="×")


def measure_agents(table, build, repeat):
    idle, = engine(build, ["run.warmup=0s", "run.duration=4h", "population.agents=300000",
                           "workload.requests_per_hour=12"], ["threads=1,recorder=off"], repeat)
    table.add("one agent for one step, idle, one core",
              [1e9 * sum(one["phases"].values()) / (one["agents"] * one["steps"]) for one in idle], "ns", ("≤", 50))
    million, = engine(build, ["run.warmup=0s", "run.duration=4h", "population.agents=1000000"],
                      ["threads=2,recorder=on"], min(repeat, 3))
    table.add("a million agents at the pilot's requests, two threads",
              [one["agents"] * one["steps"] / one["wall_s"] / 1e6 for one in million], "million agent-steps/s")
    table.add("a million agents, most memory held", [million[-1]["peak_memory_bytes"] / 1e9], "GB", ("≤", 8))


def measure_exchange(table, build, repeat):
    for name, runs in google(build, "bench_exchange", "^exchange/.*/100000$", repeat).items():
        rule = name.split("/")[1]
        table.add(f"random exchange ({rule}) between 100,000 accounts, one core",
                  [one["items_per_second"] / 1e6 for one in runs], "million/s", ("≥", 100))


def measure_auction(table, build, repeat):
    runs, = google(build, "bench_call_auction", "^call_auction/fine/1000000$", repeat).values()
    table.add("call auction of 1,000,000 orders, per order, one core", [1e9 / one["items_per_second"] for one in runs],
              "ns", ("≤", 35))


def measure_book(table, build, repeat):
    runs, = google(build, "bench_order_book", "^stream<OrderBook>/30000/100$", repeat).values()
    table.add("order book of 30,000 orders, per second, one core", [one["items_per_second"] / 1e6 for one in runs],
              "M events", ("≥", 20))


def measure_shifting(table, build, repeat):
    for function, what in (("one_piece", "jobs shifted in one piece"), ("pieces", "jobs shifted in pieces")):
        runs = google(build, "bench_shifting", f"^{function}(_naive)?/10000/180/96$", repeat)
        ours, naive = (runs[f"{name}/10000/180/96"] for name in (function, f"{function}_naive"))
        table.add(f"{what}: evaluations per second, one core", [one["items_per_second"] / 1e6 for one in ours], "M", ("≥", 10))
        ratio(table, f"{what}: against a naive scan, in turn", [one["cpu_time"] for one in naive],
              [one["cpu_time"] for one in ours], unit="×")
    runs = google(build, "bench_shifting", "^promise(_naive)?/10000$", repeat)
    ours, naive = runs["promise/10000"], runs["promise_naive/10000"]
    table.add("slots promised in a run: per request, one core", [1e9 / one["items_per_second"] for one in ours], "ns")
    ratio(table, "slots promised in a run: against a naive scan, in turn", [one["cpu_time"] for one in naive],
          [one["cpu_time"] for one in ours], unit="×")


def measure_networks(tables, build, quick):
    records = networks.measure(build / "bench" / "bench_networks", quick)
    networks.add_rows(tables["networks"], records)
    tables["networks"].below = networks.markdown(records)


def compare(before, after, repeat):
    """Both builds take turns on the pilot; > 1 means that `after` is faster."""
    table = Table()
    runs = {before: [], after: []}
    for _ in range(repeat):
        for build in runs:
            runs[build] += engine(build, DAY, ["threads=1,recorder=on"])[0]
    for phase in runs[before][0]["phases"]:
        ratio(table, f"phase {phase}", *([one["phases"][phase] for one in runs[b]] for b in runs), unit="×")
    ratio(table, "whole run", *([one["wall_s"] for one in runs[b]] for b in runs), unit="×")
    return table


def measurements(build, repeat, quick):
    """What is measured, by name, in the order of the tables; networks have a table of their own."""
    def into_main(measure, *arguments):
        return lambda tables: measure(tables["measured"], build, *arguments)
    return {"requests": into_main(measure_requests, repeat),
            "policy": into_main(measure_policy, repeat),
            "placing": into_main(measure_placing, repeat),
            "global": into_main(measure_global),
            "recording": into_main(measure_recording, repeat),
            "studies": into_main(measure_studies, 100 if quick else 1000, repeat),
            "agents": into_main(measure_agents, max(3, repeat // 3)),
            "exchange": into_main(measure_exchange, repeat),
            "auction": into_main(measure_auction, repeat),
            "book": into_main(measure_book, repeat),
            "shifting": into_main(measure_shifting, repeat),
            "networks": lambda tables: measure_networks(tables, build, quick)}


def machine():
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    return f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores"


def write_page(section, table, command, note):
    """Rewrites one section between its markers."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(begin)
    parts = [begin, f"    {command}", note, table.markdown(), table.below, end]
    PAGE.write_text(before + "\n\n".join(filter(None, parts)) + rest.split(end)[1], encoding="utf-8")
    print(f"{section} written to {PAGE.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "release", help="folder of the build to measure")
    parser.add_argument("--against", type=Path, metavar="BUILD", help="compare with an earlier build, phase by phase")
    parser.add_argument("--quick", action="store_true", help="3 repetitions instead of 20; does not touch docs/")
    parser.add_argument("--only", choices=measurements(None, 0, False), help="measure this alone; touches docs/ for networks only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every repetition there")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    note = f"{machine()}; load average {load:.1f} at the start"
    if load > 0.3:
        note += ": other work was running, so wall times and what two threads gain are not the machine's own"
        print(f"warning: {note}", file=sys.stderr)
    note += "."
    repeat = 3 if arguments.quick else 20
    if arguments.against:
        tables = {"compared": compare(arguments.against, arguments.build, repeat)}
    else:
        tables = {"measured": Table(), "networks": Table()}
        for name, measure in measurements(arguments.build, repeat, arguments.quick).items():
            if arguments.only in (None, name):
                measure(tables)
    tables = {section: table for section, table in tables.items() if table.rows}
    print(note, *(table.text() for table in tables.values()), sep="\n\n")
    if arguments.json:
        rows = [row for table in tables.values() for row in table.data()]
        arguments.json.write_text(json.dumps({"note": note, "rows": rows}, indent=1, ensure_ascii=False) + "\n",
                                  encoding="utf-8")
    if not arguments.quick and not arguments.against and arguments.only in (None, "networks"):
        command = "python3 bench/run.py --build build/release"
        for section, table in tables.items():
            write_page(section, table, command + (" --only networks" if section == "networks" else ""), note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
