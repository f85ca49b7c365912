"""State-space models, one step after the other."""

import cmath
import math

import numpy as np

from nnlab.detectors.references.given import Array, Given


def diagonal_ssm(given: Given, features: int, states: int = 32, dt_min: float = 0.001, dt_max: float = 0.1) -> Array:
    """S4D's section 3: hold each input for a time Δ and follow h' = A h + B x, of which y is 2 Re(C h) + D x."""
    x = given.x
    y = np.zeros_like(x)
    for n, f in np.ndindex(len(x), features):
        dt, h = math.exp(given["log_dt"][f]), [0j] * states
        for t in range(x.shape[1]):
            total = 0j
            for s in range(states):
                a = complex(-math.exp(given["log_A_real"][f, s]), given["A_imag"][f, s])
                b = complex(given["B_real"][f, s], given["B_imag"][f, s])
                kept = cmath.exp(dt * a)
                h[s] = kept * h[s] + (kept - 1) / a * b * x[n, t, f]
                total += complex(given["C_real"][f, s], given["C_imag"][f, s]) * h[s]
            y[n, t, f] = 2 * total.real + given["D"][f] * x[n, t, f]
    return y


REFERENCES = {"DiagonalSSM": diagonal_ssm}
