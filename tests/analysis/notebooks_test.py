"""analysis/notebooks: every one runs from top to bottom in quick mode, draws what it promises, and is committed
without outputs."""
import base64
import glob
import io
import json
import os
import re
import sys

import support

try:
    import matplotlib.image
    import nbformat
    from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

NOTEBOOKS = os.path.join(support.ROOT, "analysis", "notebooks")
FIGURES = {"carbon_price": 5, "getting_started": 1, "justice_rules": 4, "reading_hdf5": 1, "sensitivity": 2}
KEPT = os.environ.get("SWARMSIM_KEEP_FIGURES")  # a folder to put the figures into, for a look at them


def committed():
    paths = glob.glob(os.path.join(NOTEBOOKS, "*.ipynb"))
    return {os.path.basename(path)[:-len(".ipynb")]: path for path in paths}


def faults(text):
    """What a committed notebook must not be."""
    book = json.loads(text)
    if text != json.dumps(book, indent=1, ensure_ascii=False) + "\n":
        yield "is not written with an indent of 1, line feeds, and a newline at the end"
    if (book["nbformat"], book["nbformat_minor"]) < (4, 5):
        yield "has a format before 4.5, without ids of cells"
    for number, cell in enumerate(book["cells"], 1):
        if cell.get("outputs") or cell.get("execution_count") is not None or cell.get("attachments"):
            yield f"cell {number} has outputs, a count or attachments"
    about = book["metadata"]
    if set(about) != {"kernelspec", "language_info"} or set(about["language_info"]) != {"name"}:
        yield "has metadata of one machine"


def figures(book):
    """Bytes of all figures that an executed notebook shows."""
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return [base64.b64decode(output.data["image/png"]) for output in outputs
            if "image/png" in output.get("data", {})]


class Notebooks(support.AnalysisTest):
    @classmethod
    def prepare(cls):
        """A kernel of this very interpreter, whatever others there are, and the settings of a quick run."""
        kernel = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                  "language": "python", "display_name": "the tests' own"}
        os.makedirs(cls.path("jupyter/kernels/of-the-tests"))
        cls.write("jupyter/kernels/of-the-tests/kernel.json", json.dumps(kernel))
        os.environ.pop("MPLBACKEND", None)  # Agg would show no figure in a notebook
        os.environ.update(JUPYTER_PATH=cls.path("jupyter"), IPYTHONDIR=cls.path("ipython"),
                          XDG_CACHE_HOME=cls.folder, MPLCONFIGDIR=cls.path("matplotlib"),
                          PYTHONPATH=os.path.join(support.ROOT, "analysis"),
                          PYTHONDONTWRITEBYTECODE="1", PYDEVD_DISABLE_FILE_VALIDATION="1",
                          SWARMSIM=support.SWARMSIM, SWARMSIM_QUICK="1")

    def executed(self, book, name):
        os.environ["SWARMSIM_NOTEBOOK_DIR"] = self.path(name)
        os.makedirs(self.path(name))
        runner = ExecutePreprocessor(timeout=300, kernel_name="of-the-tests")
        return runner.preprocess(book, {"metadata": {"path": NOTEBOOKS}})[0]

    def runs(self, name):
        book = self.executed(nbformat.read(committed()[name], as_version=4), name)
        said = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
        bad = [each for each in said if each.output_type == "error" or each.get("name") == "stderr"]
        self.assertEqual(bad, [])
        shown = figures(book)
        self.assertEqual(len(shown), FIGURES[name])
        for number, png in enumerate(shown, 1):
            pixels = matplotlib.image.imread(io.BytesIO(png))[:, :, :3]
            self.assertGreater((pixels < 0.9).any(axis=2).mean(), 0.005, f"figure {number} is empty")
            if KEPT:
                with open(os.path.join(KEPT, f"{name}-{number}.png"), "wb") as file:
                    file.write(png)

    def test_all_are_known(self):
        self.assertEqual(set(committed()), set(FIGURES))

    def test_carbon_price(self):
        self.runs("carbon_price")

    def test_getting_started(self):
        self.runs("getting_started")

    def test_justice_rules(self):
        self.runs("justice_rules")

    def test_reading_hdf5(self):
        self.runs("reading_hdf5")

    def test_sensitivity(self):
        self.runs("sensitivity")

    def test_committed_without_outputs(self):
        for name, path in committed().items():
            with open(path, encoding="utf-8", newline="") as file:
                self.assertEqual(list(faults(file.read())), [], name)

    def test_links_lead_somewhere(self):
        for name, path in committed().items():
            with open(path, encoding="utf-8") as file:
                cells = [cell for cell in json.load(file)["cells"] if cell["cell_type"] == "markdown"]
            for target in re.findall(r"\]\(([^)]+)\)", "".join("".join(cell["source"]) for cell in cells)):
                self.assertTrue(os.path.exists(os.path.join(NOTEBOOKS, target)), f"{name}: {target}")

    def test_committed_outputs_are_noticed(self):
        with open(committed()["getting_started"], encoding="utf-8", newline="") as file:
            text = file.read()
        for old, new, fault in (('"outputs": []', '"outputs": [\n    "x"\n   ]', "has outputs"),
                                ('"execution_count": null', '"execution_count": 1', "has outputs"),
                                ('"name": "python"', '"name": "python",\n   "version": "3.11.2"', "metadata"),
                                ('"nbformat_minor": 5', '"nbformat_minor": 4', "before 4.5"),
                                ("\n", "\r\n", "indent"), ('\n "cells"', '\n  "cells"', "indent")):
            self.assertIn(old, text)
            self.assertTrue(any(fault in found for found in faults(text.replace(old, new, 1))), fault)

    def test_a_failing_cell_is_noticed(self):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import swarmsim_analysis"),
                                               nbformat.v4.new_code_cell("1 / 0")])
        with self.assertRaises(CellExecutionError) as caught:
            self.executed(book, "planted")
        self.assertIn("ZeroDivisionError", str(caught.exception))

    def test_the_kernel_is_this_interpreter(self):
        cells = [nbformat.v4.new_code_cell("import sys; print(sys.executable)")]
        book = nbformat.v4.new_notebook(cells=cells)
        self.assertEqual(self.executed(book, "kernel").cells[0].outputs[0].text.strip(), sys.executable)


if __name__ == "__main__":
    support.main()
