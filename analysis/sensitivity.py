#!/usr/bin/python3
"""Which outcome of a run owes most to each behavioural default, by one-at-a-time changes on the pilot.

usage: sensitivity.py SWARMSIM [--write] [--only KEY]... [--csv FILE]
       sensitivity.py --self-test

Every key that has a source ("assumed" or a citation; `swarmsim reference keys`) is varied around its value in the
pilot, and each run is paired with those of the same seed. Prints a table; --write puts it into
sim/scenario/sensitivity_table.cpp, where the program finds it; --csv says what every outcome does.

Elasticity of outcome y to parameter p: mean over seeds of (y+ - y-) / |mean y| / ((p+ - p-) / p), with y at the raised
value p+, at the lowered value p- and, in the mean, at p itself. Where p is 0 or a time of the day or year (whose zero is
arbitrary), p- and p+ are one step away, and the change is per step. For a choice it is the change with each alternative,
of which the largest counts. Shares are treated alike: relative change, not points. Distinguishable: p < 0.05 / number of
outcomes in the paired t test (Bonferroni).
"""
import argparse
import concurrent.futures
import csv
import dataclasses
import difflib
import itertools
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import tomllib

from sensitivity_context import settings_for

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios/pilot.toml"
TABLE = ROOT / "sim/scenario/sensitivity_table.cpp"
# Half a Sunday and half a Monday, so that the weekend counts; a quarter of the pilot's sample, the same load.
EXPERIMENT = ("run.start=2022-01-02T06:00Z", "run.warmup=6h", "run.duration=1d", "workload.requests_per_hour=9000",
              "pricing.rule=justice")
SEEDS = (1, 2, 3, 4, 5)
LOWER, HIGHER = 0.8, 1.25
OUTCOMES = ("carbon_location_g", "carbon_market_g", "energy_kwh", "spend_usd", "served_share", "served_share_south",
            "accuracy", "delay_s", "consumer_surplus_usd", "producer_surplus_usd", "welfare_usd", "welfare_weighted_usd",
            "grants_usd", "gini_wallet", "forecast_mape")
LEVEL = 0.05 / len(OUTCOMES)
LEAST = 0.001  # percent, per percent or step, below which an effect is no effect to speak of
STEPS = {"h": 1.0, "d": 10.0}  # of times of the day and of the year
STEP_FROM_ZERO = 0.1
WHOLE = {"workload.complexity_alpha", "workload.complexity_beta"}  # numbers that must be integers
# The record that stands for each table.
RECORDS = {"region": "BD", "site": "Frankfurt", "device": "cpu-server", "purpose": "luxury"}


class Refusal(Exception):
    """What was asked for cannot be done; the exit code comes second."""


# ---- arithmetic -----------------------------------------------------------------------------------------------------

def p_value(t, nu):
    """P(|T| >= |t|) of Student's t with nu degrees of freedom: Abramowitz and Stegun 26.7.3 and 26.7.4."""
    theta = math.atan2(abs(t), math.sqrt(nu))
    sine, cosine = math.sin(theta), math.cos(theta)
    term, total = (cosine if nu % 2 else 1.0), 0.0
    for k in range(2 + nu % 2, nu + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    inside = 2 / math.pi * (theta + sine * total) if nu % 2 else sine * total
    return max(0.0, 1 - inside)


def paired_p(differences):
    """p of the hypothesis that the mean of paired differences is 0; differences that are all alike leave no doubt."""
    mean = statistics.fmean(differences)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return p_value(mean / error, len(differences) - 1)


def relative_changes(lower, higher, reference):
    """(higher - lower) of each seed relative to the mean of the reference; None where a value is missing."""
    values = [*lower, *higher, *reference]
    if any(value is None or not math.isfinite(value) for value in values):
        return None
    scale = abs(statistics.fmean(reference))
    return [(h - l) / scale for l, h in zip(lower, higher, strict=True)] if scale > 0 else None


@dataclasses.dataclass
class Effect:
    outcome: str
    change: float  # mean, relative: per relative change, per step, or with the alternative
    p: float
    per: str       # "+1 %", "+1 h", or the alternative

    def counts(self):
        return self.p < LEVEL and abs(self.percent()) >= LEAST

    def text(self):
        digits = ".0f" if abs(self.percent()) >= 100 else ".2g"
        return f"{self.percent():+{digits}} % {'per' if self.per.startswith('+') else 'with'} {self.per}"

    def percent(self):
        """Percent of the outcome per percent of the key, or per step, or with the alternative."""
        return self.change if self.per == "+1 %" else 100 * self.change


def effects(lower, higher, reference, amount, per):
    """Of each outcome, from figures by seed (a list of mappings each); `amount` in units of `per`."""
    for outcome in OUTCOMES:
        changes = relative_changes(*([figures[outcome] for figures in runs] for runs in (lower, higher, reference)))
        if changes is not None:
            yield Effect(outcome, statistics.fmean(changes) / amount, paired_p(changes), per)


def strongest(found):
    return max((effect for effect in found if effect.counts()), key=lambda effect: abs(effect.change), default=None)


def seconds(text):
    """Of a duration as the program writes it, such as "1h30min"."""
    units = {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
    parts = re.findall(r"([0-9.e]+)(ms|min|s|h|d|w)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"not a duration: {text}")
    return sum(float(number) * units[unit] for number, unit in parts)


def neighbours(key, value):
    """(lowered, raised, relative or in steps: what lies between, unit of that) of a number around `value`."""
    low = -math.inf if key["min"] is None else key["min"]
    high = math.inf if key["max"] is None else key["max"]
    # A time that may be set to "leave it alone" or a length of time keeps its meaning when scaled; a clock's does not.
    clock = key["type"] != "duration" and key["unit"] in STEPS
    step = STEPS[key["unit"]] if clock else STEP_FROM_ZERO if value == 0 else None
    below, above = (value - step, value + step) if step else sorted((value * LOWER, value * HIGHER))
    if not step:  # at most half the way to the end of the range, where a model often becomes another one
        below, above = max(below, (value + low) / 2), min(above, (value + high) / 2)
    if key["type"] == "integer" or key["key"] in WHOLE:
        below, above = math.floor(below), math.ceil(above)
    below, above = max(below, low), min(above, high)
    if key["min_open"] and below == low:
        below = value
    if step:
        unit = key["unit"] if key["unit"] not in ("", "1") else ""
        return below, above, (above - below) / step, f"+{step:g} {unit}".strip()
    # Raised means a greater magnitude: of -0.7, -0.875.
    if value < 0:
        below, above = above, below
    return below, above, (above - below) / value, "+1 %"


# ---- runs -----------------------------------------------------------------------------------------------------------

class Laboratory:
    """Runs of the experiment, each done once."""

    def __init__(self, swarmsim, folder):
        self.swarmsim, self.folder, self.done = swarmsim, pathlib.Path(folder), {}
        self.files = itertools.count()

    def call(self, *arguments):
        try:
            said = subprocess.run([self.swarmsim, *arguments], capture_output=True, text=True, timeout=600)
        except OSError as error:
            raise Refusal(f"{self.swarmsim}: cannot be run ({error.strerror})", 4) from error
        if said.returncode != 0:
            raise Refusal(f"swarmsim {' '.join(map(str, arguments))}: exit {said.returncode}\n{said.stderr.strip()}", 1)
        return said.stdout

    def keys(self):
        return json.loads(self.call("reference", "keys"))

    def resolved(self, settings):
        return tomllib.loads(self.call("check", str(SCENARIO), "--resolved", *self.overrides(settings)))

    @staticmethod
    def overrides(settings):
        return [word for setting in (*EXPERIMENT, *settings) for word in ("--set", setting)]

    def figures(self, settings):
        """Outcomes of each seed. Runs that are not known yet must have been done by `prepare`."""
        return [self.done[settings, seed] for seed in SEEDS]

    def run(self, settings, seed):
        file = self.folder / f"{next(self.files)}.h5"
        summary = json.loads(self.call("run", str(SCENARIO), "--seed", str(seed), "--threads", "1", "--progress", "never",
                                       "--summary", "json", "-o", str(file),
                                       *self.overrides((f"run.cache_dir={self.folder}", *settings))))
        file.unlink()
        absent = [name for name in OUTCOMES if name not in summary]
        if absent:
            raise Refusal(f"the summary has no {', '.join(absent)}", 1)
        errors = [error for error in summary["forecast_mape"] if error is not None]
        return {name: summary[name] for name in OUTCOMES} | {"forecast_mape": statistics.fmean(errors) if errors else None}

    def prepare(self, wanted):
        """Does what is missing of (settings, seed), two at a time."""
        missing = [one for one in dict.fromkeys(wanted) if one not in self.done]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {pool.submit(self.run, *one): one for one in missing}
            try:
                for n, future in enumerate(concurrent.futures.as_completed(runs), 1):
                    self.done[runs[future]] = future.result()
                    if n % 50 == 0 or n == len(runs):
                        print(f"{n} of {len(runs)} runs", file=sys.stderr)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


@dataclasses.dataclass
class Plan:
    """What is varied for one key: pairs of settings (lower, higher), the amount between them, and its unit."""
    key: dict
    varied: str  # the key of the record that stands for the table, or empty
    context: tuple
    variants: list


def value_of(resolved, key):
    words = key.split(".")
    if len(words) == 2:
        return resolved[words[0]][words[1]]
    return next(record for record in resolved[words[0]] if record["name"] == words[1])[words[2]]


def plan(key, laboratory):
    name = key["key"]
    table = name.split(".")[0]
    varied = name.replace("NAME", RECORDS[table]) if ".NAME." in name else ""
    context = settings_for(name)
    value = value_of(laboratory.resolved(context), varied or name)
    put = lambda x: (*context, f"{varied or name}={json.dumps(x)}")
    if key["type"] in ("choice", "true or false"):
        alternatives = [x for x in (key["choices"] or (True, False)) if x != value]
        variants = [(context, put(x), 1, x if isinstance(x, str) else json.dumps(x)) for x in alternatives]
    elif key["type"] == "text":
        raise Refusal(f"{name}: a text cannot be varied", 1)
    else:
        below, above, amount, per = neighbours(key, seconds(value) if key["type"] == "duration" else value)
        variants = [(put(below), put(above), amount, per)]
    return Plan(key, varied, context, variants)


def measure(plans, laboratory):
    """(plan, all effects) of each key."""
    laboratory.prepare((settings, seed) for one in plans for settings in
                       (one.context, *(side for variant in one.variants for side in variant[:2])) for seed in SEEDS)
    for one in plans:
        reference = laboratory.figures(one.context)
        yield one, [effect for lower, higher, amount, per in one.variants for effect in
                    effects(laboratory.figures(lower), laboratory.figures(higher), reference, amount, per)]


# ---- the table in the program ---------------------------------------------------------------------------------------

ENTRY = re.compile(r'^    \{"([^"]+)", ', re.M)
FRAME = """// Written by `analysis/sensitivity.py SWARMSIM --write`; not by hand. Scenario: scenarios/{scenario} with
{settings}
// seeds {seeds}.
#include "sim/scenario/sensitivity.hpp"

namespace swarm {{
namespace scenario {{
namespace {{

constexpr Sensitivity kTable[] = {{
{entries}
}};

}}  // namespace

std::span<const Sensitivity> sensitivities() {{ return kTable; }}

}}  // namespace scenario
}}  // namespace swarm
"""


def entry(one, effect):
    fields = (one.key["key"], one.key["default"], one.varied, ", ".join(one.context),
              effect.outcome if effect else "", effect.text() if effect else "")
    return "    {" + ", ".join(json.dumps(field, ensure_ascii=False) for field in fields) + "},"


def merged(text, new, order):
    """The file with the entries `new` (key to line) in place of or beside those of `text`, in `order`, none else."""
    old = {match.group(1): text[match.start():text.index("\n", match.start())] for match in ENTRY.finditer(text)}
    lines = [(old | new)[key] for key in order if key in old or key in new]
    settings = "\n".join(f"//   {setting}" for setting in EXPERIMENT)
    return FRAME.format(scenario=SCENARIO.name, settings=settings, seeds=", ".join(map(str, SEEDS)), entries="\n".join(lines))


def chosen(keys, only):
    sourced = {key["key"]: key for key in keys if key["source"]}
    for name in only:
        if name not in sourced:
            near = difflib.get_close_matches(name, sourced, 1)
            known = any(key["key"] == name for key in keys)
            raise Refusal(f"--only: {'key without a source' if known else 'unknown key'} '{name}' (there is nothing to measure)"
                          + (f" did you mean '{near[0]}'?" if near else ""), 2)
    return [key for name, key in sourced.items() if not only or name in only], list(sourced)


def probe(file):
    """Says at once, not after all the runs, that a file cannot be written."""
    try:
        open(file, "a", encoding="utf-8").close()
    except OSError as error:
        raise Refusal(f"{file}: cannot be written ({error.strerror})", 4) from error


def work(options):
    for file in (options.csv, TABLE if options.write else None):
        if file:
            probe(file)
    with tempfile.TemporaryDirectory(prefix="sensitivity-") as folder:
        laboratory = Laboratory(options.swarmsim, folder)
        keys, order = chosen(laboratory.keys(), options.only)
        plans = [plan(key, laboratory) for key in keys]
        new, rows = {}, []
        for one, found in measure(plans, laboratory):
            best = strongest(found)
            name = one.key["key"]
            print(f"{one.varied or name:<38} {f'{best.outcome}, {best.text()}' if best else 'none measurable':<44}"
                  f" {', '.join(one.context)}")
            new[name] = entry(one, best)
            rows += [(name, effect.outcome, effect.per, effect.percent(), effect.p, effect.counts()) for effect in found]
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("key", "outcome", "per", "percent", "p", "counts"), *rows])
    if options.write:
        TABLE.write_text(merged(TABLE.read_text("utf-8"), new, order), "utf-8")


# ---- self-test ------------------------------------------------------------------------------------------------------

def self_test():
    failures = []
    cases = 0

    def expect(what, found, wanted, tolerance=0.0):
        nonlocal cases
        cases += 1
        same = abs(found - wanted) <= tolerance if isinstance(wanted, float) else found == wanted
        if not same:
            failures.append(f"{what}: expected {wanted}, found {found}")

    # Quantiles of published tables, two-sided.
    for nu, t in ((1, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (5, 2.57058)):
        expect(f"t with {nu}", p_value(t, nu), 0.05, 1e-6)
    # The worked example of docs/comparing.md: d = -1, -2, -4; t = -2.333 / 0.8819 = -2.6458; with nu = 2
    # p = 1 - t / sqrt(2 + t^2) = 1 - 2.6458 / 3 = 0.1181.
    changes = relative_changes([10, 20, 30], [9, 18, 26], [10, 20, 30])
    expect("relative", statistics.fmean(changes), -7 / 3 / 20, 1e-12)
    expect("pairing", paired_p(changes), 1 - math.sqrt(7) / 3, 1e-12)
    expect("order of seeds matters", paired_p(relative_changes([10, 20, 30], [26, 9, 18], [10, 20, 30])) > 0.5, True)
    expect("no difference", paired_p([0.0, 0.0, 0.0]), 1.0)
    expect("no doubt", paired_p([0.5, 0.5, 0.5]), 0.0)
    expect("a missing value", relative_changes([1, None], [1, 2], [1, 2]), None)
    expect("nothing to relate to", relative_changes([1], [2], [0]), None)

    def runs(**outcomes):
        return [{name: outcomes[name][seed] if name in outcomes else 1.0 for name in OUTCOMES} for seed in range(5)]

    # y = p^2 around p = 2 (1.6 and 2.5): (6.25 - 2.56) / 4 / 0.45 = 2.05 for every seed.
    number = {"key": "a.b", "type": "number", "unit": "1", "min": 0, "max": 10, "min_open": False}
    below, above, amount, per = neighbours(number, 2)
    expect("neighbours", (below, above, per), (1.6, 2.5, "+1 %"))
    best = strongest(effects(runs(delay_s=[below ** 2] * 5), runs(delay_s=[above ** 2] * 5), runs(delay_s=[4] * 5), amount, per))
    expect("elasticity", best.change, 2.05, 1e-12)
    expect("its text", f"{best.outcome}, {best.text()}", "delay_s, +2 % per +1 %")  # two digits: 2.05 is a little less in binary
    # A large change in one seed of five is noise (t = 1); a small one in all of them is not.
    best = strongest(effects(runs(delay_s=[1] * 5, accuracy=[1, 2, 3, 4, 5]), runs(delay_s=[1, 1, 1, 1, 9], accuracy=[0.9, 1.9, 2.9, 3.9, 4.9]),
                             runs(accuracy=[1, 2, 3, 4, 5]), 1, "+1 h"))
    expect("noise is passed over", (best.outcome, best.text()), ("accuracy", "-3.3 % per +1 h"))
    expect("nothing measurable", strongest(effects(runs(), runs(), runs(), 1, "+1 %")), None)
    expect("rounding", strongest(effects(runs(), runs(delay_s=[1 + 1e-9] * 5), runs(), 1, "+1 %")), None)
    # Ranges, zeros, clocks, negative values, integers.
    expect("half the way up", neighbours(number | {"max": 2.2}, 2)[1:3], (2.1, (2.1 - 1.6) / 2))
    expect("half the way down", neighbours(number | {"min": 1.8}, 2)[0], 1.9)
    expect("at the end", neighbours(number | {"max": 2}, 2)[:3], (1.6, 2, (2 - 1.6) / 2))
    expect("clock at the end", neighbours(number | {"unit": "h", "max": 24}, 23.5)[:3], (22.5, 24, 1.5))
    expect("open minimum", neighbours(number | {"min": 0, "min_open": True, "type": "integer"}, 1)[0], 1)
    expect("from 0", neighbours(number, 0), (0, 0.1, 1.0, "+0.1"))
    expect("clock", neighbours(number | {"unit": "h", "max": 24}, 15), (14, 16, 2.0, "+1 h"))
    expect("length of time", neighbours(number | {"type": "duration", "unit": "s", "max": None}, 100)[3], "+1 %")
    below, above, amount, _ = neighbours(number | {"min": -20}, -0.7)
    expect("greater magnitude", (round(below, 9), round(above, 9), round(amount, 9)), (-0.56, -0.875, 0.45))
    expect("integer", neighbours(number | {"type": "integer"}, 3)[:3], (2, 4, 2 / 3))
    expect("durations", [seconds(text) for text in ("5min", "1h30min", "250ms", "0s")], [300, 5400, 0.25, 0])
    expect("small and large", [Effect("x", c, 0, p).text() for c, p in ((0.0012, "+1 %"), (0.0123, "equal"), (1.5, "equal"), (20, "equal"))],
           ["+0.0012 % per +1 %", "+1.2 % with equal", "+150 % with equal", "+2000 % with equal"])
    # The table: replaced, added in the order of the keys, dropped when the key is gone.
    text = merged("", {"a.x": '    {"a.x", "1"},', "a.z": '    {"a.z", "1"},', "a.gone": '    {"a.gone", "1"},'}, ["a.x", "a.z"])
    again = merged(text, {"a.x": '    {"a.x", "2"},', "a.y": '    {"a.y", "1"},'}, ["a.x", "a.y", "a.z"])
    expect("entries", re.findall(r'"(a\.\w+)", "(\d)"', again), [("a.x", "2"), ("a.y", "1"), ("a.z", "1")])
    expect("nothing new", merged(again, {}, ["a.x", "a.y", "a.z"]), again)
    try:
        chosen([{"key": "pricing.markup", "source": "assumed"}], ["pricing.markp"])
        failures.append("an unknown key is accepted")
    except Refusal as refusal:
        expect("unknown key", refusal.args[0].endswith("did you mean 'pricing.markup'?"), True)
    print(*failures, sep="\n")
    print(f"{len(failures)} of {cases} cases went wrong")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("swarmsim", metavar="SWARMSIM", help="the program to measure")
    parser.add_argument("--write", action="store_true", help=f"rewrite {TABLE.relative_to(ROOT)}")
    parser.add_argument("--only", action="append", default=[], metavar="KEY", help="measure this key alone; may be repeated")
    parser.add_argument("--csv", metavar="FILE", help="what every outcome does")
    try:
        work(parser.parse_args(arguments))
    except Refusal as refusal:
        print(refusal.args[0], file=sys.stderr)
        return refusal.args[1]
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
