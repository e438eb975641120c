#!/usr/bin/python3
"""A small scenario's digest and figures are those of golden.txt, on any machine, thread count and instruction set.

usage: regression.py SWARMSIM FOLDER       FOLDER holds scenario.toml and golden.txt
       regression.py --self-test
With SWARM_UPDATE_GOLDEN=1 golden.txt is rewritten: when a change of results is meant, and then looked at and committed.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# How the same run is made: arguments and instruction set. The base specialists are trained anew in each.
WAYS = [
    (["--threads", "1"], "portable"),
    (["--threads", "2", "--set", "engine.shards=0"], None),
    (["--threads", "2"], "avx2"),
]
FIGURES = ("requests_arrived", "requests_served", "requests_late", "requests_correct", "rejected_budget",
           "rejected_capacity", "rejected_deadline", "requests_pending", "multiplicity", "executed_macs", "accuracy",
           "served_share", "delay_s", "delay_p95_s", "energy_kwh", "carbon_location_g", "carbon_market_g", "embodied_g",
           "utilisation", "spend_usd", "gini_wallet")


def run(swarmsim, scenario, arguments, isa):
    """The figures of one run as (name, text), the digest first; None if this machine lacks the instruction set."""
    environment = {name: value for name, value in os.environ.items() if name != "SWARMSIM_SIMD"}
    if isa:
        environment["SWARMSIM_SIMD"] = isa
    with tempfile.TemporaryDirectory(prefix="swarm_golden_") as folder:
        environment["XDG_CACHE_HOME"] = folder
        result = f"{folder}/run.h5"
        said = subprocess.run([swarmsim, "run", str(scenario), "-o", result, "--summary", "json", *arguments],
                              capture_output=True, text=True, env=environment, timeout=300)
        if said.returncode == 2 and isa and f"cannot run {isa}" in said.stderr:
            return None
        if said.returncode != 0:
            raise SystemExit(f"swarmsim: exit {said.returncode}: {said.stderr}")
        digest = subprocess.run([swarmsim, "info", result, "--digest"], capture_output=True, text=True, check=True, timeout=60)
        summary = json.loads(said.stdout)
    return [("digest", digest.stdout.strip()), *((name, repr(summary[name])) for name in FIGURES)]


def read_golden(path):
    return [tuple(line.split(maxsplit=1)) for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]


def golden_text(figures):
    return "# Written by regression.py with SWARM_UPDATE_GOLDEN=1.\n" + "".join(f"{name} {value}\n" for name, value in figures)


def differences(expected, found):
    """One line for each figure that differs, is missing, or is new."""
    was, now = dict(expected), dict(found)
    for name in dict.fromkeys([*was, *now]):
        if was.get(name) != now.get(name):
            yield f"  {name}: was {was.get(name, 'absent')}, is {now.get(name, 'absent')}"


def self_test():
    golden = [("digest", "00ff"), ("energy_kwh", "1.5"), ("requests_served", "7")]
    cases = [
        (golden, 0),
        ([("digest", "00fe"), *golden[1:]], 1),
        ([golden[0], ("energy_kwh", "1.5000000000000002"), golden[2]], 1),  # the last bit of one figure
        (golden[:2], 1),
        ([*golden, ("new", "1")], 1),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "golden.txt"
        path.write_text(golden_text(golden), "utf-8")
        wrong = [found for found, count in cases if len(list(differences(read_golden(path), found))) != count]
    print(*wrong, sep="\n")
    print(f"{len(wrong)} of {len(cases)} cases went wrong")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 2:
        print(__doc__)
        return 2
    swarmsim, folder = arguments[0], pathlib.Path(arguments[1])
    golden = folder / "golden.txt"
    failed = False
    for arguments, isa in WAYS:
        way = f"{' '.join(arguments)} on {isa or 'the best instruction set'}"
        figures = run(swarmsim, folder / "scenario.toml", arguments, isa)
        if figures is None:
            print(f"{way}: this machine lacks it")
            continue
        if os.environ.get("SWARM_UPDATE_GOLDEN") == "1" and arguments is WAYS[0][0]:
            golden.write_text(golden_text(figures), "utf-8")
        found = list(differences(read_golden(golden), figures))
        print(*([f"{way}: differs from {golden}", *found] if found else [f"{way}: as expected"]), sep="\n")
        failed |= bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
