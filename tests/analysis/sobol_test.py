"""Sobol' indices against closed forms, the coverage of their intervals, and estimators that are wrong."""
import math

import numpy
import support
from study_file import FAILED, Factor, Outcome, saltelli_points, write_study
from swarmsim_analysis import Study, sobol

COLUMNS = ("first", "total")
WEIGHTS = numpy.array([0, 1, 4.5, 9, 99, 99])


def ishigami(u):
    """Ishigami and Homma 1990, a = 7, b = 0.1, of factors that are uniform on [0, 1]."""
    x = math.pi * (2 * u - 1)
    return numpy.sin(x[:, 0]) + 7 * numpy.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * numpy.sin(x[:, 0])


def ishigami_indices():
    a, b = 7, 0.1
    first = [(1 + b * math.pi ** 4 / 5) ** 2 / 2, a ** 2 / 8, 0]
    both = b ** 2 * math.pi ** 8 * (1 / 18 - 1 / 50)
    variance = sum(first) + both
    return numpy.array([first, [first[0] + both, first[1], both]]) / variance


def g_function(u):
    """Sobol' 1993 with a = (0, 1, 4.5, 9, 99, 99)."""
    return ((abs(4 * u - 2) + WEIGHTS) / (1 + WEIGHTS)).prod(1)


def g_indices():
    parts = 1 / (3 * (1 + WEIGHTS) ** 2)
    total = [parts[i] * numpy.delete(1 + parts, i).prod() for i in range(6)]
    return numpy.array([parts, total]) / ((1 + parts).prod() - 1)


CASES = {"ishigami": (ishigami, 3, ishigami_indices()), "g": (g_function, 6, g_indices())}


def evaluated(function, k, n, generator, column=lambda i: i):
    """f(A), f(B), f(A_B); `column` says which column of B replaces column i, a mutant unless i."""
    a, b = generator.random((2, n, k))
    mixed = []
    for i in range(k):
        rows = a.copy()
        rows[:, column(i)] = b[:, column(i)]
        mixed.append(function(rows))
    return function(a), function(b), numpy.array(mixed)


def inside(found, exact):
    """Whether each closed form lies in its interval: 2 × k."""
    return numpy.array([(found.table[c + "_low"] <= e) & (e <= found.table[c + "_high"])
                        for c, e in zip(COLUMNS, exact)])


class ClosedForms(support.unittest.TestCase):
    def test_the_forms_themselves(self):
        """Against published digits."""
        numpy.testing.assert_allclose(ishigami_indices(), [[0.3139, 0.4424, 0], [0.5576, 0.4424, 0.2437]],
                                      atol=5e-5)
        numpy.testing.assert_allclose(g_indices()[0, :3], [0.7163, 0.1791, 0.0237], atol=5e-5)

    def test_within_the_intervals_of_a_fixed_design(self):
        for name, (function, k, exact) in CASES.items():
            found = sobol.indices(*evaluated(function, k, 2 ** 12, numpy.random.default_rng(1)), outcome=name)
            self.assertTrue(inside(found, exact).all(), f"{name}\n{found.table}\n{exact}")
            # The intervals say something: none is wider than 0.11, none of a weak factor's total than 0.01.
            widths = numpy.array([found.table[c + "_high"] - found.table[c + "_low"] for c in COLUMNS])
            self.assertLess(widths.max(), 0.11)
            self.assertLess(widths[1][exact[1] < 0.05].max(initial=0), 0.01)
            self.assertEqual((found.samples, found.dropped, found.note), (4096, 0, ""))
            self.assertTrue(math.isnan(found.noise_share))

    def test_coverage(self):
        """Of 200 independent designs of 256 base samples, the 95 % interval of each index covers the closed
        form in 88 % to 99 %: 95 % ± 3 standard errors of 1.54 %, and 2.5 % less for percentile intervals of a
        ratio."""
        for name, (function, k, exact) in CASES.items():
            covered = numpy.zeros((2, k))
            swapped = numpy.zeros((2, k))
            for design in range(200):
                a, b, ab = evaluated(function, k, 256, numpy.random.default_rng([8, design]))
                covered += inside(sobol.indices(a, b, ab, seed=design), exact)
                if design < 50:
                    swapped += inside(sobol.indices(b, a, ab, seed=design), exact)
            self.assertTrue(((covered >= 176) & (covered <= 198)).all(), f"{name}: {covered / 200}")
            # With A and B swapped some index of each order is hardly ever covered.
            self.assertTrue((swapped.min(1) <= 5).all(), f"{name}: a mutant covers {swapped / 50}")


class Mutants(support.unittest.TestCase):
    """Estimators that are wrong must miss the closed forms of the same design."""

    def test_wrong_arrangements(self):
        for name, (function, k, exact) in CASES.items():
            a, b, ab = evaluated(function, k, 2 ** 12, numpy.random.default_rng(1))
            wrong = evaluated(function, k, 2 ** 12, numpy.random.default_rng(1), column=lambda i: (i + 1) % k)
            for what, arrays in (("A and B swapped", (b, a, ab)), ("the next column", wrong),
                                 ("columns in reverse", (a, b, ab[::-1])),
                                 ("samples out of step", (a, numpy.roll(b, 1), ab))):
                found = inside(sobol.indices(*arrays), exact)
                self.assertFalse(found.all(), f"{name}: {what} goes unnoticed")

    def test_shift_and_scale(self):
        """Shifting the outcome changes nothing; without centring it would."""
        a, b, ab = evaluated(ishigami, 3, 2 ** 10, numpy.random.default_rng(2))
        plain, shifted = sobol.indices(a, b, ab), sobol.indices(a + 1e6, b + 1e6, ab + 1e6)
        numpy.testing.assert_allclose(plain.table, shifted.table, atol=1e-8)
        scaled = sobol.indices(-3 * a, -3 * b, -3 * ab)
        numpy.testing.assert_allclose(plain.table, scaled.table, atol=1e-12)
        self.assertAlmostEqual(scaled.variance, 9 * plain.variance, delta=1e-9)
        both = numpy.concatenate([a, b])
        f = [x - both.mean() for x in (a, b, ab)]
        numpy.testing.assert_allclose(plain.table["first"], (f[1] * (f[2] - f[0])).mean(1) / both.var(),
                                      atol=1e-12)
        numpy.testing.assert_allclose(plain.table["total"], ((f[0] - f[2]) ** 2).mean(1) / 2 / both.var(),
                                      atol=1e-12)


class Resampling(support.unittest.TestCase):
    def test_against_plain_resampling(self):
        """The intervals are percentiles of indices of resampled base samples, here computed one by one."""
        a, b, ab = evaluated(g_function, 6, 64, numpy.random.default_rng(3))
        found = sobol.indices(a, b, ab, resamples=4000, seed=1).table
        generator = numpy.random.default_rng(9)
        many = []
        for _ in range(4000):
            rows = generator.integers(0, 64, 64)
            x, y, z = a[rows], b[rows], ab[:, rows]
            both = numpy.concatenate([x, y])
            many.append([((y - both.mean()) * (z - x)).mean(1) / both.var(),
                         ((x - z) ** 2).mean(1) / 2 / both.var()])
        spread = numpy.std(many, 0)
        for column, values, s in zip(COLUMNS, numpy.transpose(many, (1, 0, 2)), spread):
            for end, q in (("_low", 2.5), ("_high", 97.5)):
                # A percentile of 4,000 draws has a standard error of about 0.042 standard deviations, two
                # together 0.06; some of these statistics are skewed, so 0.3.
                self.assertLess((abs(found[column + end] - numpy.percentile(values, q, 0)) / s).max(), 0.3)

    def test_seed(self):
        arrays = evaluated(ishigami, 3, 100, numpy.random.default_rng(4))
        first = sobol.indices(*arrays, seed=5).table
        self.assertTrue(first.equals(sobol.indices(*arrays, seed=5).table))
        other = sobol.indices(*arrays, seed=6).table
        self.assertTrue((first[["first", "total"]] == other[["first", "total"]]).all().all())
        self.assertTrue((first["first_low"] != other["first_low"]).all())


class Data(support.AnalysisTest):
    def test_constant_outcomes(self):
        for value in (0.0, 1e9 / 3):
            found = sobol.indices(*(numpy.full(shape, value) for shape in (50, 50, (3, 50))))
            self.assertTrue(found.table.isna().all().all())
            self.assertIn("does not vary", found.note)
        # What rounding leaves of a mean is no variance either.
        a, b, ab = (numpy.tile([0.1, 0.2, 0.3], (*shape, 1)) for shape in ((50,), (50,), (3, 50)))
        b = b[:, ::-1]
        self.assertIn("does not vary", sobol.indices(a, b, ab).note)

    def test_a_factor_that_does_nothing(self):
        found = sobol.indices(*evaluated(lambda u: u[:, 0], 2, 200, numpy.random.default_rng(5))).table
        self.assertEqual(found.loc["x2"].tolist(), [0] * 6)
        self.assertLess(abs(found["total"]["x1"] - 1), 0.2)

    def test_missing_values(self):
        a, b, ab = evaluated(ishigami, 3, 300, numpy.random.default_rng(6))
        keep = numpy.ones(300, bool)
        keep[[3, 7, 8]] = False
        expected = sobol.indices(a[keep], b[keep], ab[:, keep])
        a[3], b[7], ab[1, 8], ab[2, 8] = numpy.nan, numpy.inf, numpy.nan, numpy.nan
        found = sobol.indices(a, b, ab)
        self.assertEqual((found.samples, found.dropped), (297, 3))
        self.assertTrue(found.table.equals(expected.table))
        a[:] = numpy.nan
        found = sobol.indices(a, b, ab)
        self.assertEqual((found.samples, found.dropped), (0, 300))
        self.assertIn("fewer than two base samples", found.note)
        self.assertTrue(found.table.isna().all().all())

    def test_replicates_are_averaged_first(self):
        arrays = evaluated(ishigami, 3, 2 ** 12, numpy.random.default_rng(7))
        generator = numpy.random.default_rng(8)
        noisy = [x[..., None] + generator.normal(0, 2, (*x.shape, 4)) for x in arrays]
        found = sobol.indices(*noisy)
        averaged = sobol.indices(*(x.mean(-1) for x in noisy))
        numpy.testing.assert_allclose(found.table, averaged.table, rtol=1e-12, atol=1e-12)
        # A variance of 4 over 4 replicates is 1 of 14.845; 3 standard errors are 0.004.
        variance = 7 ** 2 / 8 + 0.1 * math.pi ** 4 / 5 + 0.01 * math.pi ** 8 / 18 + 0.5
        self.assertAlmostEqual(found.noise_share, 1 / (1 + variance), delta=0.004)
        # Noise adds itself to every total and takes from every first order.
        exact = ishigami_indices() * variance / (1 + variance)
        exact[1] += 1 / (1 + variance)
        self.assertTrue((abs(found.table["total"] - exact[1]) < 0.05).all())
        self.assertTrue((abs(found.table["first"] - exact[0]) < 0.07).all())

    def test_wrong_shapes(self):
        good = [numpy.zeros(5), numpy.zeros(5), numpy.zeros((2, 5))]
        for i, shape in ((0, 4), (1, (5, 2)), (2, (5, 2)), (2, 5)):
            bad = numpy.zeros(shape)
            self.assertRaises(ValueError, sobol.indices, *[bad if j == i else x for j, x in enumerate(good)])
        self.refuses(ValueError, "too few", sobol.indices, *good, resamples=999)
        self.refuses(ValueError, "3 names for 2 factors", sobol.indices, *good, factors=["a", "b", "c"])

    def test_of_a_study(self):
        a, b = numpy.random.default_rng(10).random((2, 128, 3))
        points, sample, matrix = saltelli_points("xyz", a, b)
        factors = [Factor(name, points[:, i].tolist()) for i, name in enumerate("xyz")]

        def value(point, seed, replicate):
            return ishigami(numpy.array([[point["x"], point["y"], point["z"]]]))[0] + replicate

        path = write_study(self.path("saltelli.h5"), factors,
                           [Outcome("f", value, long_name="Ishigami's function")],
                           design="saltelli", replicates=2, saltelli=(sample, matrix),
                           status={(12, 1): FAILED})
        with Study(path) as study:
            found = sobol.study_indices(study, "f", seed=3)
        keep = numpy.arange(128) != 12 // 5
        mixed = numpy.array([numpy.where(numpy.arange(3) == i, b, a) for i in range(3)])
        expected = sobol.indices(ishigami(a[keep]), ishigami(b[keep]),
                                 numpy.array([ishigami(m[keep]) for m in mixed]), seed=3)
        numpy.testing.assert_allclose(found.table, expected.table, atol=1e-9)
        self.assertEqual((found.samples, found.dropped, list(found.table.index)), (127, 1, ["x", "y", "z"]))
        self.assertEqual((found.outcome, found.long_name), ("f", "Ishigami's function"))


if __name__ == "__main__":
    support.main()
