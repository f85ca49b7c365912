"""The error function, which NumPy lacks."""

import math

import numpy as np
from numpy.typing import NDArray

from nnlab.nn.arrays import Array

#: Taylor series of erf around the nodes -6, -6 + 1/256, …, 6, beyond which erf is 1 to the last digit of float64.
NODES = 256
END = 6
TERMS = 6


def _series() -> NDArray[np.float64]:
    """Coefficient n of the series around node k, in row n and column k.

    f = erf' = 2/√π exp(-x²), and each derivative follows from two before it: f⁽ⁿ⁺¹⁾ = -2 x f⁽ⁿ⁾ - 2 n f⁽ⁿ⁻¹⁾.
    Source: Abramowitz and Stegun, 7.1.19 and 22.7.13.
    """
    x = np.arange(-END * NODES, END * NODES + 1) / NODES
    before = f = 2 / math.sqrt(math.pi) * np.exp(-(x**2))
    rows = [np.array([math.erf(node) for node in x])]
    for n in range(1, TERMS):
        rows.append(f / math.factorial(n))
        before, f = f, -2 * (x * f + (n - 1) * before)
    return np.array(rows)


_SERIES = _series()
_SERIES.flags.writeable = False


def erf(x: Array) -> Array:
    """erf(x) = 2/√π ∫₀ˣ exp(-t²) dt, entry by entry in the dtype of x, to the last digits."""
    node = np.rint(np.fmax(np.fmin(x, END), -END) * NODES)  # a NaN has a node too, and is NaN in its offset
    offset = np.clip(x, -END, END) - node / NODES
    at = node.astype(np.intp) + END * NODES
    y = np.zeros_like(x)
    for coefficients in _SERIES[::-1]:
        y *= offset
        y += coefficients.take(at)
    return y
