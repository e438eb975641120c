"""What the suites of the command line share: the executable, a folder of their own, small scenarios.

A suite is run as  python3 SUITE.py EXECUTABLE [unittest options].
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

EXECUTABLE = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "swarmsim"

# Twelve steps of a small world that hardly trains: some hundredths of a second.
SMALL = """regions = ["BD", "KE"]
[run]
warmup = "0d"
duration = "1h"
[population]
agents = 50
[workload]
requests_per_hour = 600
[specialists]
training_samples = 200
[record]
agents = 4
"""

DONE, FAILED, BAD_INPUT, BAD_FILE, CHECKPOINTED, INTERRUPTED, TERMINATED = 0, 1, 2, 4, 75, 130, 143


class CliTest(unittest.TestCase):
    """Each test has an empty folder; all share a cache of trained networks."""

    @classmethod
    def setUpClass(cls):
        cls.root = os.path.realpath(tempfile.mkdtemp(prefix="swarm_cli_"))
        cls.cache = os.path.join(cls.root, "cache")
        os.mkdir(cls.cache)
        os.chmod(cls.root, 0o755)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    def setUp(self):
        self.folder = os.path.join(self.root, self.id().split(".")[-1])
        os.mkdir(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def listing(self):
        return sorted(os.listdir(self.folder))

    def environment(self, **changes):
        # Results do not depend on these; a caller's choice must not decide what the tests see.
        env = {k: v for k, v in os.environ.items() if k not in ("SWARMSIM_SIMD", "COLUMNS")}
        env["XDG_CACHE_HOME"] = self.cache
        env.update(changes)
        return env

    def swarmsim(self, *arguments, env=None, **options):
        options.setdefault("cwd", self.folder)
        return subprocess.run([EXECUTABLE, *arguments], env=env or self.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, **options)

    def start(self, *arguments, **options):
        return subprocess.Popen([EXECUTABLE, *arguments], cwd=self.folder, env=self.environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **options)

    def succeed(self, *arguments, **options):
        done = self.swarmsim(*arguments, **options)
        self.assertEqual(done.returncode, DONE, f"{arguments}: {done.stderr}")
        return done

    def refuse(self, code, *arguments, says=(), **options):
        """Runs, expects this exit code and these words on stderr, nothing on stdout and no change to the folder."""
        before = {name: os.stat(self.path(name)).st_mtime_ns for name in self.listing()}
        done = self.swarmsim(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "", arguments)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, done.stderr, arguments)
        after = {name: os.stat(self.path(name)).st_mtime_ns for name in self.listing()}
        self.assertEqual(before, after, f"{arguments}: something was left behind or touched")
        return done

    def digest(self, name):
        return self.succeed("info", name, "--digest").stdout.strip()


def main():
    unittest.main(verbosity=2)
