"""erf beside math.erf, and the series behind it, which is summed once when the library is imported.

The detector `reference` compares them.
"""

import math

import numpy as np

from nnlab.detectors.subjects import require
from nnlab.nn import erf as code


def series_is_right(seed: int) -> None:
    """Six terms around each of 3073 nodes give erf half way to the next node, to the last digits."""
    series = code._series()
    require(series.shape == (6, 3073), f"series: expected 6 terms at 3073 nodes, got shape {series.shape}")
    for k in range(0, 3073, 7):
        for h in (-1 / 512, 0.0, 1 / 512):
            x = (k - 1536) / 256 + h
            got = sum(float(coefficient) * h**n for n, coefficient in enumerate(series[:, k]))
            require(abs(got - math.erf(x)) <= 6e-16, f"series at {x}: expected {math.erf(x):.17g}, got {got:.17g}")


def erf_is_right(seed: int) -> None:
    """Relative to erf itself, which is small near 0."""
    near = np.linspace(-1 / 300, 1 / 300, 41)
    points = np.concatenate([near, 30 * near, 1000 * near])
    for x, got in zip(points.tolist(), code.erf(points).tolist(), strict=True):
        wanted = math.erf(x)
        require(abs(got - wanted) <= 1e-15 * abs(wanted), f"erf({x:.17g}): expected {wanted:.17g}, got {got:.17g}")
