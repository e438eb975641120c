"""Writes a study.h5 as `swarmsim sweep collect` does (docs/format.md's rules: scales, units, no fill values).

Values come from functions, so a test knows what must be read back.
"""
import dataclasses
import itertools
import math

import h5py
import numpy

DONE, FAILED, MISSING = 0, 1, 2


@dataclasses.dataclass
class Factor:
    name: str
    values: list  # levels of a grid; one per point in other designs; texts or numbers
    units: str = "1"
    long_name: str = ""


@dataclasses.dataclass
class Outcome:
    name: str
    value: object  # function(point: dict of factors, seed, replicate) -> number, or a list for a table
    units: str = "1"
    long_name: str = ""
    kind: str = "modelled"
    axis: str = ""
    labels: tuple = ()


def seed_of(point, replicate, common=True):
    return 1000 + replicate if common else 1000 * (point + 1) + replicate


class StudyFile:
    """Puts datasets with their attributes and dimension scales into an open file."""

    def __init__(self, file):
        self.file = file

    def put(self, name, values, dims, **attributes):
        values = numpy.asarray(values)
        text = values.dtype.kind in "OU"
        data = self.file.create_dataset(name, data=values.astype(object) if text else values,
                                        dtype=h5py.string_dtype() if text else values.dtype)
        for key, value in {"units": "1", "long_name": name, "kind": "accounting", **attributes}.items():
            data.attrs[key] = value
        if dims == (name,):
            data.make_scale(name)
        else:
            for axis, dim in zip(data.dims, dims):
                axis.attach_scale(self.file[dim])

    def bare_dimension(self, name, length):
        scale = self.file.create_dataset(name, (length,), ">f4")
        scale.make_scale(f"This is a netCDF dimension but not a netCDF variable.{length:10d}")


def saltelli_points(names, base_a, base_b):
    """(values of each factor at the N·(k + 2) points, sample, matrix); base matrices are N × k."""
    k = len(names)
    points, sample, matrix = [], [], []
    for i in range(len(base_a)):
        rows = [base_a[i], base_b[i],
                *(numpy.where(numpy.arange(k) == j, base_b[i], base_a[i]) for j in range(k))]
        points += rows
        sample += [i] * (k + 2)
        matrix += range(k + 2)
    return numpy.array(points), sample, matrix


def write_study(path, factors, outcomes, design="grid", replicates=3, common=True, status=None, saltelli=None,
                name="carbon_price", question="What does a carbon price change?"):
    """`status`: {(point, replicate): FAILED or MISSING}. `saltelli`: (sample, matrix) along the points."""
    grid = design == "grid"
    shape = tuple(len(f.values) for f in factors) if grid else (len(factors[0].values),)
    levels = [f.values for f in factors]
    combinations = itertools.product(*levels) if grid else zip(*levels)
    points = [dict(zip([f.name for f in factors], values)) for values in combinations]
    dims = tuple(f.name for f in factors) if grid else ("point",)
    with h5py.File(path, "w", libver="v108", track_order=True) as file:
        out = StudyFile(file)
        if not grid:
            out.put("point", numpy.arange(len(points)), ("point",), long_name="point of the design")
        for factor in factors:
            numbers = not isinstance(factor.values[0], str)
            values = numpy.array(factor.values, float) if numbers else factor.values
            out.put(factor.name, values, (factor.name,) if grid else dims, units=factor.units,
                    long_name=factor.long_name or factor.name)
        out.put("replicate", numpy.arange(replicates), ("replicate",), long_name="replicate")
        full = (*dims, "replicate")
        states = numpy.zeros((len(points), replicates), "i1")
        for where, state in (status or {}).items():
            states[where] = state
        seeds = [[seed_of(p, r, common) for r in range(replicates)] for p in range(len(points))]
        out.put("seed", numpy.reshape(seeds, (*shape, replicates)), full, long_name="seed of the run")
        out.put("status", states.reshape(*shape, replicates), full, long_name="how the run ended",
                flag_values=numpy.array([0, 1, 2], "i1"), flag_meanings="done failed missing")
        aside = ["seed", "status", *(() if grid else (f.name for f in factors))]
        for extra, values in zip(("sample", "matrix"), saltelli or ()):
            out.put(extra, numpy.array(values, "i8"), dims)
            aside.append(extra)
        for outcome in outcomes:
            if outcome.axis and outcome.axis not in file:
                out.put(outcome.axis, list(outcome.labels), (outcome.axis,),
                        long_name=f"name along {outcome.axis}")
            nothing = [math.nan] * len(outcome.labels) if outcome.axis else math.nan
            values = [[outcome.value(point, seeds[p][r], r) if states[p, r] == DONE else nothing
                       for r in range(replicates)] for p, point in enumerate(points)]
            table = (len(outcome.labels),) if outcome.axis else ()
            out.put(outcome.name, numpy.reshape(numpy.array(values, float), (*shape, replicates, *table)),
                    (*full, *((outcome.axis,) if outcome.axis else ())), units=outcome.units,
                    long_name=outcome.long_name or outcome.name, kind=outcome.kind,
                    coordinates=" ".join(aside))
        file.attrs.update({
            "filetype": "swarmsim-study", "format_version": 1, "name": name, "question": question,
            "study": f'[study]\nname = "{name}"\n', "design": design, "master_seed": 1,
            "common_random_numbers": int(common), "replicates": replicates, "points": len(points),
            "factors": "\n".join(f.name for f in factors), "swarmsim_version": "0.1.0",
            "source_revision": "test",
            "Conventions": "CF-1.10"})
    return path
