"""Paired differences: by hand, against plain arithmetic, and against `swarmsim compare` on real files."""
import json
import math
import os
import shutil
import warnings

import numpy
import support
from study_file import FAILED, Factor, Outcome, write_study
from swarmsim_analysis import Study, paired

T_2 = 4.302652729749461  # t(0.975, 2)


class Pairs(support.unittest.TestCase):
    def test_worked_example(self):
        """docs/comparing.md: 10, 20, 30 g against 9, 18, 26 g."""
        found = paired.pairs([10, 20, 30], [9, 18, 26])
        self.assertAlmostEqual(float(found["difference"]), -7 / 3, delta=1e-14)
        self.assertAlmostEqual(float(found["relative_pct"]), -700 / 60, delta=1e-12)
        self.assertAlmostEqual(float(found["low95"]), -7 / 3 - T_2 * math.sqrt(7 / 9), delta=1e-12)
        self.assertAlmostEqual(float(found["high95"]), 1.46, delta=0.005)
        self.assertEqual((int(found["seeds"]), int(found["left_out"]), found["significant"][()]),
                         (3, 0, False))

    def test_mutants(self):
        """What the worked example must tell apart: no pairing, and pairs in the wrong order."""
        right = paired.pairs([10, 20, 30], [9, 18, 26])
        half = float(right["high95"] - right["difference"])
        self.assertAlmostEqual(half, 3.79, delta=0.005)
        unpaired = T_2 * math.sqrt(numpy.var([10, 20, 30], ddof=1) / 3 + numpy.var([9, 18, 26], ddof=1) / 3)
        self.assertGreater(unpaired, 5 * half)
        crossed = paired.pairs([10, 20, 30], [26, 9, 18])
        self.assertGreater(float(crossed["high95"] - crossed["difference"]), 5 * half)

    def test_missing_values_and_zeros(self):
        nan = numpy.nan
        found = paired.pairs([[1, 2, nan, 4], [0, 0, 0, 0], [-2, -2, nan, nan], [1, nan, nan, nan]],
                             [[2, 2.5, 7, nan], [1, 1, 1, 1], [-1, -3, 5, 5], [3, 1, 1, nan]])
        self.assertEqual(found["seeds"].tolist(), [2, 4, 2, 1])
        self.assertEqual(found["left_out"].tolist(), [2, 0, 2, 3])
        # The means are those of the pairs that are complete.
        self.assertEqual(found["reference_mean"].tolist(), [1.5, 0, -2, 1])
        self.assertEqual(found["mean"].tolist(), [2.25, 1, -2, 3])
        numpy.testing.assert_array_equal(found["relative_pct"], [50, nan, 0, 200])
        self.assertEqual(found["significant"].tolist(), [False, True, False, None])
        negative = paired.pairs([-4.0, -4.0], [-3.0, -3.0])
        # Of the magnitude: the sign is that of the difference.
        self.assertEqual(float(negative["relative_pct"]), 25)

    def test_against_plain_arithmetic(self):
        generator = numpy.random.default_rng(4)
        before, after = generator.normal(5, 2, (2, 50, 3))
        found = paired.pairs(before, after)
        d = after - before
        half = T_2 * d.std(1, ddof=1) / math.sqrt(3)
        for name, values in {"difference": d.mean(1), "low95": d.mean(1) - half, "high95": d.mean(1) + half,
                             "reference_mean": before.mean(1), "mean": after.mean(1),
                             "relative_pct": 100 * d.mean(1) / abs(before.mean(1))}.items():
            numpy.testing.assert_allclose(found[name], values, rtol=1e-12, atol=1e-12, err_msg=name)
        self.assertEqual(found["significant"].tolist(), (abs(d.mean(1)) > half).tolist())


def noise(point, seed):
    """The same for all points of a seed, and a little that is not."""
    code = [seed, int(point["carbon_price"]), len(point["rule"])]
    return 50 * numpy.random.default_rng(seed).normal() + numpy.random.default_rng(code).normal()


def emitted(point, seed, replicate):
    return 1000 - point["carbon_price"] - (20 if point["rule"] == "justice" else 0) + noise(point, seed)


PRICES = [0.0, 50.0, 100.0]
FACTORS = [Factor("carbon_price", PRICES, "USD/t", "carbon price"), Factor("rule", ["flat", "justice"])]
OUTCOMES = [Outcome("carbon_location_g", emitted, "g", "location-based carbon"),
            Outcome("share_by_region", lambda p, s, r: [p["carbon_price"], 2 * p["carbon_price"] + r], "1",
                    "share", axis="region", labels=("BD", "KE"))]


class OfStudies(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        write_study(cls.path("grid.h5"), FACTORS, OUTCOMES, replicates=4, status={(3, 1): FAILED})
        points = [Factor("carbon_price", [0.0, 50.0, 0.0, 75.0]),
                  Factor("rule", ["flat", "flat", "justice", "justice"])]
        write_study(cls.path("list.h5"), points, OUTCOMES, design="list", replicates=4)
        apart = [Factor("carbon_price", [0.0, 50.0]), Factor("rule", ["flat", "justice"])]
        write_study(cls.path("apart.h5"), apart, OUTCOMES, design="lhs")
        write_study(cls.path("own_seeds.h5"), FACTORS, OUTCOMES, common=False)
        twice = [Factor("carbon_price", [0.0, 50.0, 50.0]), Factor("rule", ["flat"] * 3)]
        write_study(cls.path("twice.h5"), twice, OUTCOMES, design="csv")

    def test_along_each_factor(self):
        with Study(self.path("grid.h5")) as study:
            values = study.dataset["carbon_location_g"].values
            found = paired.differences(study, "carbon_location_g", "carbon_price", 0)
            self.assertEqual(list(zip(found["carbon_price"], found["rule"])),
                             [(50, "flat"), (50, "justice"), (100, "flat"), (100, "justice")])
            for row, price, rule in ((0, 1, 0), (1, 1, 1), (2, 2, 0), (3, 2, 1)):
                d = values[price, rule] - values[0, rule]
                d = d[numpy.isfinite(d)]
                self.assertAlmostEqual(found["difference"][row], d.mean(), delta=1e-9)
                self.assertEqual(found["seeds"][row], len(d))
            # The failed run is at 50 USD/t under justice.
            self.assertEqual(found["left_out"].tolist(), [0, 1, 0, 0])
            self.assertEqual(found["significant"].tolist(), [True] * 4)
            # What chance gave to all points cancels: 50 falls to about 1.
            half = (found["high95"] - found["difference"]).max()
            means = study.mean_interval("carbon_location_g")
            self.assertLess(10 * half, (means["high95"] - means["mean"]).min())
            rules = paired.differences(study, "carbon_location_g", "rule", "justice")
            self.assertEqual(rules["carbon_price"].tolist(), PRICES)
            self.assertEqual(set(rules["reference"]), {"justice"})
            self.assertTrue(((rules["low95"] < 20) & (20 < rules["high95"])).all())
            self.assertEqual((rules["long_name"][0], rules["units"][0]), ("location-based carbon", "g"))

    def test_tables_and_entries(self):
        with Study(self.path("grid.h5")) as study:
            found = paired.differences(study.at(rule="flat"), "share_by_region", "carbon_price", 50)
            self.assertEqual(found[["carbon_price", "region", "difference"]].values.tolist(),
                             [[0, "BD", -50], [0, "KE", -100], [100, "BD", 50], [100, "KE", 100]])
            entry = paired.differences(study.at(rule="flat"), "share_by_region[KE]", "carbon_price", 50)
            self.assertEqual(entry["difference"].tolist(), [-100, 100])

    def test_points(self):
        with Study(self.path("list.h5")) as study:
            found = paired.differences(study, "carbon_location_g", "carbon_price", 0)
            self.assertEqual(list(zip(found["carbon_price"], found["rule"])), [(50, "flat"), (75, "justice")])
            rules = paired.differences(study, "carbon_location_g", "rule", "flat")
            self.assertEqual(rules["carbon_price"].tolist(), [0.0])  # only there are both rules

    def test_questions_without_an_answer(self):
        with Study(self.path("grid.h5")) as study:
            self.refuses(ValueError, ["grid.h5", "never 10", "0.0, 50.0, 100.0"], paired.differences, study,
                         "carbon_location_g", "carbon_price", 10)
            self.refuses(ValueError, ["grid.h5", "no factor"], paired.differences, study, "carbon_location_g",
                         "x", 1)
        with Study(self.path("own_seeds.h5")) as study:
            self.refuses(ValueError, ["own_seeds.h5", "common_random_numbers"], paired.differences, study,
                         "carbon_location_g", "rule", "flat")
        with Study(self.path("twice.h5")) as study:
            self.refuses(ValueError, ["twice.h5", "same factors"], paired.differences, study,
                         "carbon_location_g", "carbon_price", 0)
        with Study(self.path("apart.h5")) as study:
            self.refuses(ValueError, ["apart.h5", "nothing can be paired"], paired.differences, study,
                         "carbon_location_g", "carbon_price", 0)


class OfRuns(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        for rule in ("flat", "justice"):
            cls.swarmsim("run", cls.scenario(rule, rule), "--replicates", "4")
        for name, change in (("longer", "run.duration=3h"), ("warmer", "run.warmup=1h"),
                             ("turned", "regions=[KE,BD,DE]"), ("later", "run.start=2022-01-04T00:00Z")):
            cls.swarmsim("run", "flat.toml", "--replicates", "1", "--set", change, "-o", name)
        cls.swarmsim("run", "flat.toml", "--seed", "1", "-o", "other_seed.h5")
        os.mkdir(cls.path("elsewhere"))
        shutil.copy(cls.path("flat.toml"), cls.path("elsewhere/flat.toml"))
        cls.swarmsim("run", "elsewhere/flat.toml", "--seed", "2", "--set", "record.agents=7",
                     "--set", "run.name=other", "--set", "engine.shards=2", "-o", "elsewhere.h5")

    def files(self, name, *which):
        return [self.path(f"{name}.r{k}.h5") for k in which or range(4)]

    def check(self, reference, other):
        """Every row of `swarmsim compare`, and no others."""
        printed = self.swarmsim("compare", *reference, *other, "--format", "json")
        said = json.loads(printed)["groups"][0]["rows"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = paired.compare_runs(reference, other)
        self.assertEqual(sorted(table["metric"]), sorted(row["metric"] for row in said))
        table = table.set_index("metric")
        intervals = 0
        for row in said:
            mine = table.loc[row["metric"]]
            # Both sum in double precision, so they agree to the last digits of the largest number summed.
            scale = max(abs(row["reference_mean"] or 0), abs(row["mean"] or 0))
            for name in ("reference_mean", "mean", "difference", "low95", "high95"):
                if row[name] is None:
                    self.assertTrue(math.isnan(mine[name]), (row["metric"], name))
                else:
                    self.assertAlmostEqual(mine[name], row[name], delta=1e-13 * scale,
                                           msg=(row["metric"], name))
            if row["relative_pct"] is None:
                self.assertTrue(math.isnan(mine["relative_pct"]), row["metric"])
            else:
                self.assertAlmostEqual(mine["relative_pct"], row["relative_pct"], delta=1e-10,
                                       msg=row["metric"])
            self.assertEqual((mine["seeds"], mine["significant"], mine["units"]),
                             (row["seeds"], row["significant"], row["units"]), row["metric"])
            intervals += row["low95"] is not None and row["low95"] != row["high95"]
        return intervals

    def test_as_the_program_says(self):
        self.assertGreater(self.check(self.files("flat"), self.files("justice")), 80)
        # Two seeds in common, and one, which gives no interval.
        self.assertGreater(self.check(self.files("justice"), self.files("flat", 3, 1)), 80)
        self.check(self.files("flat", 0), self.files("justice", 0))

    def test_the_order_of_files_does_not_matter(self):
        table = paired.compare_runs(self.files("flat"), self.files("justice"))
        again = paired.compare_runs(self.files("flat", 2, 0, 3, 1), self.files("justice", 1, 3, 0, 2))
        self.assertTrue(table.equals(again))

    def test_seeds_that_only_one_group_has(self):
        with self.assertWarnsRegex(UserWarning, r"left out: seeds \d+, \d+, which only one"):
            table = paired.compare_runs(self.files("flat", 0, 1, 2), self.files("justice", 0, 1, 3))
        self.assertEqual(table["seeds"].max(), 2)

    def test_what_is_one_scenario(self):
        """Name, seed, recording, shards and folder do not make another scenario."""
        one = [self.path("other_seed.h5"), self.path("elsewhere.h5")]
        table = paired.compare_runs(one, one)
        self.assertEqual((table["seeds"].max(), table["difference"].abs().max()), (2, 0))

    def test_what_cannot_be_compared(self):
        flat = self.files("flat", 0)
        self.refuses(ValueError, "no file", paired.compare_runs, flat, [])
        self.refuses(ValueError, ["flat.r0.h5: has seed", "leave one of them out"], paired.compare_runs, flat,
                     self.files("flat", 0, 0))
        self.refuses(ValueError, ["other_seed.h5: ", "no seed in common"], paired.compare_runs, flat,
                     [self.path("other_seed.h5")])
        self.refuses(ValueError, ["justice.r0.h5: is not of the same scenario as", "flat.r0.h5"],
                     paired.compare_runs, flat + self.files("justice", 0), self.files("justice", 1))
        for name in ("longer", "warmer", "turned", "later"):
            words = [f"{name}.r0.h5: covers another time or other regions than", "flat.r0.h5"]
            self.refuses(ValueError, words, paired.compare_runs, flat, self.files(name, 0))


if __name__ == "__main__":
    support.main()
