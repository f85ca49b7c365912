"""A derivative along one direction from forward values alone, with an error bar of its own."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Derivative:
    """d/dt f(t) at 0, and how far off it may be."""

    value: float
    bar: float


def derivative(f: Callable[[float], float], step: float, rounding: float) -> Derivative:
    """Central differences at step, 2 step and 4 step, extrapolated to step 0 by Richardson.

    The bar has three parts: what the last extrapolation changed (truncation), how far the second differences are
    from those of a smooth function (a kink within 4 steps), and `rounding`, the rounding error of one value of f.
    It is infinite where f is not finite, as beyond the end of its domain.
    Source: Numerical Recipes, third edition, section 5.7 (extrapolation).
    """
    centre = f(0.0)
    slope, bend = [], []
    for h in (step, 2 * step, 4 * step):
        ahead, behind = f(h), f(-h)
        slope.append((ahead - behind) / (2 * h))
        bend.append((ahead - 2 * centre + behind) / h)
    fine = (4 * slope[0] - slope[1]) / 3
    coarse = (4 * slope[1] - slope[2]) / 3
    value = (16 * fine - coarse) / 15
    # bend is h f'' + O(h³), so bend(2h) - 2 bend(h) is c h³ where f is smooth: 8 times as much at twice the step.
    kink = abs((bend[2] - 2 * bend[1]) - 8 * (bend[1] - 2 * bend[0])) / 4
    bar = abs(value - coarse) + kink + rounding / step
    return Derivative(value, bar) if math.isfinite(bar) else Derivative(0.0, math.inf)


def sharpest(f: Callable[[float], float], step: float, rounding: float, goal: float) -> Derivative:
    """The derivative at `step`, or at smaller ones if its bar exceeds `goal`: the first good one, else the best."""
    best = derivative(f, step, rounding)
    for smaller in (step / 16, step / 256, step / 4096):
        if best.bar <= goal:
            break
        best = min(best, derivative(f, smaller, rounding), key=lambda d: d.bar)
    return best
