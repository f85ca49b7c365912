"""Curves in a picture file, drawn by matplotlib, which is imported only when there is one to draw."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nnlab.errors import UsageError
from nnlab.lab.sensitivity import POWER, Sensitivity, Share
from nnlab.report.data import check_writable

#: Colours that the colour-blind tell apart (Okabe and Ito, 2008), and marks and dashes for print without colour.
COLOURS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
#: Marks of one delta stand this part of a decade apart, so that none hides another.
SPREAD = 0.07


def check_plot(place: str | None) -> None:
    """Find out before a long run that the picture can be drawn and written. Raises UsageError."""
    if place is None:
        return
    if Path(place).suffix not in (".png", ".svg"):
        raise UsageError(f"cannot draw {place!r}: a picture ends in .png or .svg; rename it")
    if find_spec("matplotlib") is None:
        raise UsageError(
            "--plot needs matplotlib, which is not installed; "
            "run `pip install 'nnlab[plot]'`, or scripts/nnlab with NNLAB_EXTRAS=plot"
        )
    check_writable(place)


def plot_sensitivity(result: Sensitivity, place: str) -> None:
    """The share of faults that each detector notices against the size of the error, with 95 % intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    middle = (len(result.detectors) - 1) / 2
    for i, detector in enumerate(result.detectors):
        _curve(axes, i, detector.name, result.shares(detector.name), 10 ** (SPREAD * (i - middle)))
    axes.axhline(POWER, color="grey", linewidth=0.8, zorder=0)
    axes.annotate(f"{POWER:.0%}", (1.005, POWER), xycoords=("axes fraction", "data"), va="center", color="grey")
    axes.set(xscale="log", xlabel="relative error δ of one gradient term", ylabel="share of faults noticed")
    axes.invert_xaxis()
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_title(f"How small an error is still noticed: {len(result.terms)} gradient terms, each scaled by 1 + δ")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    figure.savefig(place, dpi=150)


def _curve(axes: Any, i: int, name: str, shares: Sequence[Share], beside: float) -> None:
    """The `i`th curve, whose marks stand `beside` times their delta."""
    below = [max(0.0, share.rate - share.ci95[0]) for share in shares]
    above = [max(0.0, share.ci95[1] - share.rate) for share in shares]
    axes.errorbar(
        [share.delta * beside for share in shares],
        [share.rate for share in shares],
        [below, above],
        label=name,
        color=COLOURS[i % len(COLOURS)],
        marker=MARKS[i % len(MARKS)],
        linestyle=DASHES[i % len(DASHES)],
        markersize=5,
        elinewidth=0.8,
        capsize=2,
    )
