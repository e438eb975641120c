"""The non-dominated set against its definition, with ties, duplicates and missing values."""
import itertools

import numpy
import pandas
import support
from study_file import FAILED, Factor, Outcome, write_study
from swarmsim_analysis import Study, pareto


def by_definition(costs):
    """Each row against each other, written as the definition reads."""
    def dominates(p, q):
        return all(a <= b for a, b in zip(p, q)) and any(a < b for a, b in zip(p, q))
    return [not any(dominates(p, q) for p in costs) and not any(numpy.isnan(q)) for q in costs]


class Definition(support.unittest.TestCase):
    def test_brute_force(self):
        """1,000 sets of up to 40 points in 1 to 4 outcomes; most on a small lattice, with ties."""
        generator = numpy.random.default_rng(6)
        ties = missing = 0
        for _ in range(1000):
            shape = generator.integers(1, 41), generator.integers(1, 5)
            levels = generator.choice([2, 3, 5, 10 ** 6])
            costs = generator.integers(0, levels, shape).astype(float)
            costs[generator.random(shape) < generator.choice([0, 0.05])] = numpy.nan
            missing += numpy.isnan(costs).any()
            ties += len({tuple(row) for row in costs.tolist()}) < len(costs)
            self.assertEqual(pareto.non_dominated(costs).tolist(), by_definition(costs.tolist()))
        self.assertGreater(ties, 400)
        self.assertGreater(missing, 200)

    def test_mutants_of_the_definition(self):
        """Strictly better everywhere, and no worse anywhere without being better, are other sets."""
        strict = [[1, 1], [1, 2], [2, 1]]
        self.assertEqual(pareto.non_dominated(strict).tolist(), [True, False, False])
        equal = [[1, 2], [1, 2], [2, 1], [3, 3], [3, 3]]
        self.assertEqual(pareto.non_dominated(equal).tolist(), [True, True, True, False, False])

    def test_order_does_not_matter(self):
        costs = numpy.random.default_rng(7).integers(0, 4, (12, 3))
        chosen = pareto.non_dominated(costs)
        for order in itertools.islice(itertools.permutations(range(12)), 0, 4 * 10 ** 6, 10 ** 5):
            self.assertEqual(pareto.non_dominated(costs[list(order)]).tolist(), chosen[list(order)].tolist())

    def test_edges(self):
        self.assertEqual(pareto.non_dominated(numpy.zeros((0, 2))).tolist(), [])
        self.assertEqual(pareto.non_dominated([[numpy.nan, 1], [5, 5]]).tolist(), [False, True])
        self.assertEqual(pareto.non_dominated([[-numpy.inf, 1], [0, 0], [numpy.inf, 2]]).tolist(),
                         [True, True, False])
        for bad in ([1, 2], [[]], numpy.zeros((3, 0))):
            self.assertRaises(ValueError, pareto.non_dominated, bad)


class Directions(support.AnalysisTest):
    def test_minimise_and_maximise(self):
        table = pandas.DataFrame({"carbon": [1.0, 2, 3, 2], "access": [0.5, 0.7, 0.6, 0.7],
                                  "cost": [9.0, 1, 1, 2]})
        self.assertEqual(pareto.front(table, ["carbon"], ["access"]).tolist(), [True, True, False, True])
        self.assertEqual(pareto.front(table, ["carbon", "cost"], ["access"]).tolist(),
                         [True, True, False, False])
        self.assertEqual(pareto.front(table, [], ["access"]).tolist(), [False, True, False, True])
        self.assertEqual(pareto.front(table, ["carbon"]).tolist(), [True, False, False, False])
        self.assertRaises(ValueError, pareto.front, table)
        self.assertRaises(ValueError, pareto.front, table, ["carbon"], ["carbon"])

    def test_of_a_study(self):
        """Means over replicates decide: at x = 1 the first replicate alone would be on the front."""
        def access(point, seed, replicate):
            return {0: 0.2, 1: 0.9 if replicate == 0 else 0.1, 2: 0.6, 3: 0.5, 4: 0.9}[point["x"]]
        path = write_study(self.path("study.h5"), [Factor("x", [0.0, 1, 2, 3, 4])],
                           [Outcome("carbon", lambda p, s, r: p["x"]), Outcome("access", access),
                            Outcome("by_region", lambda p, s, r: [1, 2], axis="region", labels=("BD", "KE"))],
                           status={(4, k): FAILED for k in range(3)})
        with Study(path) as study:
            found = pareto.study_front(study, minimise=["carbon"], maximise=["access"])
            self.assertEqual(list(found), ["x", "carbon", "access", "on_front"])
            self.assertEqual(found["on_front"].tolist(), [True, True, True, False, False])
            self.assertAlmostEqual(found["access"][1], 1.1 / 3)
            self.assertTrue(pareto.study_front(study, ["by_region[KE]"])["on_front"][:4].all())
            self.refuses(ValueError, "table over region", pareto.study_front, study, ["by_region"])
            self.assertRaises(ValueError, pareto.study_front, study)


if __name__ == "__main__":
    support.main()
