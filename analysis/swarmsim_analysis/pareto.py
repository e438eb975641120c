"""Which policies are not beaten in everything at once: the non-dominated set."""
import numpy
import pandas


def non_dominated(costs):
    """Which rows of `costs` (points × outcomes, all to be minimised) no other row dominates: a boolean per
    row.

    Row p dominates row q if it is nowhere greater and somewhere less. So equal rows do not dominate each
    other: all of them belong to the set, or none. A row with NaN neither belongs to the set nor dominates.
    Rows are taken in lexicographic order; then a row can only be dominated by one before it that is itself
    not dominated.
    """
    costs = numpy.asarray(costs, float)
    if costs.ndim != 2 or costs.shape[1] == 0:
        raise ValueError(f"costs have shape {costs.shape}; they must be points × outcomes")
    chosen = numpy.zeros(len(costs), bool)
    front = numpy.empty_like(costs)
    n = 0
    for row in numpy.lexsort(costs.T[::-1]):
        point = costs[row]
        if numpy.isnan(point).any():
            continue
        before = front[:n]
        if not ((before <= point).all(1) & (before < point).any(1)).any():
            chosen[row] = True
            front[n] = point
            n += 1
    return chosen


def front(table, minimise=(), maximise=()):
    """The same for columns of a table (a DataFrame, or a mapping of names to numbers), e.g. emissions against
    access:

        front(means, minimise=["carbon_location_g"], maximise=["served_share"])
    """
    wanted = [*minimise, *maximise]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"name each outcome once, as one to minimise or to maximise (these are {wanted})")
    costs = [*(numpy.asarray(table[name], float) for name in minimise),
             *(-numpy.asarray(table[name], float) for name in maximise)]
    return non_dominated(numpy.column_stack(costs))


def study_front(study, minimise=(), maximise=()):
    """The points of a study with the mean of each outcome over replicates, and `on_front`.

    Means of few replicates are uncertain, and with them the membership of points that lie close to the front:
    look at the intervals of `Study.mean_interval` before preferring one of two neighbours.
    """
    table = None
    for name in (*minimise, *maximise):
        study.scalar(name)
        means = study.mean_interval(name)
        if table is None:
            table = means.loc[:, :"mean"].drop(columns="mean")
        table[name] = means["mean"]
    on_front = front({} if table is None else table, minimise, maximise)
    return pandas.concat([table, pandas.Series(on_front, name="on_front")], axis=1)
