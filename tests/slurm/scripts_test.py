"""The batch scripts of a study, without a cluster, and what they make of signals and exit codes.

usage: scripts_test.py EXECUTABLE [unittest options]
"""
import os
import re
import shutil
import signal
import subprocess
import time

from studies import RUNS, STUDY, StudyTest
import support
from support import BAD_INPUT


class WithoutSlurm(StudyTest):
    def refused(self, *words, folder="out", **options):
        done = self.swarmsim("sweep", "study.toml", "-o", folder, "--backend", "slurm", **options)
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_no_slurm_here(self):
        self.refused("Slurm: scontrol is not there (this machine has no Slurm)", "--backend local",
                     env=self.environment(PATH="/nowhere"))

    def test_folders_that_slurm_cannot_name(self):
        os.mkdir(self.path("bin"))
        self.write("bin/scontrol", "#!/bin/sh\necho MaxArraySize = 100\n")
        os.chmod(self.path("bin/scontrol"), 0o755)
        for folder, what in {"a\\b": "backslash", "a\nb": "control character"}.items():
            self.refused(f"the folder has a {what} in its name", "choose another folder", folder=folder,
                         env=self.environment(PATH=self.path("bin")))
            self.assertFalse(os.path.exists(self.path(f"{folder}/slurm")))

    def test_a_time_limit_without_time_for_the_warning(self):
        line = STUDY.splitlines().index('time = "10min"') + 1
        cases = [("179s", "2min", True), ("180s", "2min", False), ("10min", "541s", True)]
        for limit, lead, refused in cases:
            text = STUDY.replace('"10min"', f'"{limit}"') + f'signal_lead = "{lead}"\n'
            self.write("study.toml", text)
            if refused:
                self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "out", "--backend", "slurm",
                            says=f"study.toml:{line}:8: a time limit of ")
            else:
                self.succeed("sweep", "study.toml", "-o", "fits", "--backend", "slurm", "--no-submit")


class Parts(StudyTest):
    def test_a_part_leaves_the_logs_of_others_alone(self):
        self.succeed("sweep", "plan", "study.toml", "-o", "out")
        # Of processes that have nothing to say yet.
        others = ["part-1-of-2-0.log", "part-0-of-20-0.log", "slurm-7_1.log"]
        for log in others:
            self.write(f"out/logs/{log}", "")
        self.succeed("sweep", "part", "out", "0/2", "--jobs", "2")
        self.assertEqual(sorted(os.listdir(self.path("out/logs"))), sorted(others))


class Scripts(StudyTest):
    """The batch script with another program and another scontrol, as processes of this machine."""

    def setUp(self):
        super().setUp()
        self.succeed("sweep", "study.toml", "-o", "out", "--backend", "slurm", "--no-submit")

    def test_the_shell_accepts_them(self):
        for name in ("array", "collect"):
            script = self.path(f"out/slurm/{name}.sbatch")
            subprocess.run(["bash", "-n", script], check=True)
            if shutil.which("shellcheck"):
                said = subprocess.run(["shellcheck", script], stdout=subprocess.PIPE, text=True)
                self.assertEqual(said.returncode, 0, said.stdout)

    def begin(self, name, program, restarts=0, requeue="exit 0"):
        folder = self.path(name)
        os.mkdir(folder)
        scontrol = f"echo \"$@\" >> {folder}/asked\n{requeue}"
        for file, content in {"program": program, "scontrol": scontrol}.items():
            self.write(f"{name}/{file}", f"#!/bin/bash\n{content}\n")
            os.chmod(f"{folder}/{file}", 0o755)
        script = re.sub(r"(?m)^program=.*$", f"program={folder}/program", self.text("out/slurm/array.sbatch"))
        self.write(f"{name}/script", script)
        env = self.environment(SLURM_ARRAY_JOB_ID="7", SLURM_ARRAY_TASK_ID="4", SLURM_CPUS_PER_TASK="6",
                               SLURM_RESTART_COUNT=str(restarts), HERE=folder,
                               PATH=f"{folder}:{os.environ['PATH']}")
        return subprocess.Popen(["bash", f"{folder}/script"], env=env, stdout=subprocess.PIPE, text=True)

    def test_what_it_makes_of_signals_and_exit_codes(self):
        ready = "touch $HERE/ready; while :; do sleep 0.02; done"
        saves = f"trap 'exit 75' USR1; trap 'exit 143' TERM; {ready}"
        slow = f"trap 'touch $HERE/told; sleep 2; exit 75' USR1; {ready}"
        usr1, term = [signal.SIGUSR1], [signal.SIGTERM]
        back, unable = "saved; back to the queue", "cannot be requeued; submit again to continue"
        # name: program, signals, further settings; exit code, its last words, whether it asks to be requeued
        cases = {
            "done": ("exit 0", [], {}, 0, "ends with exit code 0", False),
            "failed": ("exit 3", [], {}, 3, "ends with exit code 3", False),
            "warned": (saves, usr1, {}, 0, back, True),
            "warned_once_more": (saves, usr1, {"restarts": 99}, 0, back, True),
            "warned_too_often": (saves, usr1, {"restarts": 100}, 75, "ends with exit code 75", False),
            "not_ready": (ready, usr1, {}, 0, back, True),
            "no_requeue": (saves, usr1, {"requeue": "exit 1"}, 75, "ends with exit code 75", True),
            "cancelled": ("exit 143", [], {}, 143, "ends with exit code 143", False),
            "shell_cancelled": (saves, term, {}, 75, "ends with exit code 75", False),
            "cancelled_when_warned": (slow, usr1 + term, {}, 75, "ends with exit code 75", False),
            "stopped_by_others": ("exit 75", [], {}, 0, back, True),
            "killed_by_others": ("kill -USR1 $$; sleep 1", [], {}, 138, "ends with exit code 138", False),
        }
        says = {"no_requeue": unable,
                "cancelled_when_warned": "cancelled; saved", "shell_cancelled": "cancelled; saved",
                "warned_too_often": "gives up after 100 restarts; submit again to continue"}
        begun = {name: self.begin(name, case[0], **case[2]) for name, case in cases.items()}
        for name, (_, signals, _, _, _, _) in cases.items():
            for number, sign in zip(signals, ("ready", "told")):
                self.wait_for_file(f"{name}/{sign}")
                begun[name].send_signal(number)
        for name, (_, _, _, code, last, asks) in cases.items():
            with self.subTest(name):
                out, _ = begun[name].communicate(timeout=30)
                self.assertEqual(begun[name].returncode, code, out)
                self.assertEqual(out.splitlines()[-1].split(" task 7_4: ")[1], last)
                self.assertIn(says.get(name, ""), out)
                asked = self.text(f"{name}/asked") if os.path.exists(self.path(f"{name}/asked")) else ""
                self.assertEqual(asked, "requeue 7_4\n" if asks else "")

    def wait_for_file(self, name):
        deadline = time.monotonic() + 30
        while not os.path.exists(self.path(name)):
            self.assertLess(time.monotonic(), deadline, f"{name} does not come")
            time.sleep(0.01)

    def test_what_it_asks_the_program_for(self):
        begun = self.begin("asked_for", "printf '%s|' \"$@\"")
        folder = self.path("out")
        self.assertIn(f"sweep|part|{folder}|4/{RUNS}|--jobs|6|--threads|6|--attempts|1|",
                      begun.communicate()[0])


if __name__ == "__main__":
    support.main()
