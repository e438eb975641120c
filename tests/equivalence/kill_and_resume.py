#!/usr/bin/python3
"""A run that is killed or stopped at any moment, and resumed until it is done, is the run that nobody disturbed.

usage: kill_and_resume.py SWARMSIM
"""
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

SCENARIO = """
regions = ["BD", "KE", "DE"]
[run]
start = "2022-01-09T12:00Z"
warmup = "4h"
duration = "32h"
step = "5min"
cache_dir = "cache"
[population]
agents = 300
[specialists]
hidden_1 = 32
hidden_2 = 16
lineages = 2
training_samples = 2000
[workload]
requests_per_hour = 9000
burstiness = 0.3
[pricing]
rule = "justice"
[market]
admission = "priority"
[record]
chunk_steps = 40
agents = 20
"""
STEPS = 36 * 12
KILLS_WANTED = 14
SEED = 20220109


class Failure(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Failure(what)


class Bench:
    """A folder with a scenario, and the program run on it."""

    def __init__(self, swarmsim, folder):
        self.swarmsim = swarmsim
        self.folder = folder
        (folder / "kill.toml").write_text(SCENARIO, "utf-8")

    def start(self, *arguments):
        return subprocess.Popen([self.swarmsim, "run", *arguments], cwd=self.folder, text=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def run(self, *arguments):
        """Runs to the end; what was said on standard error."""
        process = self.start(*arguments)
        said = process.communicate(timeout=300)[1]
        expect(process.returncode == 0, f"run {' '.join(arguments)}: exit {process.returncode}: {said}")
        return said

    def digest(self, name):
        said = subprocess.run([self.swarmsim, "info", name, "--digest"], cwd=self.folder, text=True, capture_output=True,
                              timeout=60)
        expect(said.returncode == 0, f"info {name}: exit {said.returncode}: {said.stderr}")
        return said.stdout.strip()

    def path(self, name):
        return self.folder / name

    def left_clean(self, name):
        for ending in (".partial", ".ckpt", ".partial.tmp", ".closing"):
            expect(not self.path(name + ending).exists(), f"{name}{ending} was left behind")


def stop_after_steps(process, steps, number):
    """Sends a signal when the run has reported a step beyond `steps`; (exit code, what was said)."""
    said = ""
    for line in process.stderr:
        if line.startswith("{") and json.loads(line)["step"] > steps and process.poll() is None:
            process.send_signal(number)
            break
        said += line
    said += process.communicate(timeout=300)[1]
    return process.returncode, said


def wait_at_most(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def wait_for(process, path):
    while process.poll() is None and not path.exists():
        time.sleep(0.001)


def killed_runs(bench, whole, seconds):
    """SIGKILL at random moments, then other threads and shards at each resumption."""
    rng = random.Random(SEED)
    kills, before_first_checkpoint, after_a_checkpoint, runs = 0, 0, 0, 0
    variants = [(), ("--threads", "1"), ("--threads", "2", "--set", "engine.shards=2"), ("--set", "engine.shards=0")]
    while kills < KILLS_WANTED or before_first_checkpoint < 2 or after_a_checkpoint < 3:
        runs += 1
        name = f"killed_{runs}.h5"
        killed_here = 0
        while True:
            if bench.path(name + ".ckpt").exists() and killed_here % 2 == 1:
                arguments = ["--resume", name]  # the checkpoint brings the scenario
            else:
                arguments = ["kill.toml", "--resume", name]
            arguments += ["--checkpoint-every", "1h", *variants[(runs + killed_here) % len(variants)]]
            process = bench.start(*arguments)
            # The first attempt of a run dies early or as soon as there is a file, the others anywhere; after a few
            # the run may end.
            had_checkpoint = False
            if killed_here == 0 and runs % 2 == 1:
                wait_for(process, bench.path(name + ".partial"))
            elif killed_here < 6:
                wait_at_most(process, rng.uniform(0, (0.2 if killed_here == 0 else 1.1) * seconds))
            else:
                wait_at_most(process, 300)
            if process.poll() is None:
                had_checkpoint = bench.path(name + ".ckpt").exists()
                process.send_signal(signal.SIGKILL)
            said = process.communicate(timeout=300)[1]
            if process.returncode == 0:
                break
            expect(process.returncode == -signal.SIGKILL, f"{name}: exit {process.returncode}: {said}")
            kills += 1
            killed_here += 1
            before_first_checkpoint += not had_checkpoint
            after_a_checkpoint += had_checkpoint
            if bench.path(name + ".partial").exists():
                bench.digest(name + ".partial")  # it opens, whatever the moment
        expect(bench.digest(name) == whole, f"{name}: killed {killed_here} times, its digest differs")
        bench.left_clean(name)
    print(f"{runs} runs killed {kills} times ({before_first_checkpoint} before the first checkpoint): digests equal")


def signalled_runs(bench, whole):
    """Polite signals: their exit codes, a checkpoint at once, and the same digest after resuming."""
    rng = random.Random(SEED + 1)
    cases = [(signal.SIGINT, 130, True), (signal.SIGTERM, 143, True), (signal.SIGUSR1, 75, True), (signal.SIGUSR1, 75, False),
             (signal.SIGTERM, 143, False)]
    for number, code, periodic in cases:
        name = f"{number.name}_{int(periodic)}.h5"
        # A stride longer than the run, so that only the signal can have caused the checkpoint.
        every = ["--checkpoint-every", "10d"] if periodic else []
        process = bench.start("kill.toml", "-o", name, "--progress", "json", *every)
        got, said = stop_after_steps(process, rng.randrange(STEPS // 2), number)
        expect(got == code, f"{number.name}: exit {got}, not {code}: {said}")
        expect(not bench.path(name).exists() and bench.path(name + ".partial").exists(), f"{number.name}: files are wrong")
        saved = periodic or number == signal.SIGUSR1
        expect(bench.path(name + ".ckpt").exists() == saved, f"{number.name}: checkpoint {'absent' if saved else 'unasked for'}")
        said = bench.run("kill.toml", "--resume", name, "--set", "engine.shards=2")
        expect(("resuming after step" in said) == saved, f"{number.name}: resumed from the wrong place: {said}")
        expect(bench.digest(name) == whole, f"{number.name}: the digest differs after resuming")
        bench.left_clean(name)
    print(f"{len(cases)} runs stopped politely: exit codes and digests as expected")


def stale_checkpoint(bench, whole):
    """A run begun anew does not fall back on the checkpoint of an earlier run of that name."""
    process = bench.start("kill.toml", "-o", "stale.h5", "--progress", "json", "--set", "run.seed=2")
    expect(stop_after_steps(process, STEPS // 4, signal.SIGUSR1)[0] == 75, "SIGUSR1 did not stop the run")
    process = bench.start("kill.toml", "-o", "stale.h5", "--progress", "json")
    code, said = stop_after_steps(process, STEPS // 4, signal.SIGKILL)
    expect(code == -signal.SIGKILL, f"exit {code}: {said}")
    said = bench.run("kill.toml", "--resume", "stale.h5")
    expect("starting from step 0" in said, f"the stale checkpoint was used: {said}")
    expect(bench.digest("stale.h5") == whole, "after a stale checkpoint the digest differs")


def killed_after_the_last_rename(bench, whole):
    """A finished file beside its checkpoint: what a kill between the last rename and the last clean-up leaves."""
    process = bench.start("kill.toml", "-o", "late.h5", "--progress", "json")
    expect(stop_after_steps(process, STEPS // 4, signal.SIGUSR1)[0] == 75, "SIGUSR1 did not stop the run")
    checkpoint = bench.path("late.h5.ckpt").read_bytes()
    bench.run("kill.toml", "--resume", "late.h5")
    bench.path("late.h5.ckpt").write_bytes(checkpoint)
    said = bench.run("--resume", "late.h5")
    expect("nothing to resume" in said, f"a finished run was resumed: {said}")
    expect(bench.digest("late.h5") == whole, "a finished run was changed")
    bench.left_clean("late.h5")


def mutants_are_caught(bench, whole):
    """The comparison sees other results, and a changed scenario is not resumed."""
    bench.run("kill.toml", "-o", "other.h5", "--set", "workload.burstiness=0.31")
    expect(bench.digest("other.h5") != whole, "another scenario has the same digest")
    process = bench.start("kill.toml", "-o", "mixed.h5", "--progress", "json")
    expect(stop_after_steps(process, STEPS // 4, signal.SIGUSR1)[0] == 75, "SIGUSR1 did not stop the run")
    process = bench.start("kill.toml", "--resume", "mixed.h5", "--set", "workload.burstiness=0.31")
    said = process.communicate(timeout=300)[1]
    expect(process.returncode == 2 and "another scenario" in said, f"a changed scenario was resumed: {process.returncode} {said}")


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory(prefix="swarm_kill_") as folder:
        bench = Bench(arguments[0], pathlib.Path(folder))
        bench.path("cache").mkdir()
        bench.run("kill.toml", "-o", "warm_up.h5")  # fills the cache of base specialists
        start = time.monotonic()
        bench.run("kill.toml", "-o", "whole.h5", "--checkpoint-every", "1h")
        seconds = time.monotonic() - start
        whole = bench.digest("whole.h5")
        try:
            expect(bench.digest("warm_up.h5") == whole, "checkpoints change the digest")
            killed_runs(bench, whole, seconds)
            signalled_runs(bench, whole)
            stale_checkpoint(bench, whole)
            killed_after_the_last_rename(bench, whole)
            mutants_are_caught(bench, whole)
        except Failure as failure:
            print(f"FAILED: {failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
