"""The collected file of a study: many runs as one Dataset."""
import copy
import dataclasses
import re

import numpy
import pandas

from .intervals import mean_interval
from .result_file import ResultError, ResultFile

_LABELLED = re.compile(r"(?P<table>.+)\[(?P<label>.*)\]")


@dataclasses.dataclass(frozen=True)
class SaltelliSample:
    """An outcome in the arrangement of Saltelli's design: N base samples, R replicates, k factors."""
    outcome: str
    factors: tuple
    a: numpy.ndarray   # N × R, at the rows of matrix A
    b: numpy.ndarray   # N × R, at the rows of matrix B
    ab: numpy.ndarray  # k × N × R, at the rows of A with column i taken from B


class Study:
    """The reader of `study.h5`, which `swarmsim sweep collect` writes.

        with Study("study.h5") as study:
            print(study.status_counts())
            print(study.mean_interval("carbon_location_g"))

    `dataset` is the xarray Dataset of the file. In a grid design each factor is a dimension; in all others
    `point` is one, along which the factors lie as coordinates. `replicate` is the other dimension. `seed` and
    `status` are coordinates. A value is NaN where the run is missing or failed, or has no such value.

    Where an outcome is asked for by name, a table's entry is one too: "served_share_by_region[BD]".

    Errors are ResultError for a file that cannot be read, and ValueError for a question that it cannot
    answer; both name the file.
    """

    def __init__(self, path):
        self._file = ResultFile(path, "swarmsim-study")
        self.path = self._file.path
        self.factors = tuple(name for name in self._file.attributes.get("factors", "").split("\n") if name)
        try:
            self.dataset = self._checked(self._file.dataset())
        except ResultError:
            self.close()
            raise

    def _checked(self, data):
        for name in (*self.factors, "replicate", "seed", "status"):
            if name not in data:
                raise ResultError(f"{self.path}: has no {name}, which every study of its design has")
        return data.set_coords([*self.factors, "seed", "status"])

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()

    def __repr__(self):
        varied = ", ".join(self.factors) or "no factor"
        return f"Study({str(self.path)!r}: {self.name}, {self.design} over {varied})"

    def close(self):
        self._file.close()

    def _refusal(self, problem):
        return ValueError(f"{self.path}: {problem}")

    # ---- root attributes -----------------------------------------------------------------------------------

    @property
    def provenance(self):
        """Every root attribute by name; `study` is the study file's text."""
        return dict(self._file.attributes)

    @property
    def name(self):
        return self._file.attributes["name"]

    @property
    def question(self):
        return self._file.attributes["question"]

    @property
    def design(self):
        """One of grid, list, lhs, sobol, saltelli, csv."""
        return self._file.attributes["design"]

    @property
    def common_random_numbers(self):
        """Whether replicate k has the same seed at every point."""
        return bool(self._file.attributes["common_random_numbers"])

    # ---- what was varied and what was found ----------------------------------------------------------------

    @property
    def design_dims(self):
        """Dimensions of the design, without `replicate`: the factors of a grid, else `point`."""
        return tuple(d for d in self.dataset["status"].dims if d != "replicate")

    @property
    def outcomes(self):
        """Names of all outcomes; those with a further dimension are tables."""
        return tuple(name for name, data in self.dataset.data_vars.items() if "replicate" in data.dims)

    def levels(self, factor):
        """Values of a factor in the order of the design."""
        if factor not in self.factors:
            raise self._refusal(f"has no factor {factor} (it has {', '.join(self.factors) or 'none'})")
        return list(pandas.unique(self.dataset[factor].values))

    def at(self, levels=None, **more):
        """The part of the study where factors have the given values, e.g. at(rule="justice")."""
        part = copy.copy(self)
        for factor, level in {**(levels or {}), **more}.items():
            known = self.levels(factor)
            if level not in known:
                raise self._refusal(f"{factor} is never {level!r} (it is {', '.join(map(str, known))})")
            data = part.dataset
            here = numpy.flatnonzero(data[factor].values == level)
            data = data.isel({factor: here[0]} if factor in data.dims else {"point": here})
            part.dataset = data.drop_vars(factor)
            part.factors = tuple(name for name in part.factors if name != factor)
        return part

    def add_outcome(self, values):
        """Adds a DataArray over the design and `replicate`, such as a derived metric, under its own name."""
        if values.name is None or "replicate" not in values.dims:
            raise ValueError("an outcome needs a name and the dimension replicate")
        strange = [dim for dim in values.dims if dim not in self.dataset.dims]
        if strange:
            raise self._refusal(f"{values.name} has a dimension {strange[0]}, which this part does not have")
        self.dataset = self.dataset.assign({values.name: values})

    def values(self, outcome):
        """The DataArray of an outcome, `replicate` behind the design, a table's axis last."""
        match = _LABELLED.fullmatch(outcome)
        name = match["table"] if match else outcome
        if name not in self.outcomes:
            raise self._refusal(f"has no outcome {name}")
        data = self.dataset[name]
        axes = [d for d in data.dims if d not in (*self.design_dims, "replicate")]
        if match:
            if len(axes) != 1 or match["label"] not in data[axes[0]].values.astype(str):
                raise self._refusal(f"{name} has no entry {match['label']}")
            entry = list(data[axes[0]].values.astype(str)).index(match["label"])
            data = data.isel({axes.pop(): entry}, drop=True).rename(outcome)
        return data.transpose(*self.design_dims, "replicate", *axes)

    def scalar(self, outcome):
        """The same for outcomes that are one number per run; ValueError for whole tables."""
        data = self.values(outcome)
        if data.dims[-1] != "replicate":
            axis = data.dims[-1]
            example = f"{outcome}[{data[axis].values[0]}]"
            raise self._refusal(f"{outcome} is a table over {axis}; name an entry, e.g. {example}")
        return data

    # ---- tables --------------------------------------------------------------------------------------------

    def _columns(self, data):
        """Coordinates that say where a value belongs, in the order of columns."""
        extra = [name for name in ("point", "sample", "matrix") if name in data.coords]
        axes = [d for d in data.dims if d not in (*self.design_dims, "replicate")]
        return [*extra, *self.factors, *axes]

    def _frame(self, data, name):
        frame = data.to_dataframe(name=name).reset_index()
        frame["status"] = frame["status"].map(self._meanings)
        return frame[[*self._columns(data), "replicate", "seed", "status", name]]

    @property
    def _meanings(self):
        status = self.dataset["status"].attrs
        meanings = status["flag_meanings"].split()
        return dict(zip(numpy.atleast_1d(status.get("flag_values", range(len(meanings)))).tolist(), meanings))

    def runs(self):
        """A row per run: point or factors, replicate, seed, status (done, failed or missing)."""
        return self._frame(self.dataset["status"], "code").drop(columns="code")

    def status_counts(self):
        """{"done": runs, "failed": runs, "missing": runs}."""
        codes = self.dataset["status"].values
        return {meaning: int((codes == code).sum()) for code, meaning in self._meanings.items()}

    def failed(self):
        """The rows of `runs` that failed."""
        frame = self.runs()
        return frame[frame["status"] == "failed"].reset_index(drop=True)

    def table(self, outcome):
        """A tidy table, a row per run and entry of a table: factors, replicate, seed, status, the outcome."""
        return self._frame(self.values(outcome), outcome)

    def mean_interval(self, outcome):
        """Means over replicates with 95 % intervals (Student's t), a row per point of the design and entry.

        Columns: factors, mean, low95, high95, runs (that have a value), left_out (the others). Without a
        second run no interval can be stated: NaN.
        """
        data = self.values(outcome)
        axes = [d for d in data.dims if d != "replicate"]
        found = mean_interval(data.transpose(*axes, "replicate").values)
        frame = data.isel(replicate=[0]).transpose(*axes, "replicate").to_dataframe(name="mean").reset_index()
        for column, numbers in zip(("mean", "low95", "high95", "runs", "left_out"), found):
            frame[column] = numbers.ravel()
        return frame[[*self._columns(data), "mean", "low95", "high95", "runs", "left_out"]]

    # ---- Saltelli's design ---------------------------------------------------------------------------------

    def saltelli(self, outcome):
        """The outcome at A, B and A_B of a saltelli design; ValueError for any other design."""
        if self.design != "saltelli":
            raise self._refusal(f"its design is {self.design}, not saltelli")
        data = self.scalar(outcome)
        sample, matrix = (self.dataset[name].values for name in ("sample", "matrix"))
        order = numpy.lexsort((sample, matrix))
        n, k = len(numpy.unique(sample)), len(self.factors)
        whole = numpy.array_equal(matrix[order], numpy.repeat(numpy.arange(k + 2), n))
        if not whole or not (sample[order].reshape(k + 2, n) == numpy.unique(sample)).all():
            raise self._refusal(f"is not a whole saltelli design of {n} samples and {k} factors")
        runs = data.values[order].reshape(k + 2, n, -1)
        return SaltelliSample(outcome, self.factors, runs[0], runs[1], runs[2:])
