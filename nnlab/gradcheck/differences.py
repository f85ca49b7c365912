"""A derivative along one direction from forward values alone, with an error bar of its own.

Every function of t here gives a vector of terms, one for each output, of which the derivative of the sum is wanted.
Terms carry independent Gaussian weights, so errors of the single terms add up like their norm.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nnlab.gradcheck.trees import Vector

#: Stands for a size of 0 in a quotient.
TINY = float(np.finfo(np.float64).tiny)

Terms = Callable[[float], Vector]


@dataclass(frozen=True)
class Derivative:
    """d/dt Σ f(t) at 0, and how far off it may be; `rough` is that part of the bar which a kink or noise would make.

    `beyond` is what was seen beyond the second order, if that was only rounding.
    """

    value: float
    bar: float
    rough: float = 0.0
    beyond: float | None = None


def quick(f: Terms, centre: Vector, step: float, rounding: float) -> Derivative:
    """Central differences at step and 2 step, extrapolated once: four values, for a screen.

    Its bar rests on a Taylor series whose terms shrink: `rough` is the fourth one, the square of the third stands for
    the fifth, which is the first that is not eliminated. What it does not pass is for `derivative` to judge.
    """
    ahead, behind, far_ahead, far_behind = f(step), f(-step), f(2 * step), f(-2 * step)
    near = (ahead - behind) / (2 * step)
    far = (far_ahead - far_behind) / (4 * step)
    value = near + (near - far) / 3
    rough = norm((far_ahead - centre + (far_behind - centre)) / 2 - 2 * (ahead - centre + (behind - centre))) / step
    change = norm(near - far)
    beyond = rough + change if rough + change <= 4 * rounding / step else None
    found = _with_bar(value, change * change / max(norm(value), change, TINY), rough, rounding / step)
    return replace(found, beyond=beyond)


def pair(f: Terms, step: float, rounding: float, beyond: float) -> Derivative:
    """One central difference of a function that has nothing but rounding beyond the second order."""
    return _with_bar((f(step) - f(-step)) / (2 * step), beyond, 0.0, rounding / step)


def derivative(f: Terms, centre: Vector, step: float, rounding: float) -> Derivative:
    """Central differences at step, 2 step and 4 step, extrapolated to step 0 by Richardson.

    The bar has three parts: what the last extrapolation changed (truncation), how far the second differences are
    from those of a smooth function (a kink within 4 steps), and `rounding`, the rounding error of one value of f.
    It is infinite where f is not finite, as beyond the end of its domain.
    Source: Numerical Recipes, third edition, section 5.7 (extrapolation).
    """
    slope, bend = [], []
    for h in (step, 2 * step, 4 * step):
        ahead, behind = f(h), f(-h)
        slope.append((ahead - behind) / (2 * h))
        bend.append((ahead - centre + (behind - centre)) / h)
    fine = (4 * slope[0] - slope[1]) / 3
    coarse = (4 * slope[1] - slope[2]) / 3
    value = (16 * fine - coarse) / 15
    # bend is h f'' + O(h³), so bend(2h) - 2 bend(h) is c h³ where f is smooth: 8 times as much at twice the step.
    rough = norm((bend[2] - 2 * bend[1]) - 8 * (bend[1] - 2 * bend[0])) / 4
    return _with_bar(value, norm(value - coarse), rough, rounding / step)


def sharpest(f: Terms, centre: Vector, step: float, rounding: float, goal: float) -> Derivative:
    """The derivative at `step`, or at smaller ones if its bar exceeds `goal`: the first good one, else the best."""
    first = best = derivative(f, centre, step, rounding)
    for smaller in (step / 16, step / 256, step / 4096):
        if best.bar <= goal:
            break
        best = min(best, derivative(f, centre, smaller, rounding), key=lambda d: d.bar)
    return replace(best, rough=first.rough)  # what made smaller steps necessary


def sides(f: Terms, centre: Vector, step: float, rounding: float) -> tuple[float, float, float]:
    """The least and the largest sum of one-sided derivatives, term by term left or right, and the bar of both."""
    steps = (step, -step, step / 4, -step / 4)
    right, left, nearer_right, nearer_left = ((4 * (f(h) - centre) - (f(2 * h) - centre)) / (2 * h) for h in steps)
    bar = norm(right - nearer_right) + norm(left - nearer_left) + 16 * rounding / step
    return float(np.minimum(left, right).sum()), float(np.maximum(left, right).sum()), bar


def norm(terms: Vector) -> float:
    return math.sqrt(terms @ terms)


def _with_bar(value: Vector, truncation: float, rough: float, rounding: float) -> Derivative:
    """The bar is the sum of the three; but a roughness that rounding explains says nothing more."""
    rough = 0.0 if rough <= 5 * rounding else rough
    total, bar = float(value.sum()), truncation + rough + rounding
    if math.isfinite(total) and math.isfinite(bar):
        return Derivative(total, bar, rough)
    return Derivative(0.0, math.inf, math.inf)
