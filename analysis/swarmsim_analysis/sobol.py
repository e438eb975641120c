"""Sensitivity indices of Sobol': how much of an outcome's variance each factor explains."""
import dataclasses

import numpy
import pandas

LEAST_RESAMPLES = 1000  # for percentiles at 2.5 % and 97.5 %
_BLOCK = 1 << 22        # counts held at a time while resampling


@dataclasses.dataclass(frozen=True)
class SobolIndices:
    """`table`: a row per factor with the columns first, first_low, first_high, total, total_low, total_high
    [1]."""
    outcome: str
    table: pandas.DataFrame
    samples: int        # base samples used
    dropped: int        # base samples left out because one of their runs has no value
    variance: float     # of the outcome (mean over replicates) over the factors, in its unit squared
    noise_share: float  # part of that variance that replicates leave uncertain; NaN with one replicate
    note: str           # why there are no indices, or empty
    long_name: str      # of the outcome


def study_indices(study, outcome, **options):
    """`indices` of an outcome of a saltelli study; options as there."""
    sample = study.saltelli(outcome)
    words = study.scalar(outcome).attrs.get("long_name", "")
    return indices(sample.a, sample.b, sample.ab, sample.factors, outcome=outcome, long_name=words, **options)


def indices(a, b, ab, factors=None, *, outcome="", long_name="", resamples=LEAST_RESAMPLES, seed=0):
    """First-order and total indices with 95 % intervals.

    `a`, `b`: the outcome at the rows of two independent matrices A and B, N numbers or N × R replicates;
    `ab`: k × N (× R), at A with column i taken from B. With f the mean over replicates, less its mean over A
    and B, and V its variance over A and B:

        first order  S_i = mean(f(B)·(f(AB_i) − f(A))) / V
                     Saltelli et al., Computer Physics Communications 181, 2010, table 2 (b)
        total        T_i = mean((f(A) − f(AB_i))²) / 2V
                     Jansen, Computer Physics Communications 117, 1999

    S_i is the part of the variance that would go if factor i were known, T_i the part that would stay if all
    others were. Estimates may fall a little outside [0, 1]. Intervals are percentiles (2.5 %, 97.5 %) of
    `resamples` bootstrap samples of the N base samples, drawn with `seed`: they cover the choice of base
    samples.

    The mean over replicates is taken first, so the indices are those of the expected outcome. What chance is
    left in the means adds to V and T_i and makes S_i smaller; `noise_share` estimates its part in V (an upper
    bound under common random numbers, where much of it cancels). A base sample with a missing value is
    dropped and counted. Without variance all indices are NaN and `note` says so.
    """
    a, b, ab = (numpy.asarray(x, float) for x in (a, b, ab))
    if a.ndim == 1:
        a, b, ab = a[..., None], b[..., None], ab[..., None]
    if a.ndim != 2 or b.shape != a.shape or ab.shape[1:] != a.shape or ab.ndim != 3:
        raise ValueError(f"a has shape {a.shape}, b {b.shape}, ab {ab.shape}; "
                         "they must be N × R, N × R, k × N × R")
    if resamples < LEAST_RESAMPLES:
        raise ValueError(f"{resamples} resamples are too few for percentile intervals; "
                         f"take at least {LEAST_RESAMPLES}")
    names = list(factors) if factors is not None else [f"x{i + 1}" for i in range(len(ab))]
    if len(names) != len(ab):
        raise ValueError(f"there are {len(names)} names for {len(ab)} factors")
    whole = numpy.isfinite(a).all(1) & numpy.isfinite(b).all(1) & numpy.isfinite(ab).all((0, 2))
    n, dropped = int(whole.sum()), int((~whole).sum())
    variance, noise, note = numpy.nan, numpy.nan, "fewer than two base samples have a value in all their runs"
    figures = numpy.full((6, len(ab)), numpy.nan)
    if n >= 2:
        f_a, f_b, f_ab = a[whole].mean(1), b[whole].mean(1), ab[:, whole].mean(2)
        variance, note = _variance(f_a, f_b)
        if not note:
            figures = _with_intervals(f_a, f_b, f_ab, resamples, numpy.random.default_rng(seed))
            if a.shape[1] > 1:
                within = numpy.concatenate([a[whole], b[whole]]).var(1, ddof=1).mean()
                noise = float(within / a.shape[1] / variance)
    columns = ["first", "first_low", "first_high", "total", "total_low", "total_high"]
    table = pandas.DataFrame(dict(zip(columns, figures)), index=pandas.Index(names, name="factor"))
    return SobolIndices(outcome, table, n, dropped, variance, noise, note, long_name)


def _variance(f_a, f_b):
    """The variance over A and B, and why it is of no use, or an empty text."""
    both = numpy.concatenate([f_a, f_b])
    variance = float(both.var())
    rounding = (len(both) * numpy.finfo(float).eps * numpy.abs(both).max()) ** 2
    note = "the outcome does not vary, so there is nothing to explain"
    return variance, note if variance <= rounding else ""


def _columns(f_a, f_b, f_ab):
    """What is averaged over base samples: N × (2 + 3k), the same for the estimate and for every resample."""
    centre = numpy.concatenate([f_a, f_b]).mean()
    f_a, f_b, f_ab = f_a - centre, f_b - centre, f_ab - centre
    change = f_ab - f_a
    return numpy.column_stack([(f_a + f_b) / 2, (f_a ** 2 + f_b ** 2) / 2, (f_b * change).T, change.T,
                               (change ** 2).T / 2])


def _estimates(means, k):
    """First-order and total indices from means of the columns, along the last axis."""
    mean, square = means[..., :1], means[..., 1:2]
    product, change, half_square = (means[..., 2 + j * k:2 + (j + 1) * k] for j in range(3))
    with numpy.errstate(invalid="ignore", divide="ignore"):
        variance = square - mean ** 2
        return (product - mean * change) / variance, half_square / variance


def _with_intervals(f_a, f_b, f_ab, resamples, generator):
    columns = _columns(f_a, f_b, f_ab)
    n, k = len(columns), len(f_ab)
    means, block = [], max(1, _BLOCK // n)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = generator.integers(0, n, (rows, n)) + n * numpy.arange(rows)[:, None]
        counts = numpy.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        means.append(counts @ columns / n)
    resampled = _estimates(numpy.concatenate(means), k)
    figures = []
    for estimate, many in zip(_estimates(columns.mean(0), k), resampled):
        figures += [estimate, *numpy.nanpercentile(many, [2.5, 97.5], axis=0)]
    return numpy.array(figures)
