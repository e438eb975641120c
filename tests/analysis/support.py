"""What the suites of the analysis package share. Run one as  python3 SUITE.py SWARMSIM [unittest options]."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import h5netcdf  # noqa: F401
    import h5py  # noqa: F401
    import matplotlib
    import netCDF4  # noqa: F401
    import pandas  # noqa: F401
    import xarray  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

matplotlib.use("Agg")
GIVEN = len(sys.argv) > 1 and not sys.argv[1].startswith("-")
SWARMSIM = os.path.abspath(sys.argv.pop(1)) if GIVEN else "swarmsim"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# A small world that hardly trains, with a region of the North: a tenth of a second.
SMALL = """regions = ["BD", "KE", "DE"]
[run]
name = "{name}"
warmup = "30min"
duration = "2h"
[population]
agents = 60
[workload]
requests_per_hour = 1200
[specialists]
training_samples = 200
[record]
agents = 4
[pricing]
rule = "{rule}"
"""


class AnalysisTest(unittest.TestCase):
    """All tests of a suite share one folder, with a cache of trained networks."""

    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.realpath(tempfile.mkdtemp(prefix="swarm_analysis_"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.prepare()

    @classmethod
    def prepare(cls):
        """What a suite needs before its tests."""

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def write(cls, name, content):
        with open(cls.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return cls.path(name)

    @classmethod
    def command(cls, *arguments):
        environment = {**os.environ, "XDG_CACHE_HOME": cls.folder}
        return [SWARMSIM, *arguments], {"cwd": cls.folder, "env": environment, "stdin": subprocess.DEVNULL}

    @classmethod
    def swarmsim(cls, *arguments):
        """Runs the program in the folder and returns what it printed."""
        command, options = cls.command(*arguments)
        done = subprocess.run(command, **options, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    @classmethod
    def scenario(cls, name, rule="flat"):
        cls.write(f"{name}.toml", SMALL.format(name=name, rule=rule))
        return f"{name}.toml"

    def refuses(self, kind, words, function, *arguments, **options):
        """Expects this error with all of these words."""
        with self.assertRaises(kind) as caught:
            function(*arguments, **options)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word, str(caught.exception))


def main():
    unittest.main(verbosity=2)
