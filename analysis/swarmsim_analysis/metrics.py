"""Figures derived from those that a file holds: carbon and energy per answer, gaps, measures of inequality.

The first three take a Run (its /summary), a Study or a Dataset with the names of /summary, and return a
DataArray with `units` and `long_name`; of a Study it has the study's dimensions and can be given to
`Study.add_outcome`. The measures of inequality take numbers: an array (its last axis), or a DataArray and the
dimension to go along. They are NaN if a number is missing or negative.
"""
import numpy
import xarray


def _figures(source):
    for attribute in ("summary", "dataset"):
        if hasattr(source, attribute):
            return getattr(source, attribute)
    return source


def _named(values, name, units, long_name, kind):
    values = values.where(numpy.isfinite(values)).rename(name)
    values.attrs = {"units": units, "long_name": long_name, "kind": kind}
    return values


def carbon_per_correct_answer(source, basis="location", embodied=False):
    """Emissions per real request that was answered correctly [g].

    carbon_{basis}_g / (requests_correct · multiplicity), with embodied_g added to the emissions if
    `embodied`. Basis `location` takes the grid's average intensity, `market` leaves out contracted
    renewables. Energy of idle servers is included; NaN without a correct answer. It is the Software Carbon
    Intensity (E·I + M)/R of ISO/IEC 21031:2024 with a correct answer as functional unit R; M = 0 unless
    `embodied`.
    """
    if basis not in ("location", "market"):
        raise ValueError(f"basis is {basis!r}; it can be 'location' or 'market'")
    data = _figures(source)
    grams = data[f"carbon_{basis}_g"] + (data["embodied_g"] if embodied else 0.0)
    values = grams / (data["requests_correct"] * data["multiplicity"])
    what = f"{basis}-based carbon{' and embodied carbon' if embodied else ''} per correct answer"
    return _named(values, "carbon_g_per_correct_answer", "g", what, "modelled")


def energy_intensity(source, correct=False):
    """Grid energy per real request that was answered [Wh], PUE and idle servers included.

    1000 · energy_kwh / (requests_served · multiplicity); with `correct`, per correct answer. NaN without an
    answer. Energy per inference is how Luccioni, Jernite and Strubell (Power Hungry Processing, FAccT 2024)
    compare tasks and models; theirs is of single devices, without PUE and idle servers of a fleet.
    """
    data = _figures(source)
    answers = data["requests_correct" if correct else "requests_served"]
    values = 1000 * data["energy_kwh"] / (answers * data["multiplicity"])
    name = "energy_wh_per_correct_answer" if correct else "energy_wh_per_answer"
    return _named(values, name, "Wh", f"grid energy per {'correct ' if correct else ''}answer", "modelled")


def served_share_gap(source):
    """Served share of the Global North less that of the Global South [1]; positive: the South is served less.

    served_share_north − served_share_south of /summary (answered by the deadline over settled;
    docs/models/policy.md says who is South). NaN if one of them has no requests.
    """
    data = _figures(source)
    values = data["served_share_north"] - data["served_share_south"]
    return _named(values, "served_share_gap", "1", "served share, North less South", "accounting")


def _known(function, values):
    """`function`, which goes along the last axis, where no number is missing or negative; else NaN."""
    if values.shape[-1] == 0:
        return numpy.full(values.shape[:-1], numpy.nan)
    usable = (numpy.isfinite(values) & (values >= 0)).all(-1)
    return numpy.where(usable, function(numpy.where(usable[..., None], values, 1.0)), numpy.nan)


def _along(function, name, values, dim):
    """The same of an array, or of a DataArray along `dim` (by default its last)."""
    if not isinstance(values, xarray.DataArray):
        found = _known(function, numpy.asarray(values, float))
        return float(found) if found.ndim == 0 else found
    dim = dim or values.dims[-1]
    found = xarray.apply_ufunc(lambda x: _known(function, x), values.astype(float), input_core_dims=[[dim]])
    what = values.attrs.get("long_name", values.name)
    found.attrs = {"units": "1", "long_name": f"{name} over {dim} of {what}",
                   "kind": values.attrs.get("kind", "accounting")}
    return found.rename(f"{name.split()[0].lower()}_{values.name}")


def gini(values, dim=None):
    """Gini coefficient: the mean absolute difference over twice the mean [1]; 0 if all are equal (also all
    0), (n − 1)/n if one of n has everything. Σ(2i − n − 1)·x(i) / (n·Σx) with x in ascending order. Source:
    Gini, *Variabilità e mutabilità*, 1912; Sen, *On Economic Inequality*, 1973. As `gini_wallet` of /summary.
    """
    def of(x):
        n, total = x.shape[-1], x.sum(-1)
        weighted = (numpy.sort(x, -1) * (2.0 * numpy.arange(n) + 1 - n)).sum(-1)
        return numpy.divide(weighted, n * total, out=numpy.zeros_like(total), where=total > 0)
    return _along(of, "Gini coefficient", values, dim)


def jain(values, dim=None):
    """Jain's index of fairness: (Σx)² / (n·Σx²) [1]; 1 if all are equal (also all 0), 1/n if one of n has
    everything. Source: Jain, Chiu and Hawe, *A quantitative measure of fairness and discrimination for
    resource allocation in shared computer systems*, DEC TR-301, 1984.
    """
    def of(x):
        squares = (x ** 2).sum(-1)
        return numpy.divide(x.sum(-1) ** 2, x.shape[-1] * squares, out=numpy.ones_like(squares),
                            where=squares > 0)
    return _along(of, "Jain index", values, dim)


def atkinson(values, epsilon=1.0, dim=None):
    """Atkinson's index: 1 − equally distributed equivalent over mean [1], with aversion `epsilon` ≥ 0; 0 if
    all are equal (also all 0). The equivalent is (Σx^(1−ε)/n)^(1/(1−ε)), and the geometric mean for ε = 1;
    with ε ≥ 1 one who has nothing makes it 0 and the index 1. Source: Atkinson, *On the measurement of
    inequality*, Journal of Economic Theory 2, 1970.
    """
    if not 0 <= epsilon < numpy.inf:
        raise ValueError(f"epsilon is {epsilon}; it must be at least 0 and finite")

    def of(x):
        mean = x.mean(-1)
        relative = numpy.divide(x, mean[..., None], out=numpy.ones_like(x), where=mean[..., None] > 0)
        with numpy.errstate(divide="ignore"):  # of those who have nothing
            if epsilon == 1:
                return 1 - numpy.exp(numpy.log(relative).mean(-1))
            return 1 - (relative ** (1 - epsilon)).mean(-1) ** (1 / (1 - epsilon))
    return _along(of, f"Atkinson index (aversion {epsilon:g})", values, dim)


def top_share(values, share=0.1, dim=None):
    """Part of the total that the top `share` of them has [1]: 1 − L(1 − share), L being the Lorenz curve,
    straight between its points, so that of four numbers the top 10 % are 0.4 of the largest. NaN if the total
    is 0. Source: Lorenz, *Methods of measuring the concentration of wealth*, 1905.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; it must be more than 0 and at most 1")

    def of(x):
        n, total = x.shape[-1], x.sum(-1)
        weights = numpy.clip(share * n - numpy.arange(n), 0, 1)
        top = (numpy.flip(numpy.sort(x, -1), -1) * weights).sum(-1)
        return numpy.divide(top, total, out=numpy.full_like(total, numpy.nan), where=total > 0)
    return _along(of, f"top {100 * share:g} %", values, dim)
