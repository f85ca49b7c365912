"""Curves in the terminal, made of characters."""

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 60, 9


def curves(series: Mapping[str, Sequence[float]]) -> list[str]:
    """Lines of text that show each series, marked by its key's one character, on a logarithmic scale.

    Where two series fall on one place the later key is shown; values that are not finite are left out.
    """
    values = [v for series_values in series.values() for v in series_values if math.isfinite(v) and v > 0]
    if not values:
        return ["(no finite values to draw)"]
    low, high = math.log(min(values)), math.log(max(values))
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for mark, points in series.items():
        for column, value in _resampled(points):
            if math.isfinite(value) and value > 0:
                share = (math.log(value) - low) / (high - low) if high > low else 0.5
                grid[round((1 - share) * (HEIGHT - 1))][column] = mark
    labels = [f"{math.exp(high):9.2g} ┤", *["          │"] * (HEIGHT - 2), f"{math.exp(low):9.2g} ┤"]
    return [label + "".join(row).rstrip() for label, row in zip(labels, grid, strict=True)] + [
        "          └" + "─" * WIDTH
    ]


def _resampled(points: Sequence[float]) -> list[tuple[int, float]]:
    """One value for each column: the point at or before it."""
    if len(points) == 1:
        return [(0, points[0])]
    return [(column, points[column * (len(points) - 1) // (WIDTH - 1)]) for column in range(WIDTH)]
