"""The probability that a random draw misses an error."""

import math

#: Euler's constant.
GAMMA = 0.5772156649015329


def missed(threshold: float, product: bool) -> float:
    """P(|w| < threshold) for a Gaussian weight w, or for the product of two independent ones.

    One: erf(threshold / √2). Two: 2/π ∫ K₀ from 0 to the threshold, by its series, and 1 beyond 10, where 1e-5 is left.
    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 9.6.13, integrated term by term.
    """
    if not product:
        return math.erf(threshold / math.sqrt(2))
    if threshold == 0:
        return 0.0
    if threshold > 10:
        return 1.0
    logarithm = math.log(threshold / 2) + GAMMA
    total, power, harmonic, k = 0.0, threshold, 0.0, 0
    while power:
        total += power / (2 * k + 1) * (harmonic + 1 / (2 * k + 1) - logarithm)
        k += 1
        harmonic += 1 / k
        power *= (threshold / 2 / k) ** 2
    return 2 / math.pi * total
