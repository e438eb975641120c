"""Every plot: legible, nothing cut off, labelled from the file, distinct in grey, with the right numbers."""
import itertools
import warnings

import matplotlib
import matplotlib.pyplot as pyplot
import numpy
import support
from figure_faults import faults
from matplotlib.colors import to_hex, to_rgb
from study_file import FAILED, Factor, Outcome, saltelli_points, write_study
from swarmsim_analysis import Run, Study, appearance, metrics, paired, plots, sobol

RULES = ["flat", "carbon", "justice", "means-tested", "legacy", "legacy-sign-fixed", "legacy-unit-fixed"]
PRICES = [0.0, 25.0, 50.0, 100.0, 200.0, 400.0]
LONG = "share of requests whose users would pay the baseline price and that were answered by their deadline"


def emitted(point, seed, replicate):
    noise = numpy.random.default_rng([seed, RULES.index(point["rule"])]).normal()
    return 4e7 - 3e4 * point["carbon_price"] * (1 + RULES.index(point["rule"])) + 4e5 * noise


def served(point, seed, replicate):
    return 0.6 + 0.03 * RULES.index(point["rule"]) - point["carbon_price"] / 4000 + 0.01 * numpy.sin(seed)


def grid(path, **options):
    factors = [Factor("carbon_price", PRICES, "USD/t", "carbon price"),
               Factor("rule", RULES, "1", "pricing rule")]
    outcomes = [Outcome("carbon_location_g", emitted, "g", "location-based carbon"),
                Outcome("served_share", served, "1", LONG, "accounting")]
    return write_study(path, factors, outcomes, **options)


class Faults(support.unittest.TestCase):
    """The check of legibility finds what it is there for."""

    def plain(self, **options):
        figure, axes = pyplot.subplots(figsize=(4, 3), layout="constrained")
        self.addCleanup(pyplot.close, figure)
        axes.plot([1, 2, 3], [2, 1, 3], linewidth=3)
        axes.set(**{"xlabel": "time [d]", "ylabel": "load [1]", **options})
        return figure, axes

    def test_planted(self):
        self.assertEqual(faults(self.plain()[0]), [])
        self.assertIn("axes without a label", faults(self.plain(xlabel="", ylabel="")[0]))
        figure, axes = self.plain(xlabel=LONG)
        self.assertTrue(any(f.startswith("outside the canvas") for f in faults(figure)))
        figure, axes = self.plain()
        axes.text(2, 2, "tiny", fontsize=8)
        self.assertIn("smaller than 9 points: 'tiny'", faults(figure))
        figure, axes = self.plain()
        axes.set_xticks([1, 2, 3], ["a long name of a level"] * 3)
        self.assertTrue(any(f.startswith("over each other") for f in faults(figure)))
        figure, axes = self.plain()
        axes.plot([0, 1], [0, 1], transform=figure.transFigure, clip_on=False)
        self.assertIn("ink at the edge of the picture", faults(figure))
        figure, axes = self.plain()
        axes.clear()
        axes.set(xlabel="x", xticks=[], yticks=[])
        axes.axis("off")
        self.assertIn("hardly anything is drawn", faults(figure))


# Linear RGB as people without red, green and blue cones see it: Machado et al. 2009, severity 1.
VIEWS = [numpy.eye(3),
         [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
         [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
         [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]]


def cielab(colour, view):
    c = numpy.array(to_rgb(colour))
    linear = numpy.clip(view @ numpy.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), 0, 1)
    to_xyz = numpy.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ linear / to_xyz.sum(1)
    x, y, z = numpy.where(xyz > 0.008856, numpy.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return numpy.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest(colours):
    """The least distance of two colours in any view."""
    return min(numpy.linalg.norm(cielab(a, numpy.array(view)) - cielab(b, numpy.array(view)))
               for view in VIEWS for a, b in itertools.combinations(colours, 2))


class Palette(support.unittest.TestCase):
    def test_styles_differ(self):
        looks = [(s["color"], str(s["linestyle"])) for s in map(appearance.style, range(35))]
        self.assertEqual(len(set(looks)), 35)
        marks = [(s["marker"], str(s["linestyle"]))
                 for s in map(appearance.style, range(appearance.MOST_LINES))]
        self.assertEqual(len(set(marks)), appearance.MOST_LINES)  # without colour too
        self.assertEqual({c.upper() for c in appearance.COLOURS},  # all of Okabe and Ito's but yellow
                         {"#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"})

    def test_colour_blind(self):
        """All stay 15 units of CIELAB apart for people without red, green or blue cones too; of matplotlib's
        own first six, the mutant, some come within 5."""
        self.assertGreater(nearest(appearance.COLOURS), 15)
        self.assertLess(nearest(["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"]), 5)

    def test_texts(self):
        self.assertEqual([appearance.shown(x) for x in (50.0, 0.25, "flat", 3, 1234567.0)],
                         ["50", "0.25", "flat", "3", "1234567"])
        values = ((3e7, "g"), (5e3, "g"), (10, "g"), (2e3, "kWh"), (2e9, "s"))
        self.assertEqual([appearance.larger_unit([numpy.nan, -x], unit) for x, unit in values],
                         [(1e6, "t"), (1e3, "kg"), (1.0, "g"), (1e3, "MWh"), (1.0, "s")])
        self.assertEqual([appearance.decimals(x)
                          for x in ([0.5, 0.1], [31.0, 2], [1234.0], [0.0], [numpy.nan])], [3, 1, 0, 0, 0])
        self.assertEqual([appearance.dark(to_rgb(c)) for c in ("#00204d", "#808080", "#ffea46")],
                         [True, False, False])


class OfStudies(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.study = Study(grid(cls.path("grid.h5"), replicates=5, status={(3, 1): FAILED}))

    def legible(self, figure):
        self.addCleanup(pyplot.close, figure)
        self.assertEqual(faults(figure), [])
        self.assertTrue(figure.axes[0].get_xlabel())
        return figure.axes[0]

    def test_outcome_by_factor(self):
        ax = self.legible(plots.outcome_by_factor(self.study, "carbon_location_g", "carbon_price", by="rule"))
        self.assertEqual((ax.get_xlabel(), ax.get_ylabel()),
                         ("carbon price [USD/t]", "location-based carbon [t]"))
        self.assertEqual(ax.get_title("left"), "mean of 5 replicates, 95 % interval; without a value: 1")
        legend = ax.get_legend()
        self.assertEqual([legend.get_title().get_text(), *(t.get_text() for t in legend.get_texts())],
                         ["pricing rule", *RULES])
        lines = [line for line in ax.lines if line.get_marker() != "None"]
        means = self.study.at(rule="justice").mean_interval("carbon_location_g")
        numpy.testing.assert_allclose(lines[2].get_ydata(), means["mean"] / 1e6)
        numpy.testing.assert_array_equal(lines[2].get_xdata(), PRICES)
        self.assertEqual(len({(to_hex(line.get_color()), line.get_marker(), line.get_linestyle())
                              for line in lines}), 7)
        band = ax.collections[2].get_paths()[0].vertices
        self.assertAlmostEqual(band[:, 1].max(), means["high95"].max() / 1e6)
        one = self.legible(plots.outcome_by_factor(self.study.at(rule="flat"), "served_share",
                                                   "carbon_price"))
        self.assertEqual(one.get_ylabel().replace("\n", " "), LONG + " [1]")
        self.assertIsNone(one.get_legend())

    def test_heat_map(self):
        ax = self.legible(plots.heat_map(self.study, "served_share", "carbon_price", "rule"))
        self.assertEqual((ax.get_xlabel(), ax.get_ylabel()), ("carbon price [USD/t]", "pricing rule"))
        cells = [text.get_text() for text in ax.texts]
        means = self.study.mean_interval("served_share").pivot(index="rule", columns="carbon_price",
                                                               values="mean")
        self.assertEqual(cells, [f"{x:.3f}" for x in means.loc[RULES].to_numpy().ravel()])
        self.assertEqual(ax.collections[0].get_cmap().name, "cividis")
        self.legible(plots.heat_map(self.study, "carbon_location_g", "rule", "carbon_price"))

    def test_heat_map_with_a_hole_and_a_large_one(self):
        factors = [Factor("x", [1.0, 2, 3]), Factor("y", [0.5, 0.25])]
        path = write_study(self.path("hole.h5"), factors, [Outcome("f", lambda p, s, r: p["x"] / p["y"])],
                           status={(1, k): FAILED for k in range(3)})
        with Study(path) as study:
            ax = self.legible(plots.heat_map(study, "f", "x", "y"))
            self.assertEqual([text.get_text() for text in ax.texts],
                             ["–", "8.0", "12.0", "2.0", "4.0", "6.0"])
        many = [Factor("x", numpy.linspace(0, 1, 41).tolist()),
                Factor("y", [f"level number {i}" for i in range(30)])]
        path = write_study(self.path("large.h5"), many, [Outcome("f", lambda p, s, r: p["x"])], replicates=1)
        with Study(path) as study:
            self.assertEqual(len(self.legible(plots.heat_map(study, "f", "x", "y")).texts), 0)

    def test_forest(self):
        table = paired.differences(self.study, "carbon_location_g", "rule", "flat")
        ax = self.legible(plots.forest(table))
        names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
        self.assertEqual(names[:2], ["carbon, carbon price 0", "justice, carbon price 0"])
        self.assertEqual((ax.get_xlabel(), ax.get_ylabel()),
                         ("difference in location-based carbon [t]", "pricing rule"))
        self.assertEqual(ax.get_title("left"),
                         "against flat, paired by seed, 95 % intervals (filled: zero excluded)")
        filled, open_, crosses = ax.lines[1:4]
        self.assertEqual([len(line.get_xdata()) for line in (filled, open_, crosses)],
                         [table["significant"].sum(), (~table["significant"].astype(bool)).sum(), 0])
        self.assertEqual([line.get_markerfacecolor() for line in (filled, open_)],
                         [appearance.COLOURS[0], "white"])
        numpy.testing.assert_allclose(sorted([*filled.get_xdata(), *open_.get_xdata()]),
                                      sorted(table["difference"] / 1e6))
        single = paired.differences(self.study.at(rule="flat"), "served_share", "carbon_price", 0)
        self.assertEqual(self.legible(plots.forest(single)).get_ylabel(), "carbon price [USD/t]")

    def test_forest_of_a_single_seed(self):
        path = grid(self.path("single.h5"), replicates=1)
        with Study(path) as study:
            ax = self.legible(plots.forest(paired.differences(study.at(carbon_price=100), "served_share",
                                                              "rule", "flat")))
            self.assertEqual([len(line.get_xdata()) for line in ax.lines[1:4]], [0, 0, 6])
            self.assertEqual(ax.get_title("left"),
                             "against flat, paired by seed; cross: a single seed, no interval")
            ax = self.legible(plots.outcome_by_factor(study, "served_share", "carbon_price", by="rule"))
            self.assertEqual(ax.get_title("left"), "one run per point, no interval")

    def test_pareto_front(self):
        ax = self.legible(plots.pareto_front(self.study, "carbon_location_g", "served_share",
                                             ["carbon_location_g"],
                                             ["served_share"], by="rule"))
        self.assertEqual(ax.get_xlabel(), "location-based carbon (less is better) [t]")
        self.assertTrue(ax.get_ylabel().replace("\n", " ").endswith("deadline (more is better) [1]"))
        front = next(line for line in ax.lines if line.get_label() == "front")
        self.assertEqual(front.get_drawstyle(), "steps-post")
        self.assertTrue((numpy.diff(front.get_xdata()) >= 0).all()
                        and (numpy.diff(front.get_ydata()) >= 0).all())
        drawn = sum(len(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "None")
        self.assertEqual(drawn, 42)
        self.legible(plots.pareto_front(self.study.at(rule="flat"), "served_share", "carbon_location_g",
                                        minimise=["carbon_location_g"], maximise=["served_share"]))
        self.assertRaises(ValueError, plots.pareto_front, self.study, "served_share", "carbon_location_g",
                          ["served_share"])

    def test_derived_metrics(self):
        path = write_study(self.path("derived.h5"), [Factor("load", [0.5, 1.0, 1.5])], [
            Outcome("carbon_location_g", lambda p, s, r: 600 * p["load"] + r, "g"),
            Outcome("requests_correct", lambda p, s, r: 10), Outcome("multiplicity", lambda p, s, r: 3)])
        with Study(path) as study:
            study.add_outcome(metrics.carbon_per_correct_answer(study))
            ax = self.legible(plots.outcome_by_factor(study, "carbon_g_per_correct_answer", "load"))
            self.assertEqual(ax.get_ylabel(), "location-based carbon per correct answer\n[g]")

    def test_sobol_bars(self):
        names = ["carbon_price", "a_rather_long_name_of_a_factor_of_the_scenario", "load"]
        points, sample, matrix = saltelli_points(names, *numpy.random.default_rng(1).random((2, 64, 3)))
        factors = [Factor(name, points[:, i].tolist()) for i, name in enumerate(names)]
        path = write_study(self.path("saltelli.h5"), factors,
                           [Outcome("f", lambda p, s, r: p["load"] * (1 + p["carbon_price"]), "g", LONG)],
                           design="saltelli", saltelli=(sample, matrix), replicates=1,
                           status={(0, 0): FAILED})
        with Study(path) as study:
            found = sobol.study_indices(study, "f")
            ax = self.legible(plots.sobol_bars(found))
        self.assertIn("63 base samples, 1 left out, 95 % bootstrap intervals", ax.get_title("left"))
        widths = [bar.get_width() for bar in ax.patches]
        numpy.testing.assert_allclose(widths, [*found.table["first"], *found.table["total"]])
        places = ax.get_yticks().tolist()
        on_top = ax.get_yticklabels()[places.index(2)]
        self.assertEqual(on_top.get_text(), "carbon price")
        self.assertEqual({bar.get_hatch() for bar in ax.patches}, {None, "////"})
        constant = sobol.indices(numpy.ones(5), numpy.ones(5), numpy.ones((3, 5)))
        self.refuses(ValueError, "does not vary", plots.sobol_bars, constant)

    def test_questions_without_a_plot(self):
        study = self.study
        self.refuses(ValueError, ["grid.h5", "rule also varies", "study.at(rule=...)"],
                     plots.outcome_by_factor, study,
                     "served_share", "carbon_price")
        self.refuses(ValueError, ["grid.h5", "rule is not a number"], plots.outcome_by_factor, study,
                     "served_share", "rule",
                     by="carbon_price")
        many = [Factor("x", [1.0, 2.0]), Factor("kind", [f"k{i}" for i in range(15)])]
        path = write_study(self.path("many.h5"), many, [Outcome("f", lambda p, s, r: p["x"])])
        with Study(path) as crowded:
            self.refuses(ValueError, "cannot be told apart", plots.outcome_by_factor, crowded, "f", "x",
                         by="kind")
        mixed = paired.differences(study, "served_share", "rule", "flat")
        mixed.loc[0, "units"] = "g"
        self.refuses(ValueError, "different units", plots.forest, mixed)
        mixed["difference"] = numpy.nan
        self.refuses(ValueError, "no difference", plots.forest, mixed)

    def test_settings_stay_inside(self):
        before = dict(matplotlib.rcParams)
        self.legible(plots.heat_map(self.study, "served_share", "carbon_price", "rule"))
        self.assertEqual(dict(matplotlib.rcParams), before)


class OfRuns(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        cls.swarmsim("run", cls.scenario("flat"), "--set", "run.warmup=1d", "--duration", "3d", "-o",
                     "flat.h5")
        for rule in ("plain", "justice"):
            cls.swarmsim("run", cls.scenario(rule, rule.replace("plain", "flat")), "--replicates", "3")

    legible = OfStudies.legible

    def test_time_series(self):
        with Run(self.path("flat.h5")) as run:
            ax = self.legible(plots.time_series(run, "carbon_location_g"))
            self.assertEqual(ax.get_xlabel(), "time since 2022-01-03 00:00 UTC [d]")
            self.assertEqual(ax.get_title("left"), "steps of 5 min, means over 0.5 h; grey: warm-up")
            legend = [text.get_text() for text in ax.get_legend().get_texts()]
            self.assertEqual((ax.get_legend().get_title().get_text(), legend), ("region", ["BD", "KE", "DE"]))
            hours = run.region["carbon_location_g"].values.reshape(192, 6, 3).mean(1)
            size, _ = appearance.larger_unit(hours, "g")
            for i, line in enumerate(ax.lines):
                numpy.testing.assert_allclose(line.get_ydata()[:-1] * size, hours[:, i])
                numpy.testing.assert_allclose(line.get_xdata(), numpy.arange(193) / 48)
            warm_up = ax.patches[0].get_extents().transformed(ax.transData.inverted())
            self.assertAlmostEqual(warm_up.x1, 1, delta=1e-9)  # a day
            self.assertEqual(tuple(ax.get_xlim()), (0, 4))
            for name, group, options in (("accuracy", "region", {"hours": 0}),
                                         ("requests_placed", "site", {"hours": 5}),
                                         ("spend_usd", "purpose", {}), ("wallet_utkn", "agent", {}),
                                         ("price_usd_per_kilotoken", "market", {"entries": ["BD/vision"]})):
                if "entries" in options:
                    options["entries"] = run.market["market"].values[:2].tolist()
                self.legible(plots.time_series(run, name, group, **options))
            self.refuses(ValueError, ["flat.h5", "region is never FR (it is BD, KE, DE)"], plots.time_series,
                         run,
                         "energy_kwh", entries=["FR"])
            self.refuses(ValueError, ["flat.h5", "not a series"], plots.time_series, run, "agent_type",
                         "agent")
            self.refuses(ValueError, ["flat.h5", "not a series"], plots.time_series, run, "urgent",
                         "decision")

    def test_load_map(self):
        with Run(self.path("flat.h5")) as run:
            ax = self.legible(plots.load_map(run, 6))
            busy = run.site["utilisation"].values.reshape(16, 72, -1).mean(1)
            numpy.testing.assert_allclose(ax.collections[0].get_array().reshape(-1, 16), busy.T)
            hot = (run.site["utilisation"].values > 0.85).reshape(16, 72, -1).mean(1) >= 0.5
            self.assertEqual(len(ax.collections[1].get_offsets()), hot.sum())
            self.assertGreater(hot.sum(), 0)
            self.assertEqual([text.get_text() for text in ax.get_yticklabels()], run.site["site"].values.tolist())

    def test_forest_of_runs(self):
        files = [[self.path(f"{rule}.r{k}.h5") for k in range(3)] for rule in ("plain", "justice")]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = paired.compare_runs(*files)
            chosen = table[table["metric"].isin(["carbon_location_g", "delay_s", "served_share_by_region[KE]",
                                                 "accepting_share"])]
            ax = self.legible(plots.forest(chosen, relative=True))
        names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
        self.assertIn("served share by asking region [KE]", names)
        self.assertEqual(ax.get_xlabel(), "difference [% of the reference]")
        self.refuses(ValueError, "different units", plots.forest, table)


if __name__ == "__main__":
    support.main()
