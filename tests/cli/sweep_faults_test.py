"""`sweep` where something is wrong: runs that fail, damaged files, folders and studies that do not fit."""
import os
import re
import shutil
import signal

import support
from bad_scenario_test import HOURS, trace
from support import BAD_FILE, BAD_INPUT, DONE, INTERRUPTED, SMALL
from sweep_support import ENDLESS, GRID, LONG, RUNS, SweepTest, read_progress

RUNS_FAILED = 3
NOBODY = 65534


class Failures(SweepTest):
    def test_a_trace_that_is_gone(self):
        self.study("""[study]
scenario = "s.toml"
replicates = 2
[[factor]]
name = "grid"
levels = [{name = "profile"}, {name = "trace", scenario = "t.toml"}]
""")
        self.write("t.toml", 'extends = "s.toml"\n[grid]\nsource = "trace"\ntrace = "t.csv"\n')
        self.write("t.csv", trace(HOURS))
        self.succeed("sweep", "study.toml", "-o", "whole")
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        shutil.move(self.path("t.csv"), self.path("elsewhere.csv"))
        done = self.swarmsim("sweep", "study.toml", "-o", "d")
        self.assertEqual(done.returncode, RUNS_FAILED, done.stderr)
        self.assertIn("2 done, 2 failed, 0 missing", done.stdout)
        self.assertIn("run 2: ", done.stderr)
        failures = self.failures("d")
        self.assertEqual([(f["run"], f["point"], f["replicate"], f["attempts"], f["exit_code"], f["signal"])
                          for f in failures],
                         [("2", "1", "0", "1", "2", "0"), ("3", "1", "1", "1", "2", "0")])
        self.assertIn("t.csv: trace file not found", failures[0]["message"])
        self.assertIn("run 2: ", self.read(f"d/{failures[0]['log']}").decode())
        self.assertEqual(self.collected("d/study.h5")["status"].tolist(), [[0, 0], [1, 1]])
        # A part says so as long as one of its runs has failed, also when it leaves that run alone.
        before = self.read("d/results/local-0.jsonl")
        self.assertEqual(self.swarmsim("sweep", "part", "d", "0/2").returncode, RUNS_FAILED)
        self.assertEqual(self.read("d/results/local-0.jsonl"), before)
        # The command repeats the failure too.
        ran = self.shell(failures[1]["command"])
        self.assertEqual(ran.returncode, BAD_INPUT)
        self.assertIn("t.csv: trace file not found", ran.stderr)
        # Once more in vain, and then with the trace.
        self.assertEqual(self.swarmsim("sweep", "retry-failed", "d").returncode, RUNS_FAILED)
        self.assertEqual([f["attempts"] for f in self.failures("d")], ["2", "2"])
        shutil.move(self.path("elsewhere.csv"), self.path("t.csv"))
        self.succeed("sweep", "retry-failed", "d")
        self.assertEqual(self.failures("d"), [])
        self.assertEqual(self.digest("d/study.h5"), self.digest("whole/study.h5"))

    def test_relative_paths_count_from_the_study(self):
        for name in ("studies", "other"):
            os.mkdir(self.path(name))
        self.write("studies/s.toml", SMALL)
        self.write("studies/study.toml", """[study]
scenario = "s.toml"
set = ["grid.source=trace"]
[[factor]]
key = "grid.trace"
values = ["t.csv", "gone.csv"]
""")
        self.write("studies/t.csv", trace(HOURS))
        self.write("t.csv", "not,a\ntrace\n")
        done = self.swarmsim("sweep", "studies/study.toml", "-o", "d")
        self.assertEqual(done.returncode, RUNS_FAILED, done.stderr)
        failure, = self.failures("d")
        self.assertIn("studies/gone.csv: trace file not found", failure["message"])
        ran = self.shell(failure["command"], cwd=self.path("other"))
        self.assertEqual(ran.returncode, BAD_INPUT)
        self.assertIn("studies/gone.csv: trace file not found", ran.stderr)
        # Gone on with from another folder it is the same study, and a file named by --set lies beside it, too.
        self.write("studies/gone.csv", trace(HOURS))
        self.succeed("sweep", "retry-failed", "../d", cwd=self.path("other"))
        self.succeed("sweep", "../studies/study.toml", "-o", "../d", cwd=self.path("other"))
        self.assertEqual(self.counts("d"), (2, 0, 0))
        self.write("studies/two.toml", "[study]\nscenario = 's.toml'\n[[factor]]\nkey = 'pricing.markup'\nvalues = [0.1]\n")
        self.succeed("sweep", "studies/two.toml", "-o", "e", "--set", "grid.source=trace", "--set", "grid.trace=t.csv")

    def test_a_table_of_points_that_changed(self):
        self.study('[study]\nscenario = "s.toml"\ndesign = "csv"\nfile = "points.csv"\n')
        self.write("points.csv", "pricing.markup\n0.1\n0.2\n")
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.write("points.csv", "pricing.markup\n0.1\n")
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d", says="it had 2 points, it has 1")
        self.assertEqual(self.succeed("sweep", "plan", "study.toml", "-o", "one").stdout, "one: 1 point, 1 replicate, 1 run planned\n")
        self.refuse(BAD_INPUT, "sweep", "part", "d", "0/1",
                    says="points.csv: this table of points has changed since the study was planned")
        self.succeed("sweep", "collect", "d")  # needs no table

    def test_what_one_run_needs_too_much_of(self):
        text = GRID.replace("[0.05, 0.1, 0.2, 0.3]", "[0.1]").replace("[0, 50]", "[600, 1e12]")
        self.study(text.replace("pricing.carbon_price_usd_per_t", "workload.requests_per_hour"))
        done = self.swarmsim("sweep", "study.toml", "-o", "d")
        self.assertEqual(done.returncode, BAD_INPUT, done.stderr)
        self.assertRegex(done.stderr, r"a run at a time would need about \d+\.\d GB of memory")
        self.assertEqual(self.counts("d"), (0, 0, 6))


class Damage(SweepTest):
    def test_of_a_line_of_results(self):
        self.study()
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "1")
        whole, digest = self.collected("d/study.h5"), self.digest("d/study.h5")
        lines = self.read("d/results/local-0.jsonl").split(b"\n")
        number = next(i for i, line in enumerate(lines) if line.startswith(b'{"run":7,'))
        lines[number] = re.sub(rb'(?<="values":\[)\d', lambda m: b"%d" % (9 - int(m[0])), lines[number])
        self.write("d/results/local-0.jsonl", b"\n".join(lines))
        words = f"d/results/local-0.jsonl:{number + 1}:1: a line of results is damaged (its checksum"
        for _ in range(2):
            done = self.swarmsim("sweep", "collect", "d")
            self.assertEqual(done.returncode, BAD_FILE)
            self.assertIn(words, done.stderr)
            self.assertIn("23 done, 0 failed, 1 missing", done.stdout)
        self.assertEqual(self.status("d")["damaged_lines"], 1)
        left = self.collected("d/study.h5")
        for name, values in whole.items():
            if values.shape[:3] != (4, 2, 3):
                continue
            flat, others = left[name].reshape(RUNS, -1), values.reshape(RUNS, -1)
            for run in range(RUNS):
                if run != 7:
                    self.assertEqual(flat[run].tobytes(), others[run].tobytes(), (name, run))
        self.assertNotEqual(self.digest("d/study.h5"), digest)
        # The same command repairs it, and then the past is past.
        self.assertIn("d: 23 of 24 runs are done, going on with 1",
                      self.succeed("sweep", "study.toml", "-o", "d").stderr)
        self.assertEqual(self.digest("d/study.h5"), digest)
        self.assertNotIn("damaged", self.succeed("sweep", "collect", "d").stderr)
        self.assertEqual(self.digest("d/study.h5"), digest)

    def test_of_the_plan(self):
        self.study()
        self.refuse(BAD_FILE, "sweep", "status", "d",
                    says="d: is not the folder of a study (it holds no manifest.json)")
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        manifest = self.read("d/manifest.json")
        self.write("d/manifest.json", manifest[:200])
        for arguments in (("status", "d"), ("collect", "d"), ("part", "d", "0/1"), ("retry-failed", "d"),
                          ("study.toml", "-o", "d")):
            self.refuse(BAD_FILE, "sweep", *arguments, says="d/manifest.json: cannot be understood (")
        self.write("d/manifest.json", manifest)
        self.write("d/design.csv", self.read("d/design.csv")[:300])
        self.refuse(BAD_FILE, "sweep", "status", "d", says="d/design.csv: cannot be understood (")


class Refusals(SweepTest):
    def test_another_study_in_the_folder(self):
        self.study()
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        digest = self.digest("d/study.h5")
        for change, words in (("study.replicates=4", "it had 3 replicates, it has 4"),
                              ("study.seed=2", "run 0 has another seed"),
                              ("run.duration=2h", "the scenario of run 0 is another one"),
                              ("study.common_random_numbers=false", "run 3 has another seed")):
            self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d", "--set", change,
                        says=["d: this folder holds another study: " + words,
                              "choose another folder with -o"])
        self.write("study.toml", GRID.replace("[0, 50]", "[0, 60]"))
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d",
                    says="its factors were others, or had other values")
        self.study(scenario=SMALL.replace("agents = 50", "agents = 51"))
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d", says="the scenario of run 0 is another one")
        # What changes no result may change: words, places, how it is done.
        text = "# what it was for\n" + GRID.replace("What does it cost?", "And why?")
        self.study(text, SMALL + "[engine]\nshards = 2\n")
        self.succeed("sweep", "study.toml", "-o", "d", "--threads", "1")
        self.assertEqual(self.digest("d/study.h5"), digest)

    def test_a_scenario_that_changed_after_planning(self):
        self.study()
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.write("s.toml", SMALL.replace("agents = 50", "agents = 51"))
        self.assertEqual(self.swarmsim("sweep", "part", "d", "0/24").returncode, RUNS_FAILED)
        self.succeed("sweep", "collect", "d")
        failure, = self.failures("d")
        self.assertEqual(failure["exit_code"], "2")
        self.assertIn("s.toml: this scenario, or the program, has changed since the study was planned",
                      failure["message"])

    def test_a_study_that_moved(self):
        self.study()
        os.mkdir(self.path("old"))
        for name in ("s.toml", "study.toml"):
            shutil.move(self.path(name), self.path(f"old/{name}"))
        self.succeed("sweep", "plan", "old/study.toml", "-o", "old/d")
        shutil.move(self.path("old"), self.path("new"))
        self.succeed("sweep", "new/study.toml", "-o", "new/d", "--jobs", "2")

    def test_two_sweeps_in_one_folder(self):
        self.study(scenario=LONG)
        first = self.start("sweep", "study.toml", "-o", "d", "--jobs", "1", "--progress", "json")
        self.assertIsNotNone(read_progress(first, lambda p: p["running"] > 0))
        for arguments in (("study.toml", "-o", "d"), ("study.toml", "-o", "d", "--jobs", "1"), ("part", "d", "0/2")):
            second = self.swarmsim("sweep", *arguments)
            self.assertEqual((second.returncode, second.stdout), (BAD_FILE, ""))
            self.assertIn("d/lock: is being written by another run", second.stderr)
        self.assertIsNone(first.poll())
        self.succeed("sweep", "status", "d")  # to look on is allowed
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
        self.assertEqual(first.returncode, INTERRUPTED)

    def test_a_sweep_beside_a_part(self):
        self.study(scenario=LONG)
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        part = self.start("sweep", "part", "d", "0/2", "--jobs", "1", "--progress", "json")
        self.assertIsNotNone(read_progress(part, lambda p: p["running"] > 0))
        second = self.swarmsim("sweep", "study.toml", "-o", "d")
        self.assertEqual((second.returncode, second.stdout), (BAD_FILE, ""))
        self.assertIn("d/lock: is being written by another run", second.stderr)
        part.send_signal(signal.SIGINT)
        part.communicate(timeout=60)
        self.assertEqual(part.returncode, INTERRUPTED)

    def test_folders_that_cannot_be_written(self):
        self.study(scenario=ENDLESS)
        self.write("notes.txt", "precious")
        self.refuse(BAD_FILE, "sweep", "study.toml", "-o", "notes.txt/d",
                    says="notes.txt/d: cannot be created")
        self.refuse(BAD_FILE, "sweep", "study.toml", "-o", "/proc/d", says="/proc/d: cannot be created")
        os.mkdir(self.path("shut"), 0o555)
        options = {}
        if os.geteuid() == 0:  # nothing is read-only to root
            options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            try:
                if self.swarmsim("version", **options).returncode != DONE:
                    raise OSError
            except OSError:
                self.skipTest("run as root, and user nobody cannot start the executable")
        self.refuse(BAD_FILE, "sweep", "study.toml", "-o", "shut/d",
                    says="shut/d: cannot be created (Permission denied", **options)
        self.assertEqual(self.files("shut"), [])

    def test_collecting_replaces_results_only(self):
        self.study()
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.write("notes.txt", "precious")
        os.mkdir(self.path("folder"))
        for output, words in [("notes.txt", "the output exists and is not a result file"),
                              ("folder", "the output is a directory"),
                              ("no/s.h5", "the output directory does not exist")]:
            self.refuse(BAD_FILE, "sweep", "collect", "d", "-o", output, says=[output, words])
        self.assertEqual(self.read("notes.txt"), b"precious")
        for _ in range(2):
            self.succeed("sweep", "collect", "d", "-o", "s.h5")
        self.assertEqual(self.listing(), ["d", "folder", "notes.txt", "s.h5", "s.toml", "study.toml"])


if __name__ == "__main__":
    support.main()
