#!/usr/bin/python3
"""What `swarmsim check` predicts of memory and file size, against what a run of middling size takes: within a factor 2.

usage: forecast.py SWARMSIM
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SCENARIO = """
regions = ["BD", "KE", "DE", "IN", "US", "NG", "FR", "GB"]
[run]
start = "2022-01-03T08:00Z" # afternoon where most people live
warmup = 0
duration = "{hours}h"
[population]
agents = {agents}
[workload]
requests_per_hour = {per_hour}
[specialists]
hidden_1 = 8
hidden_2 = 0
lineages = 1
training_samples = 500
"""


def within_twice(what, predicted, measured):
    print(f"{what}: predicted {predicted:.3g}, measured {measured:.3g} ({predicted / measured:.2f})")
    assert 0.5 <= predicted / measured <= 2, what


def bytes_said(said, what):
    found = re.search(rf"^\s*{what}\s+([\d.]+) ([kMGT]?)B", said, re.M)
    assert found, f"'check' says nothing of {what}: {said}"
    return float(found[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[found[2]]


def measure(swarmsim, folder, name, **sizes):
    """Predicted and measured (memory, file size) in bytes."""
    scenario, result = folder / f"{name}.toml", folder / f"{name}.h5"
    scenario.write_text(SCENARIO.format(**sizes))
    said = subprocess.run([swarmsim, "check", scenario], capture_output=True, text=True, check=True).stdout
    memory, file = (bytes_said(said, what) for what in ("memory", "file"))
    run = subprocess.Popen([swarmsim, "run", scenario, "-o", result, "--progress", "never"], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(run.pid, 0)
    assert status == 0, f"{scenario} ended with {status}"
    return memory, used.ru_maxrss * 1024, file, result.stat().st_size


def main():
    swarmsim = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        memory, rss, file, size = measure(swarmsim, folder, "long", hours=72, agents=2000, per_hour=3000)
        within_twice("file of a long run [B]", file, size)
        within_twice("memory of a long run [B]", memory, rss)
        memory, rss, _, _ = measure(swarmsim, folder, "busy", hours=1, agents=2000, per_hour=1_200_000)
        within_twice("memory with many requests [B]", memory, rss)
        memory, rss, _, _ = measure(swarmsim, folder, "crowded", hours=1, agents=1_500_000, per_hour=3000)
        within_twice("memory with many specialists [B]", memory, rss)
        # Mutant: the prediction of another scenario must not do.
        assert not 0.5 <= memory / 4 / rss <= 2


main()
