"""What a run of a study costs beside its simulation: a part of run.py.

A study of many tiny runs (an hour of two countries with 20 specialists), one worker. Overhead per run: wall time of the
whole sweep, planning and collecting included, less the seconds that runs themselves took (from reading the scenario to
the summary, as their records say), divided by the runs. Beside it one `swarmsim run`, as a shell loop would do each point.
"""
import json
import pathlib
import subprocess
import tempfile
import time

SCENARIO = """regions = ["BD", "KE"]
[run]
warmup = "0s"
duration = "1h"
[population]
agents = 20
[workload]
requests_per_hour = 200
"""
STUDY = """[study]
scenario = "tiny.toml"
design = "lhs"
points = {runs}
common_random_numbers = true
[[factor]]
key = "pricing.markup"
min = 0.01
max = 0.5
[[factor]]
key = "workload.load"
min = 0.3
max = 1.2
"""


def run_seconds(folder):
    """Sum of the wall times that the records of a study's runs state."""
    lines = (line for file in (folder / "results").glob("*.jsonl") for line in file.read_text().splitlines())
    return sum(json.loads(line).get("seconds", 0) for line in lines)


def sweep(program, folder, runs):
    """Wall seconds of a sweep and of its runs."""
    (folder / "study.toml").write_text(STUDY.format(runs=runs))
    start = time.perf_counter()
    subprocess.run([program, "sweep", folder / "study.toml", "-o", folder / "out", "--jobs", "1", "--threads", "1"],
                   check=True, capture_output=True)
    return time.perf_counter() - start, run_seconds(folder / "out")


def single(program, folder):
    """Wall seconds of one ordinary run, its trained specialists in the cache."""
    start = time.perf_counter()
    subprocess.run([program, "run", folder / "tiny.toml", "-o", folder / "one.h5", "--threads", "1"], check=True, capture_output=True)
    return time.perf_counter() - start


def measure(program, runs, repeat):
    """Seconds per run, a list over repetitions each: overhead, the whole cost, and one ordinary run."""
    overhead, whole, alone = [], [], []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "tiny.toml").write_text(SCENARIO)
            alone.append(single(program, folder))
            wall, inside = sweep(program, folder, runs)
            whole.append(wall / runs)
            overhead.append((wall - inside) / runs)
    return overhead, whole, alone
