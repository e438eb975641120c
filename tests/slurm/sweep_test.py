"""Studies through a real Slurm: warned, out of time, cancelled, killed, crashed, submitted by hand, refused.

usage: sweep_test.py EXECUTABLE [unittest options]
"""
import csv
import os
import pathlib
import re
import shutil
import signal
import sys

import h5py
import numpy as np

from cluster import Cluster, SlurmError
from studies import RUNS, RUNS_FAILED, STUDY, StudyTest
import support
from support import BAD_INPUT, EXECUTABLE

ODD = "a b \"c\" 'd' 100%A #e $f @DIR@"


def pending(pid):
    """Signals that a process has not taken yet."""
    masks = re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return {number for number in signal.valid_signals() if sum(int(m, 16) >> (number - 1) & 1 for m in masks)}


class OnACluster(StudyTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster = cls.enterClassContext(Cluster(os.path.join(cls.root, "slurm")))
        cls.cluster.env.pop("SWARMSIM_SIMD", None)
        cls.cluster.env["XDG_CACHE_HOME"] = cls.cache

    def environment(self, **changes):
        return {**self.cluster.env, **changes}

    def submit(self, *arguments, runs, tasks, folder="out"):
        """The numbers of the array and of the collector."""
        said = self.succeed("sweep", *arguments, "--backend", "slurm")
        pattern = rf": {runs} runs in {tasks} tasks submitted as job (\d+), the collector as job (\d+)\n$"
        numbers = re.search(pattern, said.stdout)
        self.assertTrue(numbers, said.stdout)
        self.assertEqual(self.text(f"{folder}/slurm/jobs.txt").split(), list(numbers.groups()))
        return numbers.groups()

    def states(self, jobs, timeout=60):
        """State, exit code and restarts of each task, and of the collector."""
        try:
            found = self.cluster.wait_for(jobs, timeout)
        except SlurmError as error:
            logs = pathlib.Path(self.folder).glob("*/logs/*")
            self.fail("\n".join([str(error), *(f"--- {log.name}\n{log.read_text()}" for log in logs)]))
        return [{task.get("ArrayTaskId", ""): (task["JobState"], task["ExitCode"], task["Restarts"])
                 for task in found[job]} for job in jobs]

    def process(self, *words):
        """Its process, if there is one with these words in a row among its arguments."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                said = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if said[0] == EXECUTABLE and any(said[i:i + len(words)] == list(words) for i in range(len(said))):
                return int(pid)
        return None

    def worker(self, run):
        return self.process("work", self.path("out"), f"part-{run}-of-{RUNS}-0")

    def freeze(self, runs):
        """Stops these runs in the middle."""
        def ready(run):
            pid = self.worker(run)
            if pid and os.path.exists(self.path(f"out/results/part-{run}-of-{RUNS}-0.jsonl")):
                ticks = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11]
                if int(ticks) >= 10:
                    os.kill(pid, signal.SIGSTOP)
                    frozen[run] = pid
            return run in frozen
        frozen = {}
        self.cluster.wait_until(60, f"the runs {runs} to be at work",
                                lambda: all([run in frozen or ready(run) for run in runs]))
        return frozen

    def warn(self, array, runs, frozen):
        """As Slurm does before a time limit; waits until they are queued again."""
        for run in runs:
            self.cluster.warn(f"{array}_{run}")
        for run in runs:
            worker = frozen[run]
            self.cluster.wait_until(60, "it to be told", lambda: signal.SIGUSR1 in pending(worker))
            os.kill(worker, signal.SIGCONT)
        for run in runs:
            log = f"out/logs/slurm-{array}_{run}.log"
            self.cluster.wait_until(60, "the task to go back",
                                    lambda: "saved; back to the queue\n" in self.text(log))

    def collected(self):
        """status of the runs in their order, and whether they have figures."""
        with h5py.File(self.path("out/study.h5")) as file:
            return list(file["status"][()].ravel()), list(~np.isnan(file["requests_served"][()].ravel()))

    def expect_collected(self, failed, missing):
        status, figures = self.collected()
        self.assertEqual(status, [1 if run in failed else 2 if run in missing else 0 for run in range(RUNS)])
        self.assertEqual(figures, [run not in failed and run not in missing for run in range(RUNS)])

    def damage(self, name):
        content = bytearray(self.read(name))
        content[len(content) // 2] ^= 1
        self.write(name, bytes(content))

    def checkpoints(self):
        return set(os.listdir(self.path("out/checkpoints")))

    def test_a_study_to_which_everything_happens(self):
        self.write_study(days=200)
        config = self.cluster.output("scontrol", "show", "config")
        self.assertRegex(config, r"(?m)^AccountingStorageType += (\(null\)|accounting_storage/none)$")
        array, collector = self.submit("study.toml", "-o", "out", runs=RUNS, tasks=RUNS)
        self.assertEqual(self.tasks_asked_for("out"), "0-11")
        warned, spoilt, late, killed, cancelled, crashed = 1, 3, 4, 6, 8, 11
        frozen = self.freeze([warned, spoilt, late, killed, cancelled, crashed])
        checkpoint = {int(row["run"]): f"run-{int(row['run']):06}-{row['id']}.ckpt" for row in self.design("out")}

        self.cluster.time_out(f"{array}_{late}")
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "out", "--backend", "slurm",
                    says=["out: this study is in the queue already", f"as job {array} and {collector} ",
                          f"scancel {array} {collector}.\n"])
        self.warn(array, [warned, spoilt], frozen)
        self.assertEqual(self.checkpoints(), {checkpoint[warned], checkpoint[spoilt]})
        self.damage(f"out/checkpoints/{checkpoint[spoilt]}")
        os.kill(self.process("part", self.path("out"), f"{killed}/{RUNS}"), signal.SIGKILL)
        os.kill(frozen[crashed], signal.SIGSEGV)
        os.kill(frozen[crashed], signal.SIGCONT)
        self.cluster.output("scancel", f"{array}_{cancelled}")
        self.succeed("sweep", "study.toml", "-o", "reference")
        reference = self.digest("reference/study.h5")

        tasks, collecting = self.states([array, collector], timeout=90)
        expected = {str(run): ("COMPLETED", "0:0", "0") for run in range(RUNS)}
        expected.update({str(run): ("COMPLETED", "0:0", "1") for run in (warned, spoilt)})
        expected.update({str(killed): ("FAILED", "137:0", "0"), str(crashed): ("FAILED", "3:0", "0")})
        # Told by Slurm and by the shell, it says who was first: TERM or USR1.
        for run, state in {late: "TIMEOUT", cancelled: "CANCELLED"}.items():
            expected[str(run)] = (state, "75:0" if tasks[str(run)][1] == "75:0" else "143:0", "0")
        self.assertEqual(tasks, expected)
        self.assertEqual(collecting, {"": ("COMPLETED", "0:0", "0")})
        self.expect_collected(failed={crashed}, missing={late, killed, cancelled})
        self.check_logs(array, warned, spoilt)
        # Cancelled or out of time, a task has a moment to save; a killed one has not.
        self.assertEqual(self.checkpoints(), {checkpoint[late], checkpoint[cancelled]})
        self.check_failures(self.design("out")[crashed])
        self.mend_and_finish(reference, {late, killed, cancelled}, crashed)

    def check_logs(self, array, warned, spoilt):
        for run in (warned, spoilt):
            log = self.text(f"out/logs/slurm-{array}_{run}.log")
            said = re.findall(rf"(?m)^\S+ task {array}_{run}: (.*)$", log)
            host = os.uname().nodename
            self.assertEqual(said, [f"starts on {host}, restart 0 of at most 100", "saved; back to the queue",
                                    f"starts on {host}, restart 1 of at most 100", "ends with exit code 0"])
        # Who is resumed reads the checkpoint: the spoilt one is noticed, the other one is not complained of.
        self.assertIn("the run starts anew", self.text(f"out/logs/part-{spoilt}-of-{RUNS}-0.log"))
        self.assertFalse(os.path.exists(self.path(f"out/logs/part-{warned}-of-{RUNS}-0.log")))

    def check_failures(self, row):
        line, = csv.DictReader(self.text("out/failures.tsv").splitlines(), delimiter="\t")
        log, command = line.pop("log"), line.pop("command")
        self.assertEqual(line, {**{name: row[name] for name in ("run", "point", "replicate", "id")},
                                "attempts": "1", "exit_code": "0", "signal": str(int(signal.SIGSEGV)),
                                "message": "the process was ended by signal 11 (Segmentation fault)"})
        self.assertEqual(log, f"logs/part-{row['run']}-of-{RUNS}-0.log")
        self.assertTrue(os.path.exists(self.path(f"out/{log}")))
        for words in ("swarmsim run ", "tiny.toml", f"--set pricing.markup={row['markup']}",
                      f"--set workload.load={row['load']}", f"--seed {row['seed']} "):
            self.assertIn(words, command)

    def mend_and_finish(self, reference, missing, crashed):
        jobs = self.submit("study.toml", "-o", "out", runs=len(missing), tasks=len(missing))
        self.assertEqual(self.tasks_asked_for("out"), ",".join(map(str, sorted(missing))))
        tasks, _ = self.states(jobs)
        self.assertEqual(tasks, {str(run): ("COMPLETED", "0:0", "0") for run in missing})
        self.expect_collected(failed={crashed}, missing=set())
        self.assertEqual(self.checkpoints(), set())
        left = self.swarmsim("sweep", "study.toml", "-o", "out", "--backend", "slurm")
        self.assertEqual((left.returncode, left.stderr.splitlines()[-1]), (RUNS_FAILED, "nothing to submit"))

        self.write("study.toml", STUDY.replace("10min", "25min"))
        jobs = self.submit("retry-failed", "out", runs=1, tasks=1)
        self.assertEqual(self.tasks_asked_for("out"), str(crashed))
        self.assertIn("#SBATCH --time=25\n", self.text("out/slurm/array.sbatch"))
        self.states(jobs)
        self.expect_collected(failed=set(), missing=set())
        self.assertEqual(self.digest("out/study.h5"), reference)
        self.assertEqual(self.text("out/failures.tsv").count("\n"), 1)
        again = self.succeed("sweep", "study.toml", "-o", "out", "--backend", "slurm")
        self.assertEqual(again.stderr, "nothing to submit\n")
        self.assertEqual(self.text("out/slurm/jobs.txt").split(), list(jobs))
        os.remove(self.path("out/study.h5"))
        again = self.succeed("sweep", "study.toml", "-o", "out", "--backend", "slurm")
        self.assertEqual(again.stderr, "nothing to submit; to collect: swarmsim sweep collect out\n")

    def test_scripts_are_submitted_by_hand_from_a_folder_with_an_odd_name(self):
        self.write_study(more='tasks = 5\nmemory = "1G"\npartition = "test"\n'
                              'options = ["--comment=\\"by hand\\""]\n')
        self.succeed("sweep", "study.toml", "-o", "reference")
        # Scripts are written where no Slurm is.
        said = self.succeed("sweep", "study.toml", "-o", ODD, "--backend", "slurm", "--no-submit",
                            env=self.environment(PATH="/nowhere")).stdout.splitlines()
        self.assertEqual(said[0], f"{self.path(ODD)}/slurm: scripts for 5 tasks written; submit them with:")
        self.assertEqual(sorted(os.listdir(self.path(f"{ODD}/slurm"))), ["array.sbatch", "collect.sbatch"])
        self.assertFalse(os.listdir(self.path(f"{ODD}/results")))
        done = self.cluster.output("bash", "-c", f"{said[1]} && echo $job", cwd="/").split()
        array, collector = done[-1], done[-2]
        tasks, collecting = self.states([array, collector])
        self.assertEqual(tasks, {str(task): ("COMPLETED", "0:0", "0") for task in range(5)})
        self.assertEqual(collecting, {"": ("COMPLETED", "0:0", "0")})
        fields = self.cluster.tasks(array)[0]
        wanted = {"JobName": "price_and_load", "MinMemoryNode": "1G", "CPUs/Task": "1", "Requeue": "1",
                  "TimeLimit": "00:10:00", "Comment": "by hand"}
        self.assertEqual({name: fields[name].strip() for name in wanted}, wanted)
        self.assertEqual(self.digest(f"{ODD}/study.h5"), self.digest("reference/study.h5"))
        logs = [f"slurm-{array}_{task}.log" for task in range(5)] + [f"slurm-collect-{collector}.log"]
        self.assertEqual(sorted(os.listdir(self.path(f"{ODD}/logs"))), sorted(logs))

    def test_what_slurm_refuses(self):
        self.write("study.toml", STUDY + 'partition = "nowhere"\n')
        submission = "sweep", "study.toml", "-o", "out", "--backend", "slurm"
        done = self.swarmsim(*submission)
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, ""))
        self.assertIn("Slurm: sbatch failed (sbatch: error: invalid partition specified: nowhere",
                      done.stderr)
        # The array is not left without a collector: both are submitted, or none.
        self.write("study.toml", STUDY)
        os.mkdir(self.path("bin"))
        self.write("bin/sbatch", f'#!/bin/sh\ncase "$*" in *--dependency*) echo no room >&2; exit 1;; esac\n'
                                 f'exec {shutil.which("sbatch")} "$@"\n')
        os.chmod(self.path("bin/sbatch"), 0o755)
        path = f"{self.path('bin')}:{self.cluster.env['PATH']}"
        done = self.swarmsim(*submission, env=self.environment(PATH=path))
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, ""))
        self.assertIn("sbatch failed (no room)", done.stderr)
        array = self.text("out/slurm/jobs.txt").strip()
        tasks = self.cluster.wait_for([array], 30)[array]
        self.assertEqual({task["JobState"] for task in tasks}, {"CANCELLED"})


def main():
    if os.geteuid() != 0:
        print("skipped: not root: slurmd starts jobs only as root")
        return 77
    return support.main()


if __name__ == "__main__":
    sys.exit(main())
