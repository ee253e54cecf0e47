"""The plot beside the tables: cost against size and against digits, on logarithmic axes."""

from collections.abc import Sequence
from io import StringIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.growth import CASE_OF_DIGITS, DIGITS_OF_SIZES, Curve

MARKERS = ("o", "s")
MOST_TICKS = 8


def plot(sizes: Sequence[Curve], digits: Sequence[Curve]) -> str:
    """Return the plot as SVG, the same text for the same numbers."""
    with mpl.rc_context({"svg.hashsalt": "benchmarks", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        _panel(left, sizes, "parameters", f"{DIGITS_OF_SIZES} digits, batch 1")
        _panel(right, digits, "digits", f"{CASE_OF_DIGITS}, batch 1")
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _panel(axes: Axes, curves: Sequence[Curve], across: str, title: str) -> None:
    for curve, marker in zip(curves, MARKERS, strict=True):
        label = f"{curve.engine}, exponent {curve.exponent:.2f}"
        milliseconds = [1000 * each for each in curve.seconds]
        axes.loglog(curve.amounts, milliseconds, marker=marker, label=label)
    axes.set(xlabel=across, ylabel="milliseconds", title=title)
    if len(curves[0].amounts) <= MOST_TICKS:
        axes.set_xticks(curves[0].amounts, list(map(str, curves[0].amounts)))
        axes.set_xticks([], minor=True)
    axes.grid(visible=True, which="major", alpha=0.4)
    axes.legend()
