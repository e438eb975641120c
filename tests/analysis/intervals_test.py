"""The 95 % interval of a mean: quantiles, the worked example of docs/comparing.md, coverage."""
import math

import numpy
import support
from swarmsim_analysis.intervals import mean_interval, t_quantile

# Abramowitz and Stegun, table 26.10, and any printed table: t(0.975, df).
TABLE = {1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 5: 2.57058, 9: 2.26216,
         10: 2.22814, 29: 2.04523, 30: 2.04227, 120: 1.97993}


class Quantiles(support.unittest.TestCase):
    def test_published(self):
        for df, t in TABLE.items():
            self.assertAlmostEqual(t_quantile(0.975, df), t, delta=6e-5 if t > 10 else 6e-6)
        self.assertAlmostEqual(t_quantile(0.95, 5), 2.01505, delta=6e-6)
        self.assertAlmostEqual(t_quantile(0.975, 10 ** 6), 1.959966, delta=2e-6)  # nearly normal

    def test_closed_forms(self):
        for p in (0.01, 0.3, 0.6, 0.975, 0.9999):
            self.assertAlmostEqual(t_quantile(p, 1) / math.tan(math.pi * (p - 0.5)), 1, delta=1e-12)
            two = (2 * p - 1) * math.sqrt(2 / (1 - (2 * p - 1) ** 2))
            self.assertAlmostEqual(t_quantile(p, 2) / two, 1, delta=1e-11)
        self.assertEqual(t_quantile(0.25, 7), -t_quantile(0.75, 7))
        self.assertEqual(t_quantile(0.5, 3), 0)
        self.assertTrue(all(math.isnan(t_quantile(p, df)) for p, df in ((0, 3), (1, 3), (0.5, 0))))


class Means(support.unittest.TestCase):
    def test_worked_example(self):
        found = mean_interval([-1.0, -2.0, -4.0])
        self.assertAlmostEqual(float(found.mean), -7 / 3, delta=1e-15)
        self.assertAlmostEqual(float(found.high), -7 / 3 + 4.302652729749461 * math.sqrt(7 / 9), delta=1e-13)
        self.assertAlmostEqual(float(found.low + found.high), -14 / 3, delta=1e-14)
        self.assertEqual((int(found.n), int(found.left_out)), (3, 0))

    def test_missing_values_are_left_out_and_counted(self):
        found = mean_interval([[1, numpy.nan, 3], [numpy.inf, numpy.nan, 5], [numpy.nan] * 3])
        numpy.testing.assert_array_equal(found.n, [2, 1, 0])
        numpy.testing.assert_array_equal(found.left_out, [1, 2, 3])
        numpy.testing.assert_array_equal(found.mean, [2, 5, numpy.nan])
        self.assertAlmostEqual(found.high[0], 2 + 12.706204736174696, delta=1e-12)
        self.assertTrue(numpy.isnan(found.low[1:]).all() and numpy.isnan(found.high[1:]).all())
        self.assertEqual(mean_interval(numpy.zeros((0, 3))).mean.shape, (0,))

    def test_coverage(self):
        """Of 20,000 intervals from four normal values 95 % cover the mean, within three standard errors
        (0.46 %); with the normal quantile, the mutant, only 85 % do."""
        samples = numpy.random.default_rng(1).normal(3, 2, (20_000, 4))
        found = mean_interval(samples)
        self.assertLess(abs(((found.low <= 3) & (3 <= found.high)).mean() - 0.95),
                        3 * math.sqrt(0.95 * 0.05 / 20_000))
        half = (found.high - found.mean) * 1.959964 / t_quantile(0.975, 3)
        self.assertLess((abs(found.mean - 3) <= half).mean(), 0.87)


if __name__ == "__main__":
    support.main()
