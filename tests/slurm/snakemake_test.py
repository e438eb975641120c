"""Studies through Snakemake: killed in the middle, with runs that fail, among names with blanks.

usage: snakemake_test.py EXECUTABLE [unittest options]
"""
import csv
import os
import pathlib
import signal
import subprocess
import time

import h5py

from studies import SCENARIO, StudyTest
import support
from support import EXECUTABLE

SNAKEFILE = pathlib.Path(__file__).resolve().parents[2] / "analysis" / "Snakefile"
PARTS = 4
LEVELS = """[study]
replicates = 2
[[factor]]
name = "world"
levels = [{name = "plain", scenario = "tiny.toml"}, {name = "other", scenario = "other.toml"},
          {name = "dear", scenario = "tiny.toml", set = ["pricing.markup=0.3"]}]
"""


class Snakemake(StudyTest):
    def command(self, *options, study="study.toml", out="out", program=EXECUTABLE):
        return ["snakemake", "-s", str(SNAKEFILE), "-j", "2", *options, "--config",
                f"study={study}", f"out={out}", f"parts={PARTS}", f"program={program}"]

    def snakemake(self, *options, code=0, **names):
        """What it and the commands that it runs say."""
        done = subprocess.run(self.command(*options, **names), cwd=self.folder, env=self.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=300)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def results(self, out):
        """Finished runs."""
        files = pathlib.Path(self.path(out)).glob("results/*.jsonl")
        return sum(file.read_text().count('"status":"done"') for file in files)

    def at_work(self, out):
        """Processes of this study."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                folder = os.readlink(f"/proc/{pid}/cwd")
            except OSError:
                continue
            if words[1:2] == ["sweep"] and out in words and folder == self.folder:
                found.append(pid)
        return found

    def test_killed_in_the_middle_among_names_with_blanks(self):
        names = {"study": "my study.toml", "out": "my results", "program": self.path("my programs/swarm sim")}
        os.mkdir(self.path("my programs"))
        os.symlink(EXECUTABLE, names["program"])
        self.write_study(days=60)
        os.rename(self.path("study.toml"), self.path(names["study"]))
        self.succeed("sweep", names["study"], "-o", "reference")

        with open(self.path("said"), "w") as said:
            killed = subprocess.Popen(self.command(**names), cwd=self.folder, env=self.environment(),
                                      stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                      start_new_session=True)
        deadline = time.monotonic() + 60
        while self.results(names["out"]) == 0:
            self.assertTrue(time.monotonic() < deadline and killed.poll() is None, self.text("said"))
            time.sleep(0.01)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        while self.at_work(names["out"]):
            self.assertLess(time.monotonic(), deadline, "something survives")
            time.sleep(0.01)
        self.assertFalse(os.path.exists(self.path("my results/study.h5")))
        before = self.results(names["out"])

        # As the head of the Snakefile says.
        self.assertIn("--unlock", self.snakemake(code=1, **names))
        self.snakemake("--unlock", **names)
        self.assertIn("12 done, 0 failed, 0 missing", self.snakemake("--rerun-incomplete", **names))
        self.assertEqual(self.digest("my results/study.h5"), self.digest("reference/study.h5"))
        self.assertGreater(before, 0)
        self.assertEqual(self.results(names["out"]), 12, "finished runs were done again")
        self.assertIn("Nothing to be done", self.snakemake(**names))

    def test_runs_that_fail_do_not_stop_the_collection(self):
        self.write("study.toml", LEVELS)
        self.write("other.toml", SCENARIO.format(days=2))
        self.succeed("sweep", "study.toml", "-o", "reference")
        self.snakemake("--until", "plan")
        self.assertEqual(self.results("out"), 0)
        os.rename(self.path("other.toml"), self.path("gone.toml"))
        self.assertIn("6 runs: 4 done, 2 failed, 0 missing", self.snakemake())
        with h5py.File(self.path("out/study.h5")) as file:
            self.assertEqual(file["status"][()].tolist(), [[0, 0], [1, 1], [0, 0]])
        lines = list(csv.DictReader(self.text("out/failures.tsv").splitlines(), delimiter="\t"))
        self.assertEqual([(line["run"], line["exit_code"], line["signal"]) for line in lines],
                         [("2", "2", "0"), ("3", "2", "0")])
        for line in lines:
            self.assertIn("other.toml", line["message"])
            self.assertIn(f"run {line['run']}: ", self.text(f"out/{line['log']}"))
        os.rename(self.path("gone.toml"), self.path("other.toml"))
        self.succeed("sweep", "retry-failed", "out")
        self.assertEqual(self.digest("out/study.h5"), self.digest("reference/study.h5"))

    def test_a_changed_study_is_refused(self):
        self.snakemake()
        digest = self.digest("out/study.h5")
        study = self.text("study.toml")
        self.write("study.toml", study.replace("0.3", "0.4"))
        self.assertIn("out: this folder holds another study: ", self.snakemake(code=1))
        self.assertEqual(self.digest("out/study.h5"), digest)
        self.write("study.toml", study)
        self.snakemake()
        self.assertEqual(self.digest("out/study.h5"), digest)
        self.assertEqual(self.results("out"), 12, "finished runs were done again")


if __name__ == "__main__":
    support.main()
