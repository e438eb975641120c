"""`sweep` that is killed, stopped, divided or out of disk: after going on, the results are those of the study
that nobody disturbed."""
import os
import resource
import signal
import subprocess

import support
from support import BAD_FILE, CHECKPOINTED, DONE, EXECUTABLE, INTERRUPTED, TERMINATED
from sweep_support import ENDLESS, GRID, LONG, RUNS, SweepTest, is_alive, read_progress, workers_of

RUNS_FAILED = 3


class Disturbed(SweepTest):
    whole = None  # digest of the study, done by one worker in one go

    def setUp(self):
        super().setUp()
        self.study(scenario=LONG)
        if Disturbed.whole is None:
            self.succeed("sweep", "study.toml", "-o", "whole", "--jobs", "1")
            Disturbed.whole = self.digest("whole/study.h5")

    def begin(self, *arguments, **options):
        return self.start("sweep", "study.toml", "-o", "d", "--jobs", "2", "--progress", "json", *arguments,
                          **options)

    def finish(self, *arguments):
        """Goes on to the end, and finds what there should be."""
        done = self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2", *arguments)
        self.assertEqual(self.counts("d"), (RUNS, 0, 0))
        self.assertEqual(self.digest("d/study.h5"), self.whole)
        self.assertEqual(os.listdir(self.path("d/checkpoints")), [])
        self.assertEqual(os.listdir(self.path("d/logs")), [])
        return done


class Killed(Disturbed):
    def kill(self, at, whole_group):
        """Kills a sweep when `at` runs are done and others at work; nothing of it survives."""
        sweep = self.begin(start_new_session=True)
        self.assertIsNotNone(read_progress(sweep, lambda p: p["done"] >= at and p["running"] == 2))
        workers = workers_of(sweep)
        self.assertEqual(len(workers), 2)
        if whole_group:
            os.killpg(sweep.pid, signal.SIGKILL)
        else:
            sweep.kill()
        sweep.communicate(timeout=60)
        self.assertEqual(sweep.returncode, -signal.SIGKILL)
        self.wait_until(lambda: not any(map(is_alive, workers)), "the workers to follow their parent")

    def test_twice_and_resumed(self):
        done = []
        for at, whole_group in ((3, False), (11, True)):
            self.kill(at, whole_group)
            said = self.status("d")
            self.assertGreaterEqual(said["done"], at)
            self.assertGreater(said["missing"], 0)
            self.assertEqual((said["failed"], said["damaged_lines"]), (0, 0))
            self.assertFalse(os.path.exists(self.path("d/study.h5")))
            done.append(said["done"])
        self.assertIn(f"d: {done[1]} of 24 runs are done, going on with {RUNS - done[1]}",
                      self.finish().stderr)
        # What was done before was not done again: a line per run.
        lines = sum(self.read(f"d/results/{name}").count(b'{"run":')
                    for name in os.listdir(self.path("d/results")))
        self.assertEqual(lines, RUNS)

    # Each of these runs would go on for hours.
    def test_long_runs_end_with_their_parent(self):
        self.study(scenario=ENDLESS)
        sweep = self.begin()
        self.wait_until(lambda: len(workers_of(sweep)) == 2, "two workers")
        workers = workers_of(sweep)
        sweep.kill()
        sweep.communicate(timeout=60)
        try:
            self.wait_until(lambda: not any(map(is_alive, workers)), "the workers to follow their parent")
        finally:
            for worker in filter(is_alive, workers):
                os.kill(worker, signal.SIGKILL)
        self.assertEqual(self.counts("d"), (0, 0, RUNS))

    def test_collecting_what_there_is(self):
        self.kill(5, False)
        done = self.status("d")["done"]
        self.succeed("sweep", "collect", "d")
        study = self.collected("d/study.h5")
        self.assertEqual((study["status"] == 0).sum(), done)
        self.assertEqual((study["status"] == 2).sum(), RUNS - done)
        self.assertEqual((study["energy_kwh"] > 0).sum(), done)
        self.assertNotEqual(self.digest("d/study.h5"), self.whole)
        self.finish()


class Signalled(Disturbed):
    def stop(self, number, code, *arguments):
        before = self.counts("d")[0] if os.path.exists(self.path("d")) else 0
        sweep = self.begin(*arguments)
        self.assertIsNotNone(read_progress(sweep, lambda p: p["done"] >= before + 2 and p["running"] == 2))
        sweep.send_signal(number)
        out, messages = sweep.communicate(timeout=60)
        self.assertEqual((sweep.returncode, out), (code, ""), messages)
        words = f"d: stopped by {signal.Signals(number).name}; the runs at work have saved checkpoints"
        self.assertIn(words, messages)
        _, failed, missing = self.counts("d")
        self.assertEqual(failed, 0)
        self.assertGreater(missing, 0)

    def test_stopped_three_times_and_resumed(self):
        for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED),
                             (signal.SIGUSR1, CHECKPOINTED)):
            self.stop(number, code)
            self.assertLessEqual(len(os.listdir(self.path("d/checkpoints"))), 2)  # of runs at work
        self.finish()

    # The order may come when workers have just been started and cannot listen yet: no run may be blamed.
    def test_stopped_at_once(self):
        for _ in range(5):
            sweep = self.begin()
            self.wait_until(lambda: os.path.exists(self.path("d/manifest.json")) and workers_of(sweep),
                            "a worker")
            sweep.send_signal(signal.SIGINT)
            _, messages = sweep.communicate(timeout=60)
            self.assertEqual(sweep.returncode, INTERRUPTED, messages)
            self.assertEqual(self.counts("d")[1], 0)
        self.finish()

    # A cluster may tell the workers and not only the sweep: their runs go on in others.
    def test_workers_that_others_stop(self):
        sweep = self.begin()
        self.assertIsNotNone(read_progress(sweep, lambda p: p["done"] >= 2 and p["running"] == 2))
        for worker, number in zip(workers_of(sweep), (signal.SIGUSR1, signal.SIGTERM)):
            os.kill(worker, number)
        _, messages = sweep.communicate(timeout=120)
        self.assertEqual(sweep.returncode, DONE, messages)
        self.assertEqual(self.digest("d/study.h5"), self.whole)


class Resumed(SweepTest):
    """One long run that stops in the middle: going on begins there and not at the start."""

    def check(self, keep, number, code):
        study = GRID.replace("values = [0.05, 0.1, 0.2, 0.3]", "values = [0.1]").replace("[0, 50]",
                                                "[0]").replace("replicates = 3",
                                                               f'replicates = 1\nkeep = "{keep}"')
        self.study(study, LONG.replace('"4d"', '"60d"'))
        self.succeed("sweep", "study.toml", "-o", "whole")
        sweep = self.start("sweep", "study.toml", "-o", "d", "--progress", "json")
        before = read_progress(sweep, lambda p: p["share"] > 0.3)["share"]
        sweep.send_signal(number)
        sweep.communicate(timeout=60)
        self.assertEqual(sweep.returncode, code)
        self.assertEqual(len(os.listdir(self.path("d/checkpoints"))), 1)
        if keep == "full":
            self.assertEqual(os.listdir(self.path("d/runs")), ["run-000000.h5.partial"])
        sweep = self.start("sweep", "study.toml", "-o", "d", "--progress", "json")
        shares = []
        read_progress(sweep, lambda p: shares.append(p["share"]))
        sweep.communicate(timeout=60)
        self.assertEqual(sweep.returncode, DONE)
        self.assertEqual([share for share in shares if 0 < share < before], [])
        self.assertEqual(os.listdir(self.path("d/checkpoints")), [])
        self.assertEqual(self.digest("d/study.h5"), self.digest("whole/study.h5"))
        if keep == "full":
            self.assertEqual(os.listdir(self.path("d/runs")), ["run-000000.h5"])
            self.assertEqual(self.digest("d/runs/run-000000.h5"), self.digest("whole/runs/run-000000.h5"))

    def test_from_its_checkpoint(self):
        self.check("summary", signal.SIGINT, INTERRUPTED)

    def test_from_its_checkpoint_and_file(self):
        self.check("full", signal.SIGUSR1, CHECKPOINTED)


class CrashedWorkers(Disturbed):
    def test_one_failed_run_each(self):
        sweep = self.begin()
        self.assertIsNotNone(read_progress(sweep, lambda p: p["done"] >= 2 and p["running"] == 2))
        for worker, number in zip(workers_of(sweep), (signal.SIGSEGV, signal.SIGKILL)):
            os.kill(worker, number)
        out, messages = sweep.communicate(timeout=120)
        self.assertEqual(sweep.returncode, RUNS_FAILED, messages)
        self.assertIn("22 done, 2 failed, 0 missing", out)
        self.assertIn("once more: swarmsim sweep retry-failed d", messages)
        failures = self.failures("d")
        self.assertEqual(sorted(f["signal"] for f in failures), ["11", "9"])
        for f in failures:
            self.check_failure(f)
        self.assertEqual(self.counts("d"), (22, 2, 0))
        self.assertNotEqual(self.digest("d/study.h5"), self.whole)
        # They are left alone until they are asked for, and then there is nothing more to do.
        self.assertEqual(self.swarmsim("sweep", "study.toml", "-o", "d").returncode, RUNS_FAILED)
        self.assertEqual(self.counts("d"), (22, 2, 0))
        self.succeed("sweep", "retry-failed", "d", "--jobs", "2")
        self.assertEqual(self.failures("d"), [])
        self.assertEqual(self.digest("d/study.h5"), self.whole)
        self.assertIn("d: no run has failed", self.succeed("sweep", "retry-failed", "d").stderr)
        self.reproduces(failures[0])

    def check_failure(self, f):
        row = self.rows("d/design.csv")[int(f["run"])]
        self.assertEqual([f[k] for k in ("run", "point", "replicate", "id")],
                         [row[k] for k in ("run", "point", "replicate", "id")])
        self.assertEqual((f["attempts"], f["exit_code"]), ("1", "0"))
        self.assertIn(f"the process was ended by signal {f['signal']}", f["message"])
        self.assertIn(f["log"], ("logs/local-0.log", "logs/local-1.log"))
        self.assertIn(f"--set pricing.markup={row['markup']} ", f["command"])

    def reproduces(self, f):
        """The command of a failure does that run: what it came to once it was repeated."""
        ran = self.shell(f["command"])
        self.assertEqual(ran.returncode, DONE, ran.stderr)
        collected = self.collected("d/study.h5")["carbon_location_g"].reshape(-1)
        value = self.figure(f"run-{f['run']}.h5", "carbon_location_g")
        self.assertEqual(value, collected[int(f["run"])])
        self.assertGreater(len(set(collected.tolist())), 1)  # so that the right one is told from another


class Divided(Disturbed):
    def test_parts_at_the_same_time(self):
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        parts = [self.start("sweep", "part", "d", f"{i}/3", "--jobs", "1") for i in range(3)]
        for part in parts:
            out, messages = part.communicate(timeout=120)
            self.assertEqual((part.returncode, out), (DONE, ""), messages)
        self.assertEqual(self.counts("d"), (RUNS, 0, 0))
        done = {name: self.read(f"d/results/{name}").count(b'{"run":')
                for name in os.listdir(self.path("d/results"))}
        self.assertEqual(done, {f"part-{i}-of-3-0.jsonl": 8 for i in range(3)})
        self.succeed("sweep", "collect", "d")
        self.assertEqual(self.digest("d/study.h5"), self.whole)
        self.assertEqual(os.listdir(self.path("d/logs")), [])

    def test_a_part_that_ends_leaves_the_logs_of_the_others(self):
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.write("d/logs/part-1-of-3-0.log", "")
        self.succeed("sweep", "part", "d", "0/3")
        self.assertEqual(os.listdir(self.path("d/logs")), ["part-1-of-3-0.log"])

    def test_a_part_is_resumed(self):
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        part = self.start("sweep", "part", "d", "0/2", "--jobs", "1", "--progress", "json")
        self.assertIsNotNone(read_progress(part, lambda p: p["done"] >= 2))
        part.send_signal(signal.SIGUSR1)
        part.communicate(timeout=60)
        self.assertEqual(part.returncode, CHECKPOINTED)
        self.succeed("sweep", "part", "d", "0/2", "--jobs", "1")
        self.assertEqual(self.counts("d"), (12, 0, 12))
        self.finish()  # the rest, by a sweep of the whole


class FullDisk(Disturbed):
    def test_results_that_cannot_be_written(self):
        def limited():
            # A file of results begins with two lines of some 23 kB that say what its values mean; a run has 2.4 kB.
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))

        done = subprocess.run([EXECUTABLE, "sweep", "study.toml", "-o", "d", "--jobs", "2"], cwd=self.folder,
                              env=self.environment(), preexec_fn=limited,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stdout), (BAD_FILE, ""), done.stderr)
        self.assertRegex(done.stderr, r"results/local-\d.jsonl: results cannot be written \(File too large\)")
        self.assertIn("make room, then continue the study; what was done is kept.", done.stderr)
        said = self.status("d")
        self.assertGreater(said["done"], 0)
        self.assertGreater(said["missing"], 0)
        self.assertEqual((said["failed"], said["damaged_lines"]), (0, 0))
        for name in os.listdir(self.path("d/results")):
            # Nothing at all where a worker was stopped in its first run.
            self.assertIn(self.read(f"d/results/{name}")[-2:], (b"", b"}\n"), name)
        self.finish()


if __name__ == "__main__":
    support.main()
