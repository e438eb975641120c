"""How plots look: colours that colour-blind readers can tell apart, marks that remain in grey, labels with
units."""
import math
import textwrap

import numpy

# Okabe and Ito, *Color Universal Design*, 2008, without yellow, which is faint on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))
NEUTRAL = "#555555"
MOST_LINES = 14  # of one plot; more cannot be told apart

SETTINGS = {
    "figure.dpi": 150, "savefig.dpi": 150, "font.size": 10, "axes.titlesize": 9, "axes.labelsize": 10,
    "xtick.labelsize": 9, "ytick.labelsize": 9, "legend.fontsize": 9, "legend.title_fontsize": 9,
    "axes.titlelocation": "left", "axes.titlecolor": NEUTRAL, "axes.spines.top": False,
    "axes.spines.right": False, "lines.linewidth": 1.6, "lines.markersize": 5.5, "hatch.linewidth": 0.6,
}

# Units that are too small for a fleet, and what is shown instead from there on.
LARGER = {"g": ((1e6, "t"), (1e3, "kg")), "kWh": ((1e6, "GWh"), (1e3, "MWh")), "USD": ((1e6, "million USD"),)}


def style(i):
    """Colour, marker and line of the i-th of several things; no two of the first 35 share colour and line."""
    return {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)],
            "linestyle": LINES[i % len(LINES)]}


def wrapped(text, letters):
    return "\n".join(textwrap.wrap(text, letters))


def larger_unit(values, units):
    """(divisor, unit) to show these values with, e.g. (1e6, "t") for 3.2e7 g."""
    values = numpy.abs(numpy.asarray(values, float))
    most = values[numpy.isfinite(values)].max(initial=0.0)
    return next(((size, name) for size, name in LARGER.get(units, ()) if most >= size), (1.0, units))


def x_label(long_name, units):
    """Text of an axis; "[1]" is a pure number, as in the files. Names have no unit (None)."""
    return wrapped(long_name if units is None else f"{long_name} [{units}]", 60)


def y_label(long_name, units):
    """The same, in lines that are no longer than the axis."""
    return wrapped(long_name if units is None else f"{long_name} [{units}]", 42)


def is_number(values):
    return numpy.asarray(values).dtype.kind in "iuf"


def described(data):
    """(words, unit) of a DataArray; the unit is None for names."""
    words = data.attrs.get("long_name") or str(data.name).replace("_", " ")
    return words, data.attrs.get("units", "1") if is_number(data.values) else None


def shown(level):
    """A level of a factor as text: 50 for 50.0."""
    if not isinstance(level, (float, numpy.floating)):
        return str(level)
    return str(int(level)) if level.is_integer() and abs(level) < 1e15 else f"{level:g}"


def decimals(values):
    """Places behind the point that show the largest of these with three digits."""
    values = numpy.abs(numpy.asarray(values, float))
    most = values[numpy.isfinite(values)].max(initial=0.0)
    return min(9, max(0, 2 - math.floor(math.log10(most)))) if most > 0 else 0


def dark(colour):
    """Whether white stands out more than black on a colour (relative luminance of WCAG 2.1 below 0.179)."""
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179
