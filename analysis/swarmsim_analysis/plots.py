"""Plots of studies and runs. Each function returns a matplotlib Figure: save it with `savefig`, close it with
`matplotlib.pyplot.close`. Axes have the long name and unit of the file; groups differ in colour, marker and
line. Large numbers of g, kWh and USD are shown in t, MWh and the like.
"""
import matplotlib
import matplotlib.pyplot as pyplot
import matplotlib.ticker as ticker
import numpy

from . import pareto
from .appearance import (COLOURS, MOST_LINES, SETTINGS, dark, decimals, described, is_number, larger_unit,
                         shown, style, wrapped, x_label, y_label)

_MOST_BARS = 30    # points of a scatter whose intervals are all drawn
_MOST_STEPS = 300  # of a time series, as many as can be seen
_WINDOWS_H = (0.5, 1, 3, 6, 12, 24, 168)


def _axes(width=6.4, height=4.2):
    return pyplot.subplots(figsize=(width, height), layout="constrained")


def _legend(ax, title=None):
    """A legend beside the axes, where it hides nothing."""
    ax.legend(title=title and wrapped(title, 22), loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False,
              borderaxespad=0, alignment="left")


def _few(names, what):
    if len(names) > MOST_LINES:
        raise ValueError(f"{what} has {len(names)} entries; more than {MOST_LINES} cannot be told apart")
    return names


def _only(study, used):
    varied = [f for f in study.factors if f not in used and len(study.levels(f)) > 1]
    if varied:
        raise ValueError(f"{study.path}: {', '.join(varied)} also varies; choose a level with "
                         f"study.at({varied[0]}=...)")


def _replicates(study, means):
    """What the intervals are, for a title."""
    left_out = int(means["left_out"].sum())
    n = study.dataset.sizes["replicate"]
    what = f"mean of {n} replicates, 95 % interval" if n > 1 else "one run per point, no interval"
    return what + (f"; without a value: {left_out}" if left_out else "")


@matplotlib.rc_context(SETTINGS)
def outcome_by_factor(study, outcome, factor, by=None):
    """An outcome against a factor of numbers: means over replicates with bands of the 95 % interval, a line
    per level of the factor `by`."""
    _only(study, (factor, by))
    x_data, data = study.dataset[factor], study.scalar(outcome)
    if not is_number(x_data.values):
        raise ValueError(f"{study.path}: {factor} is not a number; heat_map and forest show named levels")
    levels = _few(study.levels(by), by) if by else [None]
    means = study.mean_interval(outcome)
    words, units = described(data)
    size, units = larger_unit(means[["mean", "low95", "high95"]], units)
    fig, ax = _axes()
    for i, level in enumerate(levels):
        rows = (means if by is None else means[means[by] == level]).sort_values(factor)
        x, (y, low, high) = rows[factor], (rows[c] / size for c in ("mean", "low95", "high95"))
        look = style(i)
        ax.plot(x, y, label=shown(level), zorder=3, **look)
        ax.fill_between(x, low, high, color=look["color"], alpha=0.12, linewidth=0)
        for edge in (low, high):
            ax.plot(x, edge, color=look["color"], linestyle=look["linestyle"], linewidth=0.8, alpha=0.6)
    ax.set(xlabel=x_label(*described(x_data)), ylabel=y_label(words, units), title=_replicates(study, means))
    if by:
        _legend(ax, described(study.dataset[by])[0])
    return fig


@matplotlib.rc_context(SETTINGS)
def heat_map(study, outcome, x, y):
    """An outcome (mean over replicates) over two factors, with the numbers in the cells of a small grid."""
    _only(study, (x, y))
    means = study.mean_interval(outcome)
    words, units = described(study.scalar(outcome))
    columns, rows = (sorted(names) if is_number(names) else names for names in map(study.levels, (x, y)))
    grid = means.pivot(index=y, columns=x, values="mean").loc[rows, columns].to_numpy()
    size, units = larger_unit(grid, units)
    fig, ax = _axes(2.6 + 0.75 * max(4, min(len(columns), 10)), 1.6 + 0.55 * max(4, min(len(rows), 10)))
    ax.set_facecolor("#dddddd")  # of cells without a value
    cells = numpy.ma.masked_invalid(grid / size)
    mesh = ax.pcolormesh(cells, cmap="cividis", edgecolors="white", linewidth=0.5)
    for put, names, letters in ((ax.set_xticks, columns, 10), (ax.set_yticks, rows, 20)):
        chosen = numpy.arange(0, len(names), -(-len(names) // 12))
        put(chosen + 0.5, [wrapped(shown(names[i]), letters) for i in chosen])
    if not is_number(rows):
        ax.invert_yaxis()  # names are read from the top
    if grid.size <= 100:
        _write_cells(ax, mesh, grid / size)
    ax.set(xlabel=x_label(*described(study.dataset[x])), ylabel=y_label(*described(study.dataset[y])),
           title=_replicates(study, means).replace(", 95 % interval", ""))
    fig.colorbar(mesh, ax=ax).set_label(y_label(words, units))
    return fig


def _write_cells(ax, mesh, grid):
    places = decimals(grid)
    for (row, column), value in numpy.ndenumerate(grid):
        known = numpy.isfinite(value)
        white = known and dark(mesh.cmap(mesh.norm(value)))
        ax.text(column + 0.5, row + 0.5, f"{value:,.{places}f}" if known else "–", ha="center", va="center",
                fontsize=9, color="white" if white else "black")


def _row_names(table):
    """What each row of a table of differences is about: the factors that vary in it, or else the figure."""
    factors = [name for name in table.columns[:table.columns.get_loc("metric")] if name != "reference"]
    if not factors:
        entries = [metric[metric.index("["):] if "[" in metric else "" for metric in table["metric"]]
        return [wrapped(f"{words} {entry}", 34) for words, entry in zip(table["long_name"], entries)]
    more = [factor for factor in factors[1:] if table[factor].nunique() > 1]
    names = []
    for _, row in table.iterrows():
        others = [f"{name.replace('_', ' ')} {shown(row[name])}" for name in more]
        names.append(wrapped(", ".join([shown(row[factors[0]]), *others]), 34))
    return names


@matplotlib.rc_context(SETTINGS)
def forest(differences, relative=False):
    """Paired differences with their 95 % intervals, a row each, as `paired.differences` and
    `paired.compare_runs` return them.

    A filled mark has an interval that excludes zero, an open one has one that does not, a cross has none.
    Rows of different units need `relative`: percent of the reference's mean. Rows without a number are left
    out.
    """
    shown_column = differences["relative_pct" if relative else "difference"]
    table = differences[numpy.isfinite(shown_column.astype(float))]
    units, words = table["units"].unique(), table["long_name"].unique()
    if table.empty:
        raise ValueError("there is no difference to show")
    if len(units) > 1 and not relative:
        raise ValueError(f"rows have different units ({', '.join(units)}): "
                         "relative=True or rows of one unit can be shown")
    values = table[["difference", "low95", "high95"]].to_numpy(float).T
    size, unit = larger_unit(values, units[0])
    if relative:
        size, unit = numpy.abs(table["reference_mean"].to_numpy(float)) / 100, "% of the reference"
    middle, low, high = values / size
    names = _row_names(table)
    fig, ax = _axes(6.8, 1.4 + sum(0.18 + 0.16 * (1 + name.count("\n")) for name in names))
    places = numpy.arange(len(names))[::-1]
    ax.axvline(0, color="black", linewidth=1, linestyle="--")
    known = numpy.isfinite(low)
    ax.hlines(places[known], low[known], high[known], color=COLOURS[0], linewidth=2)
    for kind, marker, colour, face in ((True, "o", COLOURS[0], COLOURS[0]), (False, "o", COLOURS[0], "white"),
                                       (None, "x", COLOURS[1], COLOURS[1])):
        chosen = (table["significant"].isna() if kind is None
                  else table["significant"] == kind).to_numpy(bool)
        ax.plot(middle[chosen], places[chosen], linestyle="none", marker=marker, color=colour,
                markerfacecolor=face, markeredgewidth=1.5)
    ax.set_yticks(places, names)
    title = f"against {shown(table['reference'].iloc[0])}, " if "reference" in table else ""
    title += "paired by seed" + (", 95 % intervals (filled: zero excluded)" if known.any() else "")
    ax.set(xlabel=x_label(f"difference in {words[0]}" if len(words) == 1 else "difference", unit),
           ylabel=wrapped(table.attrs.get("factor", ""), 42), ylim=(-0.7, len(names) - 0.3),
           title=title if known.all() else title + "; cross: a single seed, no interval")
    return fig


@matplotlib.rc_context(SETTINGS)
def sobol_bars(found):
    """First-order and total indices (a SobolIndices) with 95 % bootstrap intervals, two bars per factor."""
    if found.note:
        raise ValueError(f"there are no indices to show: {found.note}")
    table = found.table
    fig, ax = _axes(6.8, 1.8 + 0.62 * len(table))
    places = numpy.arange(len(table))[::-1]
    for order, words, offset, look in (
            ("first", "first order:\nalone", 0.2, {"color": COLOURS[0]}),
            ("total", "total: with\ninteractions", -0.2,
             {"facecolor": "white", "edgecolor": COLOURS[1], "hatch": "////"})):
        values, low, high = (table[order + end].to_numpy() for end in ("", "_low", "_high"))
        ax.barh(places + offset, values, 0.38, label=words, **look)
        ax.hlines(places + offset, low, high, color="black", linewidth=1.4)
        ax.plot([low, high], [places + offset] * 2, linestyle="none", marker="|", color="black", markersize=6)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(places, [wrapped(str(factor).replace("_", " "), 26) for factor in table.index])
    ax.set_xlabel(x_label("share of the variance that the factor explains", "1"))
    dropped = f", {found.dropped} left out" if found.dropped else ""
    ax.set_title(f"{wrapped(found.long_name or found.outcome, 60)}\n{found.samples} base samples{dropped}, "
                 "95 % bootstrap intervals")
    _legend(ax)
    return fig


@matplotlib.rc_context(SETTINGS)
def pareto_front(study, x, y, minimise=(), maximise=(), by=None):
    """Two outcomes of each point of a study (means over replicates) and its front, what nothing beats.

    `minimise` and `maximise` name `x` and `y`; the levels of the factor `by` differ in colour and marker.
    Thin lines are 95 % intervals, of all points if they are few, else of the front's.
    """
    if {x, y} != {*minimise, *maximise}:
        raise ValueError(f"minimise and maximise must name {x} and {y}")
    best = pareto.study_front(study, minimise, maximise)["on_front"].to_numpy()
    levels = _few(study.levels(by), by) if by else [None]
    places, errors, labels = [], [], []
    for outcome, describe in ((x, x_label), (y, y_label)):
        (words, units), means = described(study.scalar(outcome)), study.mean_interval(outcome)
        size, units = larger_unit(means["mean"], units)
        places.append(means["mean"].to_numpy() / size)
        errors.append((means["high95"] - means["mean"]).to_numpy() / size)
        labels.append(describe(f"{words} ({'less' if outcome in minimise else 'more'} is better)", units))
    (px, py), (ex, ey) = places, errors
    fig, ax = _axes()
    bars = best | (len(best) <= _MOST_BARS)
    ax.errorbar(px[bars], py[bars], xerr=ex[bars], yerr=ey[bars], fmt="none", ecolor="#bbbbbb",
                elinewidth=0.9)
    line = numpy.flatnonzero(best)[numpy.lexsort((py[best], px[best]))]
    ax.plot(px[line], py[line], color="black", linewidth=1, label="front",
            drawstyle="steps-post" if x in minimise else "steps-pre")
    for i, level in enumerate(levels):
        here = numpy.ones(len(best), bool) if by is None else means[by].to_numpy() == level
        look = {"color": style(i)["color"], "marker": style(i)["marker"], "linestyle": "none"}
        ax.plot(px[here & ~best], py[here & ~best], markerfacecolor="white", **look)
        ax.plot(px[here & best], py[here & best], label=shown(level) if by else "on it", **look)
    ax.set(xlabel=labels[0], ylabel=labels[1], title="filled: on the front; open: beaten by another point")
    _legend(ax, described(study.dataset[by])[0] if by else None)
    return fig


def _averaged(data, hours):
    """Means over windows of some hours; without a number, so long that few enough remain to be seen."""
    steps = data["time"].values
    step = float((steps[1] - steps[0]) / numpy.timedelta64(1, "h"))
    if hours is None:
        span = step * len(steps)
        hours = next((h for h in _WINDOWS_H if span <= h * _MOST_STEPS), _WINDOWS_H[-1])
        hours = 0 if len(steps) <= _MOST_STEPS else hours
    n = max(1, round(hours / step))
    what = f"steps of {60 * step:g} min" + (f", means over {n * step:g} h" if n > 1 else "")
    return data.coarsen(time=n, boundary="pad", coord_func="min").mean() if n > 1 else data, what


@matplotlib.rc_context(SETTINGS)
def time_series(run, name, group="region", entries=None, hours=None):
    """A variable of a run over its days, a line per entry: region, site, purpose, market, specialist.

    `entries`: the ones to show. `hours`: width of the windows over which steps are averaged (unweighted; 0:
    every step); long runs are averaged so that at most 300 windows remain. The title says what a point is.
    The warm-up is grey.
    """
    data = getattr(run, group)[name]
    if data.dims[0] != "time" or data.ndim != 2 or data.sizes["time"] < 2:
        raise ValueError(f"{run.path}: /{group}/{name} is not a series over time and something else")
    axis = data.dims[1]
    names = data[axis].values.tolist()
    chosen = names if entries is None else list(entries)
    unknown = [entry for entry in chosen if entry not in names]
    if unknown:
        raise ValueError(f"{run.path}: {axis} is never {unknown[0]} (it is {', '.join(map(str, names))})")
    _few(chosen, f"/{group}/{name}")
    (words, units), start, day = described(data), data["time"].values[0], numpy.timedelta64(1, "D")
    end = (data["time"].values[-1] - start) / day * len(data) / (len(data) - 1)
    data, averaged = _averaged(data, hours)
    size, units = larger_unit(data.values, units)
    fig, ax = _axes(7.2, 3.8)
    warm = run.region["time"].values[run.region["in_warmup"].values[:, 0] == 0]
    warm_up = (warm[0] - start) / day if len(warm) else end
    ax.axvspan(0, warm_up, color="#e4e4e4", linewidth=0)
    days = (data["time"].values - start) / day
    for i, entry in enumerate(chosen):
        values = data.values[:, names.index(entry)] / size
        look = {"color": style(i)["color"], "linestyle": style(i)["linestyle"]}
        ax.plot([*days, end], [*values, values[-1]], drawstyle="steps-post", linewidth=1.2,
                label=shown(entry), **look)
    ax.set_xlim(0, end)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(9, steps=[1, 2, 5, 10], integer=end >= 4))
    since = f"time since {str(start)[:16].replace('T', ' ')} UTC"
    ax.set(xlabel=x_label(since, "d"), ylabel=y_label(words, units),
           title=averaged + ("; grey: warm-up" if warm_up > 0 else ""))
    _legend(ax, axis)
    return fig


@matplotlib.rc_context(SETTINGS)
def load_map(run, hours=None):
    """Utilisation of a run's sites over its days, a row per site; marks stand where a site was a hotspot for half of the
    window or more, as the scenario draws the line. `hours` as in time_series."""
    busy, averaged = _averaged(run.site["utilisation"], hours)
    states = str(run.site["load_state"].attrs["flag_meanings"]).split()
    hot = _averaged((run.site["load_state"] == states.index("hot")).astype(float), hours)[0].values >= 0.5
    names = busy["site"].values.tolist()
    fig, ax = _axes(7.2, 1.4 + 0.3 * max(4, len(names)))
    days = (busy["time"].values - busy["time"].values[0]) / numpy.timedelta64(1, "D")
    edges = [*days, days[-1] + (days[1] - days[0] if len(days) > 1 else 1)]
    mesh = ax.pcolormesh(edges, numpy.arange(len(names) + 1), busy.values.T, cmap="cividis", vmin=0, vmax=1)
    when, where = numpy.nonzero(hot)
    ax.scatter((days + (edges[1] - edges[0]) / 2)[when], where + 0.5, s=6, marker="^", color="black", linewidths=0)
    ax.set_yticks(numpy.arange(len(names)) + 0.5, [shown(name) for name in names])
    ax.invert_yaxis()  # names are read from the top
    since = f"time since {str(busy['time'].values[0])[:16].replace('T', ' ')} UTC"
    ax.set(xlabel=x_label(since, "d"), title=averaged + "; triangles: hotspots")
    fig.colorbar(mesh, ax=ax).set_label("utilisation")
    return fig
