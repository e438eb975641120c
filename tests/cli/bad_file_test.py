"""Files that cannot be read or written: exit code 4 before any work, and nothing half-written."""
import os
import shutil
import signal
import subprocess

import support
from support import BAD_FILE, CliTest, DONE, EXECUTABLE, SMALL, TERMINATED

NOBODY = 65534
# Training alone would take hours: an answer within the time limit shows that the output was looked at before it.
ENDLESS = SMALL.replace("training_samples = 200", "training_samples = 1000000000")


class BadOutput(CliTest):
    def test_said_before_any_work(self):
        self.write("s.toml", ENDLESS)
        self.write("notes.txt", "precious")
        os.mkdir(self.path("folder"))
        os.mkfifo(self.path("pipe"))
        for output, *words in [("nowhere/a.h5", "the output directory does not exist", "create nowhere first"),
                               ("notes.txt/a.h5", "the output directory is no directory"),
                               ("folder", "the output is a directory"), ("pipe", "the output is no regular file"),
                               ("/dev/null", "the output is no regular file"), ("/proc/a.h5", "cannot create the file"),
                               ("notes.txt", "exists and is not a result file"), ("s.toml", "exists and is not a result file"),
                               ("a" * 250 + ".h5", "File name too long")]:
            self.refuse(BAD_FILE, "run", "s.toml", "-o", output, says=[output[:100], *words])
        self.assertEqual(self.read("notes.txt"), b"precious")

    def test_read_only_directory(self):
        self.write("s.toml", ENDLESS)
        os.mkdir(self.path("shut"), 0o555)
        options = {}
        if os.geteuid() == 0:  # nothing is read-only to root
            options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            try:
                subprocess.run([EXECUTABLE, "version"], stdout=subprocess.DEVNULL, check=True, **options)
            except (OSError, subprocess.SubprocessError):
                self.skipTest("run as root, and user nobody cannot start the executable")
        self.refuse(BAD_FILE, "run", "s.toml", "-o", "shut/a.h5", says=["shut/a.h5: the output directory is read-only", "-o"], **options)
        self.assertEqual(os.listdir(self.path("shut")), [])

    def on_small_disk(self, size, *commands):
        """Shell commands in a mount namespace where ./disk has `size`."""
        script = " && ".join(["mkdir -p disk", f"mount -t tmpfs -o size={size} tmpfs disk"]) + " || exit 77\n" + "\n".join(commands)
        done = subprocess.run(["unshare", "-m", "bash", "-c", script], cwd=self.folder, env=self.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if done.returncode == 77 or "unshare" in done.stderr:
            self.skipTest("no right to mount a small disk")
        return done

    def test_disk_full(self):
        if shutil.which("unshare") is None:
            self.skipTest("unshare is absent")
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml", "-o", "old.h5")
        for size in ("16k", "300k", "400k"):
            done = self.on_small_disk(size, f'"{EXECUTABLE}" run s.toml --duration 30d --set record.compression=0 -o disk/a.h5',
                                      "code=$?", "ls disk", "exit $code")
            self.assertEqual(done.returncode, BAD_FILE, done.stdout + done.stderr)
            self.assertIn("No space left", done.stderr)
            self.assertIn("Free space on that disk", done.stderr)
            # What was flushed may stay, readable; a finished name or temporaries may not.
            self.assertLessEqual(set(done.stdout.split()), {"a.h5.partial"})
        done = self.on_small_disk("600k", "cp old.h5 disk/a.h5",
                                  f'"{EXECUTABLE}" run s.toml --duration 30d --set record.compression=0 -o disk/a.h5', "code=$?",
                                  "cmp old.h5 disk/a.h5 && exit $code")
        self.assertEqual(done.returncode, BAD_FILE, done.stdout + done.stderr)

    def test_two_runs_with_one_output(self):
        self.write("s.toml", SMALL.replace('"1h"', '"365d"'))
        first = self.start("run", "s.toml", "--progress", "json")
        first.stderr.readline()
        for arguments in [("run", "s.toml"), ("run", "s.toml", "--seed", "2"), ("run", "s.toml", "--resume", "s.h5")]:
            second = self.swarmsim(*arguments)
            self.assertEqual(second.returncode, BAD_FILE, second.stderr)
            self.assertIn("is being written by another run", second.stderr)
            self.assertIn("-o", second.stderr)
        self.assertIsNone(first.poll())
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)
        self.assertEqual(first.returncode, TERMINATED)
        self.succeed("info", "s.h5.partial")
        self.assertEqual(self.listing(), ["s.h5.partial", "s.toml"])

    def test_many_runs_at_once_have_one_winner(self):
        self.write("s.toml", SMALL.replace('"1h"', '"60d"'))
        for _ in range(3):
            runs = [self.start("run", "s.toml") for _ in range(6)]
            codes = []
            for run in runs:
                _, messages = run.communicate(timeout=120)
                codes.append(run.returncode)
                if run.returncode != DONE:
                    self.assertIn("is being written by another run", messages)
            self.assertIn(DONE, codes)
            self.assertLessEqual(set(codes), {DONE, BAD_FILE})
            self.assertEqual(self.listing(), ["s.h5", "s.toml"])
            self.digest("s.h5")

    def test_what_a_killed_run_left_is_taken_over(self):
        self.write("s.toml", SMALL)
        self.write("s.h5.partial.tmp", "half")
        self.write("s.h5.partial", "half")
        self.succeed("run", "s.toml")
        self.assertEqual(self.listing(), ["s.h5", "s.toml"])


class BadResult(CliTest):
    def test_info(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml")
        whole = self.read("s.h5")
        self.write("cut.h5", whole[:len(whole) // 2])
        self.write("head.h5", whole[:100])
        self.write("empty.h5", "")
        self.write("text.h5", "hello\n")
        os.mkdir(self.path("folder.h5"))
        for name, words in [("cut.h5", "truncated"), ("head.h5", "cannot open the file"), ("empty.h5", "the file is empty"),
                            ("text.h5", "is not an HDF5 file"), ("folder.h5", "is a folder"), ("absent.h5", "there is no such file")]:
            for arguments in [(), ("--digest",), ("--summary", "json")]:
                self.refuse(BAD_FILE, "info", name, *arguments, says=[f"{name}: ", words])

    def test_foreign_hdf5(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("h5py is absent")
        with h5py.File(self.path("other.h5"), "w") as file:
            file["x"] = [1, 2, 3]
        self.refuse(BAD_FILE, "info", "other.h5", says=["other.h5: is an HDF5 file, but not a result of swarmsim"])

    def test_cut_anywhere(self):
        self.write("s.toml", SMALL)
        self.succeed("run", "s.toml")
        whole = self.read("s.h5")
        for k in range(24):
            self.write("d.h5", whole[:len(whole) * k // 24])
            self.refuse(BAD_FILE, "info", "d.h5", says="d.h5: ")
            self.refuse(BAD_FILE, "info", "d.h5", "--digest", says="d.h5: ")

    def test_a_run_that_did_not_finish(self):
        self.write("s.toml", SMALL.replace('"1h"', '"60d"'))
        run = self.start("run", "s.toml", "--progress", "json")
        run.stderr.readline()
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=60)
        self.refuse(BAD_FILE, "info", "s.h5", says=["s.h5: there is no such file", "s.h5.partial", "--resume"])
        self.assertIn("(not finished)", self.succeed("info", "s.h5.partial").stdout)
        self.refuse(BAD_FILE, "info", "s.h5.partial", "--summary", "json", says="has no summary")


if __name__ == "__main__":
    support.main()
