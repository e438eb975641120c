"""The reader of a study's collected file, in every design, against the functions that made its values."""
import math

import h5netcdf
import h5py
import numpy
import support
import xarray
from study_file import FAILED, MISSING, Factor, Outcome, saltelli_points, seed_of, write_study
from swarmsim_analysis import ResultError, Study

PRICES, RULES = [0.0, 50.0, 100.0, 200.0], ["flat", "justice", "Überfluss"]
REGIONS = ("BD", "KE", "DE")


def carbon(point, seed, replicate):
    return 1000.0 - point["carbon_price"] + 10 * replicate + len(point["rule"]) + seed / 1e6


def served(point, seed, replicate):
    return [0.1 * i + 0.01 * replicate + point["carbon_price"] / 1e4 for i in range(3)]


FACTORS = [Factor("carbon_price", PRICES, "USD/t", "carbon price"),
           Factor("rule", RULES, "1", "pricing rule")]
OUTCOMES = [Outcome("carbon_location_g", carbon, "g", "location-based carbon"),
            Outcome("served_share_by_region", served, "1", "served share by asking region", "accounting",
                    "region", REGIONS)]
STATUS = {(1, 0): FAILED, (1, 2): FAILED, (5, 1): MISSING}


class Grid(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        write_study(cls.path("grid.h5"), FACTORS, OUTCOMES, status=STATUS)

    def setUp(self):
        self.study = Study(self.path("grid.h5"))
        self.addCleanup(self.study.close)

    def test_every_reader_sees_the_same(self):
        engines = [xarray.open_dataset(self.path("grid.h5"), engine=engine)
                   for engine in ("h5netcdf", "netcdf4", None)]
        for data in [*engines[1:], self.study.dataset]:
            self.assertTrue(engines[0].identical(data))
        data = engines[0]
        self.assertEqual(dict(data.sizes), {"carbon_price": 4, "rule": 3, "replicate": 3, "region": 3})
        self.assertEqual(set(data.coords), {"carbon_price", "rule", "replicate", "region", "seed", "status"})
        self.assertEqual(data["rule"].values.tolist(), RULES)
        self.assertEqual((data["seed"].dtype, data["status"].dtype, data["replicate"].dtype),
                         ("i8", "i1", "i8"))
        self.assertEqual(data["carbon_price"].attrs["units"], "USD/t")
        with h5netcdf.File(self.path("grid.h5"), "r") as file:
            self.assertEqual(file["carbon_location_g"].dimensions, ("carbon_price", "rule", "replicate"))

    def test_what_it_is(self):
        study = self.study
        self.assertEqual(study.factors, ("carbon_price", "rule"))
        self.assertEqual(study.outcomes, ("carbon_location_g", "served_share_by_region"))
        self.assertEqual((study.design, study.design_dims, study.common_random_numbers),
                         ("grid", study.factors, True))
        self.assertEqual((study.name, study.question), ("carbon_price", "What does a carbon price change?"))
        self.assertEqual(study.provenance["master_seed"], 1)
        self.assertEqual(study.levels("rule"), RULES)
        self.assertIn("grid over carbon_price, rule", repr(study))

    def test_runs_and_their_ends(self):
        self.assertEqual(self.study.status_counts(), {"done": 33, "failed": 2, "missing": 1})
        failed = self.study.failed()
        self.assertEqual(failed.to_dict("records"), [
            {"carbon_price": 0.0, "rule": "justice", "replicate": 0, "seed": 1000, "status": "failed"},
            {"carbon_price": 0.0, "rule": "justice", "replicate": 2, "seed": 1002, "status": "failed"}])
        self.assertEqual(len(self.study.runs()), 36)

    def test_table(self):
        table = self.study.table("carbon_location_g")
        self.assertEqual(list(table),
                         ["carbon_price", "rule", "replicate", "seed", "status", "carbon_location_g"])
        for n, row in enumerate(table.to_dict("records")):
            point, replicate = divmod(n, 3)
            price, rule = divmod(point, 3)
            self.assertEqual((row["carbon_price"], row["rule"], row["replicate"]),
                             (PRICES[price], RULES[rule], replicate))
            self.assertEqual(row["seed"], seed_of(point, replicate))
            if (point, replicate) in STATUS:
                self.assertTrue(math.isnan(row["carbon_location_g"]))
            else:
                self.assertEqual(row["carbon_location_g"], carbon(row, row["seed"], replicate))
        by_region = self.study.table("served_share_by_region")
        self.assertEqual(list(by_region)[:3], ["carbon_price", "rule", "region"])
        self.assertEqual(len(by_region), 108)
        ke = by_region[by_region["region"] == "KE"].reset_index(drop=True)
        entry = self.study.table("served_share_by_region[KE]")
        numpy.testing.assert_array_equal(ke["served_share_by_region"], entry["served_share_by_region[KE]"])
        self.assertNotIn("region", entry)

    def test_mean_interval(self):
        means = self.study.mean_interval("carbon_location_g").set_index(["carbon_price", "rule"])
        # Replicates 0, 1, 2: seeds 1000 to 1002 and steps of 10, so the standard deviation is 10.000001.
        row = means.loc[50.0, "flat"]
        self.assertAlmostEqual(row["mean"], 1000 - 50 + 10 + 4 + 0.001001, delta=1e-9)
        self.assertAlmostEqual(row["high95"] - row["mean"], 4.302652729749461 * 10.000001 / math.sqrt(3),
                               delta=1e-9)
        self.assertAlmostEqual(row["high95"] + row["low95"], 2 * row["mean"], delta=1e-9)
        self.assertEqual((row["runs"], row["left_out"]), (3, 0))
        self.assertEqual(means["left_out"].sum(), 3)
        alone = means.loc[0.0, "justice"]
        self.assertEqual((alone["runs"], alone["left_out"], math.isnan(alone["low95"])), (1, 2, True))
        self.assertEqual(alone["mean"], carbon({"carbon_price": 0, "rule": "justice"}, 1001, 1))
        tables = self.study.mean_interval("served_share_by_region")
        self.assertEqual(list(tables)[:4], ["carbon_price", "rule", "region", "mean"])
        self.assertEqual(tables["region"].tolist()[:4], ["BD", "KE", "DE", "BD"])
        self.assertAlmostEqual(tables["mean"][1], 0.1 + 0.01, delta=1e-12)

    def test_at(self):
        part = self.study.at(rule="justice")
        self.assertEqual((part.factors, part.design_dims), (("carbon_price",), ("carbon_price",)))
        whole = self.study.mean_interval("carbon_location_g")
        expected = whole[whole["rule"] == "justice"].drop(columns="rule").reset_index(drop=True)
        self.assertTrue(part.mean_interval("carbon_location_g").equals(expected))
        one = part.at({"carbon_price": 100})
        self.assertEqual((one.factors, len(one.runs()), len(one.mean_interval("carbon_location_g"))),
                         ((), 3, 1))
        self.assertEqual(self.study.factors, ("carbon_price", "rule"))  # the study itself stays whole

    def test_questions_it_cannot_answer(self):
        for words, function, *arguments in [
                ("no outcome carbon", self.study.table, "carbon"),
                ("no outcome seed", self.study.values, "seed"),
                ("no entry FR", self.study.table, "served_share_by_region[FR]"),
                ("no entry x", self.study.table, "carbon_location_g[x]"),
                ("table over region", self.study.scalar, "served_share_by_region"),
                ("no factor price (it has carbon_price, rule)", self.study.levels, "price"),
                ("rule is never 'carbon' (it is flat, justice, Überfluss)", self.study.at,
                 {"rule": "carbon"}),
                ("design is grid, not saltelli", self.study.saltelli, "carbon_location_g")]:
            self.refuses(ValueError, ["grid.h5: ", words], function, *arguments)
        self.refuses(ValueError, ["grid.h5", "dimension rule"], self.study.at(rule="flat").add_outcome,
                     self.study.dataset["carbon_location_g"])
        self.refuses(ValueError, "needs a name", self.study.add_outcome, self.study.dataset["carbon_price"])

    def test_add_outcome(self):
        tonnes = (self.study.dataset["carbon_location_g"] / 1e6).rename("carbon_t")
        self.study.add_outcome(tonnes)
        means = self.study.mean_interval("carbon_t")["mean"] * 1e6
        numpy.testing.assert_allclose(means, self.study.mean_interval("carbon_location_g")["mean"],
                                      rtol=1e-14)


class Points(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.factors = [Factor("carbon_price", [0.0, 50.0, 0.0, 50.0, 75.0], "USD/t"),
                       Factor("rule", ["flat", "flat", "justice", "justice", "flat"])]
        for design in ("list", "lhs", "sobol", "csv"):
            write_study(cls.path(f"{design}.h5"), cls.factors, OUTCOMES, design=design,
                        status={(4, 1): FAILED})

    def test_every_design(self):
        for design in ("list", "lhs", "sobol", "csv"):
            engines = [xarray.open_dataset(self.path(f"{design}.h5"), engine=e)
                       for e in ("h5netcdf", "netcdf4")]
            with Study(self.path(f"{design}.h5")) as study:
                self.assertTrue(engines[0].identical(engines[1]) and engines[0].identical(study.dataset))
                self.assertEqual((study.design, study.design_dims), (design, ("point",)))
                self.assertEqual(set(study.dataset.coords),
                                 {"point", "carbon_price", "rule", "replicate", "region", "seed", "status"})
                table = study.table("carbon_location_g")
                self.assertEqual(list(table)[:4], ["point", "carbon_price", "rule", "replicate"])
                self.assertEqual(table["rule"].tolist()[::3], self.factors[1].values)
                done = table[table["status"] == "done"]
                expected = [carbon(row, row["seed"], row["replicate"]) for row in done.to_dict("records")]
                self.assertEqual((len(done), done["carbon_location_g"].tolist()), (14, expected))
                self.assertEqual(study.failed()["point"].tolist(), [4])
                part = study.at(rule="justice")
                self.assertEqual(part.mean_interval("carbon_location_g")["point"].tolist(), [2, 3])
                self.assertEqual(part.levels("carbon_price"), [0.0, 50.0])


class Saltelli(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        generator = numpy.random.default_rng(3)
        cls.a, cls.b = generator.random((2, 6, 3))
        points, sample, matrix = saltelli_points("xyz", cls.a, cls.b)
        # In no particular order, as a file may have them.
        order = generator.permutation(len(points))
        cls.whole = [Factor(name, points[order, i].tolist()) for i, name in enumerate("xyz")]
        cls.where = (numpy.array(sample)[order], numpy.array(matrix)[order])
        write_study(cls.path("saltelli.h5"), cls.whole, [Outcome("f", cls.value)], design="saltelli",
                    replicates=2, saltelli=cls.where)

    @staticmethod
    def value(point, seed, replicate):
        return point["x"] + 10 * point["y"] + 100 * point["z"] + 1000 * replicate

    def test_arrangement(self):
        with Study(self.path("saltelli.h5")) as study:
            found = study.saltelli("f")
            self.assertEqual(list(study.table("f"))[:6], ["point", "sample", "matrix", "x", "y", "z"])
        self.assertEqual((found.factors, found.a.shape, found.ab.shape), (("x", "y", "z"), (6, 2), (3, 6, 2)))
        weights, steps = numpy.array([1, 10, 100]), numpy.array([0, 1000])
        numpy.testing.assert_allclose(found.a, (self.a @ weights)[:, None] + steps, rtol=1e-12)
        numpy.testing.assert_allclose(found.b, (self.b @ weights)[:, None] + steps, rtol=1e-12)
        for i in range(3):
            mixed = self.a.copy()
            mixed[:, i] = self.b[:, i]
            numpy.testing.assert_allclose(found.ab[i], (mixed @ weights)[:, None] + steps, rtol=1e-12)

    def test_a_design_that_is_not_whole(self):
        sample, matrix = (list(x) for x in self.where)
        fewer = [Factor(f.name, f.values[1:]) for f in self.whole]
        doubled = (sample, [matrix[1], *matrix[1:]])
        for name, factors, where in (("fewer", fewer, (sample[1:], matrix[1:])),
                                     ("doubled", self.whole, doubled)):
            write_study(self.path(f"{name}.h5"), factors, [Outcome("f", self.value)], design="saltelli",
                        saltelli=where)
            with Study(self.path(f"{name}.h5")) as study:
                self.refuses(ValueError, [f"{name}.h5", "not a whole saltelli design"], study.saltelli, "f")


class NoStudies(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.swarmsim("run", cls.scenario("flat"), "-o", "run.h5")
        write_study(cls.path("study.h5"), FACTORS, OUTCOMES)

    def test_other_files(self):
        self.refuses(ResultError, ["run.h5: ", "result of one run", "Run"], Study, self.path("run.h5"))
        self.refuses(ResultError, ["absent.h5: ", "no such file"], Study, self.path("absent.h5"))
        with open(self.path("study.h5"), "rb") as file:
            self.write("cut.h5", file.read()[:-100])
        self.refuses(ResultError, ["cut.h5: ", "truncated"], Study, self.path("cut.h5"))
        for name in ("rule", "seed", "status"):
            write_study(self.path("lacks.h5"), FACTORS, [])
            with h5py.File(self.path("lacks.h5"), "r+") as file:
                del file[name]
            self.refuses(ResultError, ["lacks.h5: "], Study, self.path("lacks.h5"))


if __name__ == "__main__":
    support.main()
