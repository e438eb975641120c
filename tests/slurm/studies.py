"""What the tests of studies share: a small study of twelve runs, and a look into its folder."""
import csv
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from support import CliTest  # noqa: E402

RUNS_FAILED = 3
# Of a processor some seconds for 200 days: long enough to be met by a signal.
SCENARIO = """regions = ["BD", "KE"]
[run]
warmup = "0s"
duration = "{days}d"
[population]
agents = 20
[workload]
requests_per_hour = 200
[specialists]
training_samples = 200
"""
STUDY = """[study]
name = "price and load"
scenario = "tiny.toml"
replicates = 3
common_random_numbers = true
[[factor]]
key = "pricing.markup"
values = [0.05, 0.3]
[[factor]]
key = "workload.load"
values = [0.5, 1.0]
[slurm]
time = "10min"
cpus = 1
"""
RUNS = 12


class StudyTest(CliTest):
    def setUp(self):
        super().setUp()
        self.write_study()

    def write_study(self, days=1, more=""):
        self.write("tiny.toml", SCENARIO.format(days=days))
        self.write("study.toml", STUDY + more)

    def design(self, folder):
        with open(self.path(f"{folder}/design.csv")) as file:
            return list(csv.DictReader(file))

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def tasks_asked_for(self, folder):
        return re.search(r"^#SBATCH --array=(.*)$", self.text(f"{folder}/slurm/array.sbatch"), re.M).group(1)
