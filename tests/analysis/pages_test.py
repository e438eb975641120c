"""docs/analysis.md: its code is run as it stands there, it names everything public, and it is short."""
import contextlib
import inspect
import io
import os
import re
import sys

import matplotlib.image
import matplotlib.pyplot as pyplot
import numpy
import support
import swarmsim_analysis
from study_file import Factor, Outcome, saltelli_points, write_study
from swarmsim_analysis import Run, Study

PAGE = os.path.join(support.ROOT, "docs", "analysis.md")
MOST_LINES = 150


def read(*parts):
    with open(os.path.join(support.ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def outcomes_like(summary):
    """All scalars of a real /summary and its tables by region; they grow with every factor."""
    def outcome(name, data):
        def value(point, seed, replicate):
            sizes = [x / 500 if isinstance(x, (int, float)) else len(x) / 50 for x in point.values()]
            factor = 1 + sum(sizes) + 0.01 * numpy.sin(seed)
            return data.values * factor
        axis = {"axis": "region", "labels": tuple(data["region"].values)} if data.dims else {}
        attributes = {key: data.attrs[key] for key in ("units", "long_name", "kind")}
        return Outcome(name, value, **attributes, **axis)
    return [outcome(name, data) for name, data in summary.data_vars.items() if data.dims in ((), ("region",))]


class Page(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        """The files that the page's commands make, of a small world."""
        cls.swarmsim("run", cls.scenario("pilot"), "-o", "pilot.h5")
        for rule in ("flat", "justice"):
            cls.swarmsim("run", cls.scenario(rule, rule), "--replicates", "5")
        with Run(cls.path("pilot.h5")) as run:
            outcomes = outcomes_like(run.summary.load())
        for name in ("price_rules", "sensitivity"):
            os.mkdir(cls.path(name))
        write_study(cls.path("price_rules/study.h5"), [
            Factor("carbon_price", [0.0, 100, 200], "USD/t"),
            Factor("rule", ["carbon", "justice"])], outcomes)
        names = ["load", "markup"]
        points, sample, matrix = saltelli_points(names, *numpy.random.default_rng(1).random((2, 128, 2)))
        write_study(cls.path("sensitivity/study.h5"),
                    [Factor(n, points[:, i].tolist()) for i, n in enumerate(names)],
                    outcomes, design="saltelli", replicates=2, saltelli=(sample, matrix))

    def test_its_code_runs(self):
        blocks = re.findall(r"^```python\n(.*?)^```$", read("docs", "analysis.md"), re.M | re.S)
        self.assertEqual(len(blocks), 4)
        wanted = re.findall(r'savefig\("(\w+\.png)"\)', "".join(blocks))
        self.assertEqual(len(set(wanted)), 7)
        here = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, here)
        self.addCleanup(pyplot.close, "all")
        names, said = {}, io.StringIO()
        with contextlib.redirect_stdout(said):
            for number, block in enumerate(blocks):
                exec(compile(block, f"{PAGE}, block {number + 1}", "exec"), names)
        self.assertIn("g per correct answer", said.getvalue())
        self.assertIsInstance(names["study"], Study)
        for name in wanted:
            self.assertLess((matplotlib.image.imread(self.path(name))[:, :, :3] < 0.9).mean(), 0.9)
            self.assertGreater((matplotlib.image.imread(self.path(name))[:, :, :3] < 0.9).mean(), 0.005)

    def test_it_names_everything_public(self):
        page = read("docs", "analysis.md")
        for name in swarmsim_analysis.__all__:
            item = getattr(swarmsim_analysis, name)
            if inspect.ismodule(item):
                public = [n for n, f in vars(item).items() if inspect.isfunction(f) and not n.startswith("_")
                          and inspect.unwrap(f).__module__ == item.__name__]
                self.assertTrue(all(inspect.getdoc(getattr(item, n)) for n in public), name)
                names = {"paired": {"differences", "compare_runs"}}.get(name, public)
                for each in names:
                    self.assertIn(f"`{each}`", page, f"{name}.{each}")
            elif name not in ("SaltelliSample",):
                self.assertIn(f"`{name}`", page)

    def test_it_is_short(self):
        lines = read("docs", "analysis.md").split("\n")
        self.assertLessEqual(len(lines), MOST_LINES)


class Package(support.AnalysisTest):
    def test_version(self):
        version = re.search(r'^version = "(.*)"$', read("analysis", "pyproject.toml"), re.M)[1]
        self.assertTrue(self.swarmsim("version").startswith(f"swarmsim {version} "))

    def test_nothing_but_the_packages_it_says(self):
        line = re.search(r"^dependencies = (.*)$", read("analysis", "pyproject.toml"), re.M)[1]
        said = set(re.findall(r'"(\w+)"', line))
        folder = os.path.dirname(swarmsim_analysis.__file__)
        code = "".join(read(folder, name) for name in os.listdir(folder) if name.endswith(".py"))
        imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.M)) - {"swarmsim_analysis"}
        self.assertEqual(imported - sys.stdlib_module_names, said)


if __name__ == "__main__":
    support.main()
