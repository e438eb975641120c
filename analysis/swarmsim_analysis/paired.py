"""Differences between policies, paired by seed, as `swarmsim compare` has them (docs/comparing.md)."""
import warnings

import numpy
import pandas

from .appearance import described
from .intervals import mean_interval
from .run import Run

FIGURES = ["reference_mean", "mean", "difference", "relative_pct", "low95", "high95", "seeds", "left_out",
           "significant"]


def pairs(reference, other):
    """Differences other − reference along the last axis, whose entries are pairs of equal seeds.

    A dict of arrays. Pairs without both values are left out and counted; `relative_pct` is that of
    |reference_mean|; `significant` says whether the interval lies on one side of zero (None without an
    interval).
    """
    reference, other = numpy.asarray(reference, float), numpy.asarray(other, float)
    both = numpy.isfinite(reference) & numpy.isfinite(other)
    before, after = (numpy.where(both, x, numpy.nan) for x in (reference, other))
    found = mean_interval(after - before)
    with numpy.errstate(invalid="ignore", divide="ignore"):
        reference_mean = mean_interval(before).mean
        relative = 100 * found.mean / numpy.abs(numpy.where(reference_mean == 0, numpy.nan, reference_mean))
    excludes_zero = ((found.low > 0) | (found.high < 0)).astype(object)
    significant = numpy.where(found.n > 1, excludes_zero, None)
    return dict(zip(FIGURES, (reference_mean, mean_interval(after).mean, found.mean, relative, found.low,
                              found.high, found.n, found.left_out, significant)))


def differences(study, outcome, factor, reference):
    """What each other level of a factor changes against `reference`, all other factors being equal.

    One row per level, combination of the other factors, and entry of a table: the figures of `pairs` over
    replicates, which must have the same seed at both points (common_random_numbers). Works for every design;
    points without a partner at the reference level are left out, and without any the study cannot answer.
    """
    levels = study.levels(factor)
    if reference not in levels:
        known = ", ".join(map(str, levels))
        raise ValueError(f"{study.path}: {factor} is never {reference!r} (it is {known})")
    table = study.table(outcome)
    keys = [name for name in table.columns[:-4] if name not in (factor, "point", "sample", "matrix")]
    if table.duplicated([factor, *keys, "replicate"]).any():
        raise ValueError(f"{study.path}: two points have the same factors, so it is not clear which to pair")
    at_reference = table[factor] == reference
    numbered = table[~at_reference].reset_index()
    joined = numbered.merge(table[at_reference], on=[*keys, "replicate"], suffixes=("", " of the reference"))
    joined = joined.sort_values("index")
    if joined.empty:
        raise ValueError(f"{study.path}: no two points differ in {factor} alone, so nothing can be paired")
    if (joined["seed"] != joined["seed of the reference"]).any():
        raise ValueError(f"{study.path}: replicates of different points have different seeds, so they cannot "
                         "be paired; repeat the study with common_random_numbers = true")
    attributes = study.values(outcome).attrs
    rows, by = [], [factor, *keys]
    for place, group in joined.groupby(by if keys else factor, sort=False):
        figures = pairs(group[f"{outcome} of the reference"], group[outcome])
        rows.append({**dict(zip(by, place if keys else (place,))), "reference": reference, "metric": outcome,
                     **_said(attributes), **{name: value[()] for name, value in figures.items()}})
    found = pandas.DataFrame(rows)
    words, units = described(study.dataset[factor])
    found.attrs["factor"] = words if units is None else f"{words} [{units}]"  # for a plot's axis
    return found


def _said(attributes):
    return {"long_name": attributes.get("long_name", ""), "units": attributes.get("units", "1")}


def compare_runs(reference, other):
    """Differences between two groups of finished runs, given as files: one row per figure of /summary.

    Scalars and the entries of tables over one axis, those that all files have; runs are paired by seed, and
    seeds without a partner are left out with a warning. ValueError for a group of several scenarios, a seed
    twice in a group, no common seed, or runs of other times or regions: such a difference would not come from
    the policy.
    """
    groups = [_by_seed(files) for files in (reference, other)]
    settings = [(run["setting"], run["path"]) for group in groups for run in group.values()]
    for setting, path in settings:
        if setting != settings[0][0]:
            raise ValueError(f"{path}: covers another time or other regions than {settings[0][1]}")
    seeds = sorted(groups[0].keys() & groups[1].keys())
    if not seeds:
        raise ValueError(f"{settings[-1][1]}: has no seed in common with {settings[0][1]}; "
                         "run both with one master seed")
    alone = sorted(groups[0].keys() ^ groups[1].keys())
    if alone:
        warnings.warn(f"left out: seeds {', '.join(map(str, alone))}, which only one of the groups has",
                      stacklevel=2)
    runs = [group[seed]["figures"] for group in groups for seed in seeds]
    names = [name for name in runs[0] if all(name in run for run in runs)]
    values = numpy.array([[run[name][0] for run in runs] for name in names], float)
    found = pairs(values[:, :len(seeds)], values[:, len(seeds):])
    said = [{"metric": name, **_said(runs[0][name][1])} for name in names]
    return pandas.concat([pandas.DataFrame(said), pandas.DataFrame(found)], axis=1)


def _by_seed(files):
    if not files:
        raise ValueError("a group has no file")
    group, scenario = {}, None
    for path in files:
        with Run(path) as run:
            if scenario not in (None, _scenario(run)):
                raise ValueError(f"{path}: is not of the same scenario as {files[0]}; a group has one")
            scenario = _scenario(run)
            if run.seed in group:
                raise ValueError(f"{path}: has seed {run.seed}, as {group[run.seed]['path']} has; "
                                 "leave one of them out")
            group[run.seed] = {"path": path, "figures": figures(run.summary), "setting": _setting(run)}
    return group


def _scenario(run):
    """The settings that decide what a run finds, apart from chance: docs/comparing.md says which."""
    settings = {name: values for name, values in run.settings.items() if name not in ("engine", "record")}
    aside = {"name", "question", "seed", "end", "cache_dir"}
    if not any(isinstance(section, dict) and section.get("source") == "trace"
               for section in settings.values()):
        aside.add("data_dir")
    return settings | {"run": {key: value for key, value in settings["run"].items() if key not in aside}}


def _setting(run):
    """What must be equal in runs that are compared: regions, warm-up and steps."""
    times = run.purpose["time"].values
    return tuple(run.summary["region"].values), run.settings["run"]["warmup"], tuple(times)


def figures(summary):
    """{name: (number, attributes)} of a /summary: its scalars, and of tables over one axis each entry as
    NAME[LABEL]."""
    found = {}
    for name, data in summary.data_vars.items():
        if data.dtype.kind not in "iuf":
            continue
        if data.ndim == 0:
            found[name] = (float(data), data.attrs)
        elif data.ndim == 1 and data.dims[0] in summary.coords:
            labels = summary[data.dims[0]].values
            found |= {f"{name}[{label}]": (value, data.attrs)
                      for label, value in zip(labels, data.values.tolist())}
    return found
