"""Elementwise functions whose derivative is the same at x and -x, and whose backward is not, or the reverse."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.trees import vector
from nnlab.gradcheck.wrong import Wrong, jacobian


def broken(wrong: Wrong, paths: Paths) -> Iterator[tuple[str, Any]]:
    """A sign or an absolute value forgotten, which shows where the tensor is negative alone; and the derivatives."""
    if not paths.square or (paths.there & ~paths.own_output).any():
        return
    draw, at = deepcopy(wrong.draw), wrong.tensor.at
    draw.evaluation.point[at] = -draw.evaluation.point[at]
    right = jacobian(draw, wrong.entries).diagonal()
    draw.evaluation.forward(draw.evaluation.point)
    own = vector(draw.evaluation.backward(draw.dy))[at]
    if np.allclose(right, paths.right.diagonal()) != np.allclose(own, draw.gradient[at]):
        name = "a sign or an absolute value forgotten: wrong where the tensor is negative, right where it is positive"
        yield name, np.where(np.signbit(wrong.tensor.point.ravel()), paths.own, paths.right)
