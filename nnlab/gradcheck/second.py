"""Second order: the Hessian that differences of backward give is symmetric, as that of any function is."""

import numpy as np

from nnlab.gradcheck.differences import sharpest
from nnlab.gradcheck.draws import BARS, Draw
from nnlab.gradcheck.report import Disagreement
from nnlab.gradcheck.trees import Vector, vector


def asymmetric(draw: Draw, rng: np.random.Generator) -> tuple[Disagreement, ...]:
    """Two Gaussian directions v, w: w · ∂gradient/∂v against v · ∂gradient/∂w, each with the bar of its differences."""
    evaluation = draw.evaluation
    v, w = (rng.standard_normal(len(draw.gradient)) * evaluation.unit for _ in range(2))

    def turned(along: Vector, across: Vector) -> tuple[float, float]:
        def terms(t: float) -> Vector:
            evaluation.forward(evaluation.point + t * along)
            *gradients, _ = evaluation.backward(draw.dy)
            return across * vector(gradients)

        centre = across * draw.gradient
        rounding = 2 * draw.eps * float(np.linalg.norm(across)) * float(np.abs(draw.gradient).max(initial=0.0))
        found = sharpest(terms, centre, draw.step, rounding, 0.0)
        return found.value, found.bar

    (one, bar_one), (other, bar_other) = turned(v, w), turned(w, v)
    bar = BARS * (bar_one + bar_other)
    if not abs(one - other) > bar:
        return ()
    problem = "gradient is no gradient: its Hessian is not symmetric along two directions"
    return (Disagreement("all tensors", problem, None, one, other, bar),)
