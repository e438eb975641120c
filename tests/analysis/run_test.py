"""The reader of one run's file: every dataset of docs/format.md, partial files, and files that are none."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
import tomllib

import h5py
import numpy
import support
from study_file import Factor, Outcome, write_study
from swarmsim_analysis import ResultError, Run

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \| (\w+) \|", re.M)
KINDS = {"f64": "f", "u32": "u", "i64": "i", "u8": "u", "i8": "i", "text": "O"}


def documented():
    """{group: [(dataset, type, dimensions, unit, kind)]} of docs/format.md."""
    with open(os.path.join(support.ROOT, "docs", "format.md"), encoding="utf-8") as file:
        parts = re.split(r"^## /(\w+)$", file.read(), flags=re.M)
    found = {}
    for group, text in zip(parts[1::2], parts[2::2]):
        rows = [[cell.strip() for cell in row] for row in ROW.findall(text)]
        found[group] = [(name, type_, () if shape == "scalar" else tuple(shape.split(" × ")), unit, kind)
                        for name, type_, shape, unit, kind in rows]
    return found


class Whole(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.swarmsim("run", cls.scenario("flat"), "--replicates", "2", "--set", "pricing.markup=0.2")

    def setUp(self):
        self.run_ = Run(self.path("flat.r1.h5"))
        self.addCleanup(self.run_.close)

    def test_every_documented_dataset(self):
        groups = documented()
        self.assertEqual(set(groups), set(self.run_.groups))
        with h5py.File(self.path("flat.r1.h5"), "r") as file:
            for group, rows in groups.items():
                data = getattr(self.run_, group)
                self.assertGreater(len(rows), 2)
                for name, type_, dims, unit, kind in rows:
                    found = data[name]
                    self.assertEqual((found.dims, found.dtype.kind), (dims, KINDS[type_]), f"/{group}/{name}")
                    self.assertEqual((found.attrs["units"], found.attrs["kind"]), (unit, kind),
                                     f"/{group}/{name}")
                    self.assertTrue(found.attrs["long_name"])
                    raw = file[f"{group}/{name}"][()]
                    if type_ == "text":
                        raw = numpy.array([text.decode() for text in raw], object)
                    numpy.testing.assert_array_equal(found.values, raw, f"/{group}/{name}")
                # Nothing beside them but coordinates.
                extra = {"step", "time"} if group != "summary" else set()
                self.assertEqual(set(data.data_vars) - extra, {row[0] for row in rows})
                self.assertIs(data, getattr(self.run_, group))

    def test_time_is_decoded(self):
        times = self.run_.region["time"].values
        self.assertEqual(times[0], numpy.datetime64("2022-01-03T00:00"))
        self.assertTrue((numpy.diff(times) == numpy.timedelta64(5, "m")).all())
        self.assertEqual(self.run_.region.sizes["time"], 30)
        self.assertEqual(self.run_.region["in_warmup"].values[:, 0].sum(), 6)
        self.assertEqual(self.run_.region["region"].values.tolist(), ["BD", "KE", "DE"])

    def test_root_attributes(self):
        run = self.run_
        self.assertEqual((run.scenario_name, run.replicate, run.master_seed, run.finished),
                         ("flat", 1, 1, True))
        self.assertEqual(run.overrides, ["pricing.markup=0.2", f"run.seed={run.seed}"])
        with open(self.path("flat.toml"), encoding="utf-8") as file:
            self.assertEqual(run.scenario, file.read())
        self.assertEqual(run.settings, tomllib.loads(run.scenario_effective))
        self.assertEqual((run.settings["pricing"]["markup"], run.settings["region"][1]["name"]), (0.2, "KE"))
        self.assertEqual(run.title, run.provenance["title"])
        with h5py.File(run.path, "r") as file:
            self.assertEqual(run.provenance, dict(file.attrs))
            self.assertEqual(run.seed, file.attrs["seed"])
        self.assertIsInstance(run.seed, int)
        self.assertIn("flat, seed", repr(run))
        self.assertNotIn("not finished", repr(run))

    def test_summary_as_the_program_prints_it(self):
        said = json.loads(self.swarmsim("info", "flat.r1.h5", "--summary", "json"))
        for name, value in said.items():
            if isinstance(value, (int, float)):
                self.assertEqual(self.run_.summary[name].item(), value, name)
        self.assertEqual(self.run_.summary["served_share_by_region"].values.tolist(),
                         said["served_share_by_region"])

    def test_values_are_read_when_they_are_looked_at(self):
        self.assertFalse(self.run_.region["energy_kwh"].variable._in_memory)
        self.assertGreater(float(self.run_.region["energy_kwh"].sum()), 0)

    def test_closed(self):
        with Run(self.path("flat.r0.h5")) as run:
            self.assertGreater(float(run.summary["energy_kwh"]), 0)
            self.assertIsNone(Run(self.path("flat.r0.h5")).provenance.get("absent"))
        for group in ("region", "summary"):
            self.refuses(ResultError, ["flat.r0.h5", "closed"], getattr, run, group)
        run.close()
        self.assertEqual(run.replicate, 0)  # what was read at the start stays

    def test_groups_that_were_not_recorded(self):
        self.swarmsim("run", "flat.toml", "--set", "record.agents=0", "--set", "record.decisions=0", "-o",
                      "bare.h5")
        with Run(self.path("bare.h5")) as run:
            self.assertNotIn("agent", run.groups)
            self.refuses(ResultError, ["bare.h5", "/agent", "record.agents"], getattr, run, "agent")
            self.refuses(ResultError, ["bare.h5", "/decision", "record.decisions"], getattr, run, "decision")
            self.assertIsNone(run.replicate)


class Partial(support.AnalysisTest):
    """A run that goes on, was killed, was stopped; each against the same run when it was finished."""

    @classmethod
    def prepare(cls):
        cls.scenario("flat")

    def begin(self, name):
        command, options = self.command("run", "flat.toml", "--duration", "30d", "--checkpoint-every", "1h",
                                        "-o", name, "--progress", "never", "--summary", "json")
        going = subprocess.Popen(command, **options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (going.kill(), going.wait()))
        self.wait_for(lambda: os.path.exists(self.path(name + ".ckpt")))
        return going

    def wait_for(self, happened):
        for _ in range(3000):
            if happened():
                return
            time.sleep(0.02)
        self.fail("it did not happen within a minute")

    def rows(self, path):
        with Run(path) as run:
            return run.region.sizes["time"]

    def test_going_killed_resumed(self):
        partial = self.path("a.h5.partial")
        going = self.begin("a.h5")
        os.kill(going.pid, signal.SIGSTOP)  # it must still be going while it is read
        with Run(partial) as run:
            first = run.region.load()
            self.assertFalse(run.finished)
            self.assertIn("not finished", repr(run))
            self.refuses(ResultError, ["a.h5.partial", "/summary", "--resume"], getattr, run, "summary")
            self.assertGreater(run.decision.sizes["decision"], 0)
        self.assertIsNone(going.poll())
        os.kill(going.pid, signal.SIGCONT)
        self.wait_for(lambda: self.rows(partial) > first.sizes["time"])  # opened anew, it has grown
        self.refuses(ResultError, ["a.h5: ", "no such file", "a.h5.partial"], Run, self.path("a.h5"))
        os.kill(going.pid, signal.SIGKILL)
        going.wait()
        self.check_copies_of_its_beginning(partial)
        with Run(partial) as run:
            killed = {group: getattr(run, group).load() for group in run.groups}
        self.assertGreater(first.sizes["time"], 0)
        self.assertGreaterEqual(killed["region"].sizes["time"], first.sizes["time"])
        self.swarmsim("run", "--resume", "a.h5")
        with Run(self.path("a.h5")) as whole:
            self.assertTrue(whole.finished)
            self.assertLessEqual(killed["region"].sizes["time"], whole.region.sizes["time"])
            self.assertTrue(first.equals(whole.region.isel(time=slice(first.sizes["time"])).load()))
            for group, data in killed.items():
                axis = "decision" if group == "decision" else "time"
                same = getattr(whole, group).isel({axis: slice(data.sizes[axis])})[list(data.data_vars)]
                self.assertTrue(data.equals(same.load()), group)

    def check_copies_of_its_beginning(self, partial):
        """They are refused, or HDF5 refuses their values; left alone it would wait forever for the rest."""
        with open(partial, "rb") as file:
            whole = file.read()
        refused = 0
        for share in (0.0002, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.99):
            copy = self.write("beginning.h5.partial", whole[:int(len(whole) * share)])
            try:
                with Run(copy) as run:
                    for group in run.groups:
                        getattr(run, group).load()
            except (OSError, RuntimeError) as error:
                refused += isinstance(error, ResultError)
        self.assertGreater(refused, 3)

    def test_rows_beyond_the_growing_coordinate(self):
        """Datasets are written before their coordinate: after a kill between, they are longer."""
        going = self.begin("b.h5")
        os.kill(going.pid, signal.SIGUSR1)
        self.assertEqual(going.wait(timeout=60), 75)
        with Run(self.path("b.h5.partial")) as run:
            before = {group: getattr(run, group).load() for group in run.groups}
            self.assertFalse(run.finished)
        with h5py.File(self.path("b.h5.partial"), "r+") as file:
            for group, axis in (("region", "time"), ("decision", "decision")):
                for name in file[group]:
                    if name != axis and file[group][name].maxshape[0] is None:
                        file[group][name].resize(file[group][name].shape[0] + 5, axis=0)
        with Run(self.path("b.h5.partial")) as run:
            for group, data in before.items():
                self.assertTrue(data.equals(getattr(run, group).load()), group)


class NoResults(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.swarmsim("run", cls.scenario("flat"), "-o", "flat.h5")
        with open(cls.path("flat.h5"), "rb") as file:
            cls.whole = file.read()

    def refused(self, name, *words):
        self.refuses(ResultError, [self.path(name), *words], Run, self.path(name))

    def test_other_files(self):
        self.refused("absent.h5", "no such file")
        os.mkdir(self.path("folder"))
        self.refused("folder", "is a folder")
        self.write("text.h5", "hello\n")
        self.write("empty.h5", b"")
        self.refused("text.h5", "not an HDF5 file")
        self.refused("empty.h5", "not an HDF5 file")
        with h5py.File(self.path("foreign.h5"), "w") as file:
            file["x"] = [1, 2, 3]
        self.refused("foreign.h5", "not the result of one run", "None")
        write_study(self.path("study.h5"), [Factor("x", [1.0])], [Outcome("y", lambda p, s, r: 1)])
        self.refused("study.h5", "collected results of a study", "Study")
        shutil.copy(self.path("flat.h5"), self.path("newer.h5"))
        with h5py.File(self.path("newer.h5"), "r+") as file:
            file.attrs["format_version"] = 2
        self.refused("newer.h5", "format version 2", "up to 1")

    def test_truncated(self):
        for share in (0.0005, 0.01, 0.3, 0.7, 0.95, 1 - 1 / len(self.whole)):
            self.write("cut.h5", self.whole[:int(len(self.whole) * share)])
            self.refused("cut.h5", "truncated, damaged")

    def test_damaged_headers(self):
        """Headers of groups and datasets carry checksums."""
        at, headers = -1, []
        while (at := self.whole.find(b"OHDR", at + 1)) >= 0:
            headers.append(at)
        self.assertGreater(len(headers), 100)
        for at in headers[::30]:
            self.write("header.h5", self.whole[:at + 8] + b"\xff\xff" + self.whole[at + 10:])
            with self.assertRaises(ResultError) as caught, Run(self.path("header.h5")) as run:
                for group in run.groups:
                    getattr(run, group)
            self.assertIn(self.path("header.h5") + ": ", str(caught.exception))


if __name__ == "__main__":
    support.main()
