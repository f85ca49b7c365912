"""Elementwise functions whose derivative is the same at x and -x, and whose backward is not, or the reverse."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.trees import flat, leaves, rebuild, vector
from nnlab.gradcheck.wrong import Wrong


def broken(wrong: Wrong, paths: Paths) -> Iterator[tuple[str, Any]]:
    """A sign or an absolute value forgotten, which shows where the tensor is negative alone; and the derivatives."""
    if not paths.square or (paths.there & ~paths.own_output).any():
        return
    draw, at = wrong.draw, wrong.tensor.at
    point, step = draw.evaluation.point.copy(), np.zeros(draw.gradient.shape)
    point[at] *= -1
    step[at] = draw.eps ** (1 / 3)
    right = flat(draw.evaluation.forward(point + step)) - flat(draw.evaluation.forward(point - step))
    draw.evaluation.forward(point)
    own = vector(draw.evaluation.backward(rebuild(draw.dy, (np.ones_like(dy) for dy in leaves(draw.dy)))))[at]
    should = np.allclose(right / (2 * step[at]), paths.right.diagonal(), atol=paths.noise)
    if should != np.allclose(own, paths.own.diagonal(), atol=paths.noise):
        name = "a sign or an absolute value forgotten: wrong where the tensor is negative, right where it is positive"
        yield name, np.where(wrong.tensor.point.reshape(-1, 1) < 0, paths.own, paths.right)
