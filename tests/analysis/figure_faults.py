"""What makes a figure illegible, found in its artists and in its pixels."""
import io
import itertools

import matplotlib.image
import numpy
from matplotlib.text import Text

SMALLEST = 9   # points
CLEARANCE = 1  # pixels by which boxes of text may overlap: their margins


def _tick_texts(axes):
    """Texts of ticks, and of these the ones in view."""
    every, seen = set(), set()
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            texts = {tick.label1, tick.label2}
            every |= texts
            if low <= tick.get_loc() <= high:
                seen |= texts
    return every, seen


def _texts(figure):
    hidden = set()
    for axes in figure.axes:
        every, seen = _tick_texts(axes)
        hidden |= every - seen
    return [t for t in figure.findobj(Text) if t not in hidden and t.get_visible() and t.get_text().strip()]


def faults(figure):
    """Texts outside the canvas, too small, or over each other; axes without labels; ink at the edge."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=150)
    figure.set_dpi(150)
    figure.canvas.draw()
    found = []
    boxes = [(text, text.get_window_extent()) for text in _texts(figure)]
    for text, box in boxes:
        if box.x0 < -0.5 or box.y0 < -0.5 or box.x1 > figure.bbox.x1 + 0.5 or box.y1 > figure.bbox.y1 + 0.5:
            found.append(f"outside the canvas: {text.get_text()!r}")
        if text.get_fontsize() < SMALLEST:
            found.append(f"smaller than {SMALLEST} points: {text.get_text()!r}")
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > CLEARANCE and high > CLEARANCE:
            found.append(f"over each other: {one.get_text()!r} and {other.get_text()!r}")
    for axes in figure.axes:
        if not (axes.get_xlabel() or axes.get_ylabel()):
            found.append("axes without a label")
    pixels = matplotlib.image.imread(io.BytesIO(png.getvalue()))[:, :, :3]
    edge = numpy.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if (edge < 1).any():
        found.append("ink at the edge of the picture")
    if (pixels < 0.9).mean() < 0.005:
        found.append("hardly anything is drawn")
    return found
