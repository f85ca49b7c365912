"""The probability that a random draw misses an error."""

import math

import numpy as np


def missed(threshold: float, factors: int) -> float:
    """P(|w| < threshold) for a weight w that is the product of one or two independent Gaussians.

    One: erf(threshold / √2). Two: the mean of that over the other one's size, as a sum over its quantiles' grid.
    """
    if factors == 1 or not threshold:
        return math.erf(threshold / math.sqrt(2))
    # Midpoints in z = log |w|, since small sizes matter most; density of |w| = e^z is √(2/π) exp(-e^(2z) / 2) e^z.
    step = 0.02
    z = np.arange(-60.0, 3.0, step)
    density = math.sqrt(2 / math.pi) * np.exp(z - np.exp(2 * z) / 2)
    chance = [math.erf(min(threshold / size, 40.0) / math.sqrt(2)) for size in np.exp(z)]
    return float(density @ chance * step)
