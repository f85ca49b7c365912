"""Second order: the Hessian that differences of backward give is symmetric, as that of any function is."""

import numpy as np

from nnlab.gradcheck.differences import Derivative, derivative, norm
from nnlab.gradcheck.draws import BARS, Draw
from nnlab.gradcheck.report import Disagreement
from nnlab.gradcheck.trees import Vector, vector


def asymmetric(draw: Draw, rng: np.random.Generator) -> tuple[Disagreement, ...]:
    """Two Gaussian directions v, w: w · ∂gradient/∂v against v · ∂gradient/∂w, each with the bar of its differences."""
    evaluation = draw.evaluation
    v, w = (rng.standard_normal(len(draw.gradient)) * evaluation.unit for _ in range(2))

    def turned(along: Vector, across: Vector) -> Derivative:
        def terms(t: float) -> Vector:
            evaluation.forward(evaluation.point + t * along)
            *gradients, _ = evaluation.backward(draw.dy)
            return across * vector(gradients)

        centre = across * draw.gradient
        return derivative(terms, centre, draw.step, 2 * draw.eps * norm(centre))

    one, other = turned(v, w), turned(w, v)
    bar = BARS * (one.bar + other.bar)
    if abs(one.value - other.value) <= bar:
        return ()
    problem = "gradient is no gradient: its Hessian is not symmetric along two directions"
    return (Disagreement("all tensors", problem, None, one.value, other.value, bar),)
