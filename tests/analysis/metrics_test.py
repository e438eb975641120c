"""Derived metrics: examples by hand, definitions by brute force, and figures that the program derives too."""
import itertools
import json
import math

import numpy
import support
import xarray
from study_file import FAILED, Factor, Outcome, write_study
from swarmsim_analysis import Run, Study, metrics


class Inequality(support.unittest.TestCase):
    def test_by_hand(self):
        one_to_four = [1, 2, 3, 4]
        self.assertEqual(metrics.gini(one_to_four), 0.25)  # (-3·1 - 1·2 + 1·3 + 3·4) / (4·10)
        self.assertAlmostEqual(metrics.jain(one_to_four), 100 / 120, delta=1e-15)
        self.assertAlmostEqual(metrics.atkinson(one_to_four), 1 - 24 ** 0.25 / 2.5, delta=1e-15)
        self.assertAlmostEqual(metrics.atkinson(one_to_four, 2), 1 - (4 / (1 + 1 / 2 + 1 / 3 + 1 / 4)) / 2.5,
                               delta=1e-15)
        self.assertAlmostEqual(metrics.atkinson([1, 4], 0.5), 1 - 1.5 ** 2 / 2.5, delta=1e-15)
        self.assertEqual(metrics.atkinson(one_to_four, 0), 0)
        self.assertEqual(metrics.top_share(one_to_four, 0.25), 0.4)
        self.assertAlmostEqual(metrics.top_share(one_to_four, 0.5), 0.7, delta=1e-15)
        self.assertAlmostEqual(metrics.top_share(one_to_four, 0.1), 0.16, delta=1e-15)
        self.assertAlmostEqual(metrics.top_share(one_to_four, 0.375), 0.55, delta=1e-15)
        self.assertEqual(metrics.top_share(one_to_four, 1), 1)

    def test_one_has_everything_and_all_are_equal(self):
        one, equal, nothing = [0, 0, 0, 0, 7], [3] * 5, [0] * 5
        self.assertAlmostEqual(metrics.gini(one), 0.8, delta=1e-15)
        self.assertAlmostEqual(metrics.jain(one), 0.2, delta=1e-15)
        self.assertEqual([metrics.atkinson(one, e) for e in (1, 1.5, 3)], [1, 1, 1])
        self.assertEqual(metrics.top_share(one, 0.2), 1)
        for values in (equal, nothing):
            self.assertEqual(metrics.gini(values), 0)
            self.assertEqual(metrics.jain(values), 1)
            self.assertAlmostEqual(metrics.atkinson(values, 0.7), 0, delta=1e-15)
        self.assertTrue(math.isnan(metrics.top_share(nothing)))

    def test_definitions_by_brute_force(self):
        generator = numpy.random.default_rng(2)
        for n in (1, 2, 3, 10, 101):
            x = generator.lognormal(0, 1.5, n)
            pairs = sum(abs(a - b) for a, b in itertools.product(x, x)) / n ** 2
            self.assertAlmostEqual(metrics.gini(x), pairs / (2 * x.mean()), delta=1e-12)
            self.assertAlmostEqual(metrics.gini(x * 1e9), metrics.gini(x), delta=1e-12)
            self.assertAlmostEqual(metrics.jain(x), 1 / (1 + x.var() / x.mean() ** 2), delta=1e-12)
            # At aversion 1 the index is the limit of its neighbours.
            self.assertAlmostEqual(metrics.atkinson(x, 1), metrics.atkinson(x, 1 + 1e-7), delta=1e-6)
            shares = [metrics.top_share(x, q) for q in (0.1, 0.4, 0.9)]
            self.assertEqual(shares, sorted(shares))
            # A gift from the richest to the poorest makes all of them say: more equal.
            if n >= 10:
                y = x.copy()
                y[x.argmax()] -= 0.1 * (x.max() - x.min())
                y[x.argmin()] += 0.1 * (x.max() - x.min())
                self.assertLess(metrics.gini(y), metrics.gini(x))
                self.assertGreater(metrics.jain(y), metrics.jain(x))
                self.assertLess(metrics.atkinson(y), metrics.atkinson(x))
                self.assertLess(metrics.top_share(y), metrics.top_share(x))

    def test_unusable_numbers(self):
        for function in (metrics.gini, metrics.jain, metrics.atkinson, metrics.top_share):
            for values in ([1, numpy.nan], [1, -1e-9], [1, numpy.inf], []):
                self.assertTrue(math.isnan(function(numpy.array(values, float))), (function, values))
        for bad in (-0.1, math.inf, math.nan):
            self.assertRaises(ValueError, metrics.atkinson, [1, 2], bad)
        for bad in (0, 1.1):
            self.assertRaises(ValueError, metrics.top_share, [1, 2], bad)

    def test_along_a_dimension(self):
        data = xarray.DataArray([[1, 2], [2, 2], [3, 2], [4, 8]], dims=("region", "time"), name="energy_kwh",
                                attrs={"units": "kWh", "long_name": "grid energy", "kind": "modelled"})
        found = metrics.gini(data, "region")
        self.assertEqual((found.dims, found.name, found.attrs["units"]), (("time",), "gini_energy_kwh", "1"))
        numpy.testing.assert_allclose(found, [0.25, metrics.gini([2, 2, 2, 8])], atol=1e-15)
        self.assertEqual(found.attrs["long_name"], "Gini coefficient over region of grid energy")
        self.assertEqual(metrics.top_share(data, 0.5, "region").dims, ("time",))
        self.assertEqual(metrics.atkinson(data, dim="time").dims, ("region",))
        numpy.testing.assert_array_equal(metrics.jain(data.values),
                                         [metrics.jain(row) for row in data.values])


class OfRuns(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.swarmsim("run", cls.scenario("flat"), "-o", "flat.h5")
        cls.summary = json.loads(cls.swarmsim("info", "flat.h5", "--summary", "json"))

    def test_against_what_the_program_derives(self):
        s = self.summary
        with Run(self.path("flat.h5")) as run:
            per_correct = float(metrics.carbon_per_correct_answer(run))
            energy = float(metrics.energy_intensity(run, correct=True))
            # The program's own: correct answers per joule, carbon per answer.
            self.assertAlmostEqual(energy * s["correct_per_joule"] * 3600, 1, delta=1e-12)
            share = s["requests_correct"] / s["requests_served"]
            self.assertAlmostEqual(per_correct * share / s["carbon_g_per_answer"], 1, delta=1e-12)
            self.assertAlmostEqual(float(metrics.energy_intensity(run)) / (energy * share), 1, delta=1e-12)
            by_market = float(metrics.carbon_per_correct_answer(run, "market", embodied=True))
            grams = s["carbon_market_g"] + s["embodied_g"]
            self.assertAlmostEqual(by_market / (grams / s["requests_correct"] / s["multiplicity"]), 1,
                                   delta=1e-12)
            gap = metrics.served_share_gap(run)
            self.assertAlmostEqual(float(gap), s["served_share_north"] - s["served_share_south"], delta=1e-15)
            self.assertEqual((gap.name, gap.attrs["units"]), ("served_share_gap", "1"))
            self.assertRaises(ValueError, metrics.carbon_per_correct_answer, run, "regional")

    def test_of_a_study(self):
        path = write_study(self.path("study.h5"), [Factor("load", [0.5, 1.0])], [
            Outcome("carbon_location_g", lambda p, s, r: 600 * p["load"], "g"),
            Outcome("requests_correct", lambda p, s, r: 10 * r), Outcome("multiplicity", lambda p, s, r: 3),
        ], replicates=2, status={(0, 1): FAILED})
        with Study(path) as study:
            found = metrics.carbon_per_correct_answer(study)
            self.assertEqual(found.dims, ("load", "replicate"))
            # No correct answer, a failed run: no value. 600 g over 10 · 3 answers.
            numpy.testing.assert_array_equal(found, [[numpy.nan, numpy.nan], [numpy.nan, 20]])
            study.add_outcome(found)
            self.assertEqual(study.mean_interval("carbon_g_per_correct_answer")["left_out"].tolist(), [2, 1])


if __name__ == "__main__":
    support.main()
