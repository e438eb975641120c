"""Sobol' indices from the points that `swarmsim sweep plan` chooses, against closed forms."""
import numpy
import pandas
import support
from sobol_test import CASES, inside
from swarmsim_analysis import sobol

# Keys whose values become coordinates of the test functions; any with a range would do.
KEYS = {"pricing.markup": (0.0, 0.5), "workload.load": (0.2, 1.2), "pricing.load_slope": (0.0, 3.0),
        "demand.income_elasticity": (0.0, 1.0), "pricing.load_knee": (0.1, 0.9), "demand.elasticity": (-2.0, -0.1)}
SAMPLES = 512
SEEDS = range(1, 5)


def study_text(keys, seed):
    factors = "".join(f'[[factor]]\nkey = "{key}"\nmin = {low}\nmax = {high}\n' for key, (low, high) in keys.items())
    return (f'[study]\nscenario = "world.toml"\ndesign = "saltelli"\npoints = {SAMPLES}\nseed = {seed}\n' + factors)


def unit_points(design, keys):
    """Coordinates of every point in [0, 1)."""
    return numpy.column_stack([(design[key.split(".")[1]] - low) / (high - low) for key, (low, high) in keys.items()])


def indices(function, unit, sample, matrix, k):
    values = numpy.full((k + 2, SAMPLES), numpy.nan)
    values[matrix, sample] = function(unit)
    return sobol.indices(values[0], values[1], values[2:])


class SaltelliDesign(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.write("world.toml", 'regions = ["BD"]\n')

    def planned(self, name, keys, seed):
        self.swarmsim("sweep", "plan", self.write(f"{name}.toml", study_text(keys, seed)), "-o", f"{name}{seed}")
        return pandas.read_csv(self.path(f"{name}{seed}/design.csv"))

    def test_planned_points_give_the_closed_forms(self):
        """95 % intervals cover at least 90 % of 72 indices (fewer by chance: 3 in 100, if the points were independent)."""
        covered, mistaken = [], []
        for name, (function, k, exact) in CASES.items():
            keys = dict(list(KEYS.items())[:k])
            for seed in SEEDS:
                design = self.planned(name, keys, seed)
                self.assertEqual(len(design), SAMPLES * (k + 2))
                unit, sample, matrix = unit_points(design, keys), design["sample"].to_numpy(), design["matrix"].to_numpy()
                covered.append(inside(indices(function, unit, sample, matrix, k), exact).ravel())
                # A mutant: A and a mixed matrix exchanged.
                wrong = numpy.where(matrix == 0, 2, numpy.where(matrix == 2, 0, matrix))
                mistaken.append(inside(indices(function, unit, sample, wrong, k), exact).ravel())
        self.assertGreaterEqual(numpy.concatenate(covered).mean(), 0.9)
        self.assertLess(numpy.concatenate(mistaken).mean(), 0.9)


if __name__ == "__main__":
    support.main()
