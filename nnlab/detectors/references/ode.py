"""Differential equations, by the tableau of a Runge-Kutta method."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given

#: The classic method: when each stage looks, and with what shares of the slopes before it; last, how they are averaged.
STAGES = ((0, ()), (1 / 2, (1 / 2,)), (1 / 2, (0, 1 / 2)), (1, (0, 0, 1)))
SHARES = (1 / 6, 1 / 3, 1 / 3, 1 / 6)


def neural_ode(
    given: Given, func: Callable[..., Any], t0: float = 0.0, t1: float = 1.0, steps: int = 4, time: bool = False
) -> Array:
    slope = given.layer(func, "func.")
    y = np.array(given.x)
    for n in range(steps):
        slopes: list[Array] = []
        for c, shares in STAGES:
            at = sum((a * k for a, k in zip(shares, slopes, strict=True)), np.zeros_like(y))
            seen = y + (t1 - t0) / steps * at
            if time:
                now = t0 + (t1 - t0) * (n + c) / steps
                seen = np.append(seen, np.full((*y.shape[:-1], 1), now), -1)
            slopes.append(slope(seen))
        y = y + (t1 - t0) / steps * sum(b * k for b, k in zip(SHARES, slopes, strict=True))
    return y


REFERENCES = {"NeuralODE": neural_ode}
