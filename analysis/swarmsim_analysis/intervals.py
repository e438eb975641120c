"""The 95 % interval of a mean, by Student's t, as `swarmsim compare` has it (docs/comparing.md)."""
import functools
import math
import typing

import numpy

CONFIDENCE = 0.95


@functools.lru_cache(maxsize=None)
def t_quantile(p, df):
    """Quantile p of Student's t with df degrees of freedom (a whole number of at least 1).

    With t = sqrt(df)·tan θ the probability of |T| ≤ t is a finite sum of powers of cos θ (Abramowitz and
    Stegun, 26.7.3 and 26.7.4); θ is found by halving, to the last bit.
    """
    if not 0 < p < 1 or df < 1:
        return math.nan
    share = abs(2 * p - 1)
    low, high = 0.0, math.pi / 2
    while low < (middle := low + (high - low) / 2) < high:
        if _central_share(middle, df) < share:
            low = middle
        else:
            high = middle
    t = math.sqrt(df) * math.tan(high) if share else 0.0
    return -t if p < 0.5 else t


def _central_share(theta, df):
    """P(|T| ≤ sqrt(df)·tan θ)."""
    cosine, sine, odd = math.cos(theta), math.sin(theta), df % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(1 if odd else 0, df - 1, 2):
        total += term
        term *= cosine * cosine * (k + 1) / (k + 2)
        if term < 2.0 ** -90 * total:
            break  # what follows could not change the last bit
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


class MeanInterval(typing.NamedTuple):
    """Arrays of one shape."""
    mean: numpy.ndarray      # of the values that are finite; NaN without any
    low: numpy.ndarray       # ends of the 95 % interval; NaN with fewer than two values
    high: numpy.ndarray
    n: numpy.ndarray         # finite values
    left_out: numpy.ndarray  # the others


def mean_interval(values):
    """Means over the last axis with intervals mean ± t(0.975, n − 1)·s/√n. NaN and infinite values are left
    out and counted. The interval holds for values that are roughly normal and independent: replicates with
    seeds of their own.
    """
    values = numpy.asarray(values, float)
    known = numpy.isfinite(values)
    n = known.sum(-1)
    filled = numpy.where(known, values, 0.0)
    with numpy.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(-1) / n
        squares = numpy.where(known, filled - mean[..., None], 0.0) ** 2
        error = numpy.sqrt(squares.sum(-1) / (n - 1) / n)
    quantiles = {int(m): t_quantile(0.5 + CONFIDENCE / 2, int(m) - 1) for m in numpy.unique(n)}
    half = error * numpy.vectorize(quantiles.get, otypes=[float])(n) if n.size else error
    half = numpy.where(n > 1, half, numpy.nan)
    return MeanInterval(mean, mean - half, mean + half, n, values.shape[-1] - n)
