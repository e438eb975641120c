"""What the suites of `sweep` share: studies, what is in their folders, and their worker processes."""
import csv
import json
import os
import subprocess
import time

from support import CliTest, EXECUTABLE, SMALL

# A run of some tenths of a second: long enough to be met by a signal.
LONG = SMALL.replace('"1h"', '"4d"')
# Training alone would take hours: an answer within the time limit shows that nothing was run before it.
ENDLESS = SMALL.replace("training_samples = 200", "training_samples = 1000000000")
# Two factors, eight points, three replicates.
GRID = """[study]
name = "prices"
question = "What does it cost?"
scenario = "s.toml"
replicates = 3
common_random_numbers = true
[[factor]]
key = "pricing.markup"
values = [0.05, 0.1, 0.2, 0.3]
[[factor]]
key = "pricing.carbon_price_usd_per_t"
name = "carbon_price"
values = [0, 50]
"""
RUNS = 24
# Five points, two replicates.
HYPERCUBE = """[study]
scenario = "s.toml"
design = "lhs"
points = 5
replicates = 2
outcomes = ["energy_kwh", "energy_kwh_by_region"]
[[factor]]
key = "pricing.markup"
min = 0.05
max = 0.3
[[factor]]
name = "rule"
levels = [{name = "flat", set = ["pricing.rule=flat"]}, {name = "justice", set = ["pricing.rule=justice"]}]
"""


class SweepTest(CliTest):
    def study(self, text=GRID, scenario=SMALL, name="study.toml"):
        self.write("s.toml", scenario)
        self.write(name, text)

    def status(self, folder):
        """The counts of `sweep status`."""
        return json.loads(self.succeed("sweep", "status", folder, "--summary", "json").stdout)

    def counts(self, folder):
        said = self.status(folder)
        return said["done"], said["failed"], said["missing"]

    def rows(self, name, delimiter=","):
        with open(self.path(name), newline="") as file:
            return list(csv.DictReader(file, delimiter=delimiter,
                                       quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL))

    def failures(self, folder):
        return self.rows(f"{folder}/failures.tsv", "\t")

    def files(self, folder):
        """All files below a folder, sorted."""
        found = []
        for path, _, names in os.walk(self.path(folder)):
            found += [os.path.relpath(os.path.join(path, name), self.path(folder)) for name in names]
        return sorted(found)

    def collected(self, name):
        """Every variable of a study's file by name."""
        import h5py
        with h5py.File(self.path(name), "r") as file:
            return {key: file[key][()] for key in file}

    def figure(self, name, key):
        import h5py
        with h5py.File(self.path(name), "r") as file:
            return file["summary"][key][()]

    def shell(self, command, cwd=None):
        """A command as people would paste it, with the program on PATH."""
        tools = os.path.join(self.root, "tools")
        if not os.path.isdir(tools):
            os.mkdir(tools)
            os.symlink(EXECUTABLE, os.path.join(tools, "swarmsim"))
        return subprocess.run(["sh", "-c", command], cwd=cwd or self.folder,
                              env=self.environment(PATH=tools + ":" + os.environ["PATH"]),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    def wait_until(self, holds, what):
        for _ in range(6000):
            if holds():
                return
            time.sleep(0.01)
        self.fail(f"waited in vain for {what}")


def workers_of(process):
    """Process ids of the workers of a sweep."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        return [int(pid) for pid in file.read().split()]


def is_alive(pid):
    """Whether a process still runs; one that nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def read_progress(process, enough):
    """Reads lines of --progress json until one is enough; returns it, or None at the end."""
    for line in process.stderr:
        if line.startswith("{"):
            said = json.loads(line)
            if enough(said):
                return said
    return None
