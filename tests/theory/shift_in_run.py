#!/usr/bin/python3
"""A run holds requests back as `swarmsim shift` moves jobs: same requests, same hours of Germany's grid, same saving.

usage: shift_in_run.py SWARMSIM
Exit code 77 when the real data are absent (SWARM_SHARED, or ../shared/data beside the repository).

Requests come at the beginning of hours, need equal work and meet idle machines, so each emits in proportion to the intensity of
its slots. Three kinds of work: seconds, and just less than three hours in one piece and in pieces. What is left between run
and calculator is the bit by which services are shorter than their slots: of a few seconds and of 1 in 10,000 here.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TRACE = "carbon_intensity_2022_123zones/ci_lca_hourly_2022.csv"
HOURS, SLACK, WATTS = 24 * 60, 6, 100

SCENARIO = """
regions = ["DE"]
[run]
start = "2022-01-01T00:00Z"
warmup = 0
duration = "{duration}h"
step = "1h"
data_dir = "{shared}"
[grid]
source = "trace"
trace = "{trace}"
forecast = "perfect"
[workload]
source = "trace"
trace = "{requests}"
multiplicity = 1
urgent_share = 0
flexible_share = 1
flexibility = "{slack}h"
deadline = "4h"
vision = 1
language = 0
reasoning = 0
memory = 0
[demand]
willingness = "unlimited"
budget_share = 1
[schedule]
strategy = "{strategy}"
capacity_share = 1e6
[population]
agents = 4
vision = 1
language = 0
reasoning = 0
memory = 0
[specialists]
nominal_vision = 1e9
hidden_1 = 4
hidden_2 = 0
lineages = 1
training_samples = 32
[[device]]
name = "plain"
max_w = {watts}
idle_w = 0
standby_w = 0
peak_fp32 = {peak}
peak_fp16 = {peak}
peak_int8 = {peak}
memory_bytes = 8e12
bandwidth = 1e16
efficiency = 1
[[site]]
name = "S"
region = "DE"
device = "plain"
servers = 100
pue = 1
"""


def run(swarmsim, folder, shared, strategy, seconds):
    """The run's summary; every request is 1,000 tok and takes so many seconds."""
    requests, scenario, result = folder / "requests.csv", folder / "run.toml", folder / "run.h5"
    with open(requests, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["arrival_s", "input_tokens", "output_tokens"])
        # The table repeats after its end; the last row keeps that away until the run is over.
        out.writerows([hour * 3600, 999, 1] for hour in [*range(HOURS), HOURS + 40])
    # Dense networks take two operations per parameter and tok.
    scenario.write_text(SCENARIO.format(duration=HOURS + SLACK + 8, shared=shared, trace=TRACE, requests=requests, slack=SLACK, watts=WATTS,
                                        strategy=strategy, peak=2e9 * 1000 / seconds))
    subprocess.run([swarmsim, "run", scenario, "-o", result, "--progress", "never"], check=True, capture_output=True)
    said = subprocess.run([swarmsim, "info", result, "--summary", "json"], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def shift(swarmsim, folder, shared, strategy, slots):
    jobs = folder / "jobs.csv"
    with open(jobs, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["job_id", "arrival_min", "duration_min"])
        out.writerows([hour, hour * 60, slots * 60] for hour in range(HOURS))
    said = subprocess.run([swarmsim, "shift", "--trace", shared / TRACE, "--zone", "DE", "--jobs", jobs, "--slack", f"{SLACK}h",
                           "--strategy", strategy, "--summary", "json"], check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def seconds_taken(summary):
    return summary["flexible_kwh"] * 3.6e6 / WATTS / summary["flexible_answered"]


def main():
    swarmsim = Path(sys.argv[1]).resolve()
    shared = Path(os.environ.get("SWARM_SHARED", Path(__file__).resolve().parents[2] / "../shared/data")).resolve()
    if not (shared / TRACE).is_file():
        print(f"skipped: real data absent: {TRACE}")
        sys.exit(77)
    factor = 1  # of what a network of so many parameters really takes
    for strategy, slots, seconds in (("none", 1, 0.36), ("non-interrupting", 1, 0.36), ("interrupting", 1, 0.36),
                                     ("non-interrupting", 3, 3 * 3600 - 1), ("interrupting", 3, 3 * 3600 - 1)):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            ran, moved = run(swarmsim, folder, shared, strategy, seconds / factor), shift(swarmsim, folder, shared, strategy, slots)
        if strategy == "none":
            factor = seconds_taken(ran) / seconds
            assert ran["flexible_saving_pct"] == 0
            continue
        assert abs(seconds_taken(ran) - seconds) < 1e-6 * seconds
        print(f"{strategy}, {slots} slots: run {ran['flexible_saving_pct']:.4f} %, calculator {moved['saving_pct']:.4f} %, "
              f"{ran['flexible_answered']} answers, {ran['pieces_resumed']} pieces")
        assert ran["flexible_answered"] == moved["jobs"] == HOURS, (ran["flexible_answered"], moved["jobs"])
        assert ran["requests_late"] == 0
        assert abs(ran["flexible_saving_pct"] - moved["saving_pct"]) < 0.002, strategy
        assert abs(ran["flexible_at_once_g_per_kwh"] / moved["baseline_g_per_kwh"] - 1) < 2e-5, strategy
        assert (ran["pieces_resumed"] > 0) == (strategy == "interrupting" and slots > 1)


if __name__ == "__main__":
    main()
