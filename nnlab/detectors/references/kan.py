"""Kolmogorov-Arnold layers, one connection after the other."""

import math

import numpy as np

from nnlab.detectors.references.given import Array, Given, sigmoid


def kan_layer(
    given: Given,
    in_features: int,
    out_features: int,
    grid_size: int = 5,
    k: int = 3,
    grid_range: tuple[float, float] = (-1.0, 1.0),
) -> Array:
    """Equation 2.10: φ(x) = w_b silu(x) + w_s Σ c_g B_g(x), on a grid that goes on by k steps on both sides."""
    low, high = grid_range
    knots = [low + (high - low) * i / grid_size for i in range(-k, grid_size + k + 1)]
    base, scale, coef = given["base_weight"], given["spline_weight"], given["coef"]
    y = np.zeros((*given.x.shape[:-1], out_features))
    for *n, o in np.ndindex(*y.shape):
        parts = []
        for i, x in enumerate(map(float, given.x[*n])):
            parts.append(base[o, i] * x * sigmoid(x))
            parts += [scale[o, i] * coef[o, i, g] * b_spline(x, knots[g : g + k + 2]) for g in range(grid_size + k)]
        y[*n, o] = math.fsum(parts)
    return y


def b_spline(x: float, knots: list[float]) -> float:
    """De Boor's and Cox's recursion: that over the knots t_0 < … < t_{p+1}, of degree p; 0 outside of them."""
    if not knots[0] <= x < knots[-1]:
        return 0.0
    if len(knots) == 2:
        return 1.0
    first, last = knots[:-1], knots[1:]
    rising, falling = (x - first[0]) / (first[-1] - first[0]), (last[-1] - x) / (last[-1] - last[0])
    return rising * b_spline(x, first) + falling * b_spline(x, last)


REFERENCES = {"KANLayer": kan_layer}
