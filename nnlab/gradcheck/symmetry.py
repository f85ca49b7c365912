"""Elementwise functions whose derivative is the same at x and -x, and whose backward is not, or the reverse."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.trees import leaves, rebuild, vector
from nnlab.gradcheck.wrong import Wrong, jacobian


def broken(wrong: Wrong, paths: Paths) -> Iterator[tuple[str, Any]]:
    """A sign or an absolute value forgotten, which shows where the tensor is negative alone; and the derivatives."""
    if not paths.square or (paths.there & ~paths.own_output).any():
        return
    draw, at = deepcopy(wrong.draw), wrong.tensor.at
    draw.evaluation.point[at] *= -1
    right = jacobian(draw, np.arange(at.start, at.stop)).diagonal()
    draw.evaluation.forward(draw.evaluation.point)
    own = vector(draw.evaluation.backward(rebuild(draw.dy, (np.ones_like(dy) for dy in leaves(draw.dy)))))[at]
    if np.allclose(right, paths.right.diagonal()) != np.allclose(own, paths.own.diagonal()):
        name = "a sign or an absolute value forgotten: wrong where the tensor is negative, right where it is positive"
        yield name, np.where(wrong.tensor.point.reshape(-1, 1) < 0, paths.own, paths.right)
