"""`sweep`: plans, seeds, results that xarray opens."""
import json
import os

import support
from support import BAD_FILE, BAD_INPUT, SMALL
from sweep_support import ENDLESS, GRID, HYPERCUBE, RUNS, SweepTest


class Plan(SweepTest):
    def test_is_written_before_anything_runs(self):
        self.study(scenario=ENDLESS)
        done = self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.assertEqual(done.stdout, "d: 8 points, 3 replicates, 24 runs planned\n")
        self.assertEqual(self.files("d"), ["design.csv", "lock", "manifest.json"])
        rows = self.rows("d/design.csv")
        self.assertEqual(list(rows[0]), ["run", "point", "replicate", "seed", "id", "markup", "carbon_price"])
        self.assertEqual([(r["markup"], r["carbon_price"], r["replicate"]) for r in rows],
                         [(m, c, k) for m in ("0.05", "0.1", "0.2", "0.3") for c in ("0", "50")
                          for k in "012"])
        self.assertEqual(self.counts("d"), (0, 0, RUNS))
        self.assertIn("24 missing", self.succeed("sweep", "status", "d").stdout)

    def test_is_the_same_in_every_process(self):
        self.study()
        for folder, *options in (("a",), ("b", "--threads", "1"), ("c", "--jobs", "2"),
                                 ("d", "--set", "engine.shards=2", "--set", "run.name=x")):
            self.succeed("sweep", "plan", "study.toml", "-o", folder, *options)
            self.assertEqual(self.read(f"{folder}/design.csv"), self.read("a/design.csv"))
        self.succeed("sweep", "plan", "study.toml", "-o", "e", "--set", "run.duration=2h")
        ids = [[row["id"] for row in self.rows(f"{folder}/design.csv")] for folder in "ae"]
        self.assertEqual(len(set(ids[0] + ids[1])), 2 * RUNS)

    def test_faults_leave_nothing(self):
        text = GRID.replace("pricing.markup", "pricing.markupp").replace("replicates = 3", "replicates = 0")
        self.study(text, ENDLESS)
        for plan in ((), ("plan",)):
            self.refuse(BAD_INPUT, "sweep", *plan, "study.toml", "-o", "d",
                        says=["study.toml:5:14: 'study.replicates' is 0", "did you mean 'pricing.markup'?",
                              "study.toml:7:1: unknown key 'pricing.markupp'"])
        self.study(GRID.replace("0.05", "-4"), ENDLESS)
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d",
                    says="study.toml:7:1: factor 'markup', point 0: 'pricing.markup=-4'")
        self.study(scenario=ENDLESS)
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d", "--set", "run.duratoin=1h",
                    says=["--set: 'run.duratoin=1h'", "did you mean 'duration'?"])
        self.study(GRID.replace("[study]\n", '[study]\noutcomes = ["energy"]\n'), SMALL)
        self.refuse(BAD_INPUT, "sweep", "study.toml", "-o", "d",
                    says="study.toml:2:12: there is no outcome 'energy'")

    def test_warnings(self):
        self.study(HYPERCUBE.replace("lhs", "sobol"))
        said = self.succeed("sweep", "plan", "study.toml", "-o", "d").stderr
        self.assertIn("study.toml: warning: points = 5 is not a power of two", said)

    def test_what_cannot_be_typed(self):
        self.study()
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        for arguments, words in [((), "no study file given"), (("study.toml",), "no folder given"),
                                 (("study.toml", "-o", "x", "more"), "unexpected argument 'more'"),
                                 (("part", "d"), "'part' needs the folder of a study and which part"),
                                 (("part", "d", "3"), "'3' is not a part"),
                                 (("part", "d", "3/3"), "not a whole number from 0 to 2"),
                                 (("part", "d", "0/0"), "not a whole number from 1"),
                                 (("status", "d", "-o", "x"), "-o has no meaning here"),
                                 (("status", "d", "--set", "a=1"), "--set has no meaning here"),
                                 (("statsu", "d"), "did you mean 'status'?"),
                                 (("study.toml", "-o", "x", "--jobs", "0"), "--jobs is '0'"),
                                 (("study.toml", "-o", "x", "--no-submit"), "--no-submit is for --backend")]:
            self.refuse(BAD_INPUT, "sweep", *arguments, says=words)


class Results(SweepTest):
    def test_each_point_is_an_ordinary_run(self):
        self.study()
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        seeds = [row["seed"] for row in self.rows("d/design.csv")]
        self.assertEqual(seeds, seeds[:3] * 8)  # common random numbers
        self.assertEqual(len(set(seeds)), 3)
        study = self.collected("d/study.h5")
        self.succeed("run", "s.toml", "--replicates", "3", "--set", "pricing.markup=0.2",
                     "--set", "pricing.carbon_price_usd_per_t=50", "-o", "r")
        compared = 0
        for name, values in study.items():
            if values.shape[:3] != (4, 2, 3) or name in ("seed", "status"):
                continue
            for k in range(3):
                ran, point = self.figure(f"r.r{k}.h5", name), values[2, 1, k]
                self.assertEqual(ran.astype(float).tobytes(), point.tobytes(), name)
            compared += 1
        self.assertGreater(compared, 50)
        self.assertNotEqual(study["carbon_location_g"][2, 1, 0], study["carbon_location_g"][2, 1, 1])

    def test_seeds_of_their_own(self):
        self.study(GRID.replace("common_random_numbers = true\n", ""))
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.assertEqual(len({row["seed"] for row in self.rows("d/design.csv")}), RUNS)

    def test_digest_does_not_depend_on_jobs_or_threads(self):
        self.study(HYPERCUBE)
        digests = []
        for folder, *options in (("a", "--jobs", "1"), ("b", "--jobs", "3"),
                                 ("c", "--jobs", "1", "--threads", "2"),
                                 ("d", "--jobs", "2", "--checkpoint-every", "10min")):
            self.succeed("sweep", "study.toml", "-o", folder, *options)
            digests.append(self.digest(f"{folder}/study.h5"))
        self.assertEqual(len(set(digests)), 1)
        self.succeed("sweep", "study.toml", "-o", "e", "--set", "study.seed=2")
        self.assertNotEqual(self.digest("e/study.h5"), digests[0])

    def test_other_verbs_know_the_file_of_a_study(self):
        self.study()
        self.succeed("sweep", "study.toml", "-o", "d")
        said = self.succeed("info", "d/study.h5").stdout
        for words in ("d/study.h5: swarmsim study\n", "datasets in the root group", "design ", "points ", "replicates "):
            self.assertIn(words, said)
        self.refuse(BAD_FILE, "info", "--summary", "json", "d/study.h5", says="holds a study, which has no summary of one run")
        self.refuse(BAD_INPUT, "compare", "d/study.h5", "d/study.h5", says="this file holds a study, not a run")

    def test_specialists_are_kept_where_the_scenario_says(self):
        self.study(GRID.replace("[study]\n", '[study]\nset = ["run.cache_dir=mine"]\n', 1))
        self.succeed("sweep", "study.toml", "-o", "d")
        self.assertNotEqual(os.listdir(self.path("mine")), [])

    def test_whole_files_are_kept(self):
        text = GRID.replace("replicates = 3", 'replicates = 1\nkeep = "full"')
        self.study(text.replace("[0.05, 0.1, 0.2, 0.3]", "[0.1, 0.2]"))
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        self.assertEqual(sorted(os.listdir(self.path("d/runs"))), [f"run-{run:06}.h5" for run in range(4)])
        row = self.rows("d/design.csv")[2]
        self.succeed("run", "s.toml", "--set", "pricing.markup=0.2", "--seed", row["seed"],
                     "--set", "pricing.carbon_price_usd_per_t=0", "-o", "alone.h5")
        self.assertEqual(self.digest("d/runs/run-000002.h5"), self.digest("alone.h5"))
        self.assertNotEqual(self.digest("d/runs/run-000001.h5"), self.digest("alone.h5"))

    def test_a_thousand_runs_leave_few_files(self):
        scenario = SMALL.replace('"1h"', '"5min"')
        self.study(HYPERCUBE, scenario.replace("training_samples", "lineages = 2\ntraining_samples"))
        # Networks of common seeds are kept: two seeds, four types, two lineages. Where every run has a seed
        # of its own they would never be used again.
        for folder, common, points, kept in (("common", "true", 500, 2 * 4 * 2), ("own", "false", 8, 0)):
            cache = self.path("cache-" + folder)
            os.mkdir(cache)
            self.succeed("sweep", "study.toml", "-o", folder, "--jobs", "2",
                         "--set", f"study.points={points}", "--set", f"study.common_random_numbers={common}",
                         env=self.environment(XDG_CACHE_HOME=cache))
            self.assertEqual(self.counts(folder), (2 * points, 0, 0))
            self.assertEqual(self.files(folder), ["design.csv", "failures.tsv", "lock", "manifest.json",
                                                  "results/local-0.jsonl",
                                                  "results/local-1.jsonl", "study.h5"])
            self.assertEqual(len(self.files("cache-" + folder)), kept)

    def test_progress_as_json(self):
        self.study()
        done = self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2", "--progress", "json",
                            "--summary", "json")
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        for line in lines:
            self.assertEqual(set(line), {"runs", "done", "failed", "running", "share", "elapsed_s", "eta_s"})
            self.assertEqual((line["runs"], line["failed"]), (RUNS, 0))
            self.assertLessEqual(line["running"], 2)
        self.assertEqual([line["done"] for line in lines], sorted(line["done"] for line in lines))
        self.assertEqual((lines[-1]["done"], lines[-1]["share"], lines[-1]["eta_s"]), (RUNS, 1, 0))
        said = json.loads(done.stdout)
        self.assertEqual({key: said[key] for key in said if key != "run_seconds"},
                         {"points": 8, "replicates": 3, "runs": RUNS, "done": RUNS, "failed": 0,
                          "missing": 0, "damaged_lines": 0})
        self.assertEqual([line for line in done.stderr.splitlines() if not line.startswith("{")],
                         ["collected: d/study.h5"])

    def test_same_scenario_twice_does_not_share_files(self):
        self.study("""[study]
scenario = "s.toml"
design = "csv"
file = "points.csv"
common_random_numbers = true
keep = "full"
""")
        self.write("points.csv", "pricing.markup\n0.1\n0.1\n")
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2", "--checkpoint-every", "5min")
        self.assertEqual(self.digest("d/runs/run-000000.h5"), self.digest("d/runs/run-000001.h5"))


class Xarray(SweepTest):
    def setUp(self):
        super().setUp()
        try:
            import h5netcdf  # noqa: F401
            import netCDF4  # noqa: F401
            import xarray
        except ImportError as missing:
            self.skipTest(str(missing))
        self.xarray = xarray

    def opened(self, name):
        """The file by one call in each engine; what both agree on."""
        one, other = (self.xarray.open_dataset(self.path(name), engine=engine)
                      for engine in ("h5netcdf", "netcdf4"))
        with one, other:
            one.load()
            other.load()
            self.assertTrue(one.equals(other))
            self.assertEqual({v: one[v].attrs.get("units") for v in one.variables},
                             {v: other[v].attrs.get("units") for v in other.variables})
            return one

    def test_grid(self):
        self.study()
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        study = self.opened("d/study.h5")
        self.assertEqual(study.energy_kwh.dims, ("markup", "carbon_price", "replicate"))
        self.assertEqual(study.energy_kwh_by_region.dims, ("markup", "carbon_price", "replicate", "region"))
        self.assertEqual(study.energy_kwh.dtype, "float64")
        self.assertEqual(study.markup.values.tolist(), [0.05, 0.1, 0.2, 0.3])
        self.assertEqual(study.carbon_price.values.tolist(), [0, 50])
        self.assertEqual(study.replicate.values.tolist(), [0, 1, 2])
        self.assertEqual(study.region.values.tolist(), ["BD", "KE"])
        self.assertEqual([study[name].attrs["units"] for name in ("energy_kwh", "carbon_price", "markup")],
                         ["kWh", "USD/t", "1"])
        self.assertTrue(study.energy_kwh.attrs["long_name"])
        self.assertEqual(set(study.energy_kwh.coords),
                         {"markup", "carbon_price", "replicate", "seed", "status"})
        self.assertEqual(study.seed.dims, study.energy_kwh.dims)
        self.assertEqual(study.status.attrs["flag_meanings"], "done failed missing")
        self.assertEqual(study.attrs["design"], "grid")
        row = self.rows("d/design.csv")[13]
        chosen = study.sel(markup=float(row["markup"]), carbon_price=float(row["carbon_price"]),
                           replicate=int(row["replicate"]))
        self.assertEqual(int(chosen.seed), int(row["seed"]))
        self.assertEqual(study.attrs["question"], "What does it cost?")

    def test_points(self):
        self.study(HYPERCUBE)
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        study = self.opened("d/study.h5")
        self.assertEqual(sorted(study.data_vars), ["energy_kwh", "energy_kwh_by_region"])
        self.assertEqual(study.energy_kwh.dims, ("point", "replicate"))
        self.assertEqual(study.energy_kwh_by_region.dims, ("point", "replicate", "region"))
        self.assertEqual(set(study.energy_kwh.coords),
                         {"point", "replicate", "markup", "rule", "seed", "status"})
        self.assertEqual((study.markup.dims, study["rule"].dims), (("point",), ("point",)))
        rows = self.rows("d/design.csv")[::2]
        self.assertEqual(study.markup.values.tolist(), [float(row["markup"]) for row in rows])
        self.assertEqual(study["rule"].values.tolist(), [row["rule"] for row in rows])
        self.assertEqual(study.point.values.tolist(), [0, 1, 2, 3, 4])

    def test_saltelli(self):
        self.study(HYPERCUBE.replace("lhs", "saltelli").replace("points = 5\nreplicates = 2", "points = 2"))
        self.succeed("sweep", "study.toml", "-o", "d", "--jobs", "2")
        study = self.opened("d/study.h5")
        self.assertEqual((study["sample"].values.tolist(), study["matrix"].values.tolist()),
                         ([0] * 4 + [1] * 4, [0, 2, 3, 1] * 2))
        first = study.isel(point=slice(0, 4))
        markups = first.markup.values.tolist()
        of = dict(zip(first["matrix"].values.tolist(), markups))
        # A with the first column of B, and with the second.
        self.assertEqual((of[2], of[3]), (of[1], of[0]))
        self.assertEqual(len(set(markups)), 2)

    def test_gaps(self):
        self.study()
        self.succeed("sweep", "plan", "study.toml", "-o", "d")
        self.succeed("sweep", "part", "d", "0/2")
        self.succeed("sweep", "collect", "d", "-o", "half.h5")
        study = self.opened("half.h5")
        flat = study.energy_kwh.values.reshape(-1)
        self.assertEqual([value == value for value in flat], [run % 2 == 0 for run in range(RUNS)])
        self.assertEqual(study.status.values.reshape(-1).tolist(), [0, 2] * 12)
        self.assertFalse(os.path.exists(self.path("d/study.h5")))


if __name__ == "__main__":
    support.main()
